//! The connector of apps without an API: what is to be done becomes a task for people. See the README beside it.
//!
//! It reaches nothing. What people confirmed ([`Subject::recorded`]) is all that is known, and every step is a task.

mod config;
mod plan;
mod setup;
mod steps;

use async_trait::async_trait;
use usher_connector::{
    AppAsset, Capabilities, Class, Connect, Connector, Error, Factory, Health, IdentityKey, Member, Meta,
    Observation, Outcome, Result, Step, StepContext, Subject,
};
use usher_domain::{
    access::Desired,
    integration::{AppRole, Catalogue},
    ports::Page,
};

pub use config::Config;
pub use setup::SETUP;

/// The connector's key. Its jobs go through the queue of described REST apps.
pub const KEY: &str = "manual";

/// The connector's name, as people see it.
pub const NAME: &str = "Manual tasks";

/// What people can do for it.
pub const CAPABILITIES: Capabilities = Capabilities {
    list_roles: true,
    list_assets: true,
    create_active: true,
    update_role: true,
    remove: true,
    assign_assets: true,
    revoke_assets: true,
    idempotent_upsert: true,
    delete_frees_seat: true,
    ..Capabilities::NONE
};

/// Builds connectors of apps without an API.
#[derive(Debug, Clone, Copy)]
pub struct ManualFactory;

/// Builds connectors of apps without an API.
pub fn factory() -> ManualFactory {
    ManualFactory
}

#[async_trait]
impl Factory for ManualFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        Ok(Box::new(ManualConnector {
            app: connect.integration.name.clone(),
            config: Config::read(&connect.integration.config)?,
            catalogue: connect.integration.catalogue.clone(),
        }))
    }
}

/// One app that people look after.
#[derive(Debug)]
struct ManualConnector {
    /// What people call it.
    app: String,
    config: Config,
    catalogue: Catalogue,
}

#[async_trait]
impl Connector for ManualConnector {
    fn meta(&self) -> Meta {
        Meta { key: KEY, name: NAME, identity: IdentityKey::Email, capabilities: CAPABILITIES }
    }

    fn by_hand(&self) -> bool {
        true
    }

    /// Settings that can be read are all that there is to check.
    async fn probe(&self) -> Result<Health> {
        let note = "nobody can ask this app: what is known of it is what people confirmed";
        Ok(Health { notes: vec![note.to_owned()], ..Health::default() })
    }

    async fn list_members(&self, _cursor: Option<&str>) -> Result<Page<Member>> {
        Err(Error::new(
            Class::Invalid,
            "nobody can list who is in an app that has no API; look there by hand",
        ))
    }

    /// Those of the settings, lowest first.
    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        Ok(Page { items: self.config.roles(), next: None })
    }

    /// Those of the settings.
    async fn list_assets(&self, _cursor: Option<&str>) -> Result<Page<AppAsset>> {
        Ok(Page { items: self.config.assets(), next: None })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        Ok(Observation { observed: subject.recorded.clone(), ..Observation::default() })
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        Ok(plan::plan(desired, &observation.observed))
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        let place = self.config.place.as_deref();
        let steps = steps::Guide { app: &self.app, place, catalogue: &self.catalogue }
            .steps(&step.op, &context.observation.observed)?;
        Ok(Outcome::Manual { steps, assignees: self.config.assignees() })
    }
}
