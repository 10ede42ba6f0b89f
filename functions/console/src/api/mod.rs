//! The admin API, `/api/v1`: one file per resource. Every handler proves what the caller may do before it
//! reads, and reads only in the caller's workspace.

pub(crate) mod access;
pub(crate) mod activity;
mod admission;
pub(crate) mod audit;
pub(crate) mod automations;
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

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, error::Problem, openapi};

pub(crate) use extract::{Path, Query};

fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(me::get))
        .routes(routes!(workspace::get, workspace::patch))
        .routes(routes!(usage::get))
        .routes(routes!(audit::list))
        .routes(routes!(members::list))
        .routes(routes!(members::put, members::delete))
        .routes(routes!(members::sign_in_link))
        .routes(routes!(sessions::delete_all))
        .routes(routes!(sessions::forget_identity))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::delete))
        .routes(routes!(sign_in::get))
        .routes(routes!(sign_in::put, sign_in::delete))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::delete))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::get, webhooks::patch, webhooks::delete))
        .routes(routes!(webhooks::rotate))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::resend))
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::get, connections::patch))
        .routes(routes!(schemas::get, schemas::put, schemas::delete))
        .routes(routes!(tokens::rotate, tokens::revoke_all))
        .routes(routes!(tokens::delete))
        .routes(routes!(clients::list, clients::create))
        .routes(routes!(clients::delete))
        .routes(routes!(admission::get, admission::put))
        .routes(routes!(directory::people))
        .routes(routes!(directory::teams))
        .routes(routes!(teams::list, teams::create))
        .routes(routes!(teams::get, teams::patch, teams::delete))
        .routes(routes!(teams::members))
        .routes(routes!(integrations::list, integrations::create))
        .routes(routes!(integrations::get, integrations::patch, disconnect::delete))
        .routes(routes!(integrations::pause))
        .routes(routes!(integrations::resume))
        .routes(routes!(shares::list))
        .routes(routes!(shares::put_team, shares::delete_team))
        .routes(routes!(shares::put_person, shares::delete_person))
        .routes(routes!(access::list))
        .routes(routes!(explain::get))
        .routes(routes!(marks::put, marks::delete))
        .routes(routes!(preview::in_integration))
        .routes(routes!(preview::everywhere))
        .routes(routes!(activity::list))
        .routes(routes!(sync::get, sync::start))
        .routes(routes!(sync::check_health))
        .routes(routes!(sync::drift))
        .routes(routes!(sync::resend_invitation))
        .routes(routes!(automations::list))
        .routes(routes!(automations::get))
        .routes(routes!(automations::jobs))
        .routes(routes!(jobs::get))
        .routes(routes!(jobs::retry))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::get))
        .routes(routes!(tasks::complete))
        .routes(routes!(tasks::confirm))
        .routes(routes!(tasks::send_back))
        .routes(routes!(work::cancel))
        .routes(routes!(work::retry_all))
        .routes(routes!(work::cancel_all))
        .routes(routes!(holding::approve))
        .routes(routes!(holding::reject))
        .routes(routes!(holding::approve_all))
        .routes(routes!(holding::reject_all))
        .routes(routes!(holding::approve_held))
        .routes(routes!(holding::reject_held))
}

/// An operation that may change something.
pub(crate) struct Write {
    pub(crate) method: http::Method,
    /// The route, as requests match it.
    pub(crate) route: String,
    /// The operation's id.
    pub(crate) id: String,
    /// Its name for people.
    pub(crate) summary: String,
}

/// Every operation that may change something.
pub(crate) fn writes() -> Vec<Write> {
    use http::Method;
    let document = openapi::finish(routes().into_openapi());
    let mut writes = Vec::new();
    for (route, item) in document.paths.paths {
        let operations = [
            (Method::PUT, item.put),
            (Method::POST, item.post),
            (Method::PATCH, item.patch),
            (Method::DELETE, item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let (id, summary) =
                (operation.operation_id.unwrap_or_default(), operation.summary.unwrap_or_default());
            writes.push(Write { method, route: route.clone(), id, summary });
        }
    }
    writes
}

/// Everything under `/api`.
pub(crate) fn router() -> Router<Arc<App>> {
    let (v1, _) = routes().split_for_parts();
    with_problems(Router::new().route("/openapi.json", get(document)).nest("/v1", with_problems(v1)))
}

/// Unknown addresses and methods answer problems too.
fn with_problems<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .fallback(|| async { Problem::no_route() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
}

async fn document() -> Response {
    static DOCUMENT: LazyLock<String> =
        LazyLock::new(|| openapi::finish(routes().into_openapi()).to_json().unwrap_or_default());
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
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

    #[test]
    fn the_document_lists_every_route_and_its_problems() {
        let document = openapi::finish(routes().into_openapi());
        let document = serde_json::to_value(&document).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.contains_key("/api/v1/jobs/{job}/retry"), "{:?}", paths.keys());
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                let default = &operation["responses"]["default"]["content"]["application/problem+json"];
                assert_eq!(default["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path}");
                assert!(operation["operationId"].is_string(), "{method} {path}");
                assert!(operation["summary"].is_string(), "{method} {path}");
            }
        }
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        let document = serde_json::to_value(openapi::finish(routes().into_openapi())).unwrap();
        fn references(value: &serde_json::Value, found: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(map) => {
                    if let Some(target) = map.get("$ref").and_then(serde_json::Value::as_str) {
                        found.push(target.to_owned());
                    }
                    map.values().for_each(|value| references(value, found));
                }
                serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for target in found {
            assert!(document.pointer(&target[1..]).is_some(), "{target}");
        }
    }

    #[test]
    fn operation_ids_are_unique() {
        let document = serde_json::to_value(openapi::finish(routes().into_openapi())).unwrap();
        let mut ids = std::collections::BTreeSet::new();
        for item in document["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                assert!(ids.insert(id.clone()), "{id}");
            }
        }
    }

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
