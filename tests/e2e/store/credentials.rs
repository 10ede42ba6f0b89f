//! Credentials that an app replaces when they are used: one worker uses them at a time, and nobody's newer ones are lost.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use serde_json::{Value, json};
use usher_aws::{seal::LocalSealer, store::Store};
use usher_connector::{Class, Connect, Error, Factory, Keeper, Reach, StoredCredentials, Transport};
use usher_connector_pinterest::PinterestFactory;
use usher_domain::{
    Timestamp,
    integration::{Integration, Kind, Status},
    ports::{Admin, AdminWrite, Clock, SealedFor, Sealer},
};
use usher_tests::apps::{
    business::RunningBusinessApp,
    pinterest::{PINTEREST, REFRESH_TOKEN},
};

use super::{Fixture, now};

const OLD: &str = r#"{"refresh_token":"old"}"#;
const NEW: &str = r#"{"refresh_token":"new"}"#;
const ADMINS: &str = r#"{"refresh_token":"an admin's"}"#;

/// Now, and some seconds.
#[derive(Default)]
struct Later(AtomicI64);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        now() + jiff::SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

struct World {
    f: Fixture,
    store: Arc<Store>,
    sealer: Arc<LocalSealer>,
    clock: Arc<Later>,
}

impl World {
    async fn new(connector: &str, config: Value, credentials: &str) -> Self {
        let f = Fixture::new().await;
        let (store, sealer) = (Arc::new(f.db.store.clone()), Arc::new(LocalSealer::new([1; 32])));
        let id = "hub".parse().unwrap();
        let integration = Integration {
            sealed_credentials: Some(sealer.seal(SealedFor::Integration(&id), credentials).await.unwrap()),
            id,
            workspace: f.workspace.clone(),
            name: "Hub".into(),
            kind: Kind::BusinessHub,
            connector: connector.into(),
            config,
            catalogue: Default::default(),
            grace_seconds: None,
            guards: Default::default(),
            sync: Default::default(),
            disconnecting: None,
            status: Status::Active,
            version: 1,
            created_at: now(),
        };
        store.put_integration(&integration, AdminWrite::Create).await.unwrap();
        Self { f, store, sealer, clock: Arc::default() }
    }

    /// The credentials, as a worker has them.
    fn worker(&self) -> Arc<StoredCredentials> {
        Arc::new(StoredCredentials {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            workspace: self.f.workspace.clone(),
            integration: "hub".parse().unwrap(),
        })
    }

    async fn integration(&self) -> Integration {
        let found = Admin::integration(&*self.store, &self.f.workspace, &"hub".parse().unwrap()).await;
        found.unwrap().unwrap().0
    }

    async fn stored(&self) -> String {
        let Integration { id, sealed_credentials, .. } = self.integration().await;
        self.sealer.open(SealedFor::Integration(&id), &sealed_credentials.unwrap()).await.unwrap()
    }

    /// Everything in the table, past the store.
    async fn rows(&self) -> Value {
        let scan = json!({"TableName": usher_local::embedded::TABLE}).to_string();
        let answer = self.f.db.endpoint.respond("DynamoDB_20120810.Scan", scan.into_bytes()).await;
        serde_json::from_str(&answer.unwrap().1).unwrap()
    }

    /// An admin changes the integration.
    async fn change(&self, change: impl FnOnce(&mut Integration)) {
        let mut integration = self.integration().await;
        change(&mut integration);
        integration.version += 1;
        self.store.put_integration(&integration, AdminWrite::Replace).await.unwrap();
    }
}

fn is_transient<T>(result: Result<T, Error>) -> bool {
    result.is_err_and(|error| matches!(error.class(), Class::Transient { .. }))
}

#[tokio::test]
async fn one_worker_uses_credentials_at_a_time_and_the_next_one_gets_the_new_ones() {
    let world = World::new("pinterest", json!({}), OLD).await;
    let (one, two) = (world.worker(), world.worker());
    let taken = one.take().await.unwrap();
    assert!(is_transient(two.take().await));
    // Something else of the integration is changed meanwhile, and stays.
    world.change(|integration| integration.name = "Renamed".into()).await;
    one.give_back(&taken, Some(&NEW.to_owned().into())).await.unwrap();
    assert_eq!((world.stored().await.as_str(), world.integration().await.name.as_str()), (NEW, "Renamed"));

    let taken = two.take().await.unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&taken.credentials), NEW);
    assert!(!format!("{taken:?} {two:?}").contains("new"));
    two.give_back(&taken, None).await.unwrap();
    assert_eq!(world.stored().await, NEW);
    assert!(one.take().await.is_ok());
}

#[tokio::test]
async fn newer_credentials_of_an_admin_stay() {
    let world = World::new("pinterest", json!({}), OLD).await;
    let worker = world.worker();
    let taken = worker.take().await.unwrap();
    let id = world.integration().await.id;
    let sealed = world.sealer.seal(SealedFor::Integration(&id), ADMINS).await.unwrap();
    world.change(|integration| integration.sealed_credentials = Some(sealed)).await;
    worker.give_back(&taken, Some(&NEW.to_owned().into())).await.unwrap();
    assert_eq!(world.stored().await, ADMINS);
}

#[tokio::test]
async fn who_dies_with_credentials_does_not_keep_them_and_ends_nobody_elses_use() {
    let world = World::new("pinterest", json!({}), OLD).await;
    let (dead, next) = (world.worker(), world.worker());
    let forgotten = dead.take().await.unwrap();
    world.clock.0.store(60, Ordering::Relaxed);
    next.take().await.unwrap();
    dead.give_back(&forgotten, None).await.unwrap();
    assert!(is_transient(dead.take().await), "the next one still uses them");
}

#[tokio::test]
async fn nothing_is_made_for_an_integration_that_is_gone() {
    let world = World::new("pinterest", json!({}), OLD).await;
    let worker = StoredCredentials {
        integration: "gone".parse().unwrap(),
        ..Arc::into_inner(world.worker()).unwrap()
    };
    let before = world.rows().await;
    assert_eq!(worker.take().await.unwrap_err().class(), Class::Invalid);
    assert_eq!(world.rows().await, before);
}

/// A worker's look at the app, as the executor has it done: with the credentials that are stored when it begins.
async fn look(world: &World, process: &PinterestFactory) -> Result<(), Error> {
    let (integration, credentials) = (world.integration().await, world.stored().await);
    let connect = Connect {
        integration: &integration,
        credentials: Some(credentials.into()),
        keeper: world.worker(),
        correlation_id: "c",
    };
    process.connector(connect).await?.list_members(None).await.map(|_| ())
}

/// The app takes each refresh token once. Two processes begin at once, know of each other by the store alone, and both go on.
#[tokio::test]
async fn two_workers_that_refresh_at_once_end_with_a_token_that_works() {
    let app = RunningBusinessApp::start(&PINTEREST).await.unwrap();
    app.app().change(|organisation| organisation.consent.replace_when_used());
    let credentials = (PINTEREST.credentials)().to_string();
    let world = World::new("pinterest", (PINTEREST.settings)(&app.base_url()), &credentials).await;
    let process = || {
        let transport = Transport::new(Reach::Anywhere, world.clock.clone()).unwrap();
        usher_connector_pinterest::factory(transport)
    };
    let (one, two) = (process(), process());
    for round in 1..=3 {
        let (first, second) = tokio::join!(look(&world, &one), look(&world, &two));
        assert!(first.is_ok() || second.is_ok());
        for (process, looked) in [(&one, first), (&two, second)] {
            // Whoever came second is not told that the credentials are no good, and comes again.
            if looked.is_err() {
                assert!(is_transient(looked));
                look(&world, process).await.unwrap();
            }
        }
        // Each has an access token now, whoever replaced the refresh token last.
        look(&world, &one).await.unwrap();
        look(&world, &two).await.unwrap();
        assert_eq!(app.app().organisation().consent.replaced(), 2 * round);
        let stored: Value = serde_json::from_str(&world.stored().await).unwrap();
        assert_eq!(stored["refresh_token"], format!("{REFRESH_TOKEN}.{}", 2 * round));
        // Both end.
        world.clock.0.fetch_add(31 * 24 * 3_600, Ordering::Relaxed);
    }
}
