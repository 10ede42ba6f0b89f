//! The API on the wire: what its errors mean, lists, and GraphQL's answers.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Method, Request, Response, Result};

/// Where GitHub gives no time: "wait for at least one minute".
const AT_LEAST: Duration = Duration::from_secs(60);

/// An error's codes. The message is for people, and may name them.
#[derive(Default, Deserialize)]
struct ApiError {
    documentation_url: Option<String>,
    #[serde(default)]
    errors: Vec<Value>,
}

/// What an answer that is no success means.
pub(crate) fn failure(request: &Request, answer: &Response) -> Error {
    let error = answer.json().and_then(|body| ApiError::deserialize(body).ok()).unwrap_or_default();
    let class = class(request.method, answer, &error);
    let told = match code(&error) {
        Some(code) => format!("status {}, `{code}`", answer.status),
        None => format!("status {}", answer.status),
    };
    Error::new(class, format!("{}: GitHub answered {told}; {}", request.doing, advice(class)))
}

fn class(method: Method, answer: &Response, error: &ApiError) -> Class {
    match answer.status {
        403 | 429 => match limited(answer, error) {
            Some(after) => Class::RateLimited { after: Some(after) },
            None => answer.class(method),
        },
        422 if code(error) == Some("already_exists") => Class::AlreadyExists,
        // Which rule it was the message alone tells: invited or a member already, no seats, too many invitations.
        422 => Class::PolicyDenied,
        _ => answer.class(method),
    }
}

/// The code of the first thing that is wrong.
fn code(error: &ApiError) -> Option<&str> {
    error.errors.first()?.get("code")?.as_str()
}

/// How long to wait, where the answer is about too many calls: `Retry-After`, else until the count begins anew, else a
/// minute where it is said to be a secondary limit.
fn limited(answer: &Response, error: &ApiError) -> Option<Duration> {
    if answer.retry_after.is_some() {
        return answer.retry_after;
    }
    if answer.header("x-ratelimit-remaining") == Some("0") {
        let reset = answer.header("x-ratelimit-reset").and_then(|reset| reset.parse::<i64>().ok());
        // By GitHub's clock, not by ours.
        let left = reset.zip(answer.sent_at()).map(|(reset, sent)| reset.saturating_sub(sent.as_second()));
        return Some(left.and_then(|left| u64::try_from(left).ok()).map_or(AT_LEAST, Duration::from_secs));
    }
    let url = error.documentation_url.as_deref().unwrap_or_default();
    (answer.status == 429 || url.contains("rate-limit")).then_some(AT_LEAST)
}

/// A success that does not say what was done.
pub(crate) fn undone(doing: &str) -> Error {
    Error::new(Class::Ambiguous, format!("{doing}: GitHub did not say that it was done; it is looked at"))
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "store the App's key or the token anew, then resume the integration"
        }
        Class::ScopeMissing => {
            "the App needs \"Members: read and write\" and to be installed in the organisation, a token `admin:org`; \
             then resume the integration"
        }
        Class::PolicyDenied => {
            "the organisation does not allow it: look there whether the person is invited or in already, a seat is free, \
             too many were invited today, or an identity provider keeps the team, then retry"
        }
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; GitHub is looked at before it is tried again"
        }
        Class::NotFound => "it is not in the organisation, or the credentials may not see it",
        _ => "look in the organisation what is in the way, then retry",
    }
}

/// Whether a list goes on (`Link: …; rel="next"`, RFC 8288).
pub(crate) fn has_next(answer: &Response) -> bool {
    answer.header("link").is_some_and(|link| link.contains("rel=\"next\""))
}

/// A page of the members.
#[derive(Debug)]
pub(crate) struct Members {
    pub(crate) edges: Vec<Value>,
    /// How many there are in all.
    pub(crate) total: u64,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

/// Reads a page of the members. Whatever is not surely one is an error.
pub(crate) fn members(doing: &str, answer: &Response) -> Result<Members> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Connection {
        total_count: u64,
        page_info: PageInfo,
        edges: Vec<Value>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct PageInfo {
        has_next_page: bool,
        end_cursor: Option<String>,
    }
    let body = answer.expect_json(doing)?;
    if let Some(error) = body.pointer("/errors/0") {
        return Err(query_failed(doing, answer, error));
    }
    let list = body.pointer("/data/organization/membersWithRole").cloned().unwrap_or_default();
    let malformed =
        || Error::transient(format!("{doing}: GitHub's answer is not a list of members; it is read again"));
    let list = Connection::deserialize(list).map_err(|_| malformed())?;
    let next = match list.page_info {
        PageInfo { has_next_page: false, .. } => None,
        PageInfo { end_cursor: Some(cursor), .. } => Some(cursor),
        PageInfo { end_cursor: None, .. } => return Err(malformed()),
    };
    Ok(Members { edges: list.edges, total: list.total_count, next })
}

/// GraphQL tells its failures inside a success.
fn query_failed(doing: &str, answer: &Response, error: &Value) -> Error {
    let kind = text(error, "type").unwrap_or("UNKNOWN");
    let class = match kind {
        "RATE_LIMITED" => {
            let after = limited(answer, &ApiError::default()).unwrap_or(AT_LEAST);
            Class::RateLimited { after: Some(after) }
        }
        // An organisation that the credentials may not see is none.
        "FORBIDDEN" | "INSUFFICIENT_SCOPES" | "NOT_FOUND" => Class::ScopeMissing,
        _ => Class::Transient { after: None },
    };
    Error::new(class, format!("{doing}: GitHub answered `{kind}`; {}", advice(class)))
}

/// A text that is there.
pub(crate) fn text<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A number that is there, as text.
pub(crate) fn number(item: &Value, field: &str) -> Option<String> {
    item.get(field).and_then(Value::as_u64).map(|number| number.to_string())
}
