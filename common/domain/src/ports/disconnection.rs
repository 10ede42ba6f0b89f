//! Disconnecting an integration: from one moment on nobody finds it, and then what is left of it goes, page by page.

use async_trait::async_trait;

use super::{Page, StoreResult};
use crate::{
    Timestamp,
    access::Access,
    change::Change,
    id::{ConnectionId, IntegrationId, PersonId, WorkspaceId},
    integration::Integration,
};

/// Who disconnects.
#[async_trait]
pub trait Disconnection: Send + Sync {
    /// Disconnects an integration, as it was read, and commits the change by which the rest of it goes. Its credentials go
    /// at once; its own SCIM connection lets nobody in any more.
    ///
    /// # Errors
    /// `Conflict` when it was changed since it was read, or is gone.
    async fn disconnect(&self, integration: &Integration, change: &Change) -> StoreResult<()>;
}

/// Who takes away what is left.
#[async_trait]
pub trait Erasure: Disconnection {
    /// Everybody's access in an integration.
    async fn all_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Access>>;

    /// Forgets the access of these people in an integration that is gone, and calls their open jobs off.
    async fn forget_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
        now: Timestamp,
    ) -> StoreResult<()>;

    /// Takes a page of what is left of a disconnected integration away, and of the connection that was its own. Repeating it
    /// is harmless.
    async fn erase_page(
        &self,
        change: &Change,
        integration: &IntegrationId,
        connection: Option<&ConnectionId>,
        after: Option<&PersonId>,
        now: Timestamp,
    ) -> StoreResult<Erased>;
}

/// What one page of an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erased {
    /// More is left.
    Some {
        /// Of a team that it was shared with, the last member who was looked at.
        after: Option<PersonId>,
    },
    /// Nothing is left.
    All,
}
