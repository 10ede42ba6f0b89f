//! What wakes the planner: rows that the store's stream tells of.

use crate::{change::Change, job::Job, sync::SyncRun};

/// One row of the stream that the planner acts on.
#[derive(Debug, Clone, PartialEq)]
pub enum Wake {
    /// Something changed: plan.
    Change(Box<Change>),
    /// A job was made or put on its way again: send its message.
    Job(Box<Job>),
    /// A sync was begun or goes on: send its message.
    Sync(Box<SyncRun>),
}
