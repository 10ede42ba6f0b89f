//! The executor's port.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    access::{Access, AccessState, Lease},
    activity::Activity,
    guard::{GuardRecord, Tally},
    id::{IntegrationId, WorkspaceId},
    integration::{Integration, Status},
    job::{Job, JobError, JobMessage, JobState},
    ports::{Claim, Counted, Execution, Finish, Holding, Loaded, StoreError, StoreResult},
};

use super::{
    Store,
    jobs::moved,
    row::{Item, document, kind, number, text_of},
    tally::Counting,
    tenancy::tenancy_of,
    transaction::{Condition, Otherwise, Transaction},
    users::found,
};
use crate::{keys, store::admin::integration_rows};

/// How often a write is tried again when the row moved while the lease is still held.
const WRITE_ATTEMPTS: u32 = 8;

#[async_trait]
impl Execution for Store {
    async fn load(&self, message: &JobMessage) -> StoreResult<Option<Loaded>> {
        let workspace = &message.workspace;
        let keys = [
            keys::job(workspace, &message.job),
            keys::access(workspace, &message.person, &message.integration),
            keys::integration(workspace, &message.integration),
            keys::tenancy(workspace),
        ];
        let rows = self.get_many(&keys).await?;
        let of_kind = |kind: &str| rows.iter().find(|row: &&Item| text_of(row, "type") == Some(kind));
        let (Some(job), Some(access), Some(integration)) =
            (of_kind(kind::JOB), of_kind(kind::ACCESS), of_kind(kind::INTEGRATION))
        else {
            return Ok(None);
        };
        Ok(Some(Loaded {
            job: document(job)?,
            access: document(access)?,
            integration: document(integration)?,
            tenancy: tenancy_of(of_kind(kind::TENANCY))?,
        }))
    }

    async fn abandon(&self, message: &JobMessage, now: Timestamp) -> StoreResult<()> {
        self.abandon_job(message, now).await
    }

    async fn seats(&self, workspace: &WorkspaceId) -> StoreResult<u64> {
        self.count_seats(workspace).await
    }

    async fn tally(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<Tally> {
        self.read_tally(workspace, integration).await
    }

    async fn start(
        &self,
        loaded: &Loaded,
        now: Timestamp,
        until: Timestamp,
        state: AccessState,
        activity: Option<&Activity>,
        counted: Option<&Counted>,
    ) -> StoreResult<Loaded> {
        let fence = loaded.access.fence + 1;
        let access = Access {
            fence,
            lease: Some(Lease { fence, until }),
            settled: None,
            state,
            updated_at: now,
            ..loaded.access.clone()
        };
        let running = moved(&loaded.job, JobState::Running, now);
        let passed = running.guard.passed.and(counted.map(|counted| counted.impact).unwrap_or_default());
        let guard = GuardRecord { passed, ..running.guard.clone() };
        let job = Job { attempts: running.attempts + 1, due_at: None, guard, ..running };
        let mut transaction = Transaction::new();
        self.put_access(&mut transaction, loaded.access.evaluation, &access)?;
        self.move_job(&mut transaction, &loaded.job, &job)?;
        if let Some(activity) = activity {
            self.put_activity(&mut transaction, activity)?;
        }
        if let Some(counted) = counted {
            self.put_tally(&mut transaction, &access, &counted.tally)?;
        }
        transaction.commit(self, "starting a job").await?;
        let access = Access { evaluation: loaded.access.evaluation + 1, ..access };
        Ok(Loaded { job, access, ..loaded.clone() })
    }

    async fn finish(&self, started: &Loaded, finish: &Finish) -> StoreResult<()> {
        let job = Job {
            error: finish.error.clone(),
            due_at: finish.due_at,
            steps: finish.steps.clone(),
            manual: finish.manual.clone().or_else(|| started.job.manual.clone()),
            // Asked once, done once; an attempt that is tried again still owes it.
            resend: started.job.resend && finish.state == JobState::Retrying,
            ..moved(&started.job, finish.state, finish.at)
        };
        let mut current = started.access.clone();
        for _ in 0..WRITE_ATTEMPTS {
            let access = finished(&current, started, finish);
            // What is left of it is the newer decision's.
            let outdated = finish.state.is_open() && current.version() != started.job.version;
            let superseded =
                Job { error: None, due_at: None, ..moved(&started.job, JobState::Superseded, finish.at) };
            let job = if outdated { &superseded } else { &job };
            let mut transaction = Transaction::new();
            self.put_access(&mut transaction, current.evaluation, &access)?;
            let done = Counting::seat(&current, &access).and(!finish.state.is_open(), finish.app_calls);
            let whose = (&access.workspace, &access.integration);
            self.add_to_tally(&mut transaction, whose, access.person.as_str(), done);
            self.move_job(&mut transaction, &started.job, job)?;
            if let Some(activity) = &finish.activity {
                self.put_activity(&mut transaction, activity)?;
            }
            if let Some(account) = &finish.released {
                self.release_account(&mut transaction, &current, account);
            }
            match transaction.commit(self, "finishing a job").await {
                Err(StoreError::Conflict { .. }) => {}
                done => return done,
            }
            // The row moved: a planner decided anew, or the lease was lost.
            let key = keys::access(&current.workspace, &current.person, &current.integration);
            current = document(&found(self.get(&key).await?, "the access")?)?;
            if current.lease.as_ref().map(|lease| lease.fence) != Some(started.access.fence) {
                return Err(StoreError::Conflict { what: "the lease" });
            }
        }
        Err(StoreError::Conflict { what: "the access" })
    }

    async fn claim(&self, access: &Access, holding: Holding<'_>, now: Timestamp) -> StoreResult<Claim> {
        self.claim_holding(access, holding, now).await
    }

    async fn set_aside(
        &self,
        job: &Job,
        state: JobState,
        error: Option<JobError>,
        due_at: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<()> {
        let aside = Job { error, due_at, ..moved(job, state, now) };
        let mut transaction = Transaction::new();
        self.move_job(&mut transaction, job, &aside)?;
        transaction.commit(self, "setting a job aside").await
    }

    async fn hold(
        &self,
        loaded: &Loaded,
        why: JobError,
        until: Timestamp,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.hold_job(loaded, why, until, now).await
    }

    async fn lease_admins(&self, job: &Job, now: Timestamp, until: Timestamp) -> StoreResult<bool> {
        self.take_admin_lease(job, now, until).await
    }

    async fn release_admins(&self, job: &Job) -> StoreResult<()> {
        self.end_admin_lease(job).await
    }

    async fn lease_credentials(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        self.take_credentials((workspace, integration), now, until).await
    }

    async fn release_credentials(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        until: Timestamp,
    ) -> StoreResult<()> {
        self.return_credentials((workspace, integration), until).await
    }

    async fn put_credentials(&self, integration: &Integration) -> StoreResult<()> {
        self.write_credentials(integration).await
    }

    async fn pause(&self, loaded: &Integration, reason: &str, now: Timestamp) -> StoreResult<()> {
        let stored = self.integration_row(&loaded.workspace, &loaded.id).await?;
        if matches!(stored.status, Status::Paused { .. }) {
            return Ok(());
        }
        let paused = Integration {
            status: Status::Paused { reason: reason.to_owned(), since: now },
            version: loaded.version + 1,
            ..stored
        };
        let [row, entry] = integration_rows(&paused)?;
        let mut transaction = Transaction::new();
        let unmoved = Condition::Equals("version", number(loaded.version));
        transaction.put_if(self, row, unmoved, Otherwise::Conflict("the integration"));
        transaction.put(self, entry);
        transaction.commit(self, "pausing an integration").await
    }
}

/// The access after a job ended, on top of what it is now: a version that was decided in the meantime keeps
/// its own chip and its own job.
fn finished(current: &Access, started: &Loaded, finish: &Finish) -> Access {
    let decided_anew = current.version() != started.job.version;
    let over = !finish.state.is_open() && current.job.as_ref() == Some(&started.job.id);
    Access {
        lease: None,
        observed: finish.observed.clone().or_else(|| current.observed.clone()),
        settled: finish.settled.clone(),
        drift: current.drift.clone().filter(|_| finish.settled.is_none()),
        reinvitations: finish.reinvitations,
        state: if decided_anew { current.state } else { finish.access_state },
        updated_at: finish.at,
        ..if over { current.clone().without_job() } else { current.clone() }
    }
}
