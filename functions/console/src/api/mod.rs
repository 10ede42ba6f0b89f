//! The admin API, `/api/v1`: one file per resource. Every handler proves what the caller may do before it
//! reads, and reads only in the caller's workspace.

pub(crate) mod access;
pub(crate) mod activity;
mod admission;
pub(crate) mod audit;
pub(crate) mod automations;
pub(crate) mod catalogue_views;
mod change;
mod clients;
pub(crate) mod connection_views;
pub(crate) mod connections;
mod directory;
pub(crate) mod disconnect;
pub(crate) mod explain;
pub(crate) mod extract;
pub(crate) mod guard_views;
mod holding;
pub(crate) mod integration_views;
pub(crate) mod integrations;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod marks;
mod me;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod operations;
pub(crate) mod preview;
pub(crate) mod preview_views;
mod schemas;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod sign_in;
mod sync;
pub(crate) mod sync_views;
mod tasks;
pub(crate) mod teams;
pub(crate) mod tokens;
pub(crate) mod usage;
pub(crate) mod webhook_views;
pub(crate) mod webhooks;
mod work;
mod workspace;

use std::sync::Arc;

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;

use crate::{App, error::Problem, openapi};

pub(crate) use extract::{Path, Query};

/// Everything under `/api`.
pub(crate) fn router() -> Router<Arc<App>> {
    let v1 = with_problems(operations::router());
    with_problems(Router::new().route("/openapi.json", get(document)).nest("/v1", v1))
}

/// Unknown addresses and methods answer problems too.
fn with_problems<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .fallback(|| async { Problem::no_route() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi::DOCUMENT).into_response()
}

/// A name that people see: something, and not a novel.
pub(crate) fn check_name(field: &str, name: &str) -> Result<String, Problem> {
    let name = name.trim();
    match name.chars().count() {
        1..=100 => Ok(name.to_owned()),
        _ => Err(Problem::invalid(field, "give a name of 1 to 100 characters")),
    }
}

/// A removal grace window.
fn check_grace(seconds: u32) -> Result<u32, Problem> {
    use usher_domain::workspace::MAX_GRACE_SECONDS;
    if seconds <= MAX_GRACE_SECONDS {
        return Ok(seconds);
    }
    let detail = format!("use 0 to {MAX_GRACE_SECONDS} seconds (24 hours)");
    Err(Problem::invalid("/grace_seconds", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct FixedIds;

    impl usher_domain::ports::Ids for FixedIds {
        fn uuid(&self) -> uuid::Uuid {
            uuid::Uuid::nil()
        }

        fn secret(&self) -> [u8; 32] {
            [7; 32]
        }
    }

    /// The router as it is laid out, with one route that needs no store.
    async fn ask(method: &str, path: &str) -> (u16, http::HeaderMap, serde_json::Value) {
        use tower::ServiceExt;
        let v1 = Router::new().route("/things", get(|| async { "things" }));
        let ids: Arc<dyn usher_domain::ports::Ids> = Arc::new(FixedIds);
        let api = with_problems(Router::new().nest("/v1", with_problems(v1)));
        let router: Router = Router::new()
            .nest("/api", api)
            .fallback(crate::pages::not_found)
            .layer(axum::middleware::from_fn_with_state(ids, crate::context::around));
        let request = http::Request::builder().method(method).uri(path);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status.as_u16(), parts.headers, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn unknown_addresses_and_methods_under_api_are_problems() {
        for (method, path, expected) in [
            ("GET", "/api", 404),
            ("GET", "/api/", 404),
            ("GET", "/api/nothing", 404),
            ("GET", "/api/v1", 404),
            ("GET", "/api/v1/nothing/at/all", 404),
            ("DELETE", "/api/v1/things", 405),
        ] {
            let (status, headers, body) = ask(method, path).await;
            assert_eq!(status, expected, "{method} {path}");
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{method} {path}");
            assert_eq!(body["status"], expected, "{method} {path}");
            assert_eq!(body["correlation_id"], headers["x-correlation-id"].to_str().unwrap());
            assert_eq!(headers.contains_key(header::ALLOW), expected == 405);
        }
    }

    #[tokio::test]
    async fn every_answer_is_guarded() {
        for (path, expected) in [("/api/v1/things", 200), ("/nothing", 404)] {
            let (status, headers, _) = ask("GET", path).await;
            assert_eq!(status, expected);
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        }
        let (_, headers, _) = ask("GET", "/nothing").await;
        assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    }

    #[test]
    fn names_and_windows_have_bounds() {
        assert_eq!(check_name("/name", "  Okta "), Ok("Okta".into()));
        assert!(check_name("/name", " ").is_err());
        assert!(check_name("/name", &"x".repeat(101)).is_err());
        assert!(check_grace(0).is_ok() && check_grace(86_400).is_ok() && check_grace(86_401).is_err());
    }
}
