//! Plans changes again: for whoever operates an installation whose planner was broken for longer than a stream keeps its records.
//! What was planned already comes out the same, so that more may be named than was missed, and more than once.

use std::{collections::BTreeMap, ops::Range};

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use usher_aws::store::{Found, Store};
use usher_domain::{
    Timestamp,
    change::Change,
    id::WorkspaceId,
    ports::{Admin, StoreResult, Tenancies},
};

/// How many changes are written at the same time.
const AT_ONCE: usize = 16;

/// What was found, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Changes that were made in that time.
    pub found: usize,
    /// Those of them that the planner is woken for.
    pub planned: usize,
    /// Those whose workspace is deleted, and those that were dropped meanwhile.
    pub skipped: usize,
    /// Rows that cannot be read, of any time.
    pub unreadable: usize,
}

/// Wakes the planner once more for each change that was made in a time, in one workspace or in all.
///
/// # Errors
/// When the database does not answer. What was written stays so, and to begin again does no harm.
pub async fn replan(
    store: &Store,
    made: &Range<Timestamp>,
    workspace: Option<&WorkspaceId>,
    now: Timestamp,
) -> StoreResult<Report> {
    let (mut report, mut living, mut from) = (Report::default(), Living::default(), None);
    loop {
        let Found { rows, next } = store.changes(workspace, from).await?;
        let mut wanted: Vec<Change> = Vec::new();
        for row in rows {
            match row {
                Ok(change) if !made.contains(&change.cause.at) => {}
                Ok(change) => {
                    report.found += 1;
                    if living.has(store, &change.workspace).await? {
                        wanted.push(change);
                    }
                }
                Err(_) => report.unreadable += 1,
            }
        }
        let again = wanted.iter().map(|change| store.plan_again(change, now));
        let again: Vec<bool> = stream::iter(again).buffer_unordered(AT_ONCE).try_collect().await?;
        report.planned += again.iter().filter(|there| **there).count();
        from = next;
        if from.is_none() {
            report.skipped = report.found - report.planned;
            return Ok(report);
        }
    }
}

/// The workspaces that there are, as far as was asked.
#[derive(Default)]
struct Living(BTreeMap<WorkspaceId, bool>);

impl Living {
    async fn has(&mut self, store: &Store, workspace: &WorkspaceId) -> StoreResult<bool> {
        if let Some(known) = self.0.get(workspace) {
            return Ok(*known);
        }
        let there = Admin::workspace(store, workspace).await?.is_some()
            && !store.tenancy(workspace).await?.is_ending();
        self.0.insert(workspace.clone(), there);
        Ok(there)
    }
}
