//! The API on the wire: lists, and what its errors mean.

use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Request, Response, Result};

#[derive(Deserialize)]
struct ApiError {
    category: String,
}

/// What an answer that is no success means: by HubSpot's category first, by status second. The text is for people, and may
/// name them.
pub(crate) fn failure(request: &Request, answer: &Response) -> Error {
    let category =
        answer.json().and_then(|body| ApiError::deserialize(body).ok()).map(|error| error.category);
    let class = match category.as_deref() {
        Some("MISSING_SCOPES") => Class::ScopeMissing,
        _ => answer.class(request.method),
    };
    let told = match category {
        Some(category) => format!("status {}, `{category}`", answer.status),
        None => format!("status {}", answer.status),
    };
    Error::new(class, format!("{}: HubSpot answered {told}; {}", request.doing, advice(class)))
}

/// A success that does not say what was done.
pub(crate) fn undone(doing: &str) -> Error {
    Error::new(Class::Ambiguous, format!("{doing}: HubSpot did not say that it was done; it is looked at"))
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "store the private app's access token again, then resume the integration"
        }
        Class::ScopeMissing => {
            "the private app needs settings.users.read, settings.users.write and settings.users.teams.read; then resume \
             the integration"
        }
        Class::PolicyDenied => {
            "the account does not allow it: permission sets with paid seats need the scope billing-write; look in \
             HubSpot, then retry"
        }
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; HubSpot is looked at before it is tried again"
        }
        Class::NotFound => "it is not in the account any more",
        _ => {
            "look in HubSpot whether the person is there already, a seat is free, and the teams exist, then retry"
        }
    }
}

/// The items of a list.
pub(crate) fn results(doing: &str, body: &Value) -> Result<Vec<Value>> {
    let items = body.get("results").and_then(Value::as_array).cloned();
    items
        .ok_or_else(|| Error::transient(format!("{doing}: HubSpot's answer is not a list; it is read again")))
}

/// Where the next page begins.
pub(crate) fn next(doing: &str, body: &Value) -> Result<Option<String>> {
    match body.get("paging") {
        None | Some(Value::Null) => Ok(None),
        Some(paging) => {
            let after = paging.pointer("/next/after").and_then(Value::as_str).map(str::to_owned);
            after.map(Some).ok_or_else(|| {
                Error::transient(format!(
                    "{doing}: HubSpot's list does not say where it goes on; it is read again"
                ))
            })
        }
    }
}

/// A text that is there.
pub(crate) fn text<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_whole_list_is_a_list() {
        assert!(results("x", &json!({"results": []})).is_ok() && results("x", &json!({})).is_err());
        assert_eq!(next("x", &json!({})).unwrap(), None);
        assert_eq!(next("x", &json!({"paging": {"next": {"after": "7"}}})).unwrap().as_deref(), Some("7"));
        assert!(next("x", &json!({"paging": {}})).is_err());
    }
}
