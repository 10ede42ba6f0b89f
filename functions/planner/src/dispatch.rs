//! Sends the messages of jobs and syncs. Their row is the truth; its message only says "look".

use usher_domain::{
    Timestamp,
    job::{Job, JobState, Message},
    ports::StoreResult,
    sync::{RunState, SyncRun},
};

use crate::Planner;

/// The longest delay of an SQS message, in seconds. What waits longer is put on its way by the reconciler.
const LONGEST_DELAY: u32 = 900;

impl Planner {
    pub(crate) async fn dispatch(&self, job: &Job) -> StoreResult<()> {
        if !matches!(job.state, JobState::Queued | JobState::Waiting | JobState::Retrying) {
            return Ok(());
        }
        let Some(delay) = delay(job.due_at, self.clock.now()) else { return Ok(()) };
        tracing::info!(
            job = %job.id,
            integration = %job.integration,
            correlation_id = %job.correlation_id,
            delay,
            "sending a job"
        );
        self.queue.send(&job.connector, &Message::Job(job.message()), delay).await
    }

    pub(crate) async fn dispatch_sync(&self, run: &SyncRun) -> StoreResult<()> {
        if run.state != RunState::Queued {
            return Ok(());
        }
        let Some(delay) = delay(run.due_at, self.clock.now()) else { return Ok(()) };
        tracing::info!(sync = %run.id, integration = %run.integration, delay, "sending a sync");
        self.queue.send(&run.connector, &Message::Sync(run.message()), delay).await
    }
}

/// The seconds that a message waits; `None` for longer than one can.
pub(crate) fn delay(due: Option<Timestamp>, now: Timestamp) -> Option<u32> {
    // Rounded up: a message that arrives before its time would be sent again.
    let wait = due.map_or(0, |due| due.as_millisecond() - now.as_millisecond());
    let delay = u64::try_from(wait).unwrap_or(0).div_ceil(1_000);
    u32::try_from(delay).ok().filter(|delay| *delay <= LONGEST_DELAY)
}
