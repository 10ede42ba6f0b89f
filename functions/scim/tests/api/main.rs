//! The function's HTTP behaviour, over a directory that does as it is told.

#![allow(clippy::unwrap_used, reason = "a failed test says what failed by panicking")]

mod access;
mod double;
mod groups;
mod users;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt;
use usher_domain::directory::{Connection, Scope};
use usher_domain::ports::Clock;
use usher_domain::token::IssuedToken;
use usher_fn_scim::App;

use crate::double::{Counter, Double, HandClock};

const ORIGIN: &str = "https://usher.example";
const BASE: &str = "/scim/v2/main.okta";
const TOKEN: &str = "usher_scim_token";

struct Service {
    router: Router,
    directory: Arc<Double>,
    clock: Arc<HandClock>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    /// Status and scimType, once the body has been found to be a SCIM error.
    fn error(&self) -> (u16, &str) {
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{self:?}");
        assert_eq!(self.body["status"], json!(self.status.to_string()));
        assert!(self.body["detail"].as_str().is_some_and(|d| d.len() > 20));
        (self.status, self.body["scimType"].as_str().unwrap_or_default())
    }
}

impl Service {
    fn new() -> Self {
        let directory = Arc::new(Double::default());
        let clock = Arc::new(HandClock::default());
        let app = App::new(directory.clone(), clock.clone(), Arc::new(Counter::default()), ORIGIN).unwrap();
        let service = Self { router: usher_fn_scim::router(Arc::new(app)), directory, clock };
        for (id, token) in [("main.okta", TOKEN), ("main.entra", "other"), ("rival.okta", "rival")] {
            service.connect(id, token);
        }
        service
    }

    fn connect(&self, id: &str, token: &str) {
        let now = self.clock.now();
        let connection = Connection {
            id: id.parse().unwrap(),
            name: id.to_uppercase(),
            scope: Scope::Workspace,
            tokens: vec![IssuedToken::issue(token, now, None)],
            etags: true,
            created_at: now,
        };
        self.directory.with(|s| s.connections.insert(connection.id.clone(), connection));
    }

    fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn writes(&self) -> usize {
        self.directory.with(|s| s.writes.len())
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() },
        }
    }

    async fn with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{BASE}{path}"));
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {TOKEN}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.with("GET", path, &[], Body::empty()).await
    }

    async fn json(&self, method: &str, path: &str, body: Value) -> Answer {
        self.with(method, path, &[("content-type", "application/scim+json")], body.to_string()).await
    }

    async fn patch(&self, path: &str, operation: Value) -> Answer {
        self.json("PATCH", path, json!({"Operations": [operation]})).await
    }

    async fn user(&self, name: &str) -> String {
        let made = self.json("POST", "/Users", json!({"userName": name})).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.id().to_owned()
    }

    async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let made = self.json("POST", "/Groups", json!({"displayName": name, "members": members})).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.id().to_owned()
    }
}
