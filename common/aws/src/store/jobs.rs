//! Rows of jobs. A job is moved and counted in one transaction.

use jiff::SignedDuration;
use usher_domain::{
    Timestamp,
    automation::Automation,
    id::{JobId, WorkspaceId},
    job::{Job, JobState},
    ports::StoreResult,
};

use super::{
    Store,
    counts::Deltas,
    row::{Row, document, kind, number, text},
    transaction::{Condition, Otherwise, Transaction},
};
use crate::keys;

/// The longest delay of an SQS message.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(15);
/// How long before its time a job that waits longer than a message can is put on its way.
const RELEASE_AHEAD: SignedDuration = SignedDuration::from_mins(12);
/// After how long an open job that nothing was heard of is looked at.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// How far apart the moments are at which it is looked for lost jobs.
const LOOKS_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// When the reconciler should look at an open job.
fn look_at(job: &Job) -> Timestamp {
    let later = |at: Timestamp, by: SignedDuration| at.checked_add(by).unwrap_or(Timestamp::MAX);
    match (job.state, job.due_at) {
        // Until then only a person can move it.
        (JobState::Held, until) => until.unwrap_or(Timestamp::MAX),
        (JobState::Waiting | JobState::Retrying, Some(due)) => {
            if due.duration_since(job.updated_at) <= LONGEST_DELAY {
                later(due, LOST_AFTER)
            } else {
                due.checked_sub(RELEASE_AHEAD).unwrap_or(due)
            }
        }
        _ => next_look(later(job.updated_at, LOST_AFTER)),
    }
}

/// The next moment at which it is looked for lost jobs. A job that begins soon after it was made keeps its place in the
/// index, which would otherwise be written twice.
fn next_look(at: Timestamp) -> Timestamp {
    let seconds = LOOKS_EVERY.as_secs();
    let next = (at.as_second().div_euclid(seconds) + 1) * seconds;
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}

/// The row of a job.
pub(crate) fn job_row(job: &Job) -> StoreResult<Row> {
    let row = Row::lean(keys::job(&job.workspace, &job.id), kind::JOB, job)?
        .with("state", text(job.state.name()))
        .with("revision", number(job.revision))
        .in_gsi1(
            keys::jobs_of(&job.workspace, &job.automation),
            keys::by_time(job.created_at, job.id.as_str()),
        );
    Ok(if job.state.is_open() {
        row.in_gsi2(keys::open_jobs(&job.workspace), keys::by_time(look_at(job), job.id.as_str()))
    } else {
        row
    })
}

impl Store {
    /// Writes a new job and counts it in.
    pub(crate) fn add_job(
        &self,
        transaction: &mut Transaction,
        job: &Job,
        automation: &Automation,
        supersede: Option<&Job>,
    ) -> StoreResult<()> {
        transaction.put_if(self, job_row(job)?, Condition::Absent, Otherwise::Conflict("the job"));
        let mut deltas = Deltas::from([(job.state, 1)]);
        if let Some(open) = supersede {
            let closed = moved(open, JobState::Superseded, job.created_at);
            // A transaction may touch an item once: a job that is superseded within its own automation may have to be
            // counted in the same update.
            if open.automation == automation.id && open.lane == job.lane {
                self.put_moved(transaction, open, &closed)?;
                *deltas.entry(open.state).or_default() -= 1;
                *deltas.entry(closed.state).or_default() += 1;
            } else {
                self.move_job(transaction, open, &closed)?;
            }
        }
        self.count_in(transaction, job, automation, &deltas)
    }

    /// Moves a job from how it was read to how it will be, and its automation's counts with it.
    pub(crate) fn move_job(
        &self,
        transaction: &mut Transaction,
        before: &Job,
        after: &Job,
    ) -> StoreResult<()> {
        self.put_moved(transaction, before, after)?;
        let mut deltas = Deltas::new();
        if before.state != after.state {
            deltas.extend([(before.state, -1), (after.state, 1)]);
        }
        self.count_moved(transaction, after, &deltas);
        Ok(())
    }

    fn put_moved(&self, transaction: &mut Transaction, before: &Job, after: &Job) -> StoreResult<()> {
        let unmoved = Condition::Equals("revision", number(before.revision));
        transaction.put_if(self, job_row(after)?, unmoved, Otherwise::Conflict("the job"));
        self.list_task(transaction, before, after)
    }

    pub(crate) async fn job_row_of(&self, workspace: &WorkspaceId, id: &JobId) -> StoreResult<Option<Job>> {
        self.get(&keys::job(workspace, id)).await?.as_ref().map(document).transpose()
    }
}

/// The job as it is after a move.
pub(crate) fn moved(job: &Job, state: JobState, now: Timestamp) -> Job {
    Job { state, updated_at: now, revision: job.revision + 1, ..job.clone() }
}
