//! What a connector's executor needs: one job and its access, a lease, and one place to record the outcome.

use async_trait::async_trait;

use super::StoreResult;
use crate::{
    Timestamp,
    access::{Access, AccessState, Observed, Settled},
    activity::Activity,
    integration::Integration,
    job::{Job, JobError, JobMessage, JobState},
};

/// A job with everything that decides whether it may begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The job.
    pub job: Job,
    /// The access that it is for.
    pub access: Access,
    /// Where.
    pub integration: Integration,
}

/// How a job ended or paused.
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    /// Where the job stands now.
    pub state: JobState,
    /// Why it is not done.
    pub error: Option<JobError>,
    /// When to look at it again.
    pub due_at: Option<Timestamp>,
    /// What was done in the app.
    pub steps: Vec<String>,
    /// How often an invitation that ended without an answer was sent again by now.
    pub reinvitations: u32,
    /// What the app was last seen to give, where it was seen.
    pub observed: Option<Observed>,
    /// What the app is now known to agree with.
    pub settled: Option<Settled>,
    /// The chip to show.
    pub access_state: AccessState,
    /// What to tell in the Activity tab.
    pub activity: Option<Activity>,
    /// When it ended.
    pub at: Timestamp,
}

/// The executor's store.
#[async_trait]
pub trait Execution: Send + Sync {
    /// The rows that a message names; `None` when the job is gone.
    async fn load(&self, message: &JobMessage) -> StoreResult<Option<Loaded>>;

    /// Takes the lease until `until` and sets the job running, if nothing moved since it was loaded. The
    /// answer holds the rows as they are then; what the app agrees with counts as unknown from here on.
    ///
    /// # Errors
    /// `Conflict` when the job, the decided version or the lease moved: load again.
    async fn start(
        &self,
        loaded: &Loaded,
        now: Timestamp,
        until: Timestamp,
        state: AccessState,
        activity: Option<&Activity>,
    ) -> StoreResult<Loaded>;

    /// Records the outcome and gives the lease back.
    ///
    /// # Errors
    /// `Conflict` when the lease was lost: somebody else acts, and nothing was recorded.
    async fn finish(&self, started: &Loaded, finish: &Finish) -> StoreResult<()>;

    /// Moves a job that was not begun: closes it as superseded, or lets it wait until `due_at`.
    ///
    /// # Errors
    /// `Conflict` when the job moved since it was loaded.
    async fn set_aside(
        &self,
        job: &Job,
        state: JobState,
        error: Option<JobError>,
        due_at: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<()>;

    /// Pauses an integration whose credentials or scopes have to be mended, and tells why. `loaded` is the
    /// integration as the job knew it.
    ///
    /// # Errors
    /// `Conflict` when it was changed since, perhaps to mend it: the job has to see for itself.
    async fn pause(&self, loaded: &Integration, reason: &str, now: Timestamp) -> StoreResult<()>;
}
