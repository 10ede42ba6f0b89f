//! Held work: a job that waits for an admin, and what becomes of it.

use usher_domain::{
    Timestamp,
    access::{Access, AccessState},
    activity::{Activity, Event, Stage},
    guard::{GuardRecord, Ruling, Verdict},
    job::{Job, JobError, JobState},
    ports::{Loaded, StoreError, StoreResult},
};

use super::{Store, jobs::moved, row::document, transaction::Transaction, users::found};
use crate::keys;

impl Store {
    pub(crate) async fn hold_job(
        &self,
        loaded: &Loaded,
        why: JobError,
        until: Timestamp,
        now: Timestamp,
    ) -> StoreResult<()> {
        let held = Job { error: Some(why), due_at: Some(until), ..moved(&loaded.job, JobState::Held, now) };
        let access = Access { state: AccessState::Held, updated_at: now, ..loaded.access.clone() };
        let mut transaction = Transaction::new();
        self.put_access(&mut transaction, loaded.access.evaluation, &access)?;
        self.move_job(&mut transaction, &loaded.job, &held)?;
        transaction.commit(self, "holding a job").await
    }

    /// Records what was decided about a held job: it goes on, or it is closed and its version is remembered as
    /// rejected.
    pub(crate) async fn rule_on(&self, job: &Job, ruling: &Ruling) -> StoreResult<()> {
        let key = keys::access(&job.workspace, &job.person, &job.integration);
        let access: Access = document(&found(self.get(&key).await?, "the access")?)?;
        if job.state != JobState::Held || access.version() != job.version {
            return Err(StoreError::Conflict { what: "the held job" });
        }
        let now = ruling.cause.at;
        let guard = GuardRecord { ruling: Some(ruling.clone()), ..job.guard.clone() };
        let approved = ruling.verdict == Verdict::Approved;
        let state = if approved { JobState::Queued } else { JobState::Cancelled };
        let ruled = Job { guard, due_at: None, ..moved(job, state, now) };
        let mut transaction = Transaction::new();
        if approved {
            let next = Access { state: AccessState::decided(job.task), updated_at: now, ..access.clone() };
            self.put_access(&mut transaction, access.evaluation, &next)?;
            self.move_job(&mut transaction, job, &Job { error: None, ..ruled })?;
        } else {
            let next = Access {
                state: left_alone(&access),
                rejected: Some(job.version),
                updated_at: now,
                ..access.clone().without_job()
            };
            self.put_access(&mut transaction, access.evaluation, &next)?;
            self.move_job(&mut transaction, job, &ruled)?;
            self.put_activity(&mut transaction, &rejected(job, ruling))?;
        }
        transaction.commit(self, "deciding about a held job").await
    }
}

/// The chip of somebody whose app is left as it is.
pub(super) fn left_alone(access: &Access) -> AccessState {
    match &access.observed {
        Some(observed) if observed.has_seat() => AccessState::Onboarded,
        Some(_) | None => AccessState::Removed,
    }
}

fn rejected(job: &Job, ruling: &Ruling) -> Activity {
    Activity {
        id: format!("{}.ruled", job.id),
        workspace: job.workspace.clone(),
        integration: job.integration.clone(),
        at: ruling.cause.at,
        actor: ruling.cause.actor.clone(),
        event: Event::of(job.task, Stage::Failed),
        target: job.target.clone(),
        job: Some(job.id.clone()),
    }
}
