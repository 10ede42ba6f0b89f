//! The operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Organisation, Person, Refused},
    PERMISSION_SETS, TOKEN,
};
use crate::apps::Fault;

type App = State<Arc<BusinessApp>>;
type Asked = Query<BTreeMap<String, String>>;
type Answer = Result<Response, Failure>;

#[derive(Clone, Copy)]
pub(super) struct Failure(u16);

const INVALID: Failure = Failure(400);

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound => Self(404),
            Refused::LastAdmin => Self(403),
            _ => INVALID,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let category = if self.0 == 429 { "RATE_LIMITS" } else { "VALIDATION_ERROR" };
        let body = json!({"status": "error", "message": "It did not work.", "category": category,
            "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf"});
        (StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(body))
            .into_response()
    }
}

pub(super) fn refusal(fault: Fault) -> Response {
    Failure(match fault {
        Fault::TooManyRequests { .. } => 429,
        Fault::BadToken => 401,
        Fault::Forbidden => 403,
        _ => 500,
    })
    .into_response()
}

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    Router::new()
        .route("/settings/v3/users/", get(users).post(create))
        .route("/settings/v3/users/roles", get(roles))
        .route("/settings/v3/users/teams", get(teams))
        .route("/settings/v3/users/{id}", get(user).put(replace).delete(remove))
        .layer(middleware::from_fn(authentic))
}

async fn authentic(request: Request, next: Next) -> Response {
    let expected = format!("Bearer {TOKEN}");
    match request.headers().get("authorization") {
        Some(given) if given.as_bytes() == expected.as_bytes() => next.run(request).await,
        _ => Failure(401).into_response(),
    }
}

fn answer(body: &Value) -> Answer {
    Ok(Json(body).into_response())
}

fn shown(person: &Person) -> Value {
    let super_admin = person.role == "super_admin";
    let of = |held: &str| {
        let teams = person.grants.iter().filter(|(_, as_what)| as_what.contains(held));
        teams.map(|(team, _)| team.clone()).collect::<Vec<_>>()
    };
    let mut user = json!({"id": person.id, "email": person.email, "superAdmin": super_admin,
        "roleIds": if super_admin { vec![] } else { vec![person.role.clone()] },
        "secondaryTeamIds": of("secondary")});
    if let Some(primary) = of("primary").first() {
        user["primaryTeamId"] = primary.clone().into();
    }
    user
}

/// A page of at most a hundred; there is no word of how many there are.
async fn users(State(app): App, Query(query): Asked) -> Answer {
    let shown_now = app.shown();
    let people = shown_now.people();
    let limit = query.get("limit").map_or(Ok(100), |limit| limit.parse::<usize>()).map_err(|_| INVALID)?;
    let start = match query.get("after") {
        None => 0,
        Some(after) => {
            let after = after.strip_prefix("NTI1Cg").ok_or(INVALID)?;
            1 + people.iter().position(|person| person.id == after).ok_or(INVALID)?
        }
    };
    let page: Vec<&Person> = people.iter().skip(start).take(limit.clamp(1, 100)).collect();
    let mut body = json!({"results": page.iter().map(|person| shown(person)).collect::<Vec<_>>()});
    if let Some(last) = page.last().filter(|_| start + page.len() < people.len()) {
        body["paging"] = json!({"next": {"after": format!("NTI1Cg{}", last.id), "link": "?after="}});
    }
    answer(&body)
}

async fn roles() -> Answer {
    let sets =
        PERMISSION_SETS.map(|(id, name)| json!({"id": id, "name": name, "requiresBillingWrite": false}));
    answer(&json!({"results": sets}))
}

async fn teams(State(app): App) -> Answer {
    let shown = app.shown();
    let of = |team: &str, held: &str| {
        let people = shown.people().iter();
        let in_it =
            people.filter(|person| person.grants.get(team).is_some_and(|as_what| as_what.contains(held)));
        in_it.map(|person| person.id.clone()).collect::<Vec<_>>()
    };
    let teams = shown.assets().iter().map(|team| {
        json!({"id": team.id, "name": team.name, "userIds": of(&team.id, "primary"),
            "secondaryUserIds": of(&team.id, "secondary")})
    });
    answer(&json!({"results": teams.collect::<Vec<_>>()}))
}

/// By the id, or by the address where that is asked for.
fn found<'a>(
    organisation: &'a Organisation,
    id: &str,
    query: &BTreeMap<String, String>,
) -> Result<&'a Person, Failure> {
    let is = |person: &&Person| match query.get("idProperty").map(String::as_str) {
        Some("EMAIL") => person.email.eq_ignore_ascii_case(id),
        _ => person.id == id,
    };
    organisation.people().iter().find(is).ok_or(Failure(404))
}

async fn user(State(app): App, Path(id): Path<String>, Query(query): Asked) -> Answer {
    answer(&shown(found(&app.shown(), &id, &query)?))
}

fn role(body: &Value) -> Result<Option<&str>, Failure> {
    match &body["roleId"] {
        Value::Null => Ok(None),
        role => role
            .as_str()
            .filter(|role| PERMISSION_SETS.iter().any(|(id, _)| id == role))
            .map(Some)
            .ok_or(INVALID),
    }
}

/// Teams as they are asked for, in place of those that were.
fn set_teams(organisation: &mut Organisation, id: &str, body: &Value) -> Result<(), Failure> {
    let mut wanted: BTreeMap<String, &str> = BTreeMap::new();
    for team in body["secondaryTeamIds"].as_array().into_iter().flatten() {
        wanted.insert(team.as_str().ok_or(INVALID)?.to_owned(), "secondary");
    }
    if let Some(primary) = body["primaryTeamId"].as_str() {
        wanted.insert(primary.to_owned(), "primary");
    }
    if wanted.keys().any(|team| organisation.asset(team).is_none()) {
        return Err(INVALID);
    }
    let teams: Vec<String> = organisation.assets().iter().map(|team| team.id.clone()).collect();
    for team in teams {
        let held: BTreeSet<String> = wanted.get(&team).map(|held| (*held).to_owned()).into_iter().collect();
        organisation.grant(id, &team, held)?;
    }
    Ok(())
}

async fn create(State(app): App, Json(body): Json<Value>) -> Answer {
    let email = body["email"].as_str().filter(|email| email.contains('@')).ok_or(INVALID)?;
    let role = role(&body)?.unwrap_or(PERMISSION_SETS[0].0);
    let made = app.change(|organisation| {
        organisation.invite(email, role)?;
        organisation.accept(email);
        let made = organisation.people().iter().find(|person| person.email == email).ok_or(Failure(500))?;
        let id = made.id.clone();
        set_teams(organisation, &id, &body)?;
        Ok::<_, Failure>(shown(organisation.person(&id).ok_or(Failure(500))?))
    })?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Super Admins are not changed by the API.
async fn replace(
    State(app): App,
    Path(id): Path<String>,
    Query(query): Asked,
    Json(body): Json<Value>,
) -> Answer {
    let role = role(&body)?;
    let now = app.change(|organisation| {
        let person = found(organisation, &id, &query)?;
        if person.role == "super_admin" {
            return Err(Failure(403));
        }
        let id = person.id.clone();
        if let Some(role) = role {
            organisation.set_role(&id, role)?;
        }
        set_teams(organisation, &id, &body)?;
        Ok(shown(organisation.person(&id).ok_or(Failure(404))?))
    })?;
    answer(&now)
}

async fn remove(State(app): App, Path(id): Path<String>, Query(query): Asked) -> Answer {
    app.change(|organisation| {
        let id = found(organisation, &id, &query)?.id.clone();
        organisation.remove(&id).map_err(Failure::from)
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
