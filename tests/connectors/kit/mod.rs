//! What every connector must do. Each test is written once, and run against each app.

mod drive;
pub(crate) mod invitations;
pub(crate) mod listings;
pub(crate) mod looks;
pub(crate) mod path;
pub(crate) mod truth;
pub(crate) mod words;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use usher_connector::{Connect, Connector, Factory, Keeper, Reach, Taken, Transport};
use usher_domain::{
    Timestamp,
    directory::Profile,
    integration::{Catalogue, Integration, Kind, Status},
    ports::Clock,
};
use usher_tests::apps::{Faults, Journal};

/// An app with its connector.
#[async_trait]
pub(crate) trait Fixture: Send + Sync {
    /// The connector, with good credentials.
    async fn connector(&self, page_size: u32) -> Box<dyn Connector>;
    /// The connector with credentials that the app does not take.
    async fn stranger(&self) -> usher_connector::Result<Box<dyn Connector>>;
    /// What the app does wrong next.
    fn faults(&self) -> &Faults;
    /// What reached the app.
    fn journal(&self) -> &Journal;
    /// What the tests know of the app.
    fn knowledge(&self) -> Knowledge;
    /// Everything that the app has for an address, as the app itself knows it.
    async fn in_app(&self, email: &str) -> Vec<InApp>;
    /// Somebody gets an account without Usher; answers the app's id.
    async fn add(&self, email: &str) -> String;
    /// Colleagues get accounts without Usher until there are `count` people.
    async fn fill(&self, from: usize, count: usize) {
        for number in from..count {
            self.add(&format!("colleague{number}@example.org")).await;
        }
    }
    /// The person accepts.
    fn accept(&self, email: &str);
    /// The person says no.
    fn decline(&self, email: &str);
    /// Nobody answers for too long.
    fn expire(&self, email: &str);
}

/// What the tests know of an app.
pub(crate) struct Knowledge {
    /// Two roles, the lower one first.
    pub(crate) roles: [&'static str; 2],
    /// An asset, where the app has them.
    pub(crate) grant: Option<Grant>,
    /// What must not be said anywhere.
    pub(crate) secrets: &'static [&'static str],
    /// The account that the credentials belong to, where the app tells it.
    pub(crate) acting_account: Option<&'static str>,
    /// For how many seconds the app can ask to wait, when it should be this many.
    pub(crate) after: fn(u64) -> Option<u64>,
    /// Whether lists tell how long they are, so that a short one is noticed.
    pub(crate) tells_totals: bool,
    /// Whether the app tells a no from silence.
    pub(crate) tells_declined: bool,
}

/// An asset and what can be granted on it.
#[derive(Clone, Copy)]
pub(crate) struct Grant {
    /// The connector's id of it.
    pub(crate) asset: &'static str,
    pub(crate) less: Held,
    pub(crate) more: Held,
}

/// What is asked for, and what the app then has.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) asked: &'static [&'static str],
    pub(crate) held: &'static [&'static str],
}

/// What the app has for somebody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InApp {
    /// The app's id of the account or the invitation.
    pub(crate) id: String,
    /// The invitation waits.
    pub(crate) pending: bool,
    /// The invitation ended.
    pub(crate) over: bool,
    pub(crate) role: String,
    /// Permissions on the asset of [`Grant`].
    pub(crate) on_asset: BTreeSet<String>,
}

/// The tests for one app.
macro_rules! kit {
    ($app:ident, $fixture:expr) => {
        mod $app {
            use super::*;
            $crate::kit::tests! { $fixture =>
                path::a_person_comes_moves_and_goes,
                path::somebody_who_is_there_already_is_matched,
                path::an_unanswered_write_is_looked_at_and_not_repeated,
                looks::a_look_that_fails_is_never_nobody,
                looks::a_refusal_has_its_class,
                listings::lists_are_whole_and_without_duplicates,
                listings::a_list_that_is_cut_is_an_error,
                invitations::an_invitation_is_accepted_or_taken_back,
                invitations::an_invitation_that_is_over_is_made_anew_once,
                truth::flags_are_true,
                truth::health_tells_who_acts_and_what_is_missing,
                words::nothing_secret_or_personal_is_said,
            }
        }
    };
}

macro_rules! tests {
    ($fixture:expr => $($module:ident :: $test:ident,)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                $crate::kit::$module::$test(&$fixture).await;
            }
        )*
    };
}

pub(crate) use drive::{Person, seat};
pub(crate) use {kit, tests};

/// A new person.
pub(crate) const ADA: &str = "ada@example.org";

pub(crate) fn profile(email: &str) -> Profile {
    Profile {
        user_name: email.to_owned(),
        email: Some(email.to_owned()),
        display_name: Some("Ada Lovelace".to_owned()),
        given_name: Some("Ada".to_owned()),
        family_name: Some("Lovelace".to_owned()),
        external_id: None,
    }
}

/// The apps' clock, which what a connector signs has to fit.
struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

pub(crate) fn transport() -> Transport {
    Transport::new(Reach::Anywhere, Arc::new(Now)).unwrap().with_timeout(Duration::from_secs(5))
}

/// Credentials that one connector alone has.
#[derive(Debug)]
struct Alone(Mutex<SecretString>);

#[async_trait]
impl Keeper for Alone {
    async fn take(&self) -> usher_connector::Result<Taken> {
        Ok(Taken { credentials: self.0.lock().unwrap().clone(), until: Timestamp::MAX })
    }

    async fn give_back(&self, _: &Taken, replaced: Option<&SecretString>) -> usher_connector::Result<()> {
        if let Some(replaced) = replaced {
            self.0.lock().unwrap().clone_from(replaced);
        }
        Ok(())
    }
}

/// Builds a connector as the executor does.
pub(crate) async fn connect(
    factory: &dyn Factory,
    config: Value,
    credentials: &Value,
) -> usher_connector::Result<Box<dyn Connector>> {
    let integration = Integration {
        id: "app".parse().unwrap(),
        workspace: "main".parse().unwrap(),
        name: "App".into(),
        kind: Kind::BusinessHub,
        connector: "app".into(),
        config,
        sealed_credentials: None,
        catalogue: Catalogue::default(),
        grace_seconds: None,
        guards: Default::default(),
        sync: Default::default(),
        disconnecting: None,
        status: Status::Active,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
    };
    let credentials = SecretString::from(credentials.to_string());
    let keeper = Arc::new(Alone(Mutex::new(credentials.clone())));
    let credentials = Some(credentials);
    let connect = Connect { integration: &integration, credentials, keeper, correlation_id: "request-1" };
    factory.connector(connect).await
}
