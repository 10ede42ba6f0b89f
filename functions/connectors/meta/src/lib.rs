//! The connector of Meta Business: people of a business portfolio, their role, and what they may do on its ad
//! accounts, Pages, catalogues and WhatsApp accounts. See the README beside it for what is known and what is not.

mod apply;
mod assets;
mod client;
mod config;
mod listing;
mod observe;
mod plan;
mod probe;
mod setup;
mod user;
mod wire;

use std::collections::BTreeSet;

use async_trait::async_trait;
use usher_connector::{
    AppAsset, Capabilities, Connect, Connector, Factory, Health, IdentityKey, Invitation, Member, Meta,
    Observation, Outcome, Result, Step, StepContext, Subject, Transport,
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
pub const KEY: &str = "meta";

/// The connector's name, as people see it.
pub const NAME: &str = "Meta Business";

/// What the connector can do, whatever its settings.
pub const CAPABILITIES: Capabilities = Capabilities {
    list_members: true,
    list_invitations: true,
    list_roles: true,
    list_assets: true,
    invite: true,
    update_role: true,
    update_pending: true,
    cancel_invite: true,
    remove: true,
    assign_assets: true,
    revoke_assets: true,
    delete_frees_seat: true,
    ..Capabilities::NONE
};

/// Builds Meta connectors over shared connections.
#[derive(Debug, Clone)]
pub struct MetaFactory {
    transport: Transport,
}

/// Builds Meta connectors over these connections.
pub fn factory(transport: Transport) -> MetaFactory {
    MetaFactory { transport }
}

#[async_trait]
impl Factory for MetaFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let config = Config::read(&connect.integration.config)?;
        let credentials = Credentials::read(connect.credentials.as_ref())?;
        let http = self
            .transport
            .http(&config.base_url)?
            // In a header: what is in a URL ends up in logs.
            .with_bearer(&credentials.access_token)?
            .with_request_id(connect.correlation_id);
        let client = Client::new(http, &config, credentials.proof());
        Ok(Box::new(MetaConnector { client, catalogue: connect.integration.catalogue.clone() }))
    }
}

/// One business.
#[derive(Debug)]
struct MetaConnector {
    client: Client,
    catalogue: Catalogue,
}

#[async_trait]
impl Connector for MetaConnector {
    fn meta(&self) -> Meta {
        Meta { key: KEY, name: NAME, identity: IdentityKey::Email, capabilities: CAPABILITIES }
    }

    async fn probe(&self) -> Result<Health> {
        probe::probe(&self.client, &self.catalogue).await
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, cursor).await
    }

    fn same_grant(&self, asset: &str, given: &BTreeSet<String>, listed: &BTreeSet<String>) -> bool {
        assets::Kind::of(asset).is_ok_and(|(kind, _)| kind.same(given, listed))
    }

    async fn list_invitations(&self, cursor: Option<&str>) -> Result<Page<Invitation>> {
        listing::invitations(&self.client, cursor).await
    }

    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        Ok(Page { items: user::roles(), next: None })
    }

    async fn list_assets(&self, cursor: Option<&str>) -> Result<Page<AppAsset>> {
        listing::assets(&self.client, cursor).await
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
