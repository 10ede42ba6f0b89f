//! An app's routes: the vendor's API behind its journal and faults, the page, the controls.

use std::{future, sync::Arc};

use axum::{
    Json, Router,
    extract::{OriginalUri, Path, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{Html, Response},
    routing::{get, post},
};

use super::{
    super::{
        faults::{Entry, Fault, FaultRule},
        host::{cut, half, short},
    },
    BusinessApp, InvitationState, page,
};

type App = State<Arc<BusinessApp>>;

/// The app's routes; they may be nested below any path.
pub fn router(app: Arc<BusinessApp>) -> Router {
    let api = (app.vendor.routes)().layer(middleware::from_fn_with_state(Arc::clone(&app), recorded));
    let control = Router::new()
        .route("/faults", post(set_fault).delete(clear_faults))
        .route("/faults/{name}", post(turn_fault))
        .route("/journal", get(async |State(app): App| Json(app.journal.entries())))
        .route("/invitations/{email}/{end}", post(end_invitation));
    Router::new()
        .route("/", get(show))
        .nest(app.vendor.base_path, api)
        .nest("/_control", control)
        .with_state(app)
}

/// The page, whose controls are below wherever the app is nested.
async fn show(State(app): App, OriginalUri(uri): OriginalUri) -> Html<String> {
    Html(page::render(&app, &format!("{}/_control", uri.path().trim_end_matches('/'))).into_string())
}

/// Writes the journal, and misbehaves when told to.
async fn recorded(State(app): App, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let asks = |below: &&str| method == "POST" && path.starts_with(*below);
    let reads = method == "GET" || app.vendor.asks.iter().any(asks);
    let answer = match app.faults.take(if reads { "GET" } else { &method }, &path) {
        None => Some(next.run(request).await),
        Some(Fault::CutBeforeEffect) => None,
        Some(Fault::CutAfterEffect) => {
            next.run(request).await;
            None
        }
        Some(Fault::NoAnswer) => {
            app.journal.record(Entry { method, path, status: None, reads });
            return future::pending().await;
        }
        Some(Fault::HalfAnswer) => Some(half(next.run(request).await).await),
        Some(Fault::ShortList) => Some(short(next.run(request).await, app.vendor.list).await),
        Some(
            fault @ (Fault::TooManyRequests { .. } | Fault::ServerError | Fault::BadToken | Fault::Forbidden),
        ) => Some((app.vendor.refusal)(fault)),
    };
    let status = answer.as_ref().map(|answer| answer.status().as_u16());
    app.journal.record(Entry { method, path, status, reads });
    answer.unwrap_or_else(cut)
}

async fn set_fault(State(app): App, Json(rule): Json<FaultRule>) -> StatusCode {
    app.faults.add(rule);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(app): App) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}

/// Turns on one of the faults that the page offers, or all of them off.
async fn turn_fault(State(app): App, Path(name): Path<String>) -> StatusCode {
    match page::FAULTS.iter().find(|(offered, ..)| *offered == name) {
        Some((.., fault)) => app.faults.always(*fault),
        None if name == page::NO_FAULT => app.faults.clear(),
        None => return StatusCode::NOT_FOUND,
    }
    StatusCode::NO_CONTENT
}

/// What the invited person does.
async fn end_invitation(State(app): App, Path((email, end)): Path<(String, String)>) -> StatusCode {
    let found = app.change(|organisation| match end.as_str() {
        "accept" => organisation.accept(&email),
        "decline" => organisation.end_invitation(&email, InvitationState::Declined),
        "expire" => organisation.end_invitation(&email, InvitationState::Expired),
        _ => false,
    });
    if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}
