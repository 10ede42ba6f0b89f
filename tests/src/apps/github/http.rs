//! The operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::HeaderMap,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    super::{
        business::{Asset, BusinessApp, InvitationState, Organisation, Person},
        signed,
    },
    APP, INSTALLATION, INSTALLATION_TOKEN, ORGANIZATION, OWNER_TOKEN, PRIVATE_KEY,
    answers::{Answer, Failure, INVALID, NOT_FOUND, UNAUTHORIZED, answer, no_content, page},
    shapes,
};

type App = State<Arc<BusinessApp>>;
type Asked = Query<BTreeMap<String, String>>;

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    let organisation = Router::new()
        .route("/memberships/{login}", get(membership).put(set_membership).delete(remove))
        .route("/invitations", get(pending).post(invite))
        .route("/failed_invitations", get(failed))
        .route("/invitations/{id}", delete(cancel))
        .route("/invitations/{id}/teams", get(carried))
        .route("/teams", get(teams))
        .route("/teams/{slug}", get(team))
        .route("/teams/{slug}/memberships/{login}", get(in_team).put(set_in_team).delete(out_of_team));
    let authentic = Router::new()
        .nest(&format!("/orgs/{ORGANIZATION}"), organisation)
        .route("/graphql", post(query))
        .route("/user", get(myself))
        .route("/user/{id}", get(user))
        .layer(middleware::from_fn(authentic));
    let tokens = format!("/app/installations/{INSTALLATION}/access_tokens");
    Router::new().route(&tokens, post(token)).merge(authentic)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

async fn authentic(request: Request, next: Next) -> Response {
    match bearer(request.headers()) {
        Some(INSTALLATION_TOKEN | OWNER_TOKEN) => next.run(request).await,
        _ => UNAUTHORIZED.into_response(),
    }
}

async fn token(headers: HeaderMap) -> Answer {
    // What an App signs ends within ten minutes.
    let claims = bearer(&headers).and_then(|token| signed::claims(token, PRIVATE_KEY, 600));
    if claims.is_none_or(|claims| claims["iss"] != APP) {
        return Err(UNAUTHORIZED);
    }
    let ends = Timestamp::now() + SignedDuration::from_hours(1);
    Ok(answer(
        201,
        json!({"token": INSTALLATION_TOKEN, "expires_at": ends.to_string(),
        "permissions": {"members": "write", "metadata": "read"}, "repository_selection": "all"}),
    ))
}

/// Whose token it is. An installation is nobody.
async fn myself(State(app): App, headers: HeaderMap) -> Answer {
    if bearer(&headers) != Some(OWNER_TOKEN) {
        return Err(Failure(403));
    }
    Ok(answer(200, app.shown().people().first().map(shapes::public_user).ok_or(NOT_FOUND)?))
}

async fn user(State(app): App, Path(id): Path<String>) -> Answer {
    Ok(answer(200, shapes::public_user(app.shown().person(&id).ok_or(NOT_FOUND)?)))
}

/// The one question that is understood: the members. What it may ask, GitHub's schema says, which a test checks.
async fn query(State(app): App, Json(body): Json<Value>) -> Answer {
    let (text, variables) = (body["query"].as_str().ok_or(INVALID)?, &body["variables"]);
    if !text.contains("membersWithRole") {
        return Ok(answer(200, json!({"errors": [{"type": "undefinedField", "message": "Only members."}]})));
    }
    if variables["organization"] != ORGANIZATION {
        let errors =
            json!([{"type": "NOT_FOUND", "path": ["organization"], "message": "No such organization."}]);
        return Ok(answer(200, json!({"data": {"organization": null}, "errors": errors})));
    }
    let shown = app.shown();
    let people = shown.people();
    let first = variables["first"].as_u64().filter(|first| (1..=100).contains(first)).ok_or(INVALID)?;
    let start = match &variables["after"] {
        Value::Null => 0,
        Value::String(after) => {
            let id = after.strip_prefix("Y3Vyc29y");
            1 + people.iter().position(|person| Some(person.id.as_str()) == id).ok_or(INVALID)?
        }
        _ => return Err(INVALID),
    };
    let page: Vec<&Person> =
        people.iter().skip(start).take(usize::try_from(first).unwrap_or_default()).collect();
    let members = json!({
        "totalCount": people.len(),
        "pageInfo": {"hasNextPage": start + page.len() < people.len(),
            "endCursor": page.last().map(|person| format!("Y3Vyc29y{}", person.id))},
        "edges": page.into_iter().map(shapes::edge).collect::<Vec<_>>(),
    });
    Ok(answer(200, json!({"data": {"organization": {"membersWithRole": members}}})))
}

fn member<'a>(organisation: &'a Organisation, login: &str) -> Result<&'a Person, Failure> {
    let found = organisation.people().iter().find(|person| shapes::login(person) == login);
    found.ok_or(NOT_FOUND)
}

fn found<'a>(organisation: &'a Organisation, slug: &str) -> Result<&'a Asset, Failure> {
    organisation.asset(slug).ok_or(NOT_FOUND)
}

async fn membership(State(app): App, Path(login): Path<String>) -> Answer {
    let shown = app.shown();
    Ok(answer(200, shapes::membership(&shown, member(&shown, &login)?)))
}

async fn set_membership(State(app): App, Path(login): Path<String>, Json(body): Json<Value>) -> Answer {
    let role = body["role"].as_str().filter(|role| ["member", "admin"].contains(role)).ok_or(INVALID)?;
    let now = app.change(|organisation| {
        let id = member(organisation, &login)?.id.clone();
        organisation.set_role(&id, role)?;
        Ok::<_, Failure>(shapes::membership(organisation, member(organisation, &login)?))
    })?;
    Ok(answer(200, now))
}

async fn remove(State(app): App, Path(login): Path<String>) -> Answer {
    app.change(|organisation| {
        let id = member(organisation, &login)?.id.clone();
        organisation.remove(&id).map_err(Failure::from)
    })?;
    Ok(no_content())
}

async fn pending(State(app): App, Query(query): Asked) -> Answer {
    invitations(&app, &query, true)
}

async fn failed(State(app): App, Query(query): Asked) -> Answer {
    invitations(&app, &query, false)
}

fn invitations(app: &BusinessApp, query: &BTreeMap<String, String>, waiting: bool) -> Answer {
    let shown = app.shown();
    let fits = shown.invitations().iter().filter(|it| (it.state == InvitationState::Pending) == waiting);
    page(&fits.map(|it| shapes::invitation(&shown, it)).collect::<Vec<_>>(), query)
}

async fn invite(State(app): App, Json(body): Json<Value>) -> Answer {
    let email = body["email"].as_str().filter(|email| email.contains('@')).ok_or(INVALID)?;
    let role = match body["role"].as_str() {
        None | Some("direct_member") => "member",
        Some("admin") => "admin",
        Some(_) => return Err(INVALID),
    };
    let made = app.change(|organisation| {
        let mut slugs = Vec::new();
        for id in body["team_ids"].as_array().map_or(&[][..], Vec::as_slice) {
            let is = |team: &&Asset| json!(shapes::team_id(organisation, &team.id)) == *id;
            slugs.push(organisation.assets().iter().find(is).ok_or(INVALID)?.id.clone());
        }
        let made = organisation.invite(email, role)?;
        for slug in slugs {
            organisation.grant(&made.id, &slug, BTreeSet::from(["member".to_owned()]))?;
        }
        let made = organisation.invitation(&made.id).ok_or(NOT_FOUND)?;
        Ok::<_, Failure>(shapes::invitation(organisation, made))
    })?;
    Ok(answer(201, made))
}

/// Only one that waits can be cancelled.
async fn cancel(State(app): App, Path(id): Path<String>) -> Answer {
    app.change(|organisation| {
        let waits = |state| if state == InvitationState::Pending { Ok(()) } else { Err(INVALID) };
        waits(organisation.invitation(&id).ok_or(NOT_FOUND)?.state)?;
        organisation.cancel(&id).map_err(Failure::from)
    })?;
    Ok(no_content())
}

async fn carried(State(app): App, Path(id): Path<String>, Query(query): Asked) -> Answer {
    let shown = app.shown();
    let invitation = shown.invitation(&id).ok_or(NOT_FOUND)?;
    let teams = invitation.grants.keys().filter_map(|slug| shown.asset(slug));
    page(&teams.map(|team| shapes::team(&shown, team)).collect::<Vec<_>>(), &query)
}

async fn teams(State(app): App, Query(query): Asked) -> Answer {
    let shown = app.shown();
    page(&shown.assets().iter().map(|team| shapes::team(&shown, team)).collect::<Vec<_>>(), &query)
}

async fn team(State(app): App, Path(slug): Path<String>) -> Answer {
    let shown = app.shown();
    Ok(answer(200, shapes::whole_team(&shown, found(&shown, &slug)?)))
}

async fn in_team(State(app): App, Path((slug, login)): Path<(String, String)>) -> Answer {
    let shown = app.shown();
    found(&shown, &slug)?;
    let held = shapes::team_membership(&shown, member(&shown, &login)?, &slug);
    Ok(answer(200, held.ok_or(NOT_FOUND)?))
}

async fn set_in_team(
    State(app): App,
    Path((slug, login)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Answer {
    let role = body["role"].as_str().unwrap_or("member");
    if !["member", "maintainer"].contains(&role) {
        return Err(INVALID);
    }
    let now = app.change(|organisation| {
        let id = member(organisation, &login)?.id.clone();
        organisation.grant(&id, &slug, BTreeSet::from([role.to_owned()]))?;
        shapes::team_membership(organisation, member(organisation, &login)?, &slug).ok_or(NOT_FOUND)
    })?;
    Ok(answer(200, now))
}

async fn out_of_team(State(app): App, Path((slug, login)): Path<(String, String)>) -> Answer {
    app.change(|organisation| {
        let person = member(organisation, &login)?;
        if !person.grants.contains_key(&slug) {
            return Err(NOT_FOUND);
        }
        let id = person.id.clone();
        organisation.grant(&id, &slug, BTreeSet::new()).map_err(Failure::from)
    })?;
    Ok(no_content())
}
