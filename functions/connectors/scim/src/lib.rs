//! The generic outbound SCIM 2.0 connector: users, and roles and entitlements kept as attributes or groups,
//! as its settings say. See `docs/CONNECTOR-CONTRACT.md`.

mod apply;
mod client;
mod config;
mod credentials;
mod known;
mod listing;
mod mapping;
mod observe;
mod paging;
mod person;
mod plan;
mod setup;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use usher_connector::{
    AccessTokens, Capabilities, Connect, Connector, Error, Factory, Health, IdentityKey, Member, Meta,
    Observation, Outcome, Result, Step, StepContext, Subject, Transport,
};
use usher_domain::{
    access::{Desired, Seat},
    integration::{AppEntitlement, AppRole, Catalogue},
    ports::Page,
};

pub use config::{Config, LeaveBy, MatchBy, Membership, ProfileMode, Removal, Required, UserNameFrom};
pub use known::{KnownApp, known_apps};
pub use mapping::Mapping;
pub use paging::Paging;
pub use setup::SETUP;

use crate::{
    client::{Client, Fetched},
    credentials::Credentials,
    observe::Managed,
    wire::equals,
};

/// The connector's key: names its queue and function.
pub const KEY: &str = "scim";

/// The connector's name, as people see it.
pub const NAME: &str = "SCIM 2.0";

/// A value that nobody has: an app that finds somebody by it does not filter.
const NOBODY: &str = "usher-probe.invalid";

/// Builds SCIM connectors over shared connections.
#[derive(Debug, Clone)]
pub struct ScimFactory {
    transport: Transport,
    tokens: Arc<AccessTokens>,
}

/// Builds SCIM connectors over these connections.
pub fn factory(transport: Transport) -> ScimFactory {
    let tokens = Arc::new(AccessTokens::new(transport.clone()));
    ScimFactory { transport, tokens }
}

#[async_trait]
impl Factory for ScimFactory {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let config = Config::read(&connect.integration.config)?;
        let mut http = self.transport.http(&config.base_url)?.with_request_id(connect.correlation_id);
        for (name, value) in &config.headers {
            http = http.with_header(name, value)?;
        }
        let mut fetched = None;
        match connect.credentials.as_ref().map(Credentials::read).transpose()? {
            None => {}
            Some(Credentials::Token(token)) => http = http.with_bearer(&token.bearer_token)?,
            Some(Credentials::Client(client)) => {
                fetched = Some(Fetched { tokens: self.tokens.clone(), grant: client.grant(&config)? });
            }
        }
        let client = Client::new(http, fetched, &config);
        Ok(Box::new(ScimConnector { client, catalogue: connect.integration.catalogue.clone(), config }))
    }
}

/// One SCIM app.
#[derive(Debug)]
struct ScimConnector {
    client: Client,
    config: Config,
    catalogue: Catalogue,
}

impl ScimConnector {
    fn managed<'a>(&'a self, known: &'a Seat) -> Managed<'a> {
        Managed { config: &self.config, catalogue: &self.catalogue, known }
    }
}

#[async_trait]
impl Connector for ScimConnector {
    fn meta(&self) -> Meta {
        Meta {
            key: KEY,
            name: NAME,
            identity: IdentityKey::UserName,
            capabilities: Capabilities {
                list_members: true,
                list_roles: true,
                list_entitlements: true,
                create_active: true,
                update_role: self.config.roles != Mapping::None,
                suspend: true,
                remove: self.config.removal == Removal::Delete,
                delete_frees_seat: true,
                ..Capabilities::NONE
            },
        }
    }

    async fn probe(&self) -> Result<Health> {
        for by in &self.config.matching {
            self.client.find_user(by.attribute(), NOBODY).await?;
        }
        if self.config.uses_groups() {
            self.client.find_group(NOBODY).await?;
            // Of an app that is known nobody needs to ask; some refuse to look for a member who is none.
            let documented = self.config.app.is_some() && self.config.membership == Membership::GroupFilter;
            let by_filter = self.config.membership != Membership::UserGroups && !documented;
            if by_filter && !self.client.groups_of(NOBODY).await?.is_empty() {
                return Err(Error::invalid(format!(
                    "the app does not filter groups by `{}`; set `membership` to `user_groups` if it tells the \
                     groups of each user",
                    equals("members.value", "…")
                )));
            }
        }
        Ok(Health::default())
    }

    /// A bearer token of a SCIM app stands for no user.
    async fn acting_account(&self) -> Result<Option<String>> {
        Ok(None)
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        listing::members(&self.client, self.managed(&Seat::default()), cursor).await
    }

    async fn list_roles(&self, cursor: Option<&str>) -> Result<Page<AppRole>> {
        // Where both are groups, only the catalogue tells them apart.
        if self.config.roles != Mapping::Groups || self.config.entitlements == Mapping::Groups {
            let known = self.config.app.as_deref().and_then(|key| KnownApp::of(key).ok());
            let named = known.into_iter().flat_map(|app| &app.roles);
            let new = named.filter(|role| self.catalogue.role(&role.key).is_none());
            return Ok(Page { items: self.catalogue.roles.iter().chain(new).cloned().collect(), next: None });
        }
        let page = listing::groups(&self.client, cursor).await?;
        let role = |name: String| match self.catalogue.role(&name) {
            Some(known) => known.clone(),
            None => AppRole { key: name.clone(), name, exclusion_group: None, rank: 0 },
        };
        Ok(Page { items: page.items.into_iter().map(role).collect(), next: page.next })
    }

    async fn list_entitlements(&self, cursor: Option<&str>) -> Result<Page<AppEntitlement>> {
        if self.config.entitlements != Mapping::Groups || self.config.roles == Mapping::Groups {
            return Ok(Page { items: self.catalogue.entitlements.clone(), next: None });
        }
        let page = listing::groups(&self.client, cursor).await?;
        let entitlement = |name: String| AppEntitlement { value: name.clone(), name };
        Ok(Page { items: page.items.into_iter().map(entitlement).collect(), next: page.next })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        observe::observe(&self.client, self.managed(&subject.known), subject).await
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        plan::plan(&self.config, desired, observation)
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        apply::apply(&self.client, &self.config, step, context).await
    }
}
