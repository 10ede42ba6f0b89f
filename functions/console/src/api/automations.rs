//! The Automation Log.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    automation::Automation,
    id::{AutomationId, IntegrationId},
    ports::JobFilter,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    activity::ActorView,
    extract::{Path, Query},
    jobs::JobView,
    names::{StatusName, TaskName, TriggerName},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{self, Listed, PageQuery, page_of},
    permission::Action,
    work,
};

/// All jobs that one trigger caused in one integration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Automation)]
pub(crate) struct AutomationView {
    /// Its id.
    id: String,
    /// Where it stands.
    status: StatusName,
    /// The integration's id.
    integration: String,
    /// The integration's name when it began.
    target: String,
    /// Who made it happen.
    actor: ActorView,
    /// What it does.
    task: TaskName,
    /// What made Usher act.
    trigger: TriggerName,
    /// How many jobs it has.
    total: u64,
    /// How many jobs stand where, by job state.
    counts: BTreeMap<&'static str, u64>,
    /// Follows the request that caused it.
    correlation_id: String,
    /// When it began.
    created_at: Timestamp,
    /// When a job of it changed last.
    updated_at: Timestamp,
}

impl From<Automation> for AutomationView {
    fn from(automation: Automation) -> Self {
        let counts = automation.counts.iter().filter(|(_, count)| **count > 0);
        Self {
            status: automation.status().into(),
            total: automation.total(),
            counts: counts.map(|(state, count)| (state.name(), *count)).collect(),
            id: automation.id.into(),
            integration: automation.integration.into(),
            target: automation.target,
            actor: automation.cause.actor.into(),
            task: automation.task.into(),
            trigger: automation.cause.trigger.into(),
            correlation_id: automation.cause.correlation_id,
            created_at: automation.created_at,
            updated_at: automation.updated_at,
        }
    }
}

/// Which automations, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AutomationQuery {
    /// Only those that stand here.
    status: Option<StatusName>,
    /// Only those of this integration.
    #[param(value_type = Option<String>)]
    integration: Option<IntegrationId>,
    /// Where the page begins: `next` of the page before. Left out for the first page.
    cursor: Option<String>,
    /// Most rows of the page, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// The Automation Log
///
/// Newest first. With a filter, a page may hold fewer rows than `limit`, also none, while `next` is set: go
/// on until it is null.
#[utoipa::path(get, path = "/automations", tag = "Automations", operation_id = "listAutomations",
    params(AutomationQuery),
    responses((status = 200, description = "One page of automations.", body = Listed<AutomationView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<AutomationQuery>,
) -> Result<Reply<Listed<AutomationView>>, Problem> {
    let reach = caller.reach(&app, Action::ReadAutomations).await?;
    let limit = paging::limit(query.limit)?;
    let cursor = paging::cursor(query.cursor.as_deref());
    let mut page = page_of(app.store.automations(&caller.workspace, cursor, limit).await, cursor)?;
    page.items.retain(|automation| {
        reach.covers(&automation.integration)
            && query.status.is_none_or(|status| status == automation.status().into())
            && query.integration.as_ref().is_none_or(|integration| *integration == automation.integration)
    });
    Ok(Reply(Listed::new(page, AutomationView::from)))
}

/// An automation
#[utoipa::path(get, path = "/automations/{automation}", tag = "Automations", operation_id = "getAutomation",
    params(("automation" = String, Path, description = "The automation's id.")),
    responses((status = 200, description = "The automation.", body = AutomationView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Reply<AutomationView>, Problem> {
    Ok(Reply(work::automation(&app, &caller, Action::ReadAutomations, &id).await?.into()))
}

/// Jobs of an automation
///
/// Oldest first.
#[utoipa::path(get, path = "/automations/{automation}/jobs", tag = "Automations", operation_id = "listJobs",
    params(("automation" = String, Path, description = "The automation's id."), PageQuery),
    responses((status = 200, description = "One page of jobs.", body = Listed<JobView>)))]
pub(crate) async fn jobs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<JobView>>, Problem> {
    let limit = query.limit()?;
    work::automation(&app, &caller, Action::ReadAutomations, &id).await?;
    let filter = JobFilter::Automation(id);
    let page = app.store.jobs(&caller.workspace, &filter, query.cursor(), limit).await;
    Ok(Reply(Listed::new(page_of(page, query.cursor())?, JobView::from)))
}
