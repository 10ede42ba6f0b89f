//! Reading a request: its body, and what its headers say.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde_json::Value;
use usher_domain::ports::Ids;
use usher_scim::ScimError;
use usher_scim::bulk::{Limits, too_large};

/// The longest body that is read: room for a group of some 15,000 members.
/// A bulk request has the same limit, which is announced.
pub(crate) const BODY_LIMIT: usize = Limits::DEFAULT.payload;

/// Reads a JSON body.
pub(crate) async fn json(headers: &HeaderMap, body: Body) -> Result<Value, ScimError> {
    let media = headers.get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap_or_default());
    if media.is_some_and(|m| !is_json(m)) {
        return Err(ScimError::new(415, "the content type is not JSON; send application/scim+json"));
    }
    let bytes = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| {
        ScimError::new(
            413,
            "the body is longer than 1 MiB; send the members of a large group in several PATCH requests",
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|e| {
        // Where, not what: the text may hold personal data.
        ScimError::invalid_syntax(format!(
            "the body is not valid JSON at line {}, column {}; correct it",
            e.line(),
            e.column()
        ))
    })
}

/// Reads the body of a bulk request. RFC 7644 §3.7.4: what is too long is told the limits.
pub(crate) async fn bulk(headers: &HeaderMap, body: Body) -> Result<Value, ScimError> {
    json(headers, body).await.map_err(|error| match error.status {
        413 => too_large(Limits::DEFAULT),
        _ => error,
    })
}

/// RFC 7644 §3.1 asks for `application/scim+json` and lets `application/json` pass; OneLogin sends the latter.
fn is_json(media: &str) -> bool {
    let kind = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.is_empty() || kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}

/// The content type of an answer: SCIM's own, without a charset, unless the client can read nothing but plain JSON.
pub(crate) fn answer_type(headers: &HeaderMap) -> &'static str {
    let plain_only =
        headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).map(str::to_ascii_lowercase).is_some_and(
            |accept| {
                accept.contains("application/json")
                    && !accept.contains("application/scim+json")
                    && !accept.contains("*/*")
                    && !accept.contains("application/*")
            },
        );
    if plain_only { "application/json" } else { "application/scim+json" }
}

/// The id that follows a request to its effect: the client's, if it is short and plain, else a new one.
pub(crate) fn correlation_id(headers: &HeaderMap, ids: &dyn Ids) -> String {
    headers
        .get("x-request-id")
        .and_then(|v| v.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()))
        .filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':')))
        .map_or_else(|| ids.uuid().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use usher_scim::ScimType;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[tokio::test]
    async fn bodies_are_json_of_bounded_size() {
        let scim = headers(header::CONTENT_TYPE, "application/scim+json; charset=utf-8");
        assert!(json(&scim, Body::from("{}")).await.is_ok());
        assert!(json(&HeaderMap::new(), Body::from("{}")).await.is_ok());
        for body in ["", "{", "nonsense", "{\"a\":\u{7}}"] {
            let error = json(&scim, Body::from(body)).await.unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{body}");
        }
        let long = format!("\"{}\"", "x".repeat(BODY_LIMIT));
        assert_eq!(json(&scim, Body::from(long)).await.unwrap_err().status, 413);
        let deep = "[".repeat(10_000);
        assert_eq!(json(&scim, Body::from(deep)).await.unwrap_err().status, 400);
        for media in
            ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
        {
            let wrong = headers(header::CONTENT_TYPE, media);
            assert_eq!(json(&wrong, Body::from("{}")).await.unwrap_err().status, 415, "{media}");
        }
    }

    #[test]
    fn plain_json_only_for_those_who_read_nothing_else() {
        for (accept, plain) in [
            ("application/json", true),
            ("application/json; charset=utf-8, text/plain", true),
            ("application/scim+json; charset=utf-8", false),
            ("application/scim+json, application/json", false),
            ("application/json, */*", false),
            ("text/html", false),
        ] {
            let wanted = if plain { "application/json" } else { "application/scim+json" };
            assert_eq!(answer_type(&headers(header::ACCEPT, accept)), wanted, "{accept}");
        }
    }
}
