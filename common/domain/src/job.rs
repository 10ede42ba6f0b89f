//! Jobs: one unit of work to bring one (person, integration) from what is observed to what is desired.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    access::{Access, PlannedJob, Presence},
    guard::{GuardRecord, Impact, Refusal},
    id::{AutomationId, IntegrationId, JobId, PersonId, WorkspaceId},
    integration::{Integration, Status},
    manual::ManualTask,
    sync::SyncMessage,
};

/// What a job does, in the words of the Automation Log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Seats a person.
    AddingUsers,
    /// Changes roles or permissions.
    UpdatingUserRoles,
    /// Changes asset grants.
    UpdatingAssets,
    /// Changes entitlements.
    UpdatingEntitlements,
    /// Takes everything away.
    RemovingUsers,
    /// Brings names and addresses up to date.
    SyncingUsers,
    /// Checks credentials and scopes.
    HealthCheck,
}

impl Task {
    /// The words to show.
    pub fn label(self) -> &'static str {
        match self {
            Self::AddingUsers => "Adding users",
            Self::UpdatingUserRoles => "Updating user roles",
            Self::UpdatingAssets => "Updating assets",
            Self::UpdatingEntitlements => "Updating entitlements",
            Self::RemovingUsers => "Removing users",
            Self::SyncingUsers => "Syncing users",
            Self::HealthCheck => "Health check",
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Its message is on the way to the connector.
    Queued,
    /// A connector holds the lease and works.
    Running,
    /// Waits for a time (a grace window) or for something outside (acceptance, a mended integration).
    Waiting,
    /// Failed in a way that passes; tried again when due.
    Retrying,
    /// Waits for an admin's approval.
    Held,
    /// The app agrees with the version it was for.
    Done,
    /// Needs a person.
    Failed,
    /// A later decision took its place.
    Superseded,
    /// Somebody called it off.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Running,
        Self::Waiting,
        Self::Retrying,
        Self::Held,
        Self::Done,
        Self::Failed,
        Self::Superseded,
        Self::Cancelled,
    ];

    /// Whether work is still to come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Waiting | Self::Retrying | Self::Held)
    }

    /// The name in rows and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Held => "held",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }

    /// The words to show.
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Waiting => "Waiting",
            Self::Retrying => "Retrying",
            Self::Held => "Awaiting approval",
            Self::Done => "Completed",
            Self::Failed => "Not completed",
            Self::Superseded => "Superseded",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// Why a job is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// The class that decided what happens next.
    pub class: String,
    /// What happened, to what, and what to do next; no secrets.
    pub message: String,
}

/// One unit of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What it is a part of.
    pub automation: AutomationId,
    /// Where.
    pub integration: IntegrationId,
    /// For whom.
    pub person: PersonId,
    /// The person's name when it was made.
    pub target: String,
    /// Whose queue it goes to.
    pub connector: String,
    /// What it does.
    pub task: Task,
    /// The decided version that it is for. When another one is decided, it closes as superseded.
    pub version: u64,
    /// Where it stands.
    pub state: JobState,
    /// How often a connector began it.
    pub attempts: u32,
    /// Why it is not done.
    pub error: Option<JobError>,
    /// When to look at it again, where it waits for a time.
    pub due_at: Option<Timestamp>,
    /// What was done in the app.
    pub steps: Vec<String>,
    /// Somebody asked for the invitation to be sent again, also to a person who declined it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resend: bool,
    /// In which row of its automation's counts it is counted; 0 is the automation's own.
    #[serde(default, skip_serializing_if = "is_own")]
    pub lane: u8,
    /// What guards remember of it.
    #[serde(default, skip_serializing_if = "GuardRecord::is_empty")]
    pub guard: GuardRecord,
    /// What people do in the app, where it is changed by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<ManualTask>,
    /// Follows one request from the SCIM call to the app's API.
    pub correlation_id: String,
    /// Moves with every write.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_own(lane: &u8) -> bool {
    *lane == 0
}

/// How a job is known, and what asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its id.
    pub id: JobId,
    /// What it is a part of.
    pub automation: AutomationId,
    /// Follows one request from the SCIM call to the app's API.
    pub correlation_id: String,
}

impl Job {
    /// The job that a decision needs. `access` is the access with that decision.
    pub fn decided(
        origin: Origin,
        planned: &PlannedJob,
        access: &Access,
        connector: &str,
        now: Timestamp,
    ) -> Self {
        let target = access.desired.as_ref().map(|desired| desired.profile.label().to_owned());
        Self {
            id: origin.id,
            workspace: access.workspace.clone(),
            automation: origin.automation,
            integration: access.integration.clone(),
            person: access.person.clone(),
            target: target.unwrap_or_default(),
            connector: connector.to_owned(),
            task: planned.task,
            version: access.version(),
            state: planned.state,
            attempts: 0,
            error: None,
            due_at: planned.due_at,
            steps: Vec::new(),
            resend: false,
            lane: 0,
            guard: GuardRecord::default(),
            manual: None,
            correlation_id: origin.correlation_id,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether this is a removal whose grace window has not passed: only then does a job wait that nothing has gone wrong
    /// with.
    pub fn is_in_grace(&self, now: Timestamp) -> bool {
        self.state == JobState::Waiting
            && self.task == Task::RemovingUsers
            && self.error.is_none()
            && self.due_at.is_some_and(|due| now < due)
    }

    /// What is sent to the connector's queue.
    pub fn message(&self) -> JobMessage {
        JobMessage {
            workspace: self.workspace.clone(),
            integration: self.integration.clone(),
            person: self.person.clone(),
            job: self.id.clone(),
        }
    }
}

/// The message of a job: which rows to read. Everything else is read again when it arrives, so
/// that an old message can do no harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where.
    pub integration: IntegrationId,
    /// For whom.
    pub person: PersonId,
    /// The job.
    pub job: JobId,
}

/// A message of a connector's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// Look at a job.
    Job(JobMessage),
    /// Look at a sync.
    Sync(SyncMessage),
}

impl Message {
    /// Whose it is.
    pub fn workspace(&self) -> &WorkspaceId {
        match self {
            Self::Job(message) => &message.workspace,
            Self::Sync(message) => &message.workspace,
        }
    }

    /// The id of the job or sync that it names, for logs.
    pub fn names(&self) -> &str {
        match self {
            Self::Job(message) => message.job.as_str(),
            Self::Sync(message) => message.sync.as_str(),
        }
    }
}

/// Whether a job may begin now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Take the lease and begin.
    Begin,
    /// Begin if the integration's guards let so much pass, and count it.
    Count(Impact),
    /// Nothing is left to do: it is closed already.
    Closed,
    /// Another version was decided since.
    Superseded,
    /// Its time has not come.
    NotBefore(Timestamp),
    /// Somebody else acts for this person.
    Busy(Timestamp),
    /// The integration is paused.
    Paused(String),
}

/// Decides whether a job whose message arrived may begin.
pub fn admit(job: &Job, access: &Access, integration: &Integration, now: Timestamp) -> Admission {
    if !job.state.is_open() || job.state == JobState::Held {
        return Admission::Closed;
    }
    // An exemption that is not planned yet supersedes it all the same.
    if access.version() != job.version || access.is_exempt() {
        return Admission::Superseded;
    }
    if let Some(due) = job.due_at.filter(|due| now < *due) {
        return Admission::NotBefore(due);
    }
    if let Some(lease) = access.lease.as_ref().filter(|lease| now < lease.until) {
        return Admission::Busy(lease.until);
    }
    if let Status::Paused { reason, .. } = &integration.status {
        return Admission::Paused(reason.clone());
    }
    let desired = access.desired.as_ref().map_or(&Presence::Absent, |desired| &desired.presence);
    let mut impact = Impact::of(access.observed.as_ref(), desired, &integration.catalogue);
    // Nothing is taken away from somebody protected, so nothing is counted.
    let account = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
    impact.loss &= Refusal::to_take_from(access.is_protected(), account, &integration.guards).is_none();
    match job.guard.uncounted(impact) {
        uncounted if uncounted.is_none() => Admission::Begin,
        uncounted => Admission::Count(uncounted),
    }
}
