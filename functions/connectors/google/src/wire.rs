//! The APIs on the wire: lists, and what errors mean. Tag Manager and Analytics answer in Google's common form, Google Ads
//! in the same with codes of its own inside.

use std::time::Duration;

use serde_json::Value;
use usher_connector::{Class, Error, Method, Request, Response, Result};

/// What an answer that is no success means: by Google's own code first, by status second. The text is for people, and may
/// name them.
pub(crate) fn failure(request: &Request, answer: &Response) -> Error {
    let body = answer.json().unwrap_or_default();
    let code = code(&body);
    let after = retry_delay(&body).or(answer.retry_after);
    let class = code.and_then(|code| class(code, request.method, after));
    let class = match class.unwrap_or_else(|| answer.class(request.method)) {
        Class::RateLimited { .. } => Class::RateLimited { after },
        class => class,
    };
    let told = match code {
        Some(code) => format!("status {}, `{code}`", answer.status),
        None => format!("status {}", answer.status),
    };
    Error::new(class, format!("{}: Google answered {told}; {}", request.doing, advice(class)))
}

/// The code that says most: of Google Ads, of the API gateway, of the older APIs, of all.
fn code(body: &Value) -> Option<&str> {
    let error = body.get("error")?;
    let details = || error.get("details").and_then(Value::as_array).into_iter().flatten();
    let ads = details().find_map(|detail| {
        let code = detail.pointer("/errors/0/errorCode")?.as_object()?;
        code.values().next()?.as_str()
    });
    let reason = || details().find_map(|detail| detail.get("reason")?.as_str());
    let older = || error.pointer("/errors/0/reason").and_then(Value::as_str);
    let status = || error.get("status").and_then(Value::as_str);
    ads.or_else(reason).or_else(older).or_else(status)
}

/// Codes: `google.ads.googleads.v26.errors`, `google.rpc.ErrorInfo`, the reasons of the older APIs, `google.rpc.Code`.
fn class(code: &str, method: Method, after: Option<Duration>) -> Option<Class> {
    Some(match code {
        "OAUTH_TOKEN_EXPIRED" => Class::AuthExpired,
        "OAUTH_TOKEN_INVALID"
        | "OAUTH_TOKEN_DISABLED"
        | "OAUTH_TOKEN_REVOKED"
        | "OAUTH_TOKEN_HEADER_INVALID"
        | "AUTHENTICATION_ERROR"
        | "GOOGLE_ACCOUNT_DELETED"
        | "TWO_STEP_VERIFICATION_NOT_ENROLLED"
        | "ADVANCED_PROTECTION_NOT_ENROLLED"
        | "DEVELOPER_TOKEN_INVALID"
        | "UNAUTHENTICATED" => Class::AuthRevoked,
        "ACTION_NOT_PERMITTED"
        | "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT"
        | "CUSTOMER_NOT_ENABLED"
        | "EMAIL_DOMAIN_POLICY_VIOLATED"
        | "GOOGLE_CONSUMER_ACCOUNT_NOT_ALLOWED"
        | "REMOVAL_DISALLOWED"
        | "DISALLOWED_ACCESS_ROLE"
        | "LAST_ADMIN_USER_OF_SERVING_CUSTOMER"
        | "LAST_ADMIN_USER_OF_MANAGER" => Class::PolicyDenied,
        "USER_PERMISSION_DENIED"
        | "AUTHORIZATION_ERROR"
        | "NOT_ADS_USER"
        | "CUSTOMER_NOT_FOUND"
        | "PROJECT_DISABLED"
        | "INCOMPLETE_SIGNUP"
        | "MISSING_TOS"
        | "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION"
        | "CLOUD_PROJECT_NOT_UNDER_ORGANIZATION"
        | "CLOUD_PROJECT_NOT_FOUND"
        | "DEVELOPER_TOKEN_NOT_APPROVED"
        | "DEVELOPER_TOKEN_PROHIBITED"
        | "DEVELOPER_TOKEN_NOT_ON_ALLOWLIST"
        | "DEVELOPER_TOKEN_PARAMETER_MISSING"
        | "LOGIN_CUSTOMER_ID_PARAMETER_MISSING"
        | "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION"
        | "SERVICE_ACCESS_DENIED"
        | "ACCESS_DENIED_FOR_ACCOUNT_TYPE"
        | "ACCESS_PROHIBITED"
        | "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        | "SERVICE_DISABLED"
        | "insufficientPermissions" => Class::ScopeMissing,
        "PERMISSION_DENIED" if method == Method::Get => Class::ScopeMissing,
        "PERMISSION_DENIED" => Class::PolicyDenied,
        "RESOURCE_EXHAUSTED"
        | "RESOURCE_TEMPORARILY_EXHAUSTED"
        | "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION"
        | "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION"
        | "RATE_LIMIT_EXCEEDED"
        | "rateLimitExceeded"
        | "userRateLimitExceeded"
        | "quotaExceeded"
        | "dailyLimitExceeded" => Class::RateLimited { after },
        "EMAIL_ADDRESS_ALREADY_HAS_ACCESS"
        | "EMAIL_ADDRESS_ALREADY_HAS_PENDING_INVITATION"
        | "ALREADY_EXISTS" => Class::AlreadyExists,
        "PENDING_INVITATIONS_LIMIT_EXCEEDED" => Class::PendingLimit,
        "INVALID_INVITATION_STATUS"
        | "INVALID_INVITATION_ID"
        | "INVALID_USER_ID"
        | "RESOURCE_NOT_FOUND"
        | "NOT_FOUND" => Class::NotFound,
        "CONCURRENT_MODIFICATION" | "ABORTED" => Class::Conflict,
        _ => return None,
    })
}

/// How long Google asks to wait: in the codes of Google Ads, or beside those of all.
fn retry_delay(body: &Value) -> Option<Duration> {
    let details = body.pointer("/error/details")?.as_array()?;
    let told = details.iter().find_map(|detail| {
        let ads = detail.pointer("/errors/0/details/quotaErrorDetails/retryDelay");
        ads.or_else(|| detail.get("retryDelay"))?.as_str()
    })?;
    // google.protobuf.Duration as JSON: "40591s", "3.5s".
    let seconds: f64 = told.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds.ceil()).ok()
}

/// A success that does not say what was done.
pub(crate) fn undone(doing: &str) -> Error {
    Error::new(Class::Ambiguous, format!("{doing}: Google did not say that it was done; it is looked at"))
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "let an admin give consent again or store a new key, then resume the integration"
        }
        Class::ScopeMissing => {
            "check that the credentials' account is an admin of the Google Ads account (and of Tag Manager and Analytics), that \
             `login_customer_id` is the manager it is reached through, and that the Cloud project may use the APIs; then \
             resume the integration"
        }
        Class::PolicyDenied => {
            "Google's or the account's rules do not allow it: look at the account's access and security settings, then retry"
        }
        Class::PendingLimit => "too many invitations are pending; it is tried again when there is room",
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; Google is looked at before it is tried again"
        }
        Class::AlreadyExists => "it is there already",
        Class::NotFound => "it is not there any more",
        _ => "look in Google what is in the way, then retry",
    }
}

/// The items of a list. An empty one is left out.
pub(crate) fn items(doing: &str, body: &Value, field: &str) -> Result<Vec<Value>> {
    match (body, body.get(field)) {
        (Value::Object(_), None) => Ok(Vec::new()),
        (Value::Object(_), Some(Value::Array(items))) => Ok(items.clone()),
        _ => Err(Error::transient(format!("{doing}: Google's answer is not a list; it is read again"))),
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
    fn the_code_that_says_most_counts() {
        let error = |error: Value| code(&json!({ "error": error })).map(str::to_owned);
        let ads = json!([{"errors": [{"errorCode": {"quotaError": "RESOURCE_EXHAUSTED"}}]}]);
        let status = "PERMISSION_DENIED";
        assert_eq!(error(json!({"status": status, "details": ads})).unwrap(), "RESOURCE_EXHAUSTED");
        let reason = json!([{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]);
        assert_eq!(
            error(json!({"status": status, "details": reason})).unwrap(),
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        );
        let older = json!([{"reason": "rateLimitExceeded"}]);
        assert_eq!(error(json!({"status": status, "errors": older})).unwrap(), "rateLimitExceeded");
        assert_eq!(error(json!({"status": status})).unwrap(), status);
        assert_eq!(code(&json!([])), None);
    }

    #[test]
    fn codes_have_classes() {
        for (code, read, write) in [
            ("LAST_ADMIN_USER_OF_MANAGER", Class::PolicyDenied, Class::PolicyDenied),
            ("PERMISSION_DENIED", Class::ScopeMissing, Class::PolicyDenied),
            ("PENDING_INVITATIONS_LIMIT_EXCEEDED", Class::PendingLimit, Class::PendingLimit),
            ("EMAIL_ADDRESS_ALREADY_HAS_ACCESS", Class::AlreadyExists, Class::AlreadyExists),
            ("INVALID_USER_ID", Class::NotFound, Class::NotFound),
            ("OAUTH_TOKEN_EXPIRED", Class::AuthExpired, Class::AuthExpired),
            ("USER_PERMISSION_DENIED", Class::ScopeMissing, Class::ScopeMissing),
        ] {
            assert_eq!(class(code, Method::Get, None), Some(read), "{code}");
            assert_eq!(class(code, Method::Post, None), Some(write), "{code}");
        }
        assert_eq!(class("QUERY_NOT_ALLOWED", Method::Get, None), None);
    }

    /// As Google answered somebody.
    #[test]
    fn a_delay_of_hours_is_read_from_the_body() {
        let body = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
            {"@type": "type.googleapis.com/google.ads.googleads.v21.errors.GoogleAdsFailure", "errors": [
                {"errorCode": {"quotaError": "RESOURCE_EXHAUSTED"}, "message": "Too many requests. Retry in 40591 seconds.",
                 "details": {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "40591s"}}}]}]}});
        assert_eq!(retry_delay(&body), Some(Duration::from_secs(40_591)));
        let common = json!({"error": {"details": [{"retryDelay": "3.5s"}]}});
        assert_eq!(retry_delay(&common), Some(Duration::from_secs(4)));
        assert_eq!(retry_delay(&json!({"error": {"details": [{"retryDelay": "-1s"}]}})), None);
    }

    #[test]
    fn an_empty_list_is_left_out_and_anything_else_is_none() {
        assert_eq!(items("x", &json!({}), "results"), Ok(vec![]));
        assert_eq!(items("x", &json!({"results": [1]}), "results"), Ok(vec![json!(1)]));
        assert!(
            items("x", &json!({"results": {}}), "results").is_err()
                && items("x", &json!([]), "results").is_err()
        );
    }
}
