//! Rows of jobs and automations. A job's state and its automation's counts change in one transaction, so the
//! counts are exact however often a message is delivered.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    automation::{Automation, JobCounts},
    change::Cause,
    id::{AutomationId, IntegrationId, JobId, WorkspaceId},
    job::{Job, JobState, Task},
    ports::StoreResult,
};

use super::{
    Store,
    row::{Item, LEAN, Row, document, kind, number, number_of, text, text_of},
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::{keys, table::INDEXES};

/// The longest delay of an SQS message.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(15);
/// How long before its time a job that waits longer than a message can is put on its way.
const RELEASE_AHEAD: SignedDuration = SignedDuration::from_mins(12);
/// After how long an open job that nothing was heard of is looked at.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// How far apart the moments are at which it is looked for lost jobs.
const LOOKS_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// When the reconciler should look at an open job.
fn look_at(job: &Job) -> Timestamp {
    let later = |at: Timestamp, by: SignedDuration| at.checked_add(by).unwrap_or(Timestamp::MAX);
    match (job.state, job.due_at) {
        // Until then only a person can move it.
        (JobState::Held, until) => until.unwrap_or(Timestamp::MAX),
        (JobState::Waiting | JobState::Retrying, Some(due)) => {
            if due.duration_since(job.updated_at) <= LONGEST_DELAY {
                later(due, LOST_AFTER)
            } else {
                due.checked_sub(RELEASE_AHEAD).unwrap_or(due)
            }
        }
        _ => next_look(later(job.updated_at, LOST_AFTER)),
    }
}

/// The next moment at which it is looked for lost jobs. A job that begins soon after it was made keeps its place in the
/// index, which would otherwise be written twice.
fn next_look(at: Timestamp) -> Timestamp {
    let seconds = LOOKS_EVERY.as_secs();
    let next = (at.as_second().div_euclid(seconds) + 1) * seconds;
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}

/// The row of a job.
pub(crate) fn job_row(job: &Job) -> StoreResult<Row> {
    let row = Row::lean(keys::job(&job.workspace, &job.id), kind::JOB, job)?
        .with("state", text(job.state.name()))
        .with("revision", number(job.revision))
        .in_gsi1(
            keys::jobs_of(&job.workspace, &job.automation),
            keys::by_time(job.created_at, job.id.as_str()),
        );
    Ok(if job.state.is_open() {
        row.in_gsi2(keys::open_jobs(&job.workspace), keys::by_time(look_at(job), job.id.as_str()))
    } else {
        row
    })
}

/// An automation as its row has it: the counts are attributes of their own.
#[derive(Serialize, Deserialize)]
struct AutomationDocument {
    id: AutomationId,
    workspace: WorkspaceId,
    integration: IntegrationId,
    target: String,
    task: Task,
    cause: Cause,
    created_at: Timestamp,
}

fn count_name(state: JobState) -> String {
    format!("n_{}", state.name())
}

/// The automation of a row.
pub(crate) fn automation_of(item: &Item) -> StoreResult<Automation> {
    let document: AutomationDocument = document(item)?;
    let counts: JobCounts = JobState::ALL
        .into_iter()
        .map(|state| (state, number_of(item, &count_name(state))))
        .filter(|(_, count)| *count > 0)
        .collect();
    let updated_at =
        text_of(item, "updated_at").and_then(|at| at.parse().ok()).unwrap_or(document.created_at);
    Ok(Automation {
        id: document.id,
        workspace: document.workspace,
        integration: document.integration,
        target: document.target,
        task: document.task,
        cause: document.cause,
        counts,
        created_at: document.created_at,
        updated_at,
    })
}

impl Store {
    /// Writes a new job and counts it in.
    pub(crate) fn add_job(
        &self,
        transaction: &mut Transaction,
        job: &Job,
        automation: &Automation,
        supersede: Option<&Job>,
    ) -> StoreResult<()> {
        transaction.put_if(self, job_row(job)?, Condition::Absent, Otherwise::Conflict("the job"));
        let mut deltas = BTreeMap::from([(job.state, 1)]);
        if let Some(open) = supersede {
            let closed = moved(open, JobState::Superseded, job.created_at);
            // A transaction may touch an item once: a job that is superseded within its own automation is
            // counted in the same update.
            if open.automation == automation.id {
                self.put_moved(transaction, open, &closed)?;
                *deltas.entry(open.state).or_default() -= 1;
                *deltas.entry(closed.state).or_default() += 1;
            } else {
                self.move_job(transaction, open, &closed)?;
            }
        }
        let document = AutomationDocument {
            id: automation.id.clone(),
            workspace: automation.workspace.clone(),
            integration: automation.integration.clone(),
            target: automation.target.clone(),
            task: automation.task,
            cause: automation.cause.clone(),
            created_at: automation.created_at,
        };
        let key = keys::automation(&automation.workspace, &automation.id);
        let made = Row::lean(key.clone(), kind::AUTOMATION, &document)?
            .in_gsi1(
                keys::automations(&automation.workspace),
                keys::by_time(automation.created_at, automation.id.as_str()),
            )
            .into_item();
        let mut set = String::from("SET #u = :u");
        let mut update = update_of(self, &key);
        let names = [("body", LEAN), ("type", "type"), ("g1p", INDEXES[0].1), ("g1s", INDEXES[0].2)];
        for (placeholder, name) in names {
            let Some(value) = made.get(name) else { continue };
            set += &format!(", #{placeholder} = if_not_exists(#{placeholder}, :{placeholder})");
            update = update
                .expression_attribute_names(format!("#{placeholder}"), name)
                .expression_attribute_values(format!(":{placeholder}"), value.clone());
        }
        transaction.update(counting(update, set, &deltas, job.created_at));
        Ok(())
    }

    /// Moves a job from how it was read to how it will be, and its automation's counts with it.
    pub(crate) fn move_job(
        &self,
        transaction: &mut Transaction,
        before: &Job,
        after: &Job,
    ) -> StoreResult<()> {
        self.put_moved(transaction, before, after)?;
        let mut deltas = BTreeMap::new();
        if before.state != after.state {
            deltas.extend([(before.state, -1), (after.state, 1)]);
        }
        let update = update_of(self, &keys::automation(&after.workspace, &after.automation));
        let update = counting(update, String::from("SET #u = :u"), &deltas, after.updated_at);
        transaction.update_if(update, Condition::Present, Otherwise::Missing("the automation"));
        Ok(())
    }

    fn put_moved(&self, transaction: &mut Transaction, before: &Job, after: &Job) -> StoreResult<()> {
        let unmoved = Condition::Equals("revision", number(before.revision));
        transaction.put_if(self, job_row(after)?, unmoved, Otherwise::Conflict("the job"));
        Ok(())
    }

    pub(crate) async fn job_row_of(&self, workspace: &WorkspaceId, id: &JobId) -> StoreResult<Option<Job>> {
        self.get(&keys::job(workspace, id)).await?.as_ref().map(document).transpose()
    }
}

/// Completes an update of an automation: when it changed, and how many jobs stand where.
fn counting(
    update: UpdateBuilder,
    set: String,
    deltas: &BTreeMap<JobState, i64>,
    at: Timestamp,
) -> UpdateBuilder {
    let mut update = update
        .expression_attribute_names("#u", "updated_at")
        .expression_attribute_values(":u", text(at.to_string()));
    let mut additions = Vec::new();
    for (state, delta) in deltas.iter().filter(|(_, delta)| **delta != 0) {
        let name = state.name();
        additions.push(format!("#n_{name} :n_{name}"));
        update = update
            .expression_attribute_names(format!("#n_{name}"), count_name(*state))
            .expression_attribute_values(format!(":n_{name}"), number(delta));
    }
    let add = if additions.is_empty() { String::new() } else { format!(" ADD {}", additions.join(", ")) };
    update.update_expression(set + &add)
}

/// The job as it is after a move.
pub(crate) fn moved(job: &Job, state: JobState, now: Timestamp) -> Job {
    Job { state, updated_at: now, revision: job.revision + 1, ..job.clone() }
}
