//! What the reconciler needs: the open work of every workspace, and a way to put it on its way again.

use async_trait::async_trait;

use super::{OpenDeliveries, Page, Readings, Runs, StoreResult, Tenancies};
use crate::{
    Timestamp,
    change::Change,
    id::{IntegrationId, WorkspaceId},
    integration::Integration,
    job::Job,
};

/// The reconciler's store.
#[async_trait]
pub trait Upkeep: OpenDeliveries + Readings + Runs + Tenancies {
    /// Every workspace, page by page.
    async fn workspaces(&self, cursor: Option<&str>) -> StoreResult<Page<WorkspaceId>>;

    /// Open jobs that somebody should look at by `before`, oldest first: due ones, and those whose message
    /// or worker was lost.
    async fn open_jobs(
        &self,
        workspace: &WorkspaceId,
        before: Timestamp,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Job>>;

    /// Puts a job on its way again: the write wakes the stream, which sends its message. Waiting and
    /// retrying jobs keep their state until the connector begins them; a running one whose worker is gone
    /// is queued.
    ///
    /// # Errors
    /// `Conflict` when the job moved since it was read: then there is nothing to do.
    async fn release(&self, job: &Job, now: Timestamp) -> StoreResult<()>;

    /// Gives up a held job that nobody decided about in time, as if it were rejected.
    ///
    /// # Errors
    /// `Conflict` when the job moved since it was read: then there is nothing to do.
    async fn give_up(&self, job: &Job, now: Timestamp) -> StoreResult<()>;

    /// How many people have a seat in an integration, as recorded.
    async fn recorded_seats(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<u64>;

    /// Commits a change that is nothing but work for the planner.
    async fn look_again(&self, change: &Change) -> StoreResult<()>;

    /// The integrations of a workspace, page by page.
    async fn integration_page(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Integration>>;
}
