//! Who belongs to a workspace as what, and the keys of its admin API.

use async_trait::async_trait;

use super::StoreResult;
use crate::{
    Timestamp,
    id::{ApiKeyId, PersonId, WorkspaceId},
    workspace::{ApiKey, Member},
};

/// Members and API keys of a workspace.
#[async_trait]
pub trait Members: Send + Sync {
    /// A person's role, where they were given one.
    async fn member(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Option<Member>>;

    /// Everybody who was given a role.
    async fn members(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Member>>;

    /// Gives a person another role than the one that was read; `None` takes it away. The Owner's is handed over
    /// instead.
    ///
    /// # Errors
    /// `Conflict` when it is not `before` any more.
    async fn change_member(
        &self,
        workspace: &WorkspaceId,
        person: &PersonId,
        before: Option<&Member>,
        after: Option<&Member>,
    ) -> StoreResult<()>;

    /// Makes a person the Owner. Whoever was it becomes a Super Admin in the same transaction: there is never more than
    /// one.
    ///
    /// # Errors
    /// `Conflict` when somebody else was made the Owner at the same moment.
    async fn hand_over(&self, workspace: &WorkspaceId, person: &PersonId, now: Timestamp) -> StoreResult<()>;

    /// The API keys.
    async fn api_keys(&self, workspace: &WorkspaceId) -> StoreResult<Vec<ApiKey>>;

    /// Revokes an API key.
    ///
    /// # Errors
    /// `Missing` when there is none.
    async fn delete_api_key(&self, workspace: &WorkspaceId, id: &ApiKeyId) -> StoreResult<()>;
}
