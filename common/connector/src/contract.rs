//! What a connector is.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use usher_domain::{
    Timestamp,
    access::{Account, AccountState, Desired, Observed, Told},
    directory::Profile,
    integration::{AppAsset, AppEntitlement, AppRole, Integration},
    ports::Page,
};

use crate::{
    error::{Error, Result},
    keeper::Keeper,
    step::{Outcome, Step},
    subject::Subject,
};

/// By what an app knows people before they are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKey {
    /// An e-mail address.
    Email,
    /// A sign-in name that the directory gives.
    UserName,
    /// An id or login of the app's own: the person has to link it first.
    AppLogin,
}

impl IdentityKey {
    /// The name by which the app is asked for a person whose account is not known; `None` where the directory has none.
    pub fn name_of(self, profile: &Profile) -> Option<&str> {
        match self {
            Self::Email => profile.email.as_deref(),
            Self::UserName | Self::AppLogin => Some(&profile.user_name),
        }
    }
}

/// What a connector can do in its app. Pages, tables and plans are made from these: a flag that is not true
/// of the app is a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Everybody who has a seat can be listed.
    pub list_members: bool,
    /// Pending invitations can be listed.
    pub list_invitations: bool,
    /// The app tells its roles.
    pub list_roles: bool,
    /// The app tells its assets.
    pub list_assets: bool,
    /// The app tells its entitlements.
    pub list_entitlements: bool,
    /// The app tells how many seats are left.
    pub seats_info: bool,
    /// A write can be tried without effect.
    pub dry_run: bool,
    /// People are invited, and accept.
    pub invite: bool,
    /// Accounts are usable at once.
    pub create_active: bool,
    /// Assets can be assigned with the invitation.
    pub preassign_on_invite: bool,
    /// Roles can be changed.
    pub update_role: bool,
    /// A pending invitation can be changed.
    pub update_pending: bool,
    /// An invitation can be sent again.
    pub resend_invite: bool,
    /// An invitation can be taken back.
    pub cancel_invite: bool,
    /// Accounts can be switched off and kept.
    pub suspend: bool,
    /// Accounts can be removed.
    pub remove: bool,
    /// Assets can be granted.
    pub assign_assets: bool,
    /// Asset grants can be revoked.
    pub revoke_assets: bool,
    /// Doing a write twice is doing it once.
    pub idempotent_upsert: bool,
    /// How many people one call can be about.
    pub batch: Option<u16>,
    /// Some writes are done later.
    pub async_jobs: bool,
    /// How long a write may take to be seen.
    pub eventual_consistency: Option<Duration>,
    /// The vendor approves some writes.
    pub vendor_approval: bool,
    /// Removing an account frees its seat.
    pub delete_frees_seat: bool,
    /// A success may hold failures.
    pub partial_success_in_200: bool,
}

impl Capabilities {
    /// Of an app that can do nothing: a connector names what its app can.
    pub const NONE: Self = Self {
        list_members: false,
        list_invitations: false,
        list_roles: false,
        list_assets: false,
        list_entitlements: false,
        seats_info: false,
        dry_run: false,
        invite: false,
        create_active: false,
        preassign_on_invite: false,
        update_role: false,
        update_pending: false,
        resend_invite: false,
        cancel_invite: false,
        suspend: false,
        remove: false,
        assign_assets: false,
        revoke_assets: false,
        idempotent_upsert: false,
        batch: None,
        async_jobs: false,
        eventual_consistency: None,
        vendor_approval: false,
        delete_frees_seat: false,
        partial_success_in_200: false,
    };
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::NONE
    }
}

/// What a connector is and can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Names its queue and function: [`Integration::connector`].
    pub key: &'static str,
    /// The name that people see.
    pub name: &'static str,
    /// By what its app knows people.
    pub identity: IdentityKey,
    /// What it can do, with its settings.
    pub capabilities: Capabilities,
}

/// The answer of [`Connector::probe`]: the app was reached and the credentials are good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// What the credentials may not do and should.
    pub missing_scopes: Vec<String>,
    /// The app's id of the account that Usher acts as: never removed or demoted.
    pub acting_account: Option<String>,
    /// What an admin should know.
    pub notes: Vec<String>,
}

/// What a connector saw of one person.
#[derive(Clone, Default, PartialEq)]
pub struct Observation {
    /// In the product's words.
    pub observed: Observed,
    /// What the connector needs besides, for its own plan and steps; nobody else reads it.
    pub detail: Value,
}

impl fmt::Debug for Observation {
    /// Without what the app says about the person: this ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.observed.account.as_ref().map(|account| account.state);
        f.debug_struct("Observation").field("account", &state).finish_non_exhaustive()
    }
}

/// Somebody who has a seat, as a listing tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: Account,
    /// What it carries, as far as the listing tells.
    pub seat: Told,
}

/// Somebody who is invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The app's id of the invitation.
    pub id: String,
    /// The address it went to.
    pub email: String,
    /// Whether it still waits: `Invited`, `Expired` or `Declined`.
    pub state: AccountState,
    /// The roles it carries.
    pub roles: BTreeSet<String>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What surrounds a step.
#[derive(Debug, Clone, Copy)]
pub struct StepContext<'a> {
    /// Whom it is about.
    pub subject: &'a Subject,
    /// What was seen before the plan was made.
    pub observation: &'a Observation,
    /// The app's id: seen, or made by an earlier step of the plan.
    pub account: Option<&'a str>,
    /// Names this attempt at this step, for apps that keep a client's own id with a request.
    pub operation: &'a str,
}

/// An app, reached with one integration's settings and credentials. It holds no state between jobs.
///
/// No operation retries or sleeps: a failure is returned with its [`Class`](crate::Class), and the executor
/// knows what to do.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What it is and can do.
    fn meta(&self) -> Meta;

    /// Whether people do the work: the app cannot be asked, and what they confirmed is all that is known of it
    /// ([`Subject::recorded`]). A sync then compares nobody, and steps end as [`Outcome::Manual`].
    fn by_hand(&self) -> bool {
        false
    }

    /// Checks that the app is there and that the credentials are good for everything that is needed.
    async fn probe(&self) -> Result<Health>;

    /// The app's id of the account that Usher acts as, if it is one: never removed or demoted. Asked before everything
    /// that takes something away, so it is for a connector to say where it knows without asking everything.
    async fn acting_account(&self) -> Result<Option<String>> {
        Ok(self.probe().await?.acting_account)
    }

    /// Everybody who has a seat, page by page. A page that is cut short is an error, never a shorter list.
    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>>;

    /// Whether two sets of permissions on an asset come to the same. An app may show what was granted together with what
    /// comes along, or without what is covered; neither is a difference for a sync to repair.
    fn same_grant(&self, _asset: &str, given: &BTreeSet<String>, listed: &BTreeSet<String>) -> bool {
        given == listed
    }

    /// Pending invitations.
    async fn list_invitations(&self, _cursor: Option<&str>) -> Result<Page<Invitation>> {
        let meta = self.meta();
        none_or_unsupported(meta.capabilities.invite, meta.name, "invitations")
    }

    /// The app's roles and permissions.
    async fn list_roles(&self, _cursor: Option<&str>) -> Result<Page<AppRole>> {
        none_or_unsupported(true, self.meta().name, "roles")
    }

    /// The app's assets.
    async fn list_assets(&self, _cursor: Option<&str>) -> Result<Page<AppAsset>> {
        let meta = self.meta();
        none_or_unsupported(meta.capabilities.assign_assets, meta.name, "assets")
    }

    /// The app's entitlements.
    async fn list_entitlements(&self, _cursor: Option<&str>) -> Result<Page<AppEntitlement>> {
        none_or_unsupported(true, self.meta().name, "entitlements")
    }

    /// What the app gives this person now: account, invitation, or nothing. Only an answer that says so
    /// means nothing.
    async fn observe(&self, subject: &Subject) -> Result<Observation>;

    /// The smallest steps, in order, from what was seen to what is desired; none when the app agrees. Pure.
    ///
    /// # Errors
    /// When no step could lead there: `Invalid`, `PolicyDenied`, `IdentityUnlinked`.
    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>>;

    /// Does one step. What is so already is [`Outcome::NoChange`].
    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome>;
}

/// An app that has no such thing has none; one that has them and does not tell must not look empty.
fn none_or_unsupported<T>(may_exist: bool, connector: &str, things: &str) -> Result<Page<T>> {
    if may_exist {
        return Err(Error::invalid(format!(
            "{connector} cannot list {things}; list them in the integration's catalogue"
        )));
    }
    Ok(Page { items: Vec::new(), next: None })
}

/// What a connector is built from.
#[derive(Debug)]
pub struct Connect<'a> {
    /// Where: [`Integration::config`] holds the settings.
    pub integration: &'a Integration,
    /// The app's credentials, opened.
    pub credentials: Option<SecretString>,
    /// Where they are kept, for an app that replaces a part of them by itself.
    pub keeper: Arc<dyn Keeper>,
    /// Follows one request from the SCIM call to the app's API.
    pub correlation_id: &'a str,
}

/// Builds the connector of an integration.
#[async_trait]
pub trait Factory: Send + Sync {
    /// Reads settings and credentials; calls the app only where it has to for a token.
    ///
    /// # Errors
    /// `Invalid` for settings, an `Auth…` class for credentials: the integration is paused with the message.
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>>;
}

#[async_trait]
impl<F: Factory + ?Sized> Factory for Arc<F> {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        (**self).connector(connect).await
    }
}
