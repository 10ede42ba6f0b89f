//! The suite taken to pieces: every function on one embedded database, and each made to work by hand, so that what
//! it asks of the database is known alone.
//!
//! Time stands still and ids count up, so that rows have the same size in every run.

mod requests;
mod rows;
mod work;

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
use usher_connector::{Executor, Factory, HttpWeb, Reach, Settings, Together, Transport};
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
    pub(crate) api_key: String,
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
            connectors: usher_fn_console::Connector::list("scim=SCIM 2.0,manual=Manual tasks"),
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
            factory: Arc::new(connectors(transport)),
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
}

/// An app with an API, and one that people look after.
fn connectors(transport: Transport) -> Together {
    let scim: Arc<dyn Factory> = Arc::new(usher_connector_scim::factory(transport));
    let manual: Arc<dyn Factory> = Arc::new(usher_connector_manual::factory());
    Together::from_iter([("scim".to_owned(), scim), ("manual".to_owned(), manual)])
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
