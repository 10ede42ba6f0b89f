//! What a connector's executor needs: one job and its access, a lease, and one place to record the outcome.

use async_trait::async_trait;

use super::{StoreResult, Syncing};
use crate::{
    Timestamp,
    access::{Access, AccessState, Observed, Settled},
    activity::Activity,
    guard::{Impact, Tally},
    id::{IntegrationId, WorkspaceId},
    integration::Integration,
    job::{Job, JobError, JobMessage, JobState},
    manual::ManualTask,
    tenancy::Tenancy,
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
    /// What was decided about the workspace.
    pub tenancy: Tenancy,
}

/// A job that is counted when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What of it is counted.
    pub impact: Impact,
    /// The integration's tally as it will be.
    pub tally: Tally,
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
    /// What people have to do in the app now, where it is changed by hand.
    pub manual: Option<ManualTask>,
    /// How often an invitation that ended without an answer was sent again by now.
    pub reinvitations: u32,
    /// How many requests were sent to the app.
    pub app_calls: u64,
    /// What the app was last seen to give, where it was seen.
    pub observed: Option<Observed>,
    /// An account that was the person's and is gone.
    pub released: Option<String>,
    /// What the app is now known to agree with.
    pub settled: Option<Settled>,
    /// The chip to show.
    pub access_state: AccessState,
    /// What to tell in the Activity tab.
    pub activity: Option<Activity>,
    /// When it ended.
    pub at: Timestamp,
}

/// What one person at a time has of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding<'a> {
    /// An account, by the app's id.
    Account(&'a str),
    /// A name, in whatever case: by it the app is asked for an account whose id is not known, and told to make one.
    Name(&'a str),
}

/// Whether the app may be acted on for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the person's.
    Granted,
    /// It belongs to somebody else who should have it.
    Taken,
    /// Somebody acts for its present owner.
    Busy {
        /// Until then at most.
        until: Timestamp,
    },
}

/// The executor's store.
#[async_trait]
pub trait Execution: Syncing + Send + Sync {
    /// The rows that a message names; `None` when the job is gone.
    async fn load(&self, message: &JobMessage) -> StoreResult<Option<Loaded>>;

    /// Closes the job that a message names, where it is open and its integration was disconnected.
    async fn abandon(&self, message: &JobMessage, now: Timestamp) -> StoreResult<()>;

    /// How many seats a workspace has, in all its integrations.
    async fn seats(&self, workspace: &WorkspaceId) -> StoreResult<u64>;

    /// What is counted in an integration.
    async fn tally(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<Tally>;

    /// Takes the lease until `until` and sets the job running, if nothing moved since it was loaded, and counts it
    /// where it is counted. The answer holds the rows as they are then; what the app agrees with counts as unknown
    /// from here on.
    ///
    /// # Errors
    /// `Conflict` when the job, the decided version, the lease or the tally moved: load again.
    async fn start(
        &self,
        loaded: &Loaded,
        now: Timestamp,
        until: Timestamp,
        state: AccessState,
        activity: Option<&Activity>,
        counted: Option<&Counted>,
    ) -> StoreResult<Loaded>;

    /// Records the outcome and gives the lease back.
    ///
    /// # Errors
    /// `Conflict` when the lease was lost: somebody else acts, and nothing was recorded.
    async fn finish(&self, started: &Loaded, finish: &Finish) -> StoreResult<()>;

    /// Makes an account of the app, or a name in it, the person's, for whom the lease is held: if it is nobody's, or its
    /// owner should not have it any more and nobody acts for them.
    ///
    /// # Errors
    /// `Conflict` when others claim it at the same moment.
    async fn claim(&self, access: &Access, holding: Holding<'_>, now: Timestamp) -> StoreResult<Claim>;

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

    /// Holds a job that would pass a guard's limit: it waits for an admin's approval until `until`.
    ///
    /// # Errors
    /// `Conflict` when the job or the decided version moved since it was loaded.
    async fn hold(&self, loaded: &Loaded, why: JobError, until: Timestamp, now: Timestamp)
    -> StoreResult<()>;

    /// Takes the right to take admin roles away in the job's integration, until `until`. Answers whether the job has it:
    /// not while another one has.
    async fn lease_admins(&self, job: &Job, now: Timestamp, until: Timestamp) -> StoreResult<bool>;

    /// Gives that right back, if the job has it.
    async fn release_admins(&self, job: &Job) -> StoreResult<()>;

    /// Takes the right to use an integration's credentials, where using them makes others of them, until `until`. Answers
    /// whether this worker has it: not while another one has.
    ///
    /// # Errors
    /// `Missing` when the integration is gone.
    async fn lease_credentials(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool>;

    /// Gives that right back, if it is still the one that ends then.
    async fn release_credentials(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        until: Timestamp,
    ) -> StoreResult<()>;

    /// Writes an integration with the credentials that took the place of those before, over the version before.
    ///
    /// # Errors
    /// `Conflict` when it was changed since it was read.
    async fn put_credentials(&self, integration: &Integration) -> StoreResult<()>;

    /// Pauses an integration whose credentials or scopes have to be mended, and tells why. `loaded` is the
    /// integration as the job knew it.
    ///
    /// # Errors
    /// `Conflict` when it was changed since, perhaps to mend it: the job has to see for itself.
    async fn pause(&self, loaded: &Integration, reason: &str, now: Timestamp) -> StoreResult<()>;
}
