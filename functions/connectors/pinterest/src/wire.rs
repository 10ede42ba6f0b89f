//! The API on the wire: lists by bookmark, and what its answers mean.

use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Request, Response, Result};

#[derive(Deserialize)]
struct ApiError {
    code: i64,
}

/// What an answer that is no success means. Pinterest's own codes are not documented but for the status that they
/// repeat; the text is for people, and may name them.
pub(crate) fn failure(request: &Request, response: &Response) -> Error {
    let class = response.class(request.method);
    let code = response.json().and_then(|body| ApiError::deserialize(body).ok()).map(|error| error.code);
    let told = match code {
        Some(code) => format!("status {}, code {code}", response.status),
        None => format!("status {}", response.status),
    };
    Error::new(class, format!("{}: Pinterest answered {told}; {}", request.doing, advice(class)))
}

/// The first item of a list of results that succeeded as a whole: one may still have failed.
pub(crate) fn first_result(doing: &str, body: &Value) -> Result<Value> {
    let item = body.pointer("/items/0").ok_or_else(|| undone(doing))?;
    let Some(exception) = item.get("exception").filter(|exception| !exception.is_null()) else {
        return Ok(item.clone());
    };
    // 403 stands for many things, a limit of pending invitations among them: the text alone would tell.
    let class = match exception.get("code").and_then(Value::as_i64) {
        Some(403) => Class::PolicyDenied,
        Some(404) => Class::NotFound,
        Some(409) => Class::AlreadyExists,
        Some(429) => Class::RateLimited { after: None },
        _ => Class::Conflict,
    };
    Err(Error::new(class, format!("{doing}: Pinterest refused it in its answer; {}", advice(class))))
}

/// A success that does not say what was done.
pub(crate) fn undone(doing: &str) -> Error {
    Error::new(Class::Ambiguous, format!("{doing}: Pinterest did not say that it was done; it is looked at"))
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "let an admin of the business give consent again, store the new credentials, then resume the integration"
        }
        Class::ScopeMissing => {
            "the consent must hold biz_access:read and biz_access:write; then resume the integration"
        }
        Class::PolicyDenied => {
            "the business does not allow it: look in Business Access whether too many invitations are pending, the person is \
             in already, or no admin would be left, then retry"
        }
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; Pinterest is looked at before it is tried again"
        }
        Class::NotFound => "it is not in the business any more",
        _ => "look in Business Access what is in the way, then retry",
    }
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) items: Vec<Value>,
    /// Where the next page begins.
    pub(crate) bookmark: Option<String>,
}

/// Reads a page. Whatever is not surely one is an error.
pub(crate) fn list(doing: &str, body: &Value) -> Result<List> {
    let malformed =
        |what: &str| Error::transient(format!("{doing}: Pinterest's answer is not a list ({what})"));
    let items = body.get("items").and_then(Value::as_array).ok_or_else(|| malformed("no items"))?;
    let bookmark = match body.get("bookmark") {
        None | Some(Value::Null) => None,
        Some(Value::String(bookmark)) if bookmark.is_empty() => None,
        Some(Value::String(bookmark)) => Some(bookmark.clone()),
        Some(_) => return Err(malformed("a bookmark that is no text")),
    };
    Ok(List { items: items.clone(), bookmark })
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
    fn a_success_may_hold_a_failure() {
        let of = |item: Value| first_result("x", &json!({"items": [item]})).map_err(|error| error.class());
        assert!(of(json!({"invite": {"id": "1"}, "exception": null})).is_ok());
        assert_eq!(of(json!({"exception": {"code": 403, "message": "…"}})), Err(Class::PolicyDenied));
        assert_eq!(of(json!({"exception": {"message": "…"}})), Err(Class::Conflict));
        assert_eq!(first_result("x", &json!({"items": []})).unwrap_err().class(), Class::Ambiguous);
    }

    #[test]
    fn only_a_whole_list_is_a_list() {
        assert!(list("x", &json!({"items": [], "bookmark": null})).is_ok_and(|list| list.bookmark.is_none()));
        assert!(list("x", &json!({"items": [], "bookmark": "b"})).is_ok_and(|list| list.bookmark.is_some()));
        assert!(list("x", &json!({})).is_err() && list("x", &json!({"items": [], "bookmark": 7})).is_err());
    }
}
