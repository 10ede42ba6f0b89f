//! The reconciler: on a schedule it puts open work on its way again that waits longer than a message can, or
//! whose message or worker was lost, begins syncs, and reads the meters once a day.

mod readings;
mod syncs;

use std::sync::{Arc, Mutex};

use jiff::civil::Date;
use usher_domain::{
    Timestamp,
    id::WorkspaceId,
    job::{Job, JobState},
    ports::{Clock, StoreError, StoreResult, Upkeep},
};

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// How many jobs were put on their way.
    pub released: u64,
    /// How many held jobs were given up, because nobody decided about them in time.
    pub given_up: u64,
    /// How many syncs were begun, or put on their way.
    pub syncs: u64,
}

/// The reconciler.
pub struct Reconciler {
    store: Arc<dyn Upkeep>,
    clock: Arc<dyn Clock>,
    /// The last day whose meters this process has read.
    read: Mutex<Option<Date>>,
}

impl Reconciler {
    /// A reconciler over these ports.
    pub fn new(store: Arc<dyn Upkeep>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, read: Mutex::default() }
    }

    /// Releases what should be looked at by now. A regular run.
    ///
    /// # Errors
    /// When the store does not answer; the next run does what is left.
    pub async fn run(&self) -> StoreResult<Report> {
        self.release(self.clock.now()).await
    }

    /// Releases all open work, whenever it would be due: for a process that starts with an empty queue.
    ///
    /// # Errors
    /// As for [`Reconciler::run`].
    pub async fn recover(&self) -> StoreResult<Report> {
        self.release(Timestamp::MAX).await
    }

    async fn release(&self, before: Timestamp) -> StoreResult<Report> {
        let began = self.clock.now();
        let mut report = Report::default();
        let day = self.day_to_read();
        let mut cursor = None;
        loop {
            let page = self.store.workspaces(cursor.as_deref()).await?;
            for workspace in &page.items {
                if let Some(day) = day {
                    self.read_in(workspace, day).await?;
                }
                self.release_in(workspace, before, began, &mut report).await?;
                report.syncs += self.syncs_in(workspace, before).await?;
            }
            cursor = page.next;
            if cursor.is_none() {
                if let Some(day) = day {
                    self.was_read(day);
                }
                return Ok(report);
            }
        }
    }

    async fn release_in(
        &self,
        workspace: &WorkspaceId,
        before: Timestamp,
        began: Timestamp,
        report: &mut Report,
    ) -> StoreResult<()> {
        let mut here = Report::default();
        let mut cursor = None;
        loop {
            let page = self.store.open_jobs(workspace, before, cursor.as_deref()).await?;
            // A released job moves on in the list; it is not released again in the same run.
            for job in page.items.iter().filter(|job| job.updated_at < began) {
                match self.look_at(job, &mut here).await {
                    // It moved by itself.
                    Ok(()) | Err(StoreError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                if here != Report::default() {
                    let Report { released, given_up, .. } = here;
                    tracing::info!(%workspace, released, given_up, "open jobs were looked at");
                }
                report.released += here.released;
                report.given_up += here.given_up;
                return Ok(());
            }
        }
    }

    async fn look_at(&self, job: &Job, report: &mut Report) -> StoreResult<()> {
        let now = self.clock.now();
        if job.state != JobState::Held {
            self.store.release(job, now).await?;
            report.released += 1;
        } else if job.due_at.is_some_and(|until| until <= now) {
            self.store.give_up(job, now).await?;
            report.given_up += 1;
        }
        Ok(())
    }
}
