//! Automations: all jobs that one trigger caused in one integration; the rows of the Automation Log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    change::Cause,
    id::{AutomationId, IntegrationId, WorkspaceId},
    job::{JobState, Task},
};

/// In how many rows jobs are counted that many are made of at once.
pub const LANES: u8 = 16;

/// The row among them in which something with this id is counted.
pub fn lane_of(id: &str) -> u8 {
    let mixed = id.bytes().fold(0u8, |mixed, byte| mixed.wrapping_mul(31).wrapping_add(byte));
    mixed % LANES
}

/// How many jobs stand where. Changed in the transaction that changes the job, so always exact.
pub type JobCounts = BTreeMap<JobState, u64>;

/// One row of the Automation Log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    /// Its id.
    pub id: AutomationId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where.
    pub integration: IntegrationId,
    /// The integration's name when it began.
    pub target: String,
    /// What it does: the task of its first job.
    pub task: Task,
    /// Who and why.
    pub cause: Cause,
    /// How many jobs stand where.
    pub counts: JobCounts,
    /// When it began.
    pub created_at: Timestamp,
    /// When a job of it last changed.
    pub updated_at: Timestamp,
}

/// The status chip of an automation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutomationStatus {
    /// A job needs a person.
    NotCompleted,
    /// A job waits for approval.
    AwaitingApproval,
    /// A job is tried again.
    Retrying,
    /// A job runs.
    Running,
    /// A job waits.
    Waiting,
    /// Some jobs are over, others have not begun.
    Started,
    /// All jobs are over.
    Completed,
    /// No job has begun.
    Queued,
}

impl AutomationStatus {
    /// The words to show.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotCompleted => "Not completed",
            Self::AwaitingApproval => "Awaiting approval",
            Self::Retrying => "Retrying",
            Self::Running => "Running",
            Self::Waiting => "Waiting",
            Self::Started => "Started",
            Self::Completed => "Completed",
            Self::Queued => "Queued",
        }
    }

    /// The status from the counts, first match (see the rules of the Automation Log).
    pub fn of(counts: &JobCounts) -> Self {
        let any = |state: JobState| counts.get(&state).is_some_and(|count| *count > 0);
        let over = any(JobState::Done) || any(JobState::Superseded) || any(JobState::Cancelled);
        if any(JobState::Failed) {
            Self::NotCompleted
        } else if any(JobState::Held) {
            Self::AwaitingApproval
        } else if any(JobState::Retrying) {
            Self::Retrying
        } else if any(JobState::Running) {
            Self::Running
        } else if any(JobState::Waiting) {
            Self::Waiting
        } else if over && any(JobState::Queued) {
            Self::Started
        } else if over {
            Self::Completed
        } else {
            Self::Queued
        }
    }
}

impl Automation {
    /// The status chip.
    pub fn status(&self) -> AutomationStatus {
        AutomationStatus::of(&self.counts)
    }

    /// How many jobs it has.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(counts: &[(JobState, u64)]) -> AutomationStatus {
        AutomationStatus::of(&counts.iter().copied().collect())
    }

    #[test]
    fn the_status_is_the_first_that_matches() {
        use AutomationStatus as Status;
        use JobState::*;
        assert_eq!(status(&[]), Status::Queued);
        assert_eq!(status(&[(Queued, 3)]), Status::Queued);
        assert_eq!(status(&[(Queued, 3), (Done, 1)]), Status::Started);
        assert_eq!(status(&[(Done, 2), (Superseded, 1), (Queued, 0)]), Status::Completed);
        assert_eq!(status(&[(Done, 2), (Waiting, 1)]), Status::Waiting);
        assert_eq!(status(&[(Waiting, 1), (Running, 1)]), Status::Running);
        assert_eq!(status(&[(Running, 1), (Retrying, 1)]), Status::Retrying);
        assert_eq!(status(&[(Retrying, 1), (Held, 1)]), Status::AwaitingApproval);
        assert_eq!(status(&[(Held, 1), (Failed, 1), (Done, 9)]), Status::NotCompleted);
    }
}
