//! The Business API on the wire: its envelope, and what its codes mean. Codes are those of TikTok's own SDK
//! (`tiktok_code.py`).

use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Method, Request, Response, Result};

const OK: i64 = 0;
/// "Nothing to update".
const NO_UPDATE: i64 = 40_012;

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    #[serde(default)]
    data: Value,
}

/// What the API answered to a call that it understood.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// It did it, or told it.
    Done(Value),
    /// It was so already.
    NoChange,
}

/// Reads an answer: errors come with status 200 and a code of their own. The text is for people, and may name them.
pub(crate) fn answer(request: &Request, response: &Response) -> Result<Answer> {
    let Request { doing, method, .. } = request;
    let envelope = response.json().and_then(|body| Envelope::deserialize(body).ok());
    let (class, told) = match envelope {
        Some(Envelope { code: OK, data }) => return Ok(Answer::Done(data)),
        Some(Envelope { code: NO_UPDATE, .. }) if method.writes() => return Ok(Answer::NoChange),
        Some(Envelope { code, .. }) => (class(code, *method), format!("code {code}")),
        None if response.is_success() => (unknown(*method), "something that is not its API's".to_owned()),
        None => (response.class(*method), format!("status {}", response.status)),
    };
    Err(Error::new(class, format!("{doing}: TikTok answered {told}; {}", advice(class))))
}

/// A code that is not listed needs a person: nothing is guessed from its text.
fn class(code: i64, method: Method) -> Class {
    match code {
        // Partly done.
        20_001 => unknown(method),
        40_001 | 40_003 if method.writes() => Class::PolicyDenied,
        40_001 | 40_003 | 40_117 | 40_118 | 40_125 | 40_130 => Class::ScopeMissing,
        40_007 => Class::NotFound,
        40_050 | 40_202 => Class::Conflict,
        // There is no word of how long: per second, minute or day.
        40_100 | 40_132 => Class::RateLimited { after: None },
        40_102 | 40_115 => Class::AuthExpired,
        40_101 | 40_104..=40_106 | 40_110 | 40_113 | 40_116 | 40_124 => Class::AuthRevoked,
        41_000 => Class::PolicyDenied,
        50_000..=51_999 => unknown(method),
        _ => Class::Invalid,
    }
}

/// A write may have been done; a read can be done again.
fn unknown(method: Method) -> Class {
    if method.writes() { Class::Ambiguous } else { Class::Transient { after: None } }
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "let an admin of the Business Center authorise the app again, store the new token, then resume the integration"
        }
        Class::ScopeMissing => {
            "the token needs the Business Center scopes of the app and must belong to an admin; then resume the integration"
        }
        Class::PolicyDenied => {
            "the Business Center does not allow it: check that an admin is left and what the asset's owner allows, then retry"
        }
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; TikTok is looked at before it is tried again"
        }
        Class::NotFound => "it is not in the Business Center any more",
        _ => "look in the Business Center what is in the way, then retry",
    }
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) items: Vec<Value>,
    /// How many there are in all.
    pub(crate) total: u64,
}

/// Reads a page of `list`. Whatever is not surely one is an error.
pub(crate) fn list(doing: &str, data: &Value) -> Result<List> {
    let malformed = |what: &str| Error::transient(format!("{doing}: TikTok's answer is not a list ({what})"));
    let items = data.get("list").and_then(Value::as_array).ok_or_else(|| malformed("no list"))?;
    let total = data.pointer("/page_info/total_number").and_then(Value::as_u64);
    let total = total.ok_or_else(|| malformed("no total_number"))?;
    Ok(List { items: items.clone(), total })
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
    fn codes_decide() {
        let transient = Class::Transient { after: None };
        let limited = Class::RateLimited { after: None };
        for (code, read, write) in [
            (20_001, transient, Class::Ambiguous),
            (40_001, Class::ScopeMissing, Class::PolicyDenied),
            (40_002, Class::Invalid, Class::Invalid),
            (40_007, Class::NotFound, Class::NotFound),
            (40_050, Class::Conflict, Class::Conflict),
            (40_100, limited, limited),
            (40_102, Class::AuthExpired, Class::AuthExpired),
            (40_105, Class::AuthRevoked, Class::AuthRevoked),
            (40_130, Class::ScopeMissing, Class::ScopeMissing),
            (50_000, transient, Class::Ambiguous),
            (51_039, transient, Class::Ambiguous),
            (98_765, Class::Invalid, Class::Invalid),
        ] {
            assert_eq!(class(code, Method::Get), read, "{code}");
            assert_eq!(class(code, Method::Post), write, "{code}");
        }
    }

    #[test]
    fn only_a_whole_list_is_a_list() {
        let page = json!({"list": [{}], "page_info": {"page": 1, "page_size": 10, "total_number": 7, "total_page": 1}});
        assert_eq!(list("x", &page).map(|list| (list.items.len(), list.total)), Ok((1, 7)));
        for wrong in [json!({}), json!({"list": []}), json!({"list": {}, "page_info": {"total_number": 0}})] {
            assert!(list("x", &wrong).is_err(), "{wrong}");
        }
    }
}
