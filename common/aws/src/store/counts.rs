//! Rows of automations, and how many of their jobs stand where. A job's state and its automation's counts change in one
//! transaction, so the counts are exact however often a message is delivered.
//!
//! The jobs of a bulk begin and end by the hundred at the same moment, and of transactions that meet in one row all but one
//! are cancelled. So its counts stand in several rows, its *lanes*: a job is always counted in the same one, and what is shown
//! is their sum. Lane 0 is the automation's own row, which is all that the others need.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, builders::UpdateBuilder};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    automation::{Automation, JobCounts, LANES},
    change::Cause,
    id::{AutomationId, IntegrationId, WorkspaceId},
    job::{Job, JobState, Task},
    ports::{Page, StoreResult},
};

use super::{
    Store,
    query::Range,
    row::{Item, LEAN, Row, document, kind, number, number_of, text, text_of},
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::{
    keys::{self, Key},
    table::{INDEXES, PRIMARY},
};

/// The attribute of an automation whose counts stand in several rows.
const SPREAD: &str = "lanes";

/// How many automations of a page are read at the same time.
const AT_ONCE: usize = 8;

/// How many jobs come to a state, or leave it.
pub(super) type Deltas = BTreeMap<JobState, i64>;

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

impl Store {
    /// Counts a new job in, and makes its automation where it is the first.
    pub(super) fn count_in(
        &self,
        transaction: &mut Transaction,
        job: &Job,
        automation: &Automation,
        deltas: &Deltas,
    ) -> StoreResult<()> {
        let update = match job.lane {
            0 => self.making(automation)?,
            lane => self.in_lane(&keys::automation_lane(&automation.workspace, &automation.id, lane)),
        };
        transaction.update(update.counting(deltas, job.created_at));
        Ok(())
    }

    /// Counts a job where it stands now.
    pub(super) fn count_moved(&self, transaction: &mut Transaction, job: &Job, deltas: &Deltas) {
        let key = match job.lane {
            0 => keys::automation(&job.workspace, &job.automation),
            lane => keys::automation_lane(&job.workspace, &job.automation, lane),
        };
        let update = Update::of_row(self, &key).counting(deltas, job.updated_at);
        transaction.update_if(update, Condition::Present, Otherwise::Missing("the automation"));
    }

    /// Makes an automation whose counts stand in several rows, or says it of the one that is there.
    pub(super) async fn spread_counts(&self, automation: &Automation) -> StoreResult<()> {
        let update = self.making(automation)?.set(SPREAD, "n", number(LANES));
        let mut transaction = Transaction::new();
        transaction.update(update.counting(&Deltas::new(), automation.created_at));
        transaction.commit(self, "making an automation").await
    }

    pub(super) async fn automation_by_id(
        &self,
        workspace: &WorkspaceId,
        id: &AutomationId,
    ) -> StoreResult<Option<Automation>> {
        let rows = self.all(Range::of(keys::automation(workspace, id).pk)).await?;
        let Some(own) = rows.iter().find(|row| text_of(row, "type") == Some(kind::AUTOMATION)) else {
            return Ok(None);
        };
        automation_of(own, &rows).map(Some)
    }

    pub(super) async fn automation_page(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Automation>> {
        let range = Range::of_index(0, keys::automations(workspace)).descending();
        let page = self.page(range.limit(limit).starting_at(cursor)?).await?;
        let whole = page.items.iter().map(|own| self.whole_automation(own));
        let items: Vec<Automation> =
            stream::iter(whole.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        // One that was made for jobs of which none was needed in the end is none.
        let items = items.into_iter().filter(|automation| automation.total() > 0).collect();
        Ok(Page { items, next: page.next })
    }

    /// The automation of its own row, with its other rows where there are some.
    async fn whole_automation(&self, own: &Item) -> StoreResult<Automation> {
        match text_of(own, PRIMARY.0).filter(|_| own.contains_key(SPREAD)) {
            Some(partition) => automation_of(own, &self.all(Range::of(partition.to_owned())).await?),
            None => automation_of(own, std::slice::from_ref(own)),
        }
    }

    /// Makes the automation's row, where it is not there.
    fn making(&self, automation: &Automation) -> StoreResult<Update> {
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
        let mut update = Update::of_row(self, &key);
        let names = [("body", LEAN), ("type", "type"), ("g1p", INDEXES[0].1), ("g1s", INDEXES[0].2)];
        for (placeholder, name) in names {
            if let Some(value) = made.get(name) {
                update = update.set_once(name, placeholder, value.clone());
            }
        }
        Ok(update)
    }

    fn in_lane(&self, key: &Key) -> Update {
        Update::of_row(self, key).set("type", "type", text(kind::COUNTS))
    }
}

/// The automation of its own row, counted in these.
fn automation_of(own: &Item, rows: &[Item]) -> StoreResult<Automation> {
    let document: AutomationDocument = document(own)?;
    let (mut counts, mut updated_at) = (JobCounts::new(), document.created_at);
    for row in rows {
        for state in JobState::ALL {
            let count = number_of(row, &count_name(state));
            if count > 0 {
                *counts.entry(state).or_default() += count;
            }
        }
        let updated: Option<Timestamp> = text_of(row, "updated_at").and_then(|at| at.parse().ok());
        updated_at = updated_at.max(updated.unwrap_or(updated_at));
    }
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

fn count_name(state: JobState) -> String {
    format!("n_{}", state.name())
}

/// An update of a row with counts.
struct Update {
    builder: UpdateBuilder,
    set: String,
}

impl Update {
    fn of_row(store: &Store, key: &Key) -> Self {
        Self { builder: update_of(store, key), set: String::from("SET #u = :u") }
    }

    fn set(self, name: &str, placeholder: &str, value: AttributeValue) -> Self {
        let set = format!("{}, #{placeholder} = :{placeholder}", self.set);
        self.naming(name, placeholder, value, set)
    }

    /// Sets what is not there.
    fn set_once(self, name: &str, placeholder: &str, value: AttributeValue) -> Self {
        let set = format!("{}, #{placeholder} = if_not_exists(#{placeholder}, :{placeholder})", self.set);
        self.naming(name, placeholder, value, set)
    }

    fn naming(self, name: &str, placeholder: &str, value: AttributeValue, set: String) -> Self {
        let builder = self
            .builder
            .expression_attribute_names(format!("#{placeholder}"), name)
            .expression_attribute_values(format!(":{placeholder}"), value);
        Self { builder, set }
    }

    /// Completes it: when it changed, and how many jobs stand where.
    fn counting(self, deltas: &Deltas, at: Timestamp) -> UpdateBuilder {
        let mut builder = self
            .builder
            .expression_attribute_names("#u", "updated_at")
            .expression_attribute_values(":u", text(at.to_string()));
        let mut additions = Vec::new();
        for (state, delta) in deltas.iter().filter(|(_, delta)| **delta != 0) {
            let name = state.name();
            additions.push(format!("#n_{name} :n_{name}"));
            builder = builder
                .expression_attribute_names(format!("#n_{name}"), count_name(*state))
                .expression_attribute_values(format!(":n_{name}"), number(delta));
        }
        let add = if additions.is_empty() { String::new() } else { format!(" ADD {}", additions.join(", ")) };
        builder.update_expression(self.set + &add)
    }
}
