//! What surrounds every request: its correlation id, its line in the log, its security headers, and the form
//! that a problem takes.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use usher_domain::ports::Ids;

use crate::{error::Problem, pages};

/// The header that carries the correlation id, both ways.
const CORRELATION_HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

/// Follows one request from here to the app's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CorrelationId(pub(crate) String);

impl CorrelationId {
    /// The caller's own id where it is fit for logs and headers.
    fn given(headers: &HeaderMap) -> Option<Self> {
        let given = headers.get(CORRELATION_HEADER)?.to_str().ok()?;
        let plain =
            given.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        ((8..=64).contains(&given.len()) && plain).then(|| Self(given.to_owned()))
    }
}

/// Wraps every request.
pub(crate) async fn around(State(ids): State<Arc<dyn Ids>>, mut request: Request, next: Next) -> Response {
    let correlation =
        CorrelationId::given(request.headers()).unwrap_or_else(|| CorrelationId(ids.uuid().to_string()));
    let method = request.method().clone();
    // The path alone: queries carry sign-in links.
    let path = request.uri().path().to_owned();
    let polled = request.headers().contains_key("hx-request");
    // Where somebody who has to sign in first goes on afterwards.
    let wanted = request.uri().path_and_query().filter(|_| method == http::Method::GET);
    let wanted = wanted.map(|wanted| wanted.as_str().to_owned()).unwrap_or_default();
    request.extensions_mut().insert(correlation.clone());

    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    let status = response.status();
    let cause = problem.as_ref().and_then(Problem::cause);
    if status.is_server_error() {
        tracing::error!(correlation_id = correlation.0, %method, path, status = status.as_u16(), cause, "failed");
    } else {
        tracing::debug!(correlation_id = correlation.0, %method, path, status = status.as_u16(), "answered");
    }
    if let Some(problem) = problem {
        let asked = Asked { api: path.starts_with("/api"), polled, wanted: &wanted };
        response = render(response, &problem, &correlation, &asked);
    }
    secure(response.headers_mut(), &correlation);
    response
}

/// What was asked for, and how.
struct Asked<'a> {
    /// By a program.
    api: bool,
    /// By a page itself.
    polled: bool,
    /// The page.
    wanted: &'a str,
}

/// A problem as JSON for programs and as a page for people.
fn render(bare: Response, problem: &Problem, correlation: &CorrelationId, asked: &Asked<'_>) -> Response {
    let (mut parts, _) = bare.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    if asked.api {
        let json = HeaderValue::from_static("application/problem+json");
        parts.headers.insert(header::CONTENT_TYPE, json);
        return Response::from_parts(parts, Body::from(problem.to_json(&correlation.0)));
    }
    if asked.polled && problem.status == StatusCode::UNAUTHORIZED {
        // A page whose session ended would go on showing old rows: load it anew, which asks to sign in.
        parts.headers.insert("hx-refresh", HeaderValue::from_static("true"));
    }
    parts.headers.remove(header::WWW_AUTHENTICATE);
    let page = pages::problem(problem, &correlation.0, asked.wanted).into_response();
    let (page_parts, body) = page.into_parts();
    parts.headers.extend(page_parts.headers);
    Response::from_parts(parts, body)
}

fn secure(headers: &mut HeaderMap, correlation: &CorrelationId) {
    let fixed = [
        // No inline script or style anywhere, nothing from elsewhere, and nobody may frame a page.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Sign-in links must not travel to other sites in a Referer; `no-referrer` would also blank the
        // `Origin` of our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Whatever is not an asset is for this caller and this moment.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&correlation.0) {
        headers.insert(CORRELATION_HEADER, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_correlation_ids_are_taken_over() {
        let given = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CORRELATION_HEADER, value.parse().unwrap());
            CorrelationId::given(&headers)
        };
        assert_eq!(given("okta-4711"), Some(CorrelationId("okta-4711".into())));
        for bad in ["short", "has spaces in it", "new<script>line", &"x".repeat(65)] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }
}
