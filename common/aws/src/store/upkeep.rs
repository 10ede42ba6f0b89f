//! The reconciler's port.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    change::Change,
    guard::Ruling,
    id::{IntegrationId, WorkspaceId},
    integration::Integration,
    job::{Job, JobState},
    ports::{Page, StoreResult, Upkeep},
};

use super::{
    Store,
    jobs::moved,
    query::Range,
    row::{document, text_of},
    transaction::Transaction,
};
use crate::{keys, table::PRIMARY};

/// How many rows a page of the reconciler has.
const PAGE: u32 = 100;

#[async_trait]
impl Upkeep for Store {
    async fn workspaces(&self, cursor: Option<&str>) -> StoreResult<Page<WorkspaceId>> {
        let range = Range::of(keys::REGISTER.to_owned()).limit(PAGE).starting_at(cursor)?;
        let page = self.page(range).await?;
        let items = page.items.iter().filter_map(|row| text_of(row, PRIMARY.1)?.parse().ok()).collect();
        Ok(Page { items, next: page.next })
    }

    async fn open_jobs(
        &self,
        workspace: &WorkspaceId,
        before: Timestamp,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Job>> {
        let range = Range::of_index(1, keys::open_jobs(workspace));
        let range = range.up_to(keys::by_time(before, "~")).limit(PAGE).starting_at(cursor)?;
        let page = self.page(range).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }

    async fn release(&self, job: &Job, now: Timestamp) -> StoreResult<()> {
        let state = match job.state {
            JobState::Running => JobState::Queued,
            state => state,
        };
        let mut transaction = Transaction::new();
        self.move_job(&mut transaction, job, &moved(job, state, now))?;
        transaction.commit(self, "releasing a job").await
    }

    async fn give_up(&self, job: &Job, now: Timestamp) -> StoreResult<()> {
        self.rule_on(job, &Ruling::expired(&job.correlation_id, now)).await
    }

    async fn recorded_seats(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<u64> {
        Ok(self.read_tally(workspace, integration).await?.seats)
    }

    async fn look_again(&self, change: &Change) -> StoreResult<()> {
        self.announce_change(change).await
    }

    async fn integration_page(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Integration>> {
        let range = Range::of(keys::workspace_partition(workspace)).prefix(keys::INTEGRATION_PREFIX);
        let page = self.page(range.limit(PAGE).starting_at(cursor)?).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }
}
