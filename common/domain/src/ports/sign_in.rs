//! What signing in needs.

use async_trait::async_trait;

use super::StoreResult;
use crate::{
    Timestamp,
    audit::AuditEntry,
    id::{PersonId, WorkspaceId},
    sign_in::{Attempt, Identity, OpenIdProvider, Session, SignInLink},
};

/// Links, providers, attempts, identities and sessions of a workspace. Reads are strongly consistent: what was ended opens
/// nothing any more.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// Stores a link that signs in once.
    async fn put_sign_in_link(&self, link: &SignInLink, id: &str) -> StoreResult<()>;

    /// Takes a sign-in link: it is gone afterwards, also when it is not accepted.
    async fn take_sign_in_link(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<Option<SignInLink>>;

    /// The provider that people sign in with, where there is one.
    async fn openid_provider(&self, workspace: &WorkspaceId) -> StoreResult<Option<OpenIdProvider>>;

    /// Stores the provider; the store moves the version.
    ///
    /// # Errors
    /// `Conflict` when the stored version is not the one of `provider` (0: there is none).
    async fn put_openid_provider(&self, provider: &OpenIdProvider) -> StoreResult<()>;

    /// Forgets the provider, if there is one.
    async fn delete_openid_provider(&self, workspace: &WorkspaceId) -> StoreResult<()>;

    /// Remembers that a sign-in began.
    async fn put_attempt(&self, attempt: &Attempt, id: &str) -> StoreResult<()>;

    /// Takes an attempt: it is gone afterwards, so that nothing can be brought back twice.
    async fn take_attempt(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<Option<Attempt>>;

    /// Whom a provider's subject is.
    async fn identity(
        &self,
        workspace: &WorkspaceId,
        issuer: &str,
        subject: &str,
    ) -> StoreResult<Option<Identity>>;

    /// The subjects that a person is.
    async fn identities_of(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Vec<Identity>>;

    /// Writes down whom a subject is, from both sides; `instead_of` is what was read and does not count any more.
    ///
    /// # Errors
    /// `Conflict` when the subject is somebody else, or the person another subject of the provider.
    async fn put_identity(&self, identity: &Identity, instead_of: Option<&Identity>) -> StoreResult<()>;

    /// Forgets whom a subject is.
    async fn delete_identity(&self, identity: &Identity) -> StoreResult<()>;

    /// Begins a session, and tells the audit log of it in the same transaction; its row ends with it.
    async fn begin_session(&self, session: &Session, told: &AuditEntry) -> StoreResult<()>;

    /// A browser's session.
    async fn session(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<Option<Session>>;

    /// Writes down that a session was used.
    ///
    /// # Errors
    /// `Missing` when it was ended meanwhile: it does not come back.
    async fn use_session(&self, session: &Session) -> StoreResult<()>;

    /// The sessions of a workspace.
    async fn sessions(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Session>>;

    /// Ends a session, if it is there.
    async fn end_session(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<()>;

    /// Counts one more sign-in from an address in a window of time, and answers whether it is within `most`.
    async fn count_sign_in(
        &self,
        workspace: &WorkspaceId,
        address: &str,
        window: &Window,
    ) -> StoreResult<bool>;
}

/// How many sign-ins a stretch of time takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it began.
    pub begins: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// How many it takes.
    pub most: u32,
}
