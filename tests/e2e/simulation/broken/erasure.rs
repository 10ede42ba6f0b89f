//! Disconnecting, in which nothing is broken.

use async_trait::async_trait;
use jiff::Timestamp;
use usher_domain::{
    access::Access,
    change::Change,
    id::{ConnectionId, IntegrationId, PersonId, WorkspaceId},
    integration::Integration,
    ports::{Disconnection, Erased, Erasure, Page, StoreResult},
};

use super::Broken;

#[async_trait]
impl Disconnection for Broken {
    async fn disconnect(&self, integration: &Integration, change: &Change) -> StoreResult<()> {
        self.store.disconnect(integration, change).await
    }
}

#[async_trait]
impl Erasure for Broken {
    async fn all_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Access>> {
        self.store.all_access(workspace, integration, cursor, limit).await
    }

    async fn forget_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
        now: Timestamp,
    ) -> StoreResult<()> {
        self.store.forget_access(workspace, integration, people, now).await
    }

    async fn erase_page(
        &self,
        change: &Change,
        integration: &IntegrationId,
        connection: Option<&ConnectionId>,
        after: Option<&PersonId>,
        now: Timestamp,
    ) -> StoreResult<Erased> {
        self.store.erase_page(change, integration, connection, after, now).await
    }
}
