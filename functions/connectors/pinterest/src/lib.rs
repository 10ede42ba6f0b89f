//! The connector of Pinterest Business Access: members, their role, and what they may do on ad accounts, profiles and
//! catalogues. See the README beside it for what is known and what is not.

mod apply;
mod assets;
mod client;
mod config;
mod listing;
mod member;
mod observe;
mod plan;
mod probe;
mod setup;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use usher_connector::{
    AccessTokens, AppAsset, Capabilities, Connect, Connector, Factory, Health, IdentityKey, Invitation,
    Member, Meta, Observation, Outcome, Result, Step, StepContext, Subject, Transport, acting_member,
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
pub const KEY: &str = "pinterest";

/// The connector's name, as people see it.
pub const NAME: &str = "Pinterest Business";

/// What the connector can do, whatever its settings.
pub const CAPABILITIES: Capabilities = Capabilities {
    list_members: true,
    list_invitations: true,
    list_roles: true,
    list_assets: true,
    invite: true,
    preassign_on_invite: true,
    update_role: true,
    cancel_invite: true,
    remove: true,
    assign_assets: true,
    revoke_assets: true,
    delete_frees_seat: true,
    partial_success_in_200: true,
    ..Capabilities::NONE
};

/// Builds Pinterest connectors over shared connections.
#[derive(Debug, Clone)]
pub struct PinterestFactory {
    transport: Transport,
    tokens: Arc<AccessTokens>,
}

/// Builds Pinterest connectors over these connections.
pub fn factory(transport: Transport) -> PinterestFactory {
    let tokens = Arc::new(AccessTokens::new(transport.clone()));
    PinterestFactory { transport, tokens }
}

#[async_trait]
impl Factory for PinterestFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let config = Config::read(&connect.integration.config)?;
        let grant = Credentials::read(connect.credentials.as_ref())?.grant(&config, connect.keeper);
        let http = self.transport.http(&config.base_url)?.with_request_id(connect.correlation_id);
        let client = Client::new(http, &config, self.tokens.clone(), grant);
        let catalogue = connect.integration.catalogue.clone();
        Ok(Box::new(PinterestConnector { client, catalogue, acts_as: config.acts_as }))
    }
}

/// One business.
#[derive(Debug)]
struct PinterestConnector {
    client: Client,
    catalogue: Catalogue,
    acts_as: Option<String>,
}

#[async_trait]
impl Connector for PinterestConnector {
    fn meta(&self) -> Meta {
        Meta { key: KEY, name: NAME, identity: IdentityKey::Email, capabilities: CAPABILITIES }
    }

    async fn probe(&self) -> Result<Health> {
        let health = probe::probe(&self.client, &self.catalogue).await?;
        Ok(Health { acting_account: self.acting_account().await?, ..health })
    }

    async fn acting_account(&self) -> Result<Option<String>> {
        acting_member(self, self.acts_as.as_deref()).await
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, cursor).await
    }

    async fn list_invitations(&self, cursor: Option<&str>) -> Result<Page<Invitation>> {
        listing::invitations(&self.client, cursor).await
    }

    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        Ok(Page { items: member::roles(), next: None })
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
