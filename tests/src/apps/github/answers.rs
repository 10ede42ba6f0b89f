//! The API's forms: errors, limits, lists by page.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::super::business::Refused;
use crate::apps::Fault;

/// An answer, or the error in its place.
pub(super) type Answer = Result<Response, Failure>;

#[derive(Clone, Copy, Debug)]
pub(super) struct Failure(pub(super) u16);

const SECONDARY_LIMITS: &str = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits";

pub(super) const INVALID: Failure = Failure(422);
pub(super) const NOT_FOUND: Failure = Failure(404);
pub(super) const UNAUTHORIZED: Failure = Failure(401);

impl From<Refused> for Failure {
    /// Which rule it was, the text alone tells.
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound => NOT_FOUND,
            Refused::LastAdmin => Self(403),
            Refused::AlreadyMember | Refused::AlreadyInvited | Refused::SeatLimit | Refused::PendingLimit => {
                INVALID
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut body = json!({"message": "It did not work.", "documentation_url": "https://docs.github.com/rest",
            "status": self.0.to_string()});
        if self.0 == 422 {
            body["errors"] = json!([{"resource": "Organization", "code": "unprocessable", "field": "data"}]);
        }
        answer(self.0, body)
    }
}

pub(super) fn answer(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(body)).into_response()
}

pub(super) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// How the API says that it does not answer as it should. A limit that ends soon is a secondary one, which need not say when;
/// one of hours is told by the time when counting begins anew.
pub(super) fn refusal(fault: Fault) -> Response {
    match fault {
        Fault::TooManyRequests { retry_after: 0 } => {
            answer(403, json!({"message": "It did not work.", "documentation_url": SECONDARY_LIMITS}))
        }
        Fault::TooManyRequests { retry_after } if retry_after <= 60 => {
            let mut refused = Failure(403).into_response();
            refused.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
            refused
        }
        Fault::TooManyRequests { retry_after } => {
            let now = Timestamp::now();
            let reset = now.as_second() + i64::try_from(retry_after).unwrap_or_default();
            let mut refused = Failure(429).into_response();
            let date = now.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let headers = refused.headers_mut();
            headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
            headers.insert("x-ratelimit-reset", reset.into());
            if let Ok(date) = date.parse() {
                headers.insert(header::DATE, date);
            }
            refused
        }
        Fault::BadToken => UNAUTHORIZED.into_response(),
        Fault::Forbidden => Failure(403).into_response(),
        _ => Failure(500).into_response(),
    }
}

/// One page of a list; 30 unless asked for, a hundred at most. A header says whether there is another.
pub(super) fn page(items: &[Value], query: &BTreeMap<String, String>) -> Answer {
    let asked = |name: &str, default: usize| query.get(name).map_or(Ok(default), |text| text.parse());
    let size = asked("per_page", 30).map_err(|_| INVALID)?.clamp(1, 100);
    let number = asked("page", 1).map_err(|_| INVALID)?.max(1);
    let shown: Vec<&Value> = items.iter().skip((number - 1) * size).take(size).collect();
    let mut page = answer(200, json!(shown));
    if number * size < items.len() {
        let link = format!("<https://api.github.com/page?page={}&per_page={size}>; rel=\"next\"", number + 1);
        if let Ok(link) = link.parse() {
            page.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(page)
}
