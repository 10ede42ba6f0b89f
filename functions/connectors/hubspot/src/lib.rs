//! The connector of HubSpot accounts: users, their permission set, their teams. See the README beside it for what is known and
//! what is not.

mod apply;
mod client;
mod config;
mod listing;
mod observe;
mod plan;
mod probe;
mod setup;
mod team;
mod user;
mod wire;

use async_trait::async_trait;
use usher_connector::{
    AppAsset, Capabilities, Connect, Connector, Factory, Health, IdentityKey, Member, Meta, Observation,
    Outcome, Result, Step, StepContext, Subject, Transport,
};
use usher_domain::{
    access::Desired,
    integration::{AppRole, Catalogue},
    ports::Page,
};

use crate::{client::Client, config::Credentials};
pub use config::Config;
pub use setup::SETUP;

/// The connector's key: names its queue and function.
pub const KEY: &str = "hubspot";

/// The connector's name, as people see it.
pub const NAME: &str = "HubSpot";

/// What the connector can do, whatever its settings.
pub const CAPABILITIES: Capabilities = Capabilities {
    list_members: true,
    list_roles: true,
    list_assets: true,
    create_active: true,
    update_role: true,
    remove: true,
    assign_assets: true,
    revoke_assets: true,
    delete_frees_seat: true,
    ..Capabilities::NONE
};

/// Builds HubSpot connectors over shared connections.
#[derive(Debug, Clone)]
pub struct HubSpotFactory {
    transport: Transport,
}

/// Builds HubSpot connectors over these connections.
pub fn factory(transport: Transport) -> HubSpotFactory {
    HubSpotFactory { transport }
}

#[async_trait]
impl Factory for HubSpotFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let config = Config::read(&connect.integration.config)?;
        let Credentials { token } = Credentials::read(connect.credentials.as_ref())?;
        let http = self.transport.http(&config.base_url)?.with_request_id(connect.correlation_id);
        let client = Client::new(http.with_bearer(&token)?, &config);
        let catalogue = connect.integration.catalogue.clone();
        Ok(Box::new(HubSpotConnector { client, catalogue }))
    }
}

/// One account.
#[derive(Debug)]
struct HubSpotConnector {
    client: Client,
    catalogue: Catalogue,
}

#[async_trait]
impl Connector for HubSpotConnector {
    fn meta(&self) -> Meta {
        Meta { key: KEY, name: NAME, identity: IdentityKey::Email, capabilities: CAPABILITIES }
    }

    async fn probe(&self) -> Result<Health> {
        probe::probe(&self.client, &self.catalogue).await
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, cursor).await
    }

    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        listing::roles(&self.client).await
    }

    async fn list_assets(&self, _cursor: Option<&str>) -> Result<Page<AppAsset>> {
        listing::teams(&self.client).await
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        observe::observe(&self.client, subject).await
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        plan::plan(desired, observation)
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        apply::apply(&self.client, step, context).await
    }
}
