//! What wakes the planner: rows that the store's stream tells of.

use crate::{
    audit::AuditEntry, change::Change, integration::Integration, job::Job, sync::SyncRun, webhook::Delivery,
};

/// One row of the stream that the planner acts on.
#[derive(Debug, Clone, PartialEq)]
pub enum Wake {
    /// Something changed: plan.
    Change(Box<Change>),
    /// A job was made or put on its way again: send its message. It ended or is held: tell of it.
    Job(Box<Job>),
    /// A sync was begun or goes on: send its message. It halted: tell of it.
    Sync(Box<SyncRun>),
    /// An event is to be delivered: send its message.
    Delivery(Box<Delivery>),
    /// An integration was written, perhaps because it was paused: tell of it.
    Integration(Box<Integration>),
    /// Somebody acted: tell of it.
    Act(Box<AuditEntry>),
}
