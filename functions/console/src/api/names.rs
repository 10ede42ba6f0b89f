//! The words of the domain as the API writes them, with their schemas. Each `match` names every word, so a
//! new one in the domain does not compile until the document has it too.

use serde::{Deserialize, Serialize};
use usher_domain::{
    access::{AccessState, MarkKind},
    activity::Event,
    automation::AutomationStatus,
    change::Trigger,
    guard::Verdict,
    job::JobState,
    job::Task,
    protocol::UnknownMembers,
    share::HubRole,
    workspace::WorkspaceRole,
};
use utoipa::ToSchema;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $domain:ident { $($word:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = $domain)]
        pub(crate) enum $name { $(#[allow(missing_docs)] $word),+ }

        impl From<$domain> for $name {
            fn from(word: $domain) -> Self {
                match word { $($domain::$word => Self::$word),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word { $($name::$word => Self::$word),+ }
            }
        }
    )+};
}

names! {
    /// What a job does.
    TaskName = Task {
        AddingUsers, UpdatingUserRoles, UpdatingAssets, UpdatingEntitlements, RemovingUsers, SyncingUsers,
        HealthCheck,
    }
    /// Where a job stands.
    JobStateName = JobState {
        Queued, Running, Waiting, Retrying, Held, Done, Failed, Superseded, Cancelled,
    }
    /// What was decided about held work.
    VerdictName = Verdict { Approved, Rejected, Expired }
    /// What a mark means.
    MarkName = MarkKind { Exempt, Protected }
    /// Where an automation stands.
    StatusName = AutomationStatus {
        NotCompleted, AwaitingApproval, Retrying, Running, Waiting, Started, Completed, Queued,
    }
    /// What made Usher act.
    TriggerName = Trigger { Scim, WebApp, TeamChange, Schedule, Api, Retry, Approval }
    /// Where a person's access stands.
    AccessStateName = AccessState {
        None, Queued, Inviting, PendingAcceptance, Onboarded, Updating, AwaitingRemoval, Removing, Removed,
        Failed, Held, Unmatched, Exempted,
    }
    /// What happened in an integration.
    EventName = Event {
        InviteRequested, InviteInProgress, Invited, InviteFailed, UpdateRequested, UpdateInProgress, Updated,
        UpdateFailed, RemovalRequested, RemovalInProgress, Removed, RemovalFailed, ServiceAccountCreated,
        ServiceAccountUpdated, ServiceAccountRemoved, ConnectionCreated, ConnectionConnected, TokenRotated,
        TokenRevoked, ConnectionUpdated, SchemasRegistered, SchemasRemoved, ClientCreated, ClientRevoked,
        HealthCheckPassed, HealthCheckFailed, SyncStarted, SyncFinished, SyncHalted,
        TaskReported, TaskConfirmed, TaskSentBack,
    }
    /// What a group's write does about a member who is no user of the connection: refuse the whole write, or leave them
    /// out.
    UnknownMembersName = UnknownMembers { Refuse, Skip }
    /// What somebody may do with a hub in Usher.
    HubRoleName = HubRole { Collaborator, Manager, Owner }
    /// What somebody may do in the workspace.
    WorkspaceRoleName = WorkspaceRole { Guest, User, Admin, SuperAdmin, Owner }
}

impl Default for UnknownMembersName {
    fn default() -> Self {
        UnknownMembers::default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One word per thing, in rows and on the wire alike.
    #[test]
    fn the_api_uses_the_domains_words() {
        for state in JobState::ALL {
            let name = serde_json::to_value(JobStateName::from(state)).unwrap();
            assert_eq!(name, serde_json::to_value(state).unwrap());
            assert_eq!(name, state.name());
        }
        let event = serde_json::to_value(EventName::from(Event::InviteInProgress)).unwrap();
        assert_eq!(event, serde_json::to_value(Event::InviteInProgress).unwrap());
    }
}
