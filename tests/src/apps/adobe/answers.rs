//! The API's forms: errors, lists by page.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::apps::Fault;

/// An answer, or the error in its place.
pub(super) type Answer = Result<Response, Failure>;

/// A status, and Adobe's code where the answer has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure(pub(super) u16, pub(super) Option<&'static str>);

pub(super) const UNAUTHORIZED: Failure = Failure(401, None);
pub(super) const FORBIDDEN: Failure = Failure(403, None);
pub(super) const MALFORMED: Failure = Failure(400, Some("error.command.malformed"));

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.1 {
            Some(code) => {
                (status, Json(json!({"result": code, "message": "It did not work."}))).into_response()
            }
            None => status.into_response(),
        }
    }
}

/// How the API says that it does not answer as it should.
pub(super) fn refusal(fault: Fault) -> Response {
    match fault {
        Fault::TooManyRequests { retry_after } => {
            let body = Json(json!({"error_code": "429050", "message": "Too many requests"}));
            let mut answer = (StatusCode::TOO_MANY_REQUESTS, body).into_response();
            answer.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
            answer
        }
        Fault::BadToken => UNAUTHORIZED.into_response(),
        Fault::Forbidden => FORBIDDEN.into_response(),
        _ => Failure(500, Some("error.internal.exceptionflys")).into_response(),
    }
}

/// One page of a list, from 0 on. After the last one there is the last one again.
pub(super) fn page(items: Vec<Value>, field: &str, number: usize, size: usize) -> Response {
    let total = items.len();
    let pages = total.div_ceil(size.max(1)).max(1);
    let number = number.min(pages - 1);
    let shown: Vec<Value> = items.into_iter().skip(number * size).take(size).collect();
    let headers = [
        ("x-total-count", total),
        ("x-page-count", pages),
        ("x-current-page", number + 1),
        ("x-page-size", shown.len()),
    ];
    let mut answer =
        Json(json!({"result": "success", "lastPage": number + 1 == pages, field: shown})).into_response();
    for (name, value) in headers {
        answer.headers_mut().insert(name, HeaderValue::from(value));
    }
    answer
}
