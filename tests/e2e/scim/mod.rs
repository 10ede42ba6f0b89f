//! The SCIM function's HTTP behaviour, in process, over the store on the embedded DynamoDB.

mod access;
mod admission;
mod bulk;
mod changes;
mod cost;
mod dialects;
mod entra;
mod entra_tokens;
mod filters;
mod gone;
mod groups;
mod large;
pub(crate) mod managed;
mod oauth;
mod okta;
mod queries;
mod refused;
mod refused_groups;
mod registered;
mod schemas;
pub(crate) mod signer;
mod together;
mod users;
mod walks;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use usher_domain::{
    admission::Admission,
    directory::{Connection, GroupRecord, Scope, UserRecord},
    id::{ConnectionId, PersonId},
    ports::{Admin, AdminWrite, Clock, Directory, Ids},
    protocol::Protocol,
    token::IssuedToken,
};
use usher_fn_scim::App;
use usher_local::embedded::Embedded;

const ORIGIN: &str = "https://usher.example";
const BASE: &str = "/scim/v2/main.okta";
const TOKEN: &str = "usher_scim_token";
/// Two connections of one workspace and one of another, each with its token.
const CONNECTIONS: [(&str, &str); 3] =
    [("main.okta", TOKEN), ("main.entra", "other"), ("rival.okta", "rival")];
/// Far more than any test writes.
const RECORDS: usize = 1_000;

/// Seconds since 2026-01-01, moved by hand, or by so many with every look at it.
#[derive(Default)]
struct HandClock(AtomicI64, AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let seconds = self.0.fetch_add(self.1.load(Ordering::Relaxed), Ordering::Relaxed);
        Timestamp::from_second(1_767_225_600 + seconds).unwrap()
    }
}

/// Ids in order, so that a list is in the order of creation though the clock stands still.
#[derive(Default)]
struct Counter(AtomicU64);

impl Ids for Counter {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[24..].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        secret
    }
}

/// The function on a database of its own.
struct Service {
    router: Router,
    db: Embedded,
    clock: Arc<HandClock>,
    keys: Arc<signer::KeyServer>,
    _folder: TempDir,
}

/// Everything that SCIM calls write, of all connections; and how many rows were ever written, changes among them.
#[derive(Debug, PartialEq)]
struct Everything {
    users: Vec<UserRecord>,
    groups: Vec<(GroupRecord, Vec<PersonId>)>,
    rows_written: usize,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    /// Status and scimType, once the answer has been found to be a SCIM error.
    fn error(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/scim+json", "{self:?}");
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{self:?}");
        assert_eq!(self.body["status"], json!(self.status.to_string()), "{self:?}");
        assert!(self.body["detail"].as_str().is_some_and(|detail| detail.len() > 20), "{self:?}");
        (self.status, self.body["scimType"].as_str().unwrap_or_default())
    }

    /// The body of a success.
    #[track_caller]
    fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }

    /// The ids of the members.
    fn members(&self) -> BTreeSet<String> {
        members(&self.body)
    }
}

fn members(group: &Value) -> BTreeSet<String> {
    let list = group["members"].as_array().cloned().unwrap_or_default();
    list.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// A path with a filter, encoded as a client does.
fn filtered(path: &str, filter: &str) -> String {
    let mut query = String::new();
    for byte in filter.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => query.push(byte.into()),
            b' ' => query.push('+'),
            byte => query.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{path}?filter={query}")
}

impl Service {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let db = Embedded::open(&folder.path().join("usher.db")).await.unwrap();
        let clock = Arc::new(HandClock::default());
        let store = Arc::new(db.store.clone());
        let keys = Arc::new(signer::KeyServer::default());
        let app = App::new(store, clock.clone(), Arc::new(Counter::default()), ORIGIN).unwrap();
        let app = app.with_keys(keys.clone());
        let service = Self { router: usher_fn_scim::router(Arc::new(app)), db, clock, keys, _folder: folder };
        for (id, token) in CONNECTIONS {
            let connection = service.connection(id, &[token]);
            service.db.store.put_connection(&connection, AdminWrite::Create).await.unwrap();
        }
        service
    }

    fn connection(&self, id: &str, tokens: &[&str]) -> Connection {
        let now = self.clock.now();
        Connection {
            id: id.parse().unwrap(),
            name: id.to_uppercase(),
            scope: Scope::Workspace,
            tokens: tokens.iter().map(|token| IssuedToken::issue(token, now, None)).collect(),
            etags: true,
            admission: Admission::default(),
            protocol: Protocol::default(),
            version: 0,
            // Not the first call: that one is recorded, and tests of what is written look at others.
            connected_at: Some(now),
            closed_at: None,
            created_at: now,
        }
    }

    fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Everything that is stored, read past the function.
    async fn everything(&self) -> Everything {
        let store = &self.db.store;
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for (id, _) in CONNECTIONS {
            let id: ConnectionId = id.parse().unwrap();
            users.extend(store.list_users(&id, 1, 1_000).await.unwrap().items);
            for group in store.list_groups(&id, 1, 1_000).await.unwrap().items {
                let members = store.members(&group).await.unwrap();
                groups.push((group, members));
            }
        }
        let records = self.db.stream.read(RECORDS).await.unwrap();
        // That a request was counted changes nothing that a client sees.
        let written = records.iter().filter(|it| it.event["dynamodb"]["NewImage"]["type"]["S"] != "requests");
        Everything { users, groups, rows_written: written.count() }
    }

    /// The changes that were committed, for the planner.
    async fn changes(&self) -> Vec<Value> {
        let records = self.db.stream.read(RECORDS).await.unwrap();
        let images = records.iter().map(|record| &record.event["dynamodb"]["NewImage"]);
        let changes = images.filter(|image| image["type"]["S"] == "change");
        changes.map(|image| serde_json::from_str(image["doc"]["S"].as_str().unwrap()).unwrap()).collect()
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

    /// A request to the first connection, with its token unless `headers` have one.
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

    async fn delete(&self, path: &str) -> Answer {
        self.with("DELETE", path, &[], Body::empty()).await
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

    /// Sends each request and asserts that it is refused as it says, in SCIM, and that not one row was written.
    async fn refuses(&self, cases: impl IntoIterator<Item = Case>) {
        let before = self.everything().await;
        for case in cases {
            let answer = self.with(case.method, &case.path, &case.headers, case.body.clone()).await;
            assert_eq!(answer.status, case.status, "{case:?}\n{answer:?}");
            let found = answer.error();
            assert_eq!(found, (case.status, case.scim_type), "{case:?}\n{answer:?}");
            assert_eq!(self.everything().await, before, "{case:?} changed something");
        }
    }
}

/// A request that is to be refused.
#[derive(Clone)]
struct Case {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    status: u16,
    scim_type: &'static str,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
        write!(f, "{} {} {:?} {body}", self.method, self.path, self.headers)
    }
}

impl Case {
    /// `scim_type` is empty where RFC 7644 has none for the status.
    fn new(method: &'static str, path: impl Into<String>, status: u16, scim_type: &'static str) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Vec::new(), status, scim_type }
    }

    fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}
