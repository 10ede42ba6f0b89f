//! The connector of Adobe organisations, by the User Management API: users, product profiles, user groups, admin rights.
//! See the README beside it for what is known and what is not.

mod apply;
mod client;
mod config;
mod credentials;
mod groups;
mod listing;
mod observe;
mod plan;
mod probe;
mod setup;
mod user;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use usher_connector::{
    AccessTokens, AppAsset, Capabilities, Connect, Connector, Factory, Health, IdentityKey, Member, Meta,
    Observation, Outcome, Result, Step, StepContext, Subject, Transport,
};
use usher_domain::{
    access::Desired,
    integration::{AppEntitlement, AppRole, Catalogue},
    ports::Page,
};

use crate::{client::Client, credentials::Credentials};
pub use config::{Config, Identity};
pub use setup::SETUP;

/// The connector's key: names its queue and function.
pub const KEY: &str = "adobe";

/// The connector's name, as people see it.
pub const NAME: &str = "Adobe";

/// What the connector can do, whatever its settings.
pub const CAPABILITIES: Capabilities = Capabilities {
    list_members: true,
    list_roles: true,
    list_assets: true,
    list_entitlements: true,
    dry_run: true,
    create_active: true,
    update_role: true,
    remove: true,
    assign_assets: true,
    revoke_assets: true,
    batch: Some(10),
    delete_frees_seat: true,
    partial_success_in_200: true,
    ..Capabilities::NONE
};

/// Builds Adobe connectors over shared connections.
#[derive(Debug, Clone)]
pub struct AdobeFactory {
    transport: Transport,
    tokens: Arc<AccessTokens>,
}

/// Builds Adobe connectors over these connections.
pub fn factory(transport: Transport) -> AdobeFactory {
    let tokens = Arc::new(AccessTokens::new(transport.clone()));
    AdobeFactory { transport, tokens }
}

#[async_trait]
impl Factory for AdobeFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let config = Config::read(&connect.integration.config)?;
        let credentials = Credentials::read(connect.credentials.as_ref())?;
        let http = self
            .transport
            .http(&config.base_url)?
            .with_header("x-api-key", &credentials.client_id)?
            .with_request_id(connect.correlation_id);
        let grant = credentials.grant(&config.login_url);
        let client = Client::new(http, config, self.tokens.clone(), grant);
        Ok(Box::new(AdobeConnector { client, catalogue: connect.integration.catalogue.clone() }))
    }
}

/// One organisation.
#[derive(Debug)]
struct AdobeConnector {
    client: Client,
    catalogue: Catalogue,
}

#[async_trait]
impl Connector for AdobeConnector {
    fn meta(&self) -> Meta {
        Meta { key: KEY, name: NAME, identity: IdentityKey::Email, capabilities: CAPABILITIES }
    }

    async fn probe(&self) -> Result<Health> {
        probe::probe(&self.client, &self.catalogue).await
    }

    /// A technical account, which is none of the users.
    async fn acting_account(&self) -> Result<Option<String>> {
        Ok(None)
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, cursor).await
    }

    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        Ok(Page { items: groups::roles(), next: None })
    }

    async fn list_assets(&self, cursor: Option<&str>) -> Result<Page<AppAsset>> {
        listing::user_groups(&self.client, cursor).await
    }

    async fn list_entitlements(&self, cursor: Option<&str>) -> Result<Page<AppEntitlement>> {
        listing::profiles(&self.client, cursor).await
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        observe::observe(&self.client, subject).await
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        plan::plan(self.client.identity, desired, observation)
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        apply::apply(&self.client, step, context).await
    }
}
