//! The API's forms: errors, lists by bookmark.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::super::business::Refused;
use crate::apps::Fault;

/// An answer, or the error in its place: `{code, message}`.
pub(super) type Answer = Result<Json<Value>, Failure>;

#[derive(Clone, Copy, Debug)]
pub(super) struct Failure(pub(super) u16);

pub(super) const INVALID: Failure = Failure(400);
pub(super) const NOT_FOUND: Failure = Failure(404);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({"code": self.0, "message": "It did not work."}))).into_response()
    }
}

/// A failure of one item of a list that succeeded. Its text alone says which.
pub(super) fn exception(refused: Refused) -> Value {
    let code = if refused == Refused::NotFound { 404 } else { 403 };
    json!({"code": code, "message": format!("{refused:?}")})
}

/// How the API says that it does not answer as it should.
pub(super) fn refusal(fault: Fault) -> Response {
    Failure(match fault {
        Fault::TooManyRequests { .. } => 429,
        Fault::BadToken => 401,
        Fault::Forbidden => 403,
        _ => 500,
    })
    .into_response()
}

/// One page of a list; 25 unless asked for, a hundred at most. There is no word of how long it is.
pub(super) fn page(items: Vec<Value>, query: &BTreeMap<String, String>) -> Answer {
    let size = query.get("page_size").map_or(Ok(25), |size| size.parse::<usize>().map_err(|_| INVALID))?;
    if !(1..=100).contains(&size) {
        return Err(INVALID);
    }
    let start = match query.get("bookmark") {
        None => 0,
        Some(bookmark) => bookmark.strip_prefix("Ym9va").and_then(|at| at.parse().ok()).ok_or(INVALID)?,
    };
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    let next = start + shown.len();
    let bookmark = if next < total { json!(format!("Ym9va{next}")) } else { Value::Null };
    Ok(Json(json!({"items": shown, "bookmark": bookmark})))
}
