//! The reconciler: on a schedule it puts open work on its way again that waits longer than a message can, or
//! whose message or worker was lost, begins syncs, looks whether integrations can be disconnected by now, and reads the
//! meters once a day.

mod deliveries;
mod disconnecting;
mod readings;
mod syncs;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use usher_domain::{
    Timestamp,
    id::WorkspaceId,
    job::{Job, JobState},
    ports::{Clock, StoreError, StoreResult, Upkeep},
};

/// A run begins no further page of work after this time; what is left is the next one's. Shorter than the function's
/// timeout by far more than a page takes.
const BUDGET: Duration = Duration::from_secs(240);
/// How many jobs of a page are looked at side by side.
const AT_ONCE: usize = 8;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// How many jobs were put on their way.
    pub released: u64,
    /// How many held jobs were given up, because nobody decided about them in time.
    pub given_up: u64,
    /// How many syncs were begun, or put on their way.
    pub syncs: u64,
    /// How many deliveries to webhooks were put on their way.
    pub deliveries: u64,
}

/// When this process last read whose meters.
type ReadOn = BTreeMap<WorkspaceId, Date>;

/// The reconciler.
pub struct Reconciler {
    store: Arc<dyn Upkeep>,
    clock: Arc<dyn Clock>,
    read_on: Mutex<ReadOn>,
}

impl Reconciler {
    /// A reconciler over these ports.
    pub fn new(store: Arc<dyn Upkeep>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, read_on: Mutex::default() }
    }

    /// Releases what should be looked at by now. A regular run.
    ///
    /// # Errors
    /// When the store does not answer; the next run does what is left.
    pub async fn run(&self) -> StoreResult<Report> {
        let now = self.clock.now();
        self.release(now, now + BUDGET).await
    }

    /// Releases all open work, whenever it would be due: for a process that starts with an empty queue.
    ///
    /// # Errors
    /// As for [`Reconciler::run`].
    pub async fn recover(&self) -> StoreResult<Report> {
        self.release(Timestamp::MAX, Timestamp::MAX).await
    }

    /// The workspaces take turns, a page each, so that none waits for all the work of another.
    async fn release(&self, before: Timestamp, until: Timestamp) -> StoreResult<Report> {
        let began = self.clock.now();
        let mut report = Report::default();
        let mut outcome = Ok(());
        let mut turns: VecDeque<_> = self.workspaces().await?.into_iter().map(|it| (it, None)).collect();
        while let Some((workspace, cursor)) = turns.pop_front() {
            if self.clock.now() >= until {
                tracing::warn!(workspaces = turns.len() + 1, "work is left for the next run");
                break;
            }
            match self.turn(&workspace, cursor.as_deref(), before, began, &mut report).await {
                Ok(next) => turns.extend(next.map(|cursor| (workspace, Some(cursor)))),
                // The others go on, whatever is wrong with the work of one.
                Err(error) => {
                    tracing::error!(%workspace, %error, "the work of a workspace could not be looked at");
                    outcome = Err(error);
                }
            }
        }
        outcome.map(|()| report)
    }

    async fn workspaces(&self) -> StoreResult<Vec<WorkspaceId>> {
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.store.workspaces(cursor.as_deref()).await?;
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    /// A page of a workspace's open jobs, and at its first turn its syncs, its deliveries and its meters. Answers where the next turn goes on.
    async fn turn(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        before: Timestamp,
        began: Timestamp,
        report: &mut Report,
    ) -> StoreResult<Option<String>> {
        if cursor.is_none() {
            report.syncs += self.syncs_in(workspace, before).await?;
            report.deliveries += self.deliveries_in(workspace, before).await?;
            self.read_meters(workspace).await?;
        }
        let page = self.store.open_jobs(workspace, before, cursor).await?;
        // A released job moves on in the list; it is not released again in the same run.
        let jobs = page.items.iter().filter(|job| job.updated_at < began);
        let looks: Vec<_> = jobs.map(|job| self.look_at(job)).collect();
        let acts: Vec<_> = stream::iter(looks).buffer_unordered(AT_ONCE).try_collect().await?;
        let count = |act| acts.iter().filter(|done| **done == act).count() as u64;
        let (released, given_up) = (count(Act::Released), count(Act::GivenUp));
        if released + given_up > 0 {
            tracing::info!(%workspace, released, given_up, "open jobs were looked at");
        }
        report.released += released;
        report.given_up += given_up;
        Ok(page.next)
    }

    async fn look_at(&self, job: &Job) -> StoreResult<Act> {
        let now = self.clock.now();
        let (looked, act) = if job.state != JobState::Held {
            (self.store.release(job, now).await, Act::Released)
        } else if job.due_at.is_some_and(|until| until <= now) {
            (self.store.give_up(job, now).await, Act::GivenUp)
        } else {
            return Ok(Act::Nothing);
        };
        match looked {
            Ok(()) => Ok(act),
            // It moved by itself.
            Err(StoreError::Conflict { .. }) => Ok(Act::Nothing),
            Err(error) => Err(error),
        }
    }
}

/// What was done about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Released,
    GivenUp,
    Nothing,
}
