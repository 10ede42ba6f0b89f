//! Held work: what guards keep waiting until an admin decides.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::{
    Timestamp,
    guard::{Ruling, Verdict},
    id::{AutomationId, IntegrationId, JobId},
};
use utoipa::ToSchema;

use super::{activity::ActorView, extract::Path, jobs::JobView, names::VerdictName, work::WorkedView};
use crate::{App, auth::Caller, error::Problem, holding};

/// Who decided about held work, and what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ruling)]
pub(crate) struct RulingView {
    /// What.
    verdict: VerdictName,
    /// Who.
    actor: ActorView,
    /// When.
    at: Timestamp,
}

impl From<Ruling> for RulingView {
    fn from(ruling: Ruling) -> Self {
        let Ruling { verdict, cause } = ruling;
        Self { verdict: verdict.into(), actor: cause.actor.into(), at: cause.at }
    }
}

/// Approve a held job
///
/// It is done, whatever the integration's guards say.
#[utoipa::path(post, path = "/jobs/{job}/approve", tag = "Automations", operation_id = "approveJob",
    params(("job" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The job, back in the queue.", body = JobView)))]
pub(crate) async fn approve(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply(holding::rule(&app, &caller, &id, Verdict::Approved).await?.into()))
}

/// Reject a held job
///
/// The app is left as it is, until something else is decided for the person.
#[utoipa::path(post, path = "/jobs/{job}/reject", tag = "Automations", operation_id = "rejectJob",
    params(("job" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The job, which is closed.", body = JobView)))]
pub(crate) async fn reject(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply(holding::rule(&app, &caller, &id, Verdict::Rejected).await?.into()))
}

/// Approve all held jobs of an automation
#[utoipa::path(post, path = "/automations/{automation}/approve", tag = "Automations", operation_id = "approveAutomation",
    params(("automation" = String, Path, description = "The automation's id.")),
    responses((status = 200, description = "How many jobs go on.", body = WorkedView)))]
pub(crate) async fn approve_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Reply<WorkedView>, Problem> {
    Ok(Reply(holding::rule_all(&app, &caller, &id, Verdict::Approved).await?.into()))
}

/// Reject all held jobs of an automation
///
/// The app is left as it is for each of these people, until something else is decided for them.
#[utoipa::path(post, path = "/automations/{automation}/reject", tag = "Automations", operation_id = "rejectAutomation",
    params(("automation" = String, Path, description = "The automation's id.")),
    responses((status = 200, description = "How many jobs were closed.", body = WorkedView)))]
pub(crate) async fn reject_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Reply<WorkedView>, Problem> {
    Ok(Reply(holding::rule_all(&app, &caller, &id, Verdict::Rejected).await?.into()))
}

/// Approve all held jobs of an integration
///
/// Of all its automations. They are done, whatever its guards say.
#[utoipa::path(post, path = "/integrations/{integration}/held/approve", tag = "Automations", operation_id = "approveHeld",
    params(("integration" = String, Path, description = "The integration's id.")),
    responses((status = 200, description = "How many jobs go on.", body = WorkedView)))]
pub(crate) async fn approve_held(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Reply<WorkedView>, Problem> {
    Ok(Reply(holding::rule_held(&app, &caller, &id, Verdict::Approved).await?.into()))
}

/// Reject all held jobs of an integration
///
/// Of all its automations. The app is left as it is for each of these people, until something else is decided for them.
#[utoipa::path(post, path = "/integrations/{integration}/held/reject", tag = "Automations", operation_id = "rejectHeld",
    params(("integration" = String, Path, description = "The integration's id.")),
    responses((status = 200, description = "How many jobs were closed.", body = WorkedView)))]
pub(crate) async fn reject_held(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Reply<WorkedView>, Problem> {
    Ok(Reply(holding::rule_held(&app, &caller, &id, Verdict::Rejected).await?.into()))
}
