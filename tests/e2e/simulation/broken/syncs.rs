//! Syncs.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use usher_domain::{
    access::Access,
    activity::Activity,
    change::Change,
    id::{ConnectionId, IntegrationId, PersonId, WorkspaceId},
    integration::Integration,
    ports::{ListedDrift, Page, Runs, StoreResult, Syncing},
    sync::{Counts, Drift, Finding, Seen, SyncPage, SyncRun},
};

use super::{Broken, Mutation};

#[async_trait]
impl Runs for Broken {
    async fn last_run(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<SyncRun>> {
        self.store.last_run(workspace, integration).await
    }

    async fn put_run(
        &self,
        before: Option<&SyncRun>,
        after: &SyncRun,
        page: Option<&SyncPage>,
        changes: &[Change],
        activity: Option<&Activity>,
    ) -> StoreResult<()> {
        self.store.put_run(before, after, page, changes, activity).await
    }

    async fn drift_page(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<ListedDrift>> {
        self.store.drift_page(workspace, integration, cursor, limit).await
    }
}

#[async_trait]
impl Syncing for Broken {
    async fn sync_page(&self, run: &SyncRun, number: u32) -> StoreResult<Option<SyncPage>> {
        self.store.sync_page(run, number).await
    }

    async fn sync_pages(&self, run: &SyncRun) -> StoreResult<Vec<SyncPage>> {
        let mut pages = self.store.sync_pages(run).await?;
        if self.mutation == Mutation::NoSafeguard {
            pages.iter_mut().for_each(|page| page.counts = Counts::default());
        }
        Ok(pages)
    }

    async fn account_owners(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        accounts: &[String],
    ) -> StoreResult<BTreeMap<String, PersonId>> {
        self.store.account_owners(workspace, integration, accounts).await
    }

    async fn feeds(&self, integration: &Integration) -> StoreResult<Vec<ConnectionId>> {
        self.store.feeds(integration).await
    }

    async fn people_like(
        &self,
        connection: &ConnectionId,
        email: Option<&str>,
        user_name: &str,
    ) -> StoreResult<BTreeSet<PersonId>> {
        self.store.people_like(connection, email, user_name).await
    }

    async fn access_page(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Access>> {
        self.store.access_page(workspace, integration, cursor).await
    }

    async fn put_synced(&self, before: &Access, after: &Access) -> StoreResult<()> {
        self.store.put_synced(before, after).await
    }

    async fn follow_catalogue(&self, integration: &Integration, change: &Change) -> StoreResult<()> {
        self.store.follow_catalogue(integration, change).await
    }

    async fn put_stranger(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        finding: &Finding,
        drift: &Drift,
    ) -> StoreResult<()> {
        self.store.put_stranger(workspace, integration, finding, drift).await
    }

    async fn forget_stranger(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        seen: &Seen,
    ) -> StoreResult<()> {
        self.store.forget_stranger(workspace, integration, seen).await
    }
}
