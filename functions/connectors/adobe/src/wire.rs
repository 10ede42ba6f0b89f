//! The API on the wire: lists, what came of a command, and what errors mean.

use serde_json::Value;
use usher_connector::{Class, Error, Request, Response, Result};

/// What an answer that is no success means: by Adobe's code first, by status second. The text is for people, and may name
/// them.
pub(crate) fn failure(request: &Request, answer: &Response) -> Error {
    let body = answer.json().unwrap_or_default();
    let code =
        text(&body, "result").or_else(|| text(&body, "error_code")).or_else(|| text(&body, "errorCode"));
    let class = code.and_then(class).unwrap_or_else(|| answer.class(request.method));
    let told = match code {
        Some(code) => format!("status {}, `{code}`", answer.status),
        None => format!("status {}", answer.status),
    };
    Error::new(class, format!("{}: Adobe answered {told}; {}", request.doing, advice(class)))
}

/// Codes of Adobe's that the status does not tell.
fn class(code: &str) -> Option<Class> {
    Some(match code {
        "error.user.already_in_org" | "error.user.already_invited" | "error.user.already_exists" => {
            Class::AlreadyExists
        }
        "error.user.not_found"
        | "error.user.nonexistent"
        | "error.user.nonexistent_or_has_conflicting_parameters"
        | "error.user.not_in_org"
        | "error.group.not_found"
        | "error.usergroup.not_found" => Class::NotFound,
        "error.user.belongs_to_another_org"
        | "error.user.domain_enforcement"
        | "error.user.type_mismatch"
        | "error.user.type_not_available"
        | "error.domain.trust.nonexistent"
        | "error.api.user.not.parent.org"
        | "error.update.adobeid.no"
        | "error.usergroup.exceeds_maximum_member_count"
        | "error.usergroup.readonly.add_user_not_allowed"
        | "error.usergroup.readonly.remove_user_not_allowed" => Class::PolicyDenied,
        "error.apikey.invalid" => Class::AuthRevoked,
        "error.throttled_by_external_service" => Class::RateLimited { after: None },
        "error.organization.migrating" | "error.api.not_available" => Class::Transient { after: None },
        code if code.starts_with("error.internal.") => Class::Transient { after: None },
        _ => return None,
    })
}

/// What came of one command: a success that says so, else the class of the first error.
pub(crate) fn commanded(doing: &str, body: &Value) -> Result<()> {
    let errors = body.get("errors").and_then(Value::as_array).filter(|errors| !errors.is_empty());
    let Some(error) = errors.and_then(|errors| errors.first()) else {
        let done = text(body, "result") == Some("success") && body.get("completed") == Some(&1.into());
        return if done { Ok(()) } else { Err(undone(doing)) };
    };
    let code = text(error, "errorCode").unwrap_or("no code");
    let class = class(code).unwrap_or(Class::Invalid);
    Err(Error::new(class, format!("{doing}: Adobe refused it, `{code}`; {}", advice(class))))
}

/// A success that does not say what was done.
pub(crate) fn undone(doing: &str) -> Error {
    Error::new(Class::Ambiguous, format!("{doing}: Adobe did not say that it was done; it is looked at"))
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "store the client's secret again, then resume the integration"
        }
        Class::ScopeMissing => {
            "the client needs the User Management API in the Developer Console, for this organisation; then resume the \
             integration"
        }
        Class::PolicyDenied => {
            "Adobe's or the organisation's rules do not allow it: look in the Admin Console whether the address's domain is \
             claimed, is of the right kind, and belongs to no other organisation, then retry"
        }
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; Adobe is looked at before it is tried again"
        }
        Class::AlreadyExists => "it is there already",
        Class::NotFound => "the user, product profile or user group is not there any more",
        _ => "look in the Admin Console what is in the way, then retry",
    }
}

/// One page of a list, and whether it is the last.
pub(crate) fn list(doing: &str, body: &Value, field: &str) -> Result<(Vec<Value>, bool)> {
    let whole = text(body, "result") == Some("success");
    let items = body.get(field).and_then(Value::as_array).filter(|_| whole);
    let last = body.get("lastPage").and_then(Value::as_bool);
    items
        .zip(last)
        .map(|(items, last)| (items.clone(), last))
        .ok_or_else(|| Error::transient(format!("{doing}: Adobe's answer is not a list; it is read again")))
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
        let of = |body: Value| commanded("x", &body).map_err(|error| error.class());
        assert_eq!(of(json!({"completed": 1, "notCompleted": 0, "result": "success"})), Ok(()));
        assert_eq!(of(json!({"completed": 0, "notCompleted": 1, "result": "error"})), Err(Class::Ambiguous));
        assert_eq!(of(json!({"completed": 0, "result": "success"})), Err(Class::Ambiguous));
        for (code, class) in [
            ("error.user.already_in_org", Class::AlreadyExists),
            ("error.group.not_found", Class::NotFound),
            ("error.user.domain_enforcement", Class::PolicyDenied),
            ("error.throttled_by_external_service", Class::RateLimited { after: None }),
            ("error.internal.add", Class::Transient { after: None }),
            ("error.command.string.too_long", Class::Invalid),
        ] {
            let errors = json!([{"index": 0, "step": 1, "errorCode": code, "message": "…", "user": "ada@example.org"}]);
            let error = commanded(
                "x",
                &json!({"completed": 0, "notCompleted": 1, "errors": errors, "result": "error"}),
            );
            let error = error.unwrap_err();
            assert!(error.class() == class && !error.message().contains("ada"), "{error}");
        }
    }

    #[test]
    fn only_a_whole_list_is_a_list() {
        let page = json!({"result": "success", "lastPage": false, "users": [{}]});
        assert_eq!(list("x", &page, "users").map(|(items, last)| (items.len(), last)), Ok((1, false)));
        assert!(list("x", &page, "groups").is_err());
        assert!(list("x", &json!({"lastPage": true, "result": "Not found"}), "groups").is_err());
        assert!(list("x", &json!({"result": "success", "users": []}), "users").is_err());
    }
}
