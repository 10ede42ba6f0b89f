//! The connector of Google Ads accounts: who has access and with which role, and what they may do in Tag Manager and Google
//! Analytics. See the README beside it for what is known and what is not.

mod ads;
mod analytics;
mod apply;
mod assets;
mod client;
mod config;
mod credentials;
mod listing;
mod member;
mod observe;
mod plan;
mod probe;
mod setup;
mod tag_manager;
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

use crate::{client::Client, credentials::Credentials};
pub use config::Config;
pub use setup::SETUP;

/// The connector's key: names its queue and function.
pub const KEY: &str = "google";

/// The connector's name, as people see it.
pub const NAME: &str = "Google Ads";

/// What the connector can do, whatever its settings.
pub const CAPABILITIES: Capabilities = Capabilities {
    list_members: true,
    list_invitations: true,
    list_roles: true,
    list_assets: true,
    invite: true,
    update_role: true,
    cancel_invite: true,
    remove: true,
    assign_assets: true,
    revoke_assets: true,
    vendor_approval: true,
    delete_frees_seat: true,
    ..Capabilities::NONE
};

/// Builds Google connectors over shared connections.
#[derive(Debug, Clone)]
pub struct GoogleFactory {
    transport: Transport,
    tokens: Arc<AccessTokens>,
}

/// Builds Google connectors over these connections.
pub fn factory(transport: Transport) -> GoogleFactory {
    let tokens = Arc::new(AccessTokens::new(transport.clone()));
    GoogleFactory { transport, tokens }
}

#[async_trait]
impl Factory for GoogleFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let config = Config::read(&connect.integration.config)?;
        let credentials = Credentials::read(connect.credentials.as_ref(), &config, connect.keeper)?;
        let tokens = self.tokens.clone();
        let client = Client::new(&self.transport, config, credentials, tokens, connect.correlation_id)?;
        Ok(Box::new(GoogleConnector { client, catalogue: connect.integration.catalogue.clone() }))
    }
}

/// One account.
struct GoogleConnector {
    client: Client,
    catalogue: Catalogue,
}

#[async_trait]
impl Connector for GoogleConnector {
    fn meta(&self) -> Meta {
        Meta { key: KEY, name: NAME, identity: IdentityKey::Email, capabilities: CAPABILITIES }
    }

    async fn probe(&self) -> Result<Health> {
        let health = probe::probe(&self.client, &self.catalogue).await?;
        Ok(Health { acting_account: self.acting_account().await?, ..health })
    }

    async fn acting_account(&self) -> Result<Option<String>> {
        // Whose consent a refresh token is Google does not tell.
        let Some(email) = &self.client.service_account else {
            return acting_member(self, self.client.config.acts_as.as_deref()).await;
        };
        probe::service_account(&self.client, email).await
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, cursor).await
    }

    async fn list_invitations(&self, cursor: Option<&str>) -> Result<Page<Invitation>> {
        listing::invitations(&self.client, cursor).await
    }

    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        Ok(Page { items: ads::roles(), next: None })
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
