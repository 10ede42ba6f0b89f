//! Sends the messages of jobs. A job's row is the truth; its message only says "look".

use usher_domain::{
    job::{Job, JobState},
    ports::StoreResult,
};

use crate::Planner;

/// The longest delay of an SQS message, in seconds. What waits longer is put on its way by the reconciler.
const LONGEST_DELAY: u64 = 900;

impl Planner {
    pub(crate) async fn dispatch(&self, job: &Job) -> StoreResult<()> {
        if !matches!(job.state, JobState::Queued | JobState::Waiting | JobState::Retrying) {
            return Ok(());
        }
        let now = self.clock.now();
        // Rounded up: a message that arrives before its time would be sent again.
        let wait = job.due_at.map_or(0, |due| due.as_millisecond() - now.as_millisecond());
        let delay = u64::try_from(wait).unwrap_or(0).div_ceil(1_000);
        if delay > LONGEST_DELAY {
            return Ok(());
        }
        tracing::info!(
            job = %job.id,
            integration = %job.integration,
            correlation_id = %job.correlation_id,
            delay,
            "sending a job"
        );
        self.queue.send(&job.connector, &job.message(), u32::try_from(delay).unwrap_or(0)).await
    }
}
