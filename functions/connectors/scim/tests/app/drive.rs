//! Drives a connector through its contract, without a store.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use usher_connector::{
    Connect, Connector, Error, Factory, Keeper, Outcome, Reach, Result as AppResult, StepContext, Subject,
    Taken, Transport,
};
use usher_domain::{
    Timestamp,
    access::{Desired, Observed, Presence, Seat},
    directory::Profile,
    integration::{AppEntitlement, AppRole, Catalogue, Integration, Kind, Status},
    ports::Clock,
};

use crate::app;

struct Noon;
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }
}

/// No app replaces a client's own credentials.
#[derive(Debug)]
struct Untaken;

#[async_trait]
impl Keeper for Untaken {
    async fn take(&self) -> AppResult<Taken> {
        panic!("nobody takes them");
    }

    async fn give_back(&self, _: &Taken, _: Option<&SecretString>) -> AppResult<()> {
        panic!("nobody took them");
    }
}

pub(crate) fn integration(base_url: &str, settings: Value) -> Integration {
    let mut config = json!({ "base_url": base_url });
    config.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let role = |key: &str, rank| AppRole {
        key: key.into(),
        name: key.into(),
        exclusion_group: Some("role".into()),
        rank,
    };
    Integration {
        id: "app".parse().unwrap(),
        workspace: "main".parse().unwrap(),
        name: "App".into(),
        kind: Kind::BusinessHub,
        connector: "scim".into(),
        config,
        sealed_credentials: None,
        catalogue: Catalogue {
            roles: vec![role("Viewer", 1), role("Editor", 2)],
            entitlements: vec![AppEntitlement { value: "pro".into(), name: "Pro".into() }],
            ..Catalogue::default()
        },
        grace_seconds: None,
        guards: Default::default(),
        sync: Default::default(),
        disconnecting: None,
        status: Status::Active,
        version: 1,
        created_at: Default::default(),
    }
}

pub(crate) async fn connector(base_url: &str, settings: Value, token: &str) -> Box<dyn Connector> {
    connector_over(&transport(), base_url, settings, token).await
}

pub(crate) fn transport() -> Transport {
    Transport::new(Reach::Anywhere, Arc::new(Noon)).unwrap().with_timeout(app::PATIENCE)
}

pub(crate) async fn connector_over(
    transport: &Transport,
    base_url: &str,
    settings: Value,
    token: &str,
) -> Box<dyn Connector> {
    let credentials = Some(json!({ "bearer_token": token }).to_string().into());
    let integration = integration(base_url, settings);
    let keeper = Arc::new(Untaken);
    let connect = Connect { integration: &integration, credentials, keeper, correlation_id: "request-1" };
    usher_connector_scim::factory(transport.clone()).connector(connect).await.unwrap()
}

pub(crate) fn ada() -> Profile {
    Profile {
        user_name: "ada".into(),
        email: Some("ada@example.org".into()),
        display_name: Some("Ada Lovelace".into()),
        given_name: Some("Ada".into()),
        family_name: Some("Lovelace".into()),
        external_id: Some("e-1".into()),
    }
}

pub(crate) fn seat(roles: &[&str], entitlements: &[&str]) -> Presence {
    let set = |values: &[&str]| values.iter().map(|value| value.to_string()).collect::<BTreeSet<_>>();
    Presence::Seated(Seat { roles: set(roles), entitlements: set(entitlements), ..Seat::default() })
}

pub(crate) fn desired(presence: Presence) -> Desired {
    Desired { presence, profile: ada(), version: 1, reasons: vec![], not_before: None, urgent: false }
}

pub(crate) fn subject(account: Option<&str>, presence: &Presence) -> Subject {
    let known = match presence {
        Presence::Seated(seat) => seat.clone(),
        Presence::Absent => Seat::default(),
    };
    Subject { profile: ada(), account: account.map(Into::into), known, ..Subject::default() }
}

/// Observes, plans and applies once, then looks that nothing is left to do. Answers what was done and seen.
pub(crate) async fn converge(
    connector: &dyn Connector,
    presence: Presence,
) -> Result<(Vec<String>, Observed), Error> {
    let subject = subject(None, &presence);
    converge_as(connector, subject, presence).await
}

pub(crate) async fn converge_as(
    connector: &dyn Connector,
    subject: Subject,
    presence: Presence,
) -> Result<(Vec<String>, Observed), Error> {
    let desired = Desired { profile: subject.profile.clone(), ..desired(presence) };
    let observation = connector.observe(&subject).await?;
    let mut account = observation.observed.account.as_ref().map(|account| account.id.clone());
    let mut done = Vec::new();
    for step in connector.plan(&desired, &observation)? {
        let context = StepContext {
            subject: &subject,
            observation: &observation,
            account: account.as_deref(),
            operation: "job.1.1",
        };
        if let Outcome::Done { account: made } = connector.apply(&step, context).await? {
            account = made.or(account);
        }
        done.push(step.sentence);
    }
    let known = Subject { account, ..subject.clone() };
    let seen = connector.observe(&known).await?;
    assert_eq!(connector.plan(&desired, &seen)?, [], "the app does not agree after {done:?}");
    Ok((done, seen.observed))
}
