//! The operations. Refusals say success and hold a code: `{"error": "…"}`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, put},
};
use serde_json::{Value, json};

use super::{
    super::business::{BusinessApp, Invitation, InvitationState, Person, Refused},
    KEY,
};
use crate::apps::Fault;

type App = State<Arc<BusinessApp>>;
type Asked = Query<BTreeMap<String, String>>;
type Answer = Result<Json<Value>, Failure>;

/// A code, or a status where the app did not come to think of one.
pub(super) enum Failure {
    Code(&'static str),
    Status(u16),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Code(match refused {
            Refused::AlreadyMember | Refused::AlreadyInvited => "there_already",
            Refused::SeatLimit => "no_room",
            Refused::PendingLimit => "too_many_invitations",
            Refused::LastAdmin => return Self::Status(403),
            Refused::NotFound => "not_here",
        })
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Code(code) => Json(json!({"error": code})).into_response(),
            Self::Status(status) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, Json(json!({"error": null}))).into_response()
            }
        }
    }
}

pub(super) fn refusal(fault: Fault) -> Response {
    match fault {
        Fault::TooManyRequests { retry_after } => {
            let mut refused = Failure::Status(429).into_response();
            refused.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
            refused
        }
        Fault::BadToken => Failure::Status(401).into_response(),
        Fault::Forbidden => Failure::Status(403).into_response(),
        _ => Failure::Status(500).into_response(),
    }
}

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    Router::new()
        .route("/me", get(me))
        .route("/people", get(people))
        .route("/people/{id}", get(person).delete(remove))
        .route("/people/{id}/role", put(set_role))
        .route("/people/{id}/boards", get(held))
        .route("/people/{id}/boards/{board}", put(grant).delete(revoke))
        .route("/invitations", get(invitations).post(invite))
        .route("/invitations/{id}", delete(cancel))
        .route("/boards", get(boards))
        .layer(middleware::from_fn(authentic))
}

async fn authentic(request: Request, next: Next) -> Response {
    match request.headers().get("x-api-key") {
        Some(key) if key.as_bytes() == KEY.as_bytes() => next.run(request).await,
        _ => Failure::Status(401).into_response(),
    }
}

fn shown(person: &Person) -> Value {
    json!({"id": person.id, "email": person.email, "name": person.name, "role": person.role})
}

fn shown_invitation(invitation: &Invitation) -> Value {
    let state = match invitation.state {
        InvitationState::Pending => "waiting",
        InvitationState::Declined => "declined",
        InvitationState::Expired => "expired",
    };
    json!({"id": invitation.id, "email": invitation.email, "role": invitation.role, "state": state})
}

/// A page, by number or by how many are left out.
fn page(items: &[Value], query: &BTreeMap<String, String>) -> Answer {
    let number = |name: &str, default: usize| query.get(name).map_or(Ok(default), |text| text.parse());
    let wrong = |_| Failure::Status(400);
    let size = number("per_page", 20).map_err(wrong)?.clamp(1, 100);
    let start = match query.get("skip") {
        Some(_) => number("skip", 0).map_err(wrong)?,
        None => (number("page", 1).map_err(wrong)?.max(1) - 1) * size,
    };
    let page: Vec<&Value> = items.iter().skip(start).take(size).collect();
    Ok(Json(json!({"items": page, "total": items.len()})))
}

/// The key belongs to whoever founded it all.
async fn me(State(app): App) -> Answer {
    Ok(Json(app.shown().people().first().map(shown).ok_or(Refused::NotFound)?))
}

async fn people(State(app): App, Query(query): Asked) -> Answer {
    page(&app.shown().people().iter().map(shown).collect::<Vec<_>>(), &query)
}

async fn person(State(app): App, Path(id): Path<String>) -> Answer {
    Ok(Json(app.shown().person(&id).map(shown).ok_or(Refused::NotFound)?))
}

async fn remove(State(app): App, Path(id): Path<String>) -> Answer {
    app.change(|organisation| organisation.remove(&id))?;
    Ok(Json(json!({})))
}

fn role(body: &Value) -> Result<&str, Failure> {
    body["role"].as_str().filter(|role| ["writer", "owner"].contains(role)).ok_or(Failure::Status(400))
}

async fn set_role(State(app): App, Path(id): Path<String>, Json(body): Json<Value>) -> Answer {
    let role = role(&body)?;
    app.change(|organisation| organisation.set_role(&id, role))?;
    Ok(Json(json!({})))
}

async fn invitations(State(app): App, Query(query): Asked) -> Answer {
    page(&app.shown().invitations().iter().map(shown_invitation).collect::<Vec<_>>(), &query)
}

async fn invite(State(app): App, Json(body): Json<Value>) -> Answer {
    let email = body["email"].as_str().ok_or(Failure::Status(400))?;
    let role = role(&body)?;
    Ok(Json(shown_invitation(&app.change(|organisation| organisation.invite(email, role))?)))
}

async fn cancel(State(app): App, Path(id): Path<String>) -> Answer {
    app.change(|organisation| organisation.cancel(&id))?;
    Ok(Json(json!({})))
}

async fn boards(State(app): App, Query(query): Asked) -> Answer {
    let shown = app.shown();
    let boards = shown.assets().iter().map(|board| json!({"id": board.id, "name": board.name}));
    page(&boards.collect::<Vec<_>>(), &query)
}

async fn held(State(app): App, Path(id): Path<String>) -> Answer {
    let shown = app.shown();
    let person = shown.person(&id).ok_or(Refused::NotFound)?;
    let held = person.grants.iter().map(|(board, may)| {
        json!({"board": board, "may": {"read": may.contains("read"), "pin": may.contains("pin")}})
    });
    Ok(Json(json!({"items": held.collect::<Vec<_>>()})))
}

async fn grant(
    State(app): App,
    Path((id, board)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Answer {
    let may = body["may"].as_object().ok_or(Failure::Status(400))?;
    let granted = may.iter().filter(|(_, granted)| **granted == true).map(|(right, _)| right.clone());
    change(&app, &id, &board, granted.collect())
}

async fn revoke(State(app): App, Path((id, board)): Path<(String, String)>) -> Answer {
    change(&app, &id, &board, BTreeSet::new())
}

fn change(app: &BusinessApp, id: &str, board: &str, rights: BTreeSet<String>) -> Answer {
    app.change(|organisation| {
        organisation.person(id).ok_or(Refused::NotFound)?;
        organisation.grant(id, board, rights)
    })?;
    Ok(Json(json!({})))
}
