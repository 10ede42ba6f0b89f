//! Google's forms: errors, and lists by token.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::super::business::Refused;
use crate::apps::Fault;

/// An answer, or the error in its place.
pub(super) type Answer = Result<Json<Value>, Failure>;

/// An error: its status, its name among all of Google's (`google.rpc.Code`), and what Google Ads says besides.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: u16,
    name: &'static str,
    /// What Google Ads calls its kind, and its code.
    ads: Option<(&'static str, &'static str)>,
    retry_after: Option<u64>,
}

pub(super) const INVALID: Failure = common(400, "INVALID_ARGUMENT");
pub(super) const NOT_FOUND: Failure = common(404, "NOT_FOUND");
pub(super) const UNAUTHENTICATED: Failure =
    Failure { ads: Some(("authenticationError", "OAUTH_TOKEN_INVALID")), ..common(401, "UNAUTHENTICATED") };
pub(super) const DENIED: Failure = Failure {
    ads: Some(("authorizationError", "USER_PERMISSION_DENIED")),
    ..common(403, "PERMISSION_DENIED")
};

pub(super) const fn common(status: u16, name: &'static str) -> Failure {
    Failure { status, name, ads: None, retry_after: None }
}

/// Something that Google Ads does not do.
pub(super) const fn ads(kind: &'static str, code: &'static str) -> Failure {
    Failure { ads: Some((kind, code)), ..INVALID }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let invitation = |code| ads("accessInvitationError", code);
        match refused {
            Refused::AlreadyMember => invitation("EMAIL_ADDRESS_ALREADY_HAS_ACCESS"),
            Refused::AlreadyInvited => invitation("EMAIL_ADDRESS_ALREADY_HAS_PENDING_INVITATION"),
            Refused::PendingLimit => invitation("PENDING_INVITATIONS_LIMIT_EXCEEDED"),
            // An account has no seats: the simulator then forbids it.
            Refused::SeatLimit => invitation("EMAIL_DOMAIN_POLICY_VIOLATED"),
            Refused::LastAdmin => ads("customerUserAccessError", "LAST_ADMIN_USER_OF_SERVING_CUSTOMER"),
            Refused::NotFound => ads("customerUserAccessError", "INVALID_USER_ID"),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut error = json!({"code": self.status, "message": "It did not work.", "status": self.name});
        if let Some((kind, code)) = self.ads {
            let mut inner = json!({"errorCode": {kind: code}, "message": "It did not work."});
            if let Some(seconds) = self.retry_after {
                inner["details"] = json!({"quotaErrorDetails": {"rateScope": "DEVELOPER",
                    "rateName": "Number of operations for basic access", "retryDelay": format!("{seconds}s")}});
            }
            error["details"] = json!([{"@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
                "errors": [inner], "requestId": "xN-KaZRHZuU6Rlgt3cM2uQ"}]);
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({ "error": error }))).into_response()
    }
}

/// How Google says that it does not answer as it should.
pub(super) fn refusal(fault: Fault) -> Response {
    match fault {
        Fault::TooManyRequests { retry_after } => Failure {
            ads: Some(("quotaError", "RESOURCE_EXHAUSTED")),
            retry_after: Some(retry_after),
            ..common(429, "RESOURCE_EXHAUSTED")
        },
        Fault::BadToken => UNAUTHENTICATED,
        Fault::Forbidden => DENIED,
        _ => common(500, "INTERNAL"),
    }
    .into_response()
}

/// A page of a list, and how the next one is asked for.
pub(super) fn page(
    items: Vec<Value>,
    size: usize,
    token: Option<&str>,
) -> Result<(Vec<Value>, Option<String>), Failure> {
    let start = match token {
        None => 0,
        Some(token) => token.strip_prefix("CAE").and_then(|at| at.parse().ok()).ok_or(INVALID)?,
    };
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    let next = start + shown.len();
    Ok((shown, (next < total).then(|| format!("CAE{next}"))))
}

/// A list as Google has it: what is empty is left out.
pub(super) fn list(items: Vec<Value>, field: &str, size: usize, query: &BTreeMap<String, String>) -> Answer {
    let (items, next) = page(items, size, query.get("pageToken").map(String::as_str))?;
    let mut body = json!({});
    if !items.is_empty() {
        body[field] = items.into();
    }
    if let Some(token) = next {
        body["nextPageToken"] = token.into();
    }
    Ok(Json(body))
}
