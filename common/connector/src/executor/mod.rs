//! The executor: takes a job, brings one person in one app from what is observed to what is desired, and
//! records how that ended.
//!
//! It never sleeps: every delay becomes the job's due time, and the queue brings the message again. Whatever
//! happens to a message (lost, repeated, late, out of order) and wherever the process dies, the next run
//! observes first, so that nothing is done twice.

mod attempt;
mod connecting;
mod ending;
mod invitation;
mod keeping;
mod ownership;
mod quota;
mod safeguard;
mod sync;

use std::{sync::Arc, time::Duration};

use usher_domain::{
    Timestamp,
    access::AccessState,
    activity::{Activity, Event, Stage},
    change::Actor,
    guard::Impact,
    job::{Admission, Job, JobError, JobMessage, JobState, Message, Task, admit},
    ports::{Clock, Counted, Execution, Finish, Ids, Loaded, Sealer, StoreError},
};

use self::{
    attempt::{Attempt, Attempted, Ending},
    ending::{Closing, close},
    invitation::Recorded,
    ownership::Claiming,
    safeguard::Safeguard,
};
pub use self::{connecting::PAUSED, keeping::StoredCredentials};
use crate::{
    action::Action, backoff::Backoff, contract::Factory, error::Class, http::metering::counted,
    subject::Subject,
};

/// How often a job is loaded again because somebody moved it, or counted another one at the same moment.
const MAX_LOADS: u32 = 10;

/// How long a job waits at most that others were always faster than, in milliseconds.
const CROWDED: u64 = 60_000;

/// Bounds of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long the right to act is taken for; longer than any function may run.
    pub lease: Duration,
    /// How long one run may go on beginning steps; with one step more, shorter than the function's timeout.
    pub budget: Duration,
    /// How long one call of a connector may take.
    pub step: Duration,
    /// When to try again.
    pub backoff: Backoff,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(300),
            budget: Duration::from_secs(25),
            step: Duration::from_secs(30),
            backoff: Backoff::default(),
        }
    }
}

/// What to do with the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Delete it: what is left to do has its own message, or will have.
    Done,
    /// Deliver it again: somebody else acts for this person now.
    Again {
        /// After this time.
        after: Duration,
    },
}

impl Verdict {
    /// After how long the message has to come again, if it has to.
    pub fn again_after(self) -> Option<Duration> {
        match self {
            Self::Done => None,
            Self::Again { after } => Some(after),
        }
    }
}

/// Runs the jobs and syncs of a connector's queue.
#[derive(Clone)]
pub struct Executor {
    /// Where jobs and access are.
    pub store: Arc<dyn Execution>,
    /// Opens the app's credentials.
    pub sealer: Arc<dyn Sealer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
    /// Builds the connector of an integration.
    pub factory: Arc<dyn Factory>,
    /// Bounds.
    pub settings: Settings,
}

/// An attempt that is over.
struct Tried {
    attempted: Attempted,
    /// Whether it was the only one that might take an admin role away.
    alone: bool,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Executor {
    /// Runs the job, or goes on with the sync, that a message names.
    ///
    /// # Errors
    /// When the store does not answer: the message has to be delivered again. Every failure of the app or of
    /// the connector is recorded in the job or sync instead.
    pub async fn run(&self, message: &Message) -> Result<Verdict, StoreError> {
        match message {
            Message::Job(message) => self.run_job(message).await,
            Message::Sync(message) => self.run_sync(message).await,
        }
    }

    async fn run_job(&self, message: &JobMessage) -> Result<Verdict, StoreError> {
        for _ in 0..MAX_LOADS {
            match self.try_once(message).await {
                // Somebody moved the job since it was loaded: look again.
                Err(StoreError::Conflict { .. }) => {}
                other => return other,
            }
        }
        self.step_back(message).await
    }

    /// Puts a job off that others were always faster than: many are counted at the same moment where many people are removed
    /// at once. It comes again by a message of its own, because one message is delivered a bounded number of times.
    async fn step_back(&self, message: &JobMessage) -> Result<Verdict, StoreError> {
        let Some(Loaded { job, .. }) = self.store.load(message).await? else {
            return Ok(Verdict::Done);
        };
        if !matches!(job.state, JobState::Queued | JobState::Waiting | JobState::Retrying) {
            return Ok(Verdict::Again { after: Duration::from_secs(2) });
        }
        let now = self.clock.now();
        let due = now + Duration::from_millis(self.random() % CROWDED);
        let error = job.error.clone().unwrap_or_else(|| JobError {
            class: "crowded".into(),
            message:
                "many changes of this integration begin at the same moment; this one goes on in a moment"
                    .into(),
        });
        match self.store.set_aside(&job, JobState::Retrying, Some(error), Some(due), now).await {
            Ok(()) => Ok(Verdict::Done),
            Err(StoreError::Conflict { .. }) => Ok(Verdict::Again { after: Duration::from_secs(2) }),
            Err(error) => Err(error),
        }
    }

    fn random(&self) -> u64 {
        u64::from_be_bytes(self.ids.secret()[..8].try_into().unwrap_or_default())
    }

    async fn try_once(&self, message: &JobMessage) -> Result<Verdict, StoreError> {
        let now = self.clock.now();
        let Some(loaded) = self.store.load(message).await? else {
            self.store.abandon(message, now).await?;
            return Ok(Verdict::Done);
        };
        let Loaded { job, access, integration, tenancy } = &loaded;
        if tenancy.is_ending() {
            return Ok(Verdict::Done);
        }
        match admit(job, access, integration, now) {
            Admission::Begin => return self.begin(&loaded, None, now).await,
            Admission::Count(impact) => return self.begin_or_hold(&loaded, impact, now).await,
            Admission::Closed => {}
            Admission::Superseded => {
                self.store.set_aside(job, JobState::Superseded, None, None, now).await?;
            }
            Admission::NotBefore(due) => {
                let state =
                    if job.state == JobState::Retrying { JobState::Retrying } else { JobState::Waiting };
                self.store.set_aside(job, state, job.error.clone(), Some(due), now).await?;
            }
            Admission::Paused(reason) => {
                let error = JobError { class: "paused".into(), message: reason };
                let due = Some(connecting::look_again(job.created_at, now));
                self.store.set_aside(job, JobState::Waiting, Some(error), due, now).await?;
            }
            Admission::Busy(until) => {
                return Ok(Verdict::Again { after: busy(until, now, self.settings.lease) });
            }
        }
        Ok(Verdict::Done)
    }

    /// Begins a job that takes something away or raises somebody, if the integration's guards let it.
    async fn begin_or_hold(
        &self,
        loaded: &Loaded,
        impact: Impact,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let Loaded { job, integration, .. } = loaded;
        let tally = self.store.tally(&integration.workspace, &integration.id).await?;
        match tally.count(&integration.guards, impact, now) {
            Ok(tally) => self.begin(loaded, Some(&Counted { impact, tally }), now).await,
            Err(why) => {
                tracing::warn!(
                    workspace = %job.workspace,
                    integration = %job.integration,
                    job = %job.id,
                    correlation_id = job.correlation_id,
                    why = why.message,
                    "job held"
                );
                let until = now + Duration::from_secs(integration.guards.hold_seconds.into());
                self.store.hold(loaded, why, until, now).await?;
                Ok(Verdict::Done)
            }
        }
    }

    async fn begin(
        &self,
        loaded: &Loaded,
        guarded: Option<&Counted>,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let job = &loaded.job;
        let attempt = job.attempts + 1;
        // Later attempts would only repeat what the log says already.
        let begun = (attempt == 1).then(|| activity(job, Stage::InProgress, attempt, now));
        let until = now + self.settings.lease;
        let state = in_progress(job.task);
        let started = self.store.start(loaded, now, until, state, begun.as_ref(), guarded).await?;

        let (tried, app_calls) = counted(self.try_it(&started, attempt, now)).await;
        let Tried { attempted, alone } = tried?;
        let paused = self.pause_if_asked(&started, &attempted).await?;
        let now = self.clock.now();
        let closing = Closing {
            attempt,
            previous_class: job.error.as_ref().map(|error| error.class.as_str()),
            paused,
            app_calls,
            random: self.random(),
            now,
        };
        let finish = close(&started, attempted, closing, &self.settings.backoff);
        tracing::info!(
            workspace = %job.workspace,
            integration = %job.integration,
            job = %job.id,
            correlation_id = job.correlation_id,
            attempt,
            state = finish.state.name(),
            class = finish.error.as_ref().map(|error| error.class.as_str()),
            steps = finish.steps.len(),
            "job attempted"
        );
        let verdict = self.record(&started, &finish).await;
        if alone {
            self.store.release_admins(job).await?;
        }
        verdict
    }

    /// Attempts the job; where it takes an admin role away, as the only one in its integration.
    async fn try_it(&self, started: &Loaded, attempt: u32, now: Timestamp) -> Result<Tried, StoreError> {
        if let Some(error) = self.over_quota(started).await? {
            let attempted = Attempted::failed(error, Action::NeedsPerson);
            return Ok(Tried { attempted, alone: false });
        }
        let attempted = self.attempt(started, attempt, now, false).await;
        let until = now + self.settings.lease;
        if attempted.ending != Ending::NeedsToBeAlone
            || !self.store.lease_admins(&started.job, self.clock.now(), until).await?
        {
            return Ok(Tried { attempted, alone: false });
        }
        Ok(Tried { attempted: self.attempt(started, attempt, now, true).await, alone: true })
    }

    async fn record(&self, started: &Loaded, finish: &Finish) -> Result<Verdict, StoreError> {
        match self.store.finish(started, finish).await {
            // The lease was lost: whoever holds it now observes what was done, and records that.
            Err(StoreError::Conflict { .. }) | Ok(()) => Ok(Verdict::Done),
            Err(error) => Err(error),
        }
    }

    async fn attempt(&self, started: &Loaded, attempt: u32, now: Timestamp, alone: bool) -> Attempted {
        let Some(desired) = &started.access.desired else {
            return Attempted::ended(Ending::Reached);
        };
        let connector = match self.connect(&started.integration, &started.job.correlation_id).await {
            Ok(connector) => connector,
            // The service that opens credentials may be busy; everything else is for an admin to mend.
            Err(error) if matches!(error.class(), Class::Transient { .. }) => {
                return Attempted::failed(error, Action::Retry { after: None });
            }
            Err(error) => return Attempted::failed(error, Action::PauseIntegration),
        };
        Attempt {
            connector: connector.as_ref(),
            desired,
            subject: Subject::of(&started.access, desired, &started.job, &started.integration.sync),
            invitation: Recorded::of(&started.access, &started.job),
            safeguard: Safeguard::of(started, alone),
            holdings: &Claiming {
                store: self.store.as_ref(),
                access: &started.access,
                clock: self.clock.as_ref(),
            },
            operation: format!("{}.{attempt}", started.job.id),
            clock: self.clock.as_ref(),
            until: now + self.settings.budget,
            step: self.settings.step,
        }
        .run()
        .await
    }
}

/// When to ask again for a lease: soon while it is young, because most jobs take a moment, and less and less
/// often, because an old one is left by somebody who is gone.
fn busy(until: Timestamp, now: Timestamp, lease: Duration) -> Duration {
    let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    let soon = Duration::from_secs(2);
    lease.saturating_sub(left).clamp(soon, left.max(soon))
}

/// The chip while a job of this task runs.
fn in_progress(task: Task) -> AccessState {
    match task {
        Task::AddingUsers => AccessState::Inviting,
        Task::RemovingUsers => AccessState::Removing,
        _ => AccessState::Updating,
    }
}

/// The row of the Activity tab for a stage of a job. Its id is derived, so that telling it twice is telling
/// it once.
fn activity(job: &Job, stage: Stage, attempt: u32, at: Timestamp) -> Activity {
    let name = match stage {
        Stage::Requested => "requested",
        Stage::InProgress => "in_progress",
        Stage::Done => "done",
        Stage::Failed => "failed",
    };
    Activity {
        id: format!("{}.{name}.{attempt}", job.id),
        workspace: job.workspace.clone(),
        integration: job.integration.clone(),
        at,
        actor: Actor::Usher,
        event: Event::of(job.task, stage),
        target: job.target.clone(),
        job: Some(job.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_asked_for_less_and_less_often() {
        let lease = Duration::from_secs(300);
        let until = Timestamp::from_second(300).unwrap();
        let (mut now, mut asked) = (0, 0);
        while now < 300 {
            let after = busy(until, Timestamp::from_second(now).unwrap(), lease);
            assert!(after >= Duration::from_secs(2));
            now += i64::try_from(after.as_secs()).unwrap();
            asked += 1;
        }
        assert!(asked <= 10, "{asked} deliveries of a message whose holder died");
        assert!(now <= 302, "it is asked for as soon as it ends");
    }
}
