//! Activity: what happened in one integration, for people to read.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    change::Actor,
    id::{IntegrationId, JobId, WorkspaceId},
    job::Task,
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A seat was decided.
    InviteRequested,
    /// The invitation is being made.
    InviteInProgress,
    /// The person is invited or seated.
    Invited,
    /// The invitation did not complete.
    InviteFailed,
    /// A change was decided.
    UpdateRequested,
    /// The change is being made.
    UpdateInProgress,
    /// The change is made.
    Updated,
    /// The change did not complete.
    UpdateFailed,
    /// A removal was decided.
    RemovalRequested,
    /// The removal is being made.
    RemovalInProgress,
    /// The person is out.
    Removed,
    /// The removal did not complete.
    RemovalFailed,
    /// A service account was created.
    ServiceAccountCreated,
    /// A service account was updated.
    ServiceAccountUpdated,
    /// A service account was removed.
    ServiceAccountRemoved,
    /// A SCIM connection was created.
    ConnectionCreated,
    /// An identity provider made its first call.
    ConnectionConnected,
    /// A token was rotated.
    TokenRotated,
    /// A token was revoked, or all of them.
    TokenRevoked,
    /// The settings of a SCIM connection were changed.
    ConnectionUpdated,
    /// A SCIM connection was given schemas or resource types of its own.
    SchemasRegistered,
    /// A SCIM connection's own schemas and resource types were withdrawn.
    SchemasRemoved,
    /// An OAuth client of a SCIM connection was created.
    ClientCreated,
    /// An OAuth client of a SCIM connection was revoked.
    ClientRevoked,
    /// Credentials and scopes are good.
    HealthCheckPassed,
    /// Credentials or scopes are not good.
    HealthCheckFailed,
    /// A sync began.
    SyncStarted,
    /// A sync ended.
    SyncFinished,
    /// A sync was stopped by a safeguard.
    SyncHalted,
    /// Somebody reported a manual task as done.
    TaskReported,
    /// A second person confirmed a manual task.
    TaskConfirmed,
    /// The report of a manual task was sent back.
    TaskSentBack,
}

impl Event {
    /// The words to show.
    pub fn label(self) -> &'static str {
        match self {
            Self::InviteRequested => "User invite requested",
            Self::InviteInProgress => "User invite in progress",
            Self::Invited => "User invited",
            Self::InviteFailed => "User invite failed",
            Self::UpdateRequested => "User update requested",
            Self::UpdateInProgress => "User update in progress",
            Self::Updated => "User updated",
            Self::UpdateFailed => "User update failed",
            Self::RemovalRequested => "User removal requested",
            Self::RemovalInProgress => "User removal in progress",
            Self::Removed => "User removed",
            Self::RemovalFailed => "User removal failed",
            Self::ServiceAccountCreated => "Service account created",
            Self::ServiceAccountUpdated => "Service account updated",
            Self::ServiceAccountRemoved => "Service account removed",
            Self::ConnectionCreated => "SCIM connection created",
            Self::ConnectionConnected => "SCIM connection connected",
            Self::TokenRotated => "SCIM connection token rotated",
            Self::TokenRevoked => "SCIM connection token revoked",
            Self::ConnectionUpdated => "SCIM connection updated",
            Self::SchemasRegistered => "SCIM connection schemas registered",
            Self::SchemasRemoved => "SCIM connection schemas removed",
            Self::ClientCreated => "OAuth client created",
            Self::ClientRevoked => "OAuth client revoked",
            Self::HealthCheckPassed => "Health check passed",
            Self::HealthCheckFailed => "Health check failed",
            Self::SyncStarted => "Sync started",
            Self::SyncFinished => "Sync finished",
            Self::SyncHalted => "Sync halted",
            Self::TaskReported => "Task reported as done",
            Self::TaskConfirmed => "Task confirmed",
            Self::TaskSentBack => "Task sent back",
        }
    }

    /// How far a job of this task has come.
    pub fn of(task: Task, stage: Stage) -> Self {
        let [requested, in_progress, done, failed] = match task {
            Task::AddingUsers => {
                [Self::InviteRequested, Self::InviteInProgress, Self::Invited, Self::InviteFailed]
            }
            Task::RemovingUsers => {
                [Self::RemovalRequested, Self::RemovalInProgress, Self::Removed, Self::RemovalFailed]
            }
            _ => [Self::UpdateRequested, Self::UpdateInProgress, Self::Updated, Self::UpdateFailed],
        };
        match stage {
            Stage::Requested => requested,
            Stage::InProgress => in_progress,
            Stage::Done => done,
            Stage::Failed => failed,
        }
    }
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Decided.
    Requested,
    /// Begun.
    InProgress,
    /// Over, as wished.
    Done,
    /// Over, not as wished.
    Failed,
}

/// One row of an integration's Activity tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Derived from what it tells of, so that telling it twice is telling it once.
    pub id: String,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where.
    pub integration: IntegrationId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
    /// Whom or what it happened to.
    pub target: String,
    /// The job that did it.
    pub job: Option<JobId>,
}
