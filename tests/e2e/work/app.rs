//! An app that says what it is told to, at no cost: for tests of work, not of apps.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use usher_connector::{
    Capabilities, Class, Connect, Connector, Error, Executor, Factory, Health, IdentityKey, Member, Meta,
    Observation, Outcome, Result, Step, StepContext, Subject,
};
use usher_domain::{
    access::{Account, AccountState, Desired, Observed, Seat},
    ports::Page,
};

use crate::access_patterns::world::World;

/// What the app answers to every look; `None` agrees with whatever is decided.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Option<Class>>>);

impl Told {
    /// From now on.
    pub(super) fn answer(&self, class: Option<Class>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = class;
    }

    /// An executor for this app instead of the simulated one.
    pub(super) fn executor(&self, world: &World) -> Executor {
        Executor { factory: Arc::new(self.clone()), ..world.executor.clone() }
    }
}

#[async_trait]
impl Factory for Told {
    async fn connector(&self, _: Connect<'_>) -> Result<Box<dyn Connector>> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Connector for Told {
    fn meta(&self) -> Meta {
        Meta {
            key: "told",
            name: "An app that is told",
            identity: IdentityKey::Email,
            capabilities: Capabilities::NONE,
        }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health::default())
    }

    async fn list_members(&self, _: Option<&str>) -> Result<Page<Member>> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        let told = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(class) = told {
            return Err(Error::new(class, "the app was told to say so"));
        }
        let account = Account {
            id: subject.profile.user_name.clone(),
            state: AccountState::Active,
            profile: subject.profile.clone(),
        };
        let observed = Observed { account: Some(account), seat: Seat::default(), ..Observed::default() };
        Ok(Observation { observed, detail: Value::Null })
    }

    fn plan(&self, _: &Desired, _: &Observation) -> Result<Vec<Step>> {
        Ok(Vec::new())
    }

    async fn apply(&self, _: &Step, _: StepContext<'_>) -> Result<Outcome> {
        Ok(Outcome::NoChange)
    }
}
