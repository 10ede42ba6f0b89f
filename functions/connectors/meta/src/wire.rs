//! The Graph API on the wire: what its errors mean, and how long it asks to wait.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Method, Request, Response};

#[derive(Deserialize)]
struct Envelope {
    error: GraphError,
}

#[derive(Deserialize)]
struct GraphError {
    code: i64,
    error_subcode: Option<i64>,
    is_transient: Option<bool>,
}

/// What an answer that is no success means: by Meta's code first, by status second. The text is for people, and may
/// name them.
pub(crate) fn failure(request: &Request, answer: &Response) -> Error {
    let Request { doing, method, .. } = request;
    let error = answer.json().and_then(|body| Envelope::deserialize(body).ok()).map(|found| found.error);
    let class = match &error {
        Some(error) => class(error, *method, regain_access(answer)),
        None => answer.class(*method),
    };
    let told = match error {
        Some(GraphError { code, error_subcode: Some(subcode), .. }) => format!("error {code}/{subcode}"),
        Some(GraphError { code, .. }) => format!("error {code}"),
        None => format!("status {}", answer.status),
    };
    Error::new(class, format!("{doing}: Meta answered {told}; {}", advice(class)))
}

/// Codes of the Graph API. A code that is not listed needs a person: nothing is guessed from its text.
fn class(error: &GraphError, method: Method, after: Option<Duration>) -> Class {
    match (error.code, error.error_subcode) {
        (190, Some(463)) | (102, _) => Class::AuthExpired,
        // 104: the proof was made with another app's secret. 415: the business demands two-factor authentication.
        (190 | 104 | 415, _) => Class::AuthRevoked,
        (4 | 17 | 32 | 341 | 613 | 80000..=80014, _) => Class::RateLimited { after },
        (1 | 2, _) if method.writes() => Class::Ambiguous,
        (1 | 2, _) => Class::Transient { after: None },
        // "Does not exist, or may not be seen": the lists decide which.
        (100, Some(33)) | (803, _) => Class::NotFound,
        (3 | 10, _) => Class::ScopeMissing,
        (200..=299, _) if !method.writes() => Class::ScopeMissing,
        // 200 on a write is about one object. 3914 (the last admin) is not confirmed.
        (200..=299 | 368 | 3914, _) => Class::PolicyDenied,
        _ if error.is_transient == Some(true) && method.writes() => Class::Ambiguous,
        _ if error.is_transient == Some(true) => Class::Transient { after: None },
        _ => Class::Invalid,
    }
}

/// `X-Business-Use-Case-Usage`: for each business, by use case, the minutes until calls are taken again.
fn regain_access(answer: &Response) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Usage {
        estimated_time_to_regain_access: Option<u64>,
    }
    let header = answer.header("x-business-use-case-usage")?;
    let usage: BTreeMap<String, Vec<Usage>> = serde_json::from_str(header).ok()?;
    let minutes = usage.values().flatten().filter_map(|usage| usage.estimated_time_to_regain_access).max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "store a new token of the system user and the secret of its app, then resume the integration"
        }
        Class::ScopeMissing => {
            "give the system user's token the permissions of the connector's page and its app full access, then \
             resume the integration"
        }
        Class::PolicyDenied => {
            "the business does not allow it: check that the system user is an admin with full control of the \
             asset and that an admin is left, then retry"
        }
        Class::RateLimited { .. } | Class::Transient { .. } => "it is tried again",
        Class::Ambiguous => "it is not known whether it was done; Meta is looked at before it is tried again",
        Class::NotFound => "it is not there, or the system user may not see it",
        _ => "look in Meta Business settings what is in the way, then retry",
    }
}

/// One page of an edge.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) items: Vec<Value>,
    /// Where the next page begins.
    pub(crate) after: Option<String>,
    /// How many there are, where Meta says so.
    pub(crate) total: Option<u64>,
}

/// Reads a page. Whatever is not surely one is an error.
pub(crate) fn edge(doing: &str, body: &Value) -> Result<Edge, Error> {
    let malformed = |what: &str| Error::transient(format!("{doing}: Meta's answer is not a list ({what})"));
    let items = body.get("data").and_then(Value::as_array).ok_or_else(|| malformed("no data"))?;
    if items.iter().any(|item| text(item, "id").is_none()) {
        return Err(malformed("an item without an id"));
    }
    let paging = body.get("paging").unwrap_or(&Value::Null);
    let after = match text(paging, "next") {
        None => None,
        Some(_) => {
            let after = paging.pointer("/cursors/after").and_then(Value::as_str);
            Some(after.ok_or_else(|| malformed("a next page without a cursor"))?.to_owned())
        }
    };
    if items.is_empty() && after.is_some() {
        return Err(malformed("an empty page before the last"));
    }
    let total = body.pointer("/summary/total_count").and_then(Value::as_u64);
    Ok(Edge { items: items.clone(), after, total })
}

/// A text that is there.
pub(crate) fn text<'a>(node: &'a Value, field: &str) -> Option<&'a str> {
    node.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_decide() {
        let of = |code, subcode, transient, method| {
            class(&GraphError { code, error_subcode: subcode, is_transient: transient }, method, None)
        };
        let transient = Class::Transient { after: None };
        for (code, subcode, read, write) in [
            (190, None, Class::AuthRevoked, Class::AuthRevoked),
            (190, Some(463), Class::AuthExpired, Class::AuthExpired),
            (104, None, Class::AuthRevoked, Class::AuthRevoked),
            (415, Some(2_859_009), Class::AuthRevoked, Class::AuthRevoked),
            (10, Some(2_859_030), Class::ScopeMissing, Class::ScopeMissing),
            (200, Some(1_870_034), Class::ScopeMissing, Class::PolicyDenied),
            (17, Some(2_446_079), Class::RateLimited { after: None }, Class::RateLimited { after: None }),
            (613, Some(1_487_742), Class::RateLimited { after: None }, Class::RateLimited { after: None }),
            (80_004, None, Class::RateLimited { after: None }, Class::RateLimited { after: None }),
            (2, None, transient, Class::Ambiguous),
            (100, Some(33), Class::NotFound, Class::NotFound),
            (100, None, Class::Invalid, Class::Invalid),
            (368, None, Class::PolicyDenied, Class::PolicyDenied),
            (987_654, None, Class::Invalid, Class::Invalid),
        ] {
            assert_eq!(of(code, subcode, Some(false), Method::Get), read, "{code}");
            assert_eq!(of(code, subcode, Some(false), Method::Post), write, "{code}");
        }
        assert_eq!(of(987_654, None, Some(true), Method::Get), transient);
        assert_eq!(of(987_654, None, Some(true), Method::Post), Class::Ambiguous);
    }

    #[test]
    fn only_a_whole_page_is_a_page() {
        assert!(edge("x", &json!({"data": []})).is_ok_and(|edge| edge.after.is_none()));
        let page = json!({"data": [{"id": "1"}], "paging": {"cursors": {"after": "c"}, "next": "https://…"},
            "summary": {"total_count": 9}});
        let page = edge("x", &page).unwrap();
        assert_eq!((page.after.as_deref(), page.total), (Some("c"), Some(9)));
        for wrong in [
            json!({}),
            json!({"data": {}}),
            json!({"data": [{"name": "no id"}]}),
            json!({"data": [], "paging": {"cursors": {"after": "c"}, "next": "https://…"}}),
            json!({"data": [{"id": "1"}], "paging": {"next": "https://…"}}),
        ] {
            assert!(edge("x", &wrong).is_err(), "{wrong}");
        }
    }
}
