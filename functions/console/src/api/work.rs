//! Acts on work: retry and call off, one job or all of an automation.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::id::{AutomationId, JobId};
use utoipa::ToSchema;

use super::{extract::Path, jobs::JobView};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    work::{self, Worked},
};

/// What an act on the jobs of an automation did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Worked)]
pub(crate) struct WorkedView {
    /// How many jobs it was done to.
    jobs: u64,
    /// Whether there may be more: then ask again.
    more: bool,
}

impl From<Worked> for WorkedView {
    fn from(Worked { jobs, more }: Worked) -> Self {
        Self { jobs, more }
    }
}

/// Call a job off
///
/// The app is left as it is, until something else is decided for the person. A job that runs at the moment cannot be
/// called off.
#[utoipa::path(post, path = "/jobs/{job}/cancel", tag = "Automations", operation_id = "cancelJob",
    params(("job" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The job, which is closed.", body = JobView)))]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply(work::cancel(&app, &caller, &id).await?.into()))
}

/// Retry all failed jobs of an automation
#[utoipa::path(post, path = "/automations/{automation}/retry", tag = "Automations", operation_id = "retryAutomation",
    params(("automation" = String, Path, description = "The automation's id.")),
    responses((status = 200, description = "How many jobs are back in the queue.", body = WorkedView)))]
pub(crate) async fn retry_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Reply<WorkedView>, Problem> {
    Ok(Reply(work::retry_all(&app, &caller, &id).await?.into()))
}

/// Call all open jobs of an automation off
///
/// Removals that wait for their grace window included. The app is left as it is for each of these people, until something
/// else is decided for them.
#[utoipa::path(post, path = "/automations/{automation}/cancel", tag = "Automations", operation_id = "cancelAutomation",
    params(("automation" = String, Path, description = "The automation's id.")),
    responses((status = 200, description = "How many jobs were closed.", body = WorkedView)))]
pub(crate) async fn cancel_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Reply<WorkedView>, Problem> {
    Ok(Reply(work::cancel_all(&app, &caller, &id).await?.into()))
}
