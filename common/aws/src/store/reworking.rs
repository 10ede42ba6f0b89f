//! Work that somebody takes up again, or calls off.

use usher_domain::{
    Timestamp,
    access::{Access, AccessState},
    activity::{Activity, Event, Stage},
    change::{Cause, Change},
    id::IntegrationId,
    job::{Job, JobState},
    ports::{StoreError, StoreResult},
};

use super::{
    Store, holding::left_alone, jobs::moved, query::Range, row::document, transaction::Transaction,
    users::found,
};
use crate::keys;

/// How many open jobs a page of a resumption looks at.
const PAGE: u32 = 100;

impl Store {
    /// The access of a job, if the job is for the version that was decided last.
    async fn access_of(&self, job: &Job) -> StoreResult<Access> {
        let key = keys::access(&job.workspace, &job.person, &job.integration);
        let access: Access = document(&found(self.get(&key).await?, "the access")?)?;
        if access.version() == job.version {
            Ok(access)
        } else {
            Err(StoreError::Conflict { what: "the decision that this job was for" })
        }
    }

    pub(crate) async fn requeue_job(&self, job: &Job, now: Timestamp, cause: &Cause) -> StoreResult<()> {
        let access = self.access_of(job).await?;
        let queued = Job {
            attempts: 0,
            error: None,
            due_at: None,
            correlation_id: cause.correlation_id.clone(),
            ..moved(job, JobState::Queued, now)
        };
        let access_next = Access {
            job: Some(job.id.clone()),
            state: AccessState::decided(job.task),
            updated_at: now,
            ..access.clone()
        };
        let mut transaction = Transaction::new();
        self.put_access(&mut transaction, access.evaluation, &access_next)?;
        self.move_job(&mut transaction, job, &queued)?;
        transaction.commit(self, "queueing a job again").await
    }

    pub(crate) async fn cancel_job(&self, job: &Job, cause: &Cause) -> StoreResult<()> {
        let access = self.access_of(job).await?;
        let cancelled = Job { due_at: None, ..moved(job, JobState::Cancelled, cause.at) };
        let access_next = Access {
            state: left_alone(&access),
            rejected: Some(job.version),
            updated_at: cause.at,
            ..access.clone().without_job()
        };
        let mut transaction = Transaction::new();
        self.put_access(&mut transaction, access.evaluation, &access_next)?;
        self.move_job(&mut transaction, job, &cancelled)?;
        self.put_activity(&mut transaction, &called_off(job, cause))?;
        transaction.commit(self, "calling a job off").await
    }

    pub(crate) async fn resume_jobs(
        &self,
        change: &Change,
        integration: &IntegrationId,
        cursor: &str,
        now: Timestamp,
    ) -> StoreResult<Option<String>> {
        let range = Range::of_index(1, keys::open_jobs(&change.workspace)).limit(PAGE);
        let page = self.page(range.starting_at(Some(cursor))?).await?;
        for row in &page.items {
            let job: Job = document(row)?;
            let waits = job.integration == *integration && job.state == JobState::Waiting;
            if waits && !job.is_in_grace(now) {
                match self.requeue_job(&job, now, &change.cause).await {
                    // Somebody moved it since: then it is on its way already.
                    Ok(()) | Err(StoreError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(page.next)
    }
}

fn called_off(job: &Job, cause: &Cause) -> Activity {
    Activity {
        id: format!("{}.cancelled", job.id),
        workspace: job.workspace.clone(),
        integration: job.integration.clone(),
        at: cause.at,
        actor: cause.actor.clone(),
        event: Event::of(job.task, Stage::Failed),
        target: job.target.clone(),
        job: Some(job.id.clone()),
    }
}
