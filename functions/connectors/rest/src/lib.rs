//! The connector of apps with a REST API that a document describes: where what is asked, what is read where, what refusals
//! mean. See the README beside it.

mod apply;
mod check;
mod client;
mod config;
mod document;
mod listing;
mod observe;
mod plan;
mod probe;
mod reading;
mod refusal;
mod role;
mod setup;
mod template;

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
pub use config::{Config, DOCUMENTS};
pub use document::*;
pub use setup::SETUP;

/// The connector's key: names its queue and function.
pub const KEY: &str = "rest";

/// The connector's name, as people see it.
pub const NAME: &str = "Described REST app";

/// What the connector can do in the app of a document.
fn capabilities(document: &Document) -> Capabilities {
    let invite = matches!(document.add, Add::Invite(_));
    let assets = document.assets.is_some();
    Capabilities {
        list_members: true,
        list_invitations: document.invitations.is_some(),
        list_roles: true,
        list_assets: assets,
        invite,
        create_active: !invite,
        update_role: document.set_role.is_some(),
        cancel_invite: invite,
        remove: true,
        assign_assets: assets,
        revoke_assets: assets,
        delete_frees_seat: true,
        ..Capabilities::NONE
    }
}

/// Builds REST connectors over shared connections.
#[derive(Debug, Clone)]
pub struct RestFactory {
    transport: Transport,
}

/// Builds REST connectors over these connections.
pub fn factory(transport: Transport) -> RestFactory {
    RestFactory { transport }
}

#[async_trait]
impl Factory for RestFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let Config { base_url, document, page_size } = Config::read(&connect.integration.config)?;
        let credentials = Credentials::read(&document.auth, connect.credentials.as_ref())?;
        let http = self.transport.http(&base_url)?.with_request_id(connect.correlation_id);
        let catalogue = connect.integration.catalogue.clone();
        let client = Client::new(self.transport.clone(), http, credentials, document, page_size);
        Ok(Box::new(RestConnector { client, catalogue }))
    }
}

/// One app.
#[derive(Debug)]
struct RestConnector {
    client: Client,
    catalogue: Catalogue,
}

#[async_trait]
impl Connector for RestConnector {
    fn meta(&self) -> Meta {
        let document = &self.client.document;
        let identity = match document.person.known_by {
            KnownBy::Email => IdentityKey::Email,
            KnownBy::UserName => IdentityKey::UserName,
        };
        Meta { key: KEY, name: NAME, identity, capabilities: capabilities(document) }
    }

    async fn probe(&self) -> Result<Health> {
        probe::probe(&self.client, &self.catalogue).await
    }

    async fn acting_account(&self) -> Result<Option<String>> {
        probe::acting_account(&self.client).await
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, cursor).await
    }

    async fn list_invitations(&self, cursor: Option<&str>) -> Result<Page<Invitation>> {
        listing::invitations(&self.client, cursor).await
    }

    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        Ok(Page { items: listing::app_roles(&self.client.document), next: None })
    }

    async fn list_assets(&self, cursor: Option<&str>) -> Result<Page<AppAsset>> {
        listing::assets(&self.client, cursor).await
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        observe::observe(&self.client, subject).await
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        plan::plan(&self.client.document, desired, observation)
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        apply::apply(&self.client, step, context).await
    }
}
