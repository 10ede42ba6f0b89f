//! What a sync needs: its run, the pages that it keeps, and a way to record what it found.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{Facts, Page, StoreResult};
use crate::{
    access::Access,
    activity::Activity,
    change::Change,
    id::{ConnectionId, IntegrationId, PersonId, SyncId, WorkspaceId},
    integration::Integration,
    sync::{Drift, Finding, Seen, SyncPage, SyncRun},
};

/// A difference, as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub enum ListedDrift {
    /// Of somebody's access.
    Access(Box<Access>, Box<Drift>),
    /// A stranger in the app, and who it might be.
    Stranger(Box<Finding>, Box<Drift>),
}

/// The runs of an integration. One is open at a time; the last one stays readable.
#[async_trait]
pub trait Runs: Send + Sync {
    /// The last run of an integration.
    async fn last_run(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<SyncRun>>;

    /// Writes a run over the one that was read, and with it what it leaves behind and tells. An open, queued run wakes
    /// the stream.
    ///
    /// # Errors
    /// `Conflict` when the run moved since it was read, or another one was begun.
    async fn put_run(
        &self,
        before: Option<&SyncRun>,
        after: &SyncRun,
        page: Option<&SyncPage>,
        changes: &[Change],
        activity: Option<&Activity>,
    ) -> StoreResult<()>;

    /// Differences of an integration, people first.
    async fn drift_page(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<ListedDrift>>;
}

/// The store of a sync that runs.
#[async_trait]
pub trait Syncing: Runs + Facts {
    /// Page `number` of a run's pass.
    async fn sync_page(&self, run: &SyncRun, number: u32) -> StoreResult<Option<SyncPage>>;

    /// All pages of a run's pass.
    async fn sync_pages(&self, run: &SyncRun) -> StoreResult<Vec<SyncPage>>;

    /// Whose these accounts are.
    async fn account_owners(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        accounts: &[String],
    ) -> StoreResult<BTreeMap<String, PersonId>>;

    /// The connections whose people an integration may have.
    async fn feeds(&self, integration: &Integration) -> StoreResult<Vec<ConnectionId>>;

    /// The people of a connection with this e-mail address, or else this user name.
    async fn people_like(
        &self,
        connection: &ConnectionId,
        email: Option<&str>,
        user_name: &str,
    ) -> StoreResult<BTreeSet<PersonId>>;

    /// A page of everybody's access in an integration, in the order of their ids; eventually consistent.
    async fn access_page(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Access>>;

    /// Writes an access over the one that was read.
    ///
    /// # Errors
    /// `Conflict` when it moved since.
    async fn put_synced(&self, before: &Access, after: &Access) -> StoreResult<()>;

    /// Replaces an integration whose catalogue follows its app, and commits the change of that.
    ///
    /// # Errors
    /// `Conflict` when the stored version is not the one before.
    async fn follow_catalogue(&self, integration: &Integration, change: &Change) -> StoreResult<()>;

    /// Records a stranger in the app.
    async fn put_stranger(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        finding: &Finding,
        drift: &Drift,
    ) -> StoreResult<()>;

    /// Forgets a stranger.
    async fn forget_stranger(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        seen: &Seen,
    ) -> StoreResult<()>;

    /// A page of the differences of an integration that an earlier run than this one found.
    async fn older_drift(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        than: &SyncId,
        cursor: Option<&str>,
    ) -> StoreResult<Page<ListedDrift>> {
        let page = self.drift_page(workspace, integration, cursor, 100).await?;
        let older = |listed: &ListedDrift| {
            let (ListedDrift::Access(_, drift) | ListedDrift::Stranger(_, drift)) = listed;
            drift.sync != *than
        };
        Ok(Page { items: page.items.into_iter().filter(older).collect(), next: page.next })
    }
}
