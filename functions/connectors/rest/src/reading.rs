//! Reading what an app tells, by pointers and conditions.

use serde_json::Value;
use usher_domain::Timestamp;

use crate::document::Condition;

/// A text or a number that is there, as text.
pub(crate) fn text(item: &Value, pointer: &str) -> Option<String> {
    match item.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The same, where a pointer is given.
pub(crate) fn text_at(item: &Value, pointer: Option<&String>) -> Option<String> {
    text(item, pointer?)
}

/// A time in milliseconds since 1970, or as RFC 3339 has it.
pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(millis) => Timestamp::from_millisecond(millis.as_i64()?).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

impl Condition {
    /// Whether it is so.
    pub(crate) fn holds(&self, item: &Value) -> bool {
        let Some(found) = item.pointer(&self.at) else { return false };
        self.equals.as_ref().is_none_or(|value| value == found)
            && self.differs_from.as_ref().is_none_or(|value| value != found)
            && self
                .contains
                .as_ref()
                .is_none_or(|value| found.as_array().is_some_and(|list| list.contains(value)))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_is_about_what_is_there() {
        let item = json!({"tags": ["a", "b"], "admin": false, "read": ""});
        let holds = |condition: Value| Condition::deserialize(condition).unwrap().holds(&item);
        assert!(holds(json!({"at": "/admin", "equals": false})));
        assert!(
            holds(json!({"at": "/tags", "contains": "b"})) && !holds(json!({"at": "/tags", "contains": "c"}))
        );
        assert!(!holds(json!({"at": "/read", "differs_from": ""})));
        assert!(!holds(json!({"at": "/absent", "differs_from": ""})), "what is not told is not so");
    }

    #[test]
    fn times_are_numbers_or_texts() {
        let expected = "2026-11-22T12:00:00Z".parse().ok();
        assert_eq!(time(&json!(1_795_348_800_000_i64)), expected);
        assert_eq!(time(&json!("2026-11-22T13:00:00+01:00")), expected);
        assert_eq!((time(&json!(null)), time(&json!("soon"))), (None, None));
    }

    #[test]
    fn ids_are_texts_or_numbers() {
        let item = json!({"id": 7, "name": "ada", "none": null, "empty": ""});
        let read = ["/id", "/name", "/none", "/empty"].map(|pointer| text(&item, pointer));
        assert_eq!(read, [Some("7".into()), Some("ada".into()), None, None]);
    }
}
