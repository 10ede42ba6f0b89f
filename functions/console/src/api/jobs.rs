//! Jobs: one unit of work for one person in one integration.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::{Timestamp, id::JobId, job::Job};
use utoipa::ToSchema;

use super::{
    extract::Path,
    holding::RulingView,
    names::{JobStateName, TaskName},
};
use crate::{App, auth::Caller, error::Problem, permission::Action, work};

/// Why a job is not done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobError)]
pub(crate) struct JobErrorView {
    /// The class that decided what happens next.
    pub(crate) class: String,
    /// What happened, to what, and what to do next.
    pub(crate) message: String,
}

/// One unit of work for one person in one integration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    /// Its id.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) state: JobStateName,
    /// What it does.
    pub(crate) task: TaskName,
    /// The automation that it is a part of.
    pub(crate) automation: String,
    /// The integration's id.
    pub(crate) integration: String,
    /// The person's id.
    pub(crate) person: String,
    /// The person's name when it was made.
    pub(crate) target: String,
    /// The decided version that it is for.
    pub(crate) version: u64,
    /// How often a connector began it.
    pub(crate) attempts: u32,
    /// Why it is not done.
    #[schema(required)]
    pub(crate) error: Option<JobErrorView>,
    /// When it is looked at again, where it waits for a time.
    #[schema(required)]
    pub(crate) due_at: Option<Timestamp>,
    /// What was decided when it was held.
    #[schema(required)]
    pub(crate) ruling: Option<RulingView>,
    /// What was done in the app.
    pub(crate) steps: Vec<String>,
    /// Follows the request that caused it.
    pub(crate) correlation_id: String,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it changed last.
    pub(crate) updated_at: Timestamp,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id.into(),
            state: job.state.into(),
            task: job.task.into(),
            automation: job.automation.into(),
            integration: job.integration.into(),
            person: job.person.into(),
            target: job.target,
            version: job.version,
            attempts: job.attempts,
            error: job.error.map(|error| JobErrorView { class: error.class, message: error.message }),
            due_at: job.due_at,
            ruling: job.guard.ruling.map(RulingView::from),
            steps: job.steps,
            correlation_id: job.correlation_id,
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

/// A job
#[utoipa::path(get, path = "/jobs/{job}", tag = "Automations", operation_id = "getJob",
    params(("job" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The job.", body = JobView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply(work::job(&app, &caller, Action::ReadAutomations, &id).await?.into()))
}

/// Retry a job
///
/// Puts a job that did not complete, or that waits for something other than its grace window, back to work.
#[utoipa::path(post, path = "/jobs/{job}/retry", tag = "Automations", operation_id = "retryJob",
    params(("job" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The job, back in the queue.", body = JobView)))]
pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply(work::retry(&app, &caller, &id).await?.into()))
}
