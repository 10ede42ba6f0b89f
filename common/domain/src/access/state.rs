//! What becomes of somebody's access, in one chip.

use serde::{Deserialize, Serialize};

use crate::job::Task;

/// The chip on a person's row in an integration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessState {
    /// Nothing was ever decided for this person here.
    #[default]
    None,
    /// A seat is decided; its job has not begun.
    Queued,
    /// The invitation is being made.
    Inviting,
    /// Invited; the person has not accepted.
    PendingAcceptance,
    /// Seated, as decided.
    Onboarded,
    /// A change is decided or being made.
    Updating,
    /// A removal is decided and waits for its grace window or its job.
    AwaitingRemoval,
    /// The removal is being made.
    Removing,
    /// No longer in the app.
    Removed,
    /// The last job did not complete.
    Failed,
    /// Waits for an admin's approval.
    Held,
    /// In the app, and nobody knows who it is.
    Unmatched,
    /// Left alone on purpose.
    Exempted,
}

impl AccessState {
    /// The chip of work that is decided and not being done at the moment.
    pub fn decided(task: Task) -> Self {
        match task {
            Task::AddingUsers => Self::Queued,
            Task::RemovingUsers => Self::AwaitingRemoval,
            _ => Self::Updating,
        }
    }

    /// The words to show.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "No access",
            Self::Queued => "Queued",
            Self::Inviting => "Inviting",
            Self::PendingAcceptance => "Pending acceptance",
            Self::Onboarded => "Onboarded",
            Self::Updating => "Updating",
            Self::AwaitingRemoval => "Awaiting removal",
            Self::Removing => "Removing",
            Self::Removed => "Removed",
            Self::Failed => "Failed",
            Self::Held => "Held",
            Self::Unmatched => "Unmatched",
            Self::Exempted => "Exempted",
        }
    }
}
