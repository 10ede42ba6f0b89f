//! The suite taken to pieces: every function on one embedded database, and each made to work by hand, so that what
//! it asks of the database is known alone.
//!
//! Time stands still and ids count up, so that rows have the same size in every run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
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
use usher_aws::{events::StreamEvent, seal::LocalSealer, store::Store};
use usher_connector::{Executor, HttpWeb, Reach, Settings, Transport};
use usher_domain::{
    change::Actor,
    directory::{Connection, Scope},
    guard::Guards,
    id::{ConnectionId, IntegrationId, WorkspaceId},
    integration::{AppRole, Catalogue},
    job::{JobState, Message},
    ports::{AdminWrite, Clock, Ids, JobQueue, StoreResult},
    sync::RunState,
    wake::Wake,
    webhook::DeliveryMessage,
    workspace::WorkspaceRole,
};
use usher_fn_console::provisioning::{self, ConnectionForm, NewIntegration, NewKind};
use usher_fn_planner::Planner;
use usher_fn_reconciler::Reconciler;
use usher_fn_webhooks::Courier;
use usher_local::embedded::{Calls, Embedded, Record};
use usher_tests::apps::scim::RunningScimApp;

const ORIGIN: &str = "https://usher.example";
const APP_TOKEN: &str = "app-token";
/// Half a second after a full one, with as many digits as a real clock gives: they are part of a row's size.
const BEGINNING: (i64, i32) = (1_767_225_600, 123_456_789);
/// Longer than a connection is believed without reading it again.
const STALE_SECONDS: i64 = 20;
/// How many stream records are delivered at a time.
const BATCH: usize = 100;

/// A clock that only moves when told.
#[derive(Default)]
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::new(BEGINNING.0 + self.0.load(Ordering::Relaxed), BEGINNING.1)
            .expect("a time of this century")
    }
}

/// Ids in order, all of one length.
#[derive(Default)]
struct Counter(AtomicU64);

impl Ids for Counter {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        secret
    }
}

/// A queue that is worked off by hand.
#[derive(Default)]
struct Queue(Mutex<Vec<Message>>, Mutex<Vec<DeliveryMessage>>);

#[async_trait::async_trait]
impl JobQueue for Queue {
    async fn send(&self, _: &str, message: &Message, _: u32) -> StoreResult<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Ok(())
    }

    async fn send_delivery(&self, message: &DeliveryMessage, _: u32) -> StoreResult<()> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Ok(())
    }
}

/// An answer of Usher, and what it asked of the database for it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) calls: Calls,
}

impl Answer {
    /// The id of the resource in the body.
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().expect("a resource has an id").to_owned()
    }
}

/// All functions on one database, with one workspace, one SCIM connection and one hub.
pub(crate) struct World {
    pub(crate) store: Arc<Store>,
    pub(crate) workspace: WorkspaceId,
    pub(crate) hub: IntegrationId,
    db: Embedded,
    clock: Arc<HandClock>,
    ids: Arc<Counter>,
    scim: Router,
    scim_app: Arc<usher_fn_scim::App>,
    scim_base: String,
    scim_token: String,
    admin: Arc<usher_fn_console::App>,
    console: Router,
    api_key: String,
    planner: Planner,
    queue: Arc<Queue>,
    pub(crate) executor: Executor,
    courier: Courier,
    reconciler: Reconciler,
    /// What the stream woke the planner for: changes, and jobs to be sent.
    woken: AtomicU64,
    /// How often each row was written that the stream told of.
    written: Mutex<BTreeMap<String, usize>>,
    largest: AtomicU64,
    app: RunningScimApp,
    _folder: TempDir,
}

impl World {
    /// A database of its own, and a simulated app for the hub.
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let db = Embedded::open(&folder.path().join("usher.db")).await.expect("a new database");
        let app = RunningScimApp::start(APP_TOKEN).await.expect("a free port for the app");
        let store = Arc::new(db.store.clone());
        let clock = Arc::new(HandClock::default());
        let ids = Arc::new(Counter::default());
        let sealer = Arc::new(LocalSealer::new([1; 32]));
        let web = Arc::new(HttpWeb::new(Reach::Anywhere, clock.clone()).expect("an HTTP client"));
        let console = Arc::new(usher_fn_console::App {
            store: store.clone(),
            facts: store.clone(),
            web: web.clone(),
            sealer: sealer.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            origin: ORIGIN.to_owned(),
            prices: None,
            connectors: vec![usher_fn_console::Connector {
                key: "scim".to_owned(),
                name: "SCIM 2.0".to_owned(),
            }],
        });
        let workspace: WorkspaceId = "main".parse().expect("an id");
        let hub: IntegrationId = "hub".parse().expect("an id");
        let (scim_token, api_key) =
            furnish(&console, &workspace, &hub, &app.base_url()).await.expect("a workspace");
        let queue = Arc::new(Queue::default());
        let scim =
            usher_fn_scim::App::new(store.clone(), clock.clone(), ids.clone(), ORIGIN).expect("the schemas");
        let scim = Arc::new(scim);
        let transport = Transport::new(Reach::Anywhere, clock.clone()).expect("an HTTP client");
        let courier = Courier {
            store: store.clone(),
            sealer: sealer.clone(),
            web,
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let executor = Executor {
            store: store.clone(),
            sealer,
            clock: clock.clone(),
            ids: ids.clone(),
            factory: Arc::new(usher_connector_scim::factory(transport)),
            settings: Settings { step: Duration::from_secs(10), ..Settings::default() },
        };
        Self {
            planner: Planner::new(store.clone(), queue.clone(), clock.clone(), ids.clone()),
            reconciler: Reconciler::new(store.clone(), clock.clone()),
            scim: usher_fn_scim::router(scim.clone()),
            scim_app: scim,
            scim_base: format!("/scim/v2/{workspace}.idp"),
            console: usher_fn_console::router(console.clone()),
            admin: console,
            store,
            workspace,
            hub,
            db,
            clock,
            ids,
            scim_token,
            api_key,
            queue,
            executor,
            courier,
            woken: AtomicU64::default(),
            written: Mutex::default(),
            largest: AtomicU64::default(),
            app,
            _folder: folder,
        }
    }

    /// What something asked of the database.
    pub(crate) async fn costing<T>(&self, work: impl Future<Output = T>) -> (T, Calls) {
        let before = self.db.calls();
        let done = work.await;
        (done, self.db.calls().since(&before))
    }

    /// Lets so much time pass that nothing counts as read lately.
    pub(crate) fn cool_down(&self) {
        self.clock.0.fetch_add(STALE_SECONDS, Ordering::Relaxed);
    }

    /// Lets time pass.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// What a SCIM process does before it ends.
    pub(crate) async fn end_scim(&self) {
        self.scim_app.record_requests().await.expect("the requests are recorded");
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A SCIM request, as the identity provider sends it.
    pub(crate) async fn scim(&self, method: &str, path: &str, body: Value) -> Answer {
        self.scim_with(method, path, &[], body).await
    }

    /// A SCIM request with further headers.
    pub(crate) async fn scim_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.scim_base))
            .header("authorization", format!("Bearer {}", self.scim_token))
            .header("content-type", "application/scim+json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(&self.scim, request.body(body).expect("a request")).await
    }

    /// A SCIM request to another connection of the workspace.
    pub(crate) async fn scim_at(
        &self,
        connection: &str,
        token: &str,
        (method, path): (&str, &str),
        body: Value,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2/{connection}{path}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/scim+json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(&self.scim, request.body(body).expect("a request")).await
    }

    /// A SCIM request with another token, and without a body.
    pub(crate) async fn scim_as(&self, token: &str, method: &str, path: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.scim_base))
            .header("authorization", format!("Bearer {token}"));
        self.send(&self.scim, request.body(Body::empty()).expect("a request")).await
    }

    /// A new OAuth client of the connection, and its secret.
    pub(crate) async fn client(&self) -> (String, String) {
        let path = format!("/api/v1/connections/{}.idp/clients", self.workspace);
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.api_key))
            .header("content-type", "application/json");
        let body = json!({"name": "Robot", "authentication": "client_secret"}).to_string();
        let made = self.send(&self.console, request.body(Body::from(body)).expect("a request")).await.body;
        let text = |value: &Value| value.as_str().expect("a client with a secret").to_owned();
        (text(&made["client"]["id"]), text(&made["client_secret"]))
    }

    /// A token request of a client.
    pub(crate) async fn grant(&self, client: &str, secret: &str) -> Answer {
        let body = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let request = Request::post(format!("{}/oauth/token", self.scim_base))
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(&self.scim, request.body(Body::from(body)).expect("a request")).await
    }

    /// A read of the admin API or of a page.
    pub(crate) async fn console(&self, path: &str) -> Answer {
        let request =
            Request::builder().uri(path).header("authorization", format!("Bearer {}", self.api_key));
        self.send(&self.console, request.body(Body::empty()).expect("a request")).await
    }

    /// A page of the console.
    pub(crate) async fn page(&self, path: &str) -> String {
        let request =
            Request::builder().uri(path).header("authorization", format!("Bearer {}", self.api_key));
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.console.clone().oneshot(request).await.expect("a router always answers");
        let page = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a whole body");
        String::from_utf8_lossy(&page).into_owned()
    }

    /// The console, for requests of another kind.
    pub(crate) fn console_router(&self) -> Router {
        self.console.clone()
    }

    /// A request to the admin API with a body.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.api_as(&self.api_key, method, path, body).await
    }

    /// A request to the admin API with another key.
    pub(crate) async fn api_as(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(&self.console, request.body(body).expect("a request")).await
    }

    /// Makes another workspace in the same table, and answers the key of its Owner.
    pub(crate) async fn other_workspace(&self) -> String {
        let workspace: WorkspaceId = "other".parse().expect("an id");
        provisioning::create_workspace(&self.admin, &workspace, "Other").await.expect("a workspace");
        let owner = WorkspaceRole::Owner;
        let key = provisioning::create_api_key(&self.admin, &workspace, "Other", owner, None).await;
        key.expect("an API key")
    }

    /// Shares the hub with a team.
    pub(crate) async fn share(&self, team: &str) -> Answer {
        let body = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
        let path = format!("/integrations/{}/shares/teams/{team}", self.hub);
        let answer = self.api("PUT", &path, body).await;
        assert!(answer.status < 300, "{}", answer.body);
        answer
    }

    async fn send(&self, router: &Router, request: Request<Body>) -> Answer {
        let (answer, calls) = self
            .costing(async {
                let answer = router.clone().oneshot(request).await.expect("a router always answers");
                let (parts, body) = answer.into_parts();
                (parts, axum::body::to_bytes(body, usize::MAX).await.expect("a whole body"))
            })
            .await;
        let (parts, bytes) = answer;
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body, calls }
    }

    /// What opens the workspace.
    pub(crate) fn tokens(&self) -> Value {
        json!({"scim_token": self.scim_token, "api_key": self.api_key})
    }

    /// Where its app is.
    pub(crate) fn app_url(&self) -> String {
        self.app.base_url()
    }

    /// With these rows in place of its own, later.
    pub(crate) async fn reopened(self, tokens: &Value, rows: &[Value]) -> Self {
        let call = async |operation: &str, request: Value| {
            let target = format!("DynamoDB_20120810.{operation}");
            let answer = self.db.endpoint.respond(&target, request.to_string().into_bytes()).await;
            let (status, body) = answer.expect("an answer");
            assert_eq!(status, 200, "{body}");
        };
        let table = usher_local::embedded::TABLE;
        for row in self.rows().await {
            let key = json!({"pk": row["pk"], "sk": row["sk"]});
            call("DeleteItem", json!({"TableName": table, "Key": key})).await;
        }
        for row in rows {
            call("PutItem", json!({"TableName": table, "Item": row})).await;
        }
        let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        let (scim_token, api_key) = (text("scim_token"), text("api_key"));
        self.ids.0.fetch_add(1_000_000, Ordering::Relaxed);
        self.wait(60 * 60);
        Self { scim_token, api_key, ..self }
    }

    /// Every row of the table, past the store.
    pub(crate) async fn rows(&self) -> Vec<Value> {
        let scan = json!({"TableName": usher_local::embedded::TABLE}).to_string();
        let answer = self.db.endpoint.respond("DynamoDB_20120810.Scan", scan.into_bytes()).await;
        let (status, body) = answer.expect("an answer");
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        assert!(answer.get("LastEvaluatedKey").is_none(), "a test's table fits one answer");
        answer["Items"].as_array().expect("items").clone()
    }

    /// The planner's work: everything that the stream holds, and what that writes in turn.
    pub(crate) async fn plan(&self) -> Calls {
        let planning = async {
            loop {
                let records = self.db.stream.read(BATCH).await.expect("the stream");
                let Some(last) = records.last().map(|record| record.sequence) else { return };
                self.tell_written(&records);
                let events =
                    json!({ "Records": records.iter().map(|record| &record.event).collect::<Vec<_>>() });
                let event: StreamEvent = serde_json::from_value(events).expect("an event");
                let handle = |wake| {
                    if passes_the_filter(&wake) {
                        self.woken.fetch_add(1, Ordering::Relaxed);
                    }
                    async {
                        let before = self.db.calls().total().calls;
                        let handled = self.planner.handle(wake).await;
                        let asked = self.db.calls().total().calls - before;
                        self.largest.fetch_max(asked, Ordering::Relaxed);
                        handled
                    }
                };
                let answer = event.handle(handle).await;
                assert!(answer.failures.is_empty(), "the planner failed");
                self.db.stream.drop_through(last).await.expect("the stream");
            }
        };
        self.costing(planning).await.1
    }

    /// The most calls of the database that a wake of the planner took since the last answer.
    pub(crate) fn largest_wake(&self) -> u64 {
        self.largest.swap(0, Ordering::Relaxed)
    }

    fn tell_written(&self, records: &[Record]) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            *written.entry(record.event["dynamodb"]["Keys"].to_string()).or_default() += 1;
        }
    }

    /// The row that was written most often since the last answer, as far as the planner was told.
    pub(crate) fn busiest_row(&self) -> (String, usize) {
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        written.into_iter().max_by_key(|(_, times)| *times).unwrap_or_default()
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How often the planner was woken so far.
    pub(crate) fn woken(&self) -> u64 {
        self.woken.load(Ordering::Relaxed)
    }

    /// How many requests reached the app since the last call.
    pub(crate) fn app_calls(&self) -> usize {
        let calls = self.app.app().journal().entries().len();
        self.app.app().journal().clear();
        calls
    }

    /// The messages that were sent since the last call.
    pub(crate) fn messages(&self) -> Vec<Message> {
        std::mem::take(&mut *self.queue.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Delivers everything that webhooks are to be told and whose time has come.
    pub(crate) async fn deliver(&self) {
        loop {
            self.plan().await;
            let messages = std::mem::take(&mut *self.queue.1.lock().unwrap_or_else(PoisonError::into_inner));
            if messages.is_empty() {
                return;
            }
            for message in messages {
                let (early, _) = self.costing(self.courier.deliver(&message)).await;
                early.expect("the store answers");
            }
        }
    }

    /// The executor's work for one message.
    pub(crate) async fn execute(&self, message: &Message) -> Calls {
        let (verdict, calls) = self.costing(self.executor.run(message)).await;
        verdict.expect("the job ends");
        calls
    }

    /// Everything that is left to do, done and not measured.
    pub(crate) async fn settle(&self) {
        loop {
            self.plan().await;
            let messages = self.messages();
            if messages.is_empty() {
                return;
            }
            for message in messages {
                self.execute(&message).await;
            }
        }
    }

    /// A scheduled run of the reconciler.
    pub(crate) async fn reconcile(&self) -> Calls {
        let (report, calls) = self.costing(self.reconciler.run()).await;
        report.expect("the run ends");
        calls
    }
}

/// Whether the filter of template.yaml lets this through to the planner.
fn passes_the_filter(wake: &Wake) -> bool {
    match wake {
        Wake::Job(job) => {
            !matches!(job.state, JobState::Running | JobState::Superseded | JobState::Cancelled)
        }
        Wake::Sync(run) => run.state != RunState::Running && run.state != RunState::Finished,
        Wake::Delivery(delivery) => delivery.state.is_open(),
        Wake::Change(_) | Wake::Integration(_) | Wake::Act(_) => true,
    }
}

/// The workspace, its SCIM connection, its API key, and the hub. Answers both tokens.
async fn furnish(
    app: &usher_fn_console::App,
    workspace: &WorkspaceId,
    hub: &IntegrationId,
    base_url: &str,
) -> StoreResult<(String, String)> {
    provisioning::create_workspace(app, workspace, "Main").await?;
    let connection = ConnectionId::new(workspace, "idp").expect("an id");
    let name = "Identity provider";
    let form = ConnectionForm::new(connection, name, Scope::Workspace);
    let made = provisioning::create_connection(app, form).await?;
    // The first call of all is recorded; what is measured are the others.
    let connected = Connection { connected_at: Some(app.clock.now()), ..made.connection };
    app.store.put_connection(&connected, AdminWrite::Replace).await?;
    let owner = WorkspaceRole::Owner;
    let api_key = provisioning::create_api_key(app, workspace, "Measure", owner, None).await?;
    let role = |key: &str, rank| AppRole {
        key: key.to_owned(),
        name: key.to_owned(),
        exclusion_group: Some("role".to_owned()),
        rank,
    };
    let new = NewIntegration {
        id: Some(hub.clone()),
        name: "The hub".to_owned(),
        kind: NewKind::BusinessHub,
        connector: "scim".to_owned(),
        config: json!({"base_url": base_url, "roles": {"as": "roles_attribute"}}),
        credentials: Some(json!({ "bearer_token": APP_TOKEN }).to_string()),
        catalogue: Catalogue {
            roles: vec![role("viewer", 1), role("editor", 2), role("admin", 3)],
            ..Catalogue::default()
        },
        grace_seconds: Some(0),
        guards: Guards::default(),
    };
    provisioning::create_integration(app, workspace, new, &Actor::Usher).await?;
    Ok((made.token, api_key))
}
