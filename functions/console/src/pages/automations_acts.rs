//! What the pages of the log do: each is a button that leads back to the automation.

use std::sync::Arc;

use axum::{extract::State, response::Redirect};
use serde::Deserialize;
use usher_domain::{
    guard::Verdict,
    id::{AutomationId, JobId},
};

use super::automations_view as view;
use crate::{App, api::Path, auth::Caller, error::Problem, holding, work};

/// A decision about held work, as the address names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Decided {
    Approve,
    Reject,
}

impl From<Decided> for Verdict {
    fn from(decided: Decided) -> Self {
        match decided {
            Decided::Approve => Self::Approved,
            Decided::Reject => Self::Rejected,
        }
    }
}

/// `POST /jobs/{job}/retry`
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Redirect, Problem> {
    let job = work::retry(&app, &caller, &id).await?;
    Ok(Redirect::to(&view::automation_path(&job.automation)))
}

/// `POST /automations/{automation}/retry`
pub(super) async fn retry_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Redirect, Problem> {
    work::retry_all(&app, &caller, &id).await?;
    Ok(Redirect::to(&view::automation_path(&id)))
}

/// `POST /automations/{automation}/cancel`
pub(super) async fn cancel_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<AutomationId>,
) -> Result<Redirect, Problem> {
    work::cancel_all(&app, &caller, &id).await?;
    Ok(Redirect::to(&view::automation_path(&id)))
}

/// `POST /jobs/{job}/cancel`
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Redirect, Problem> {
    let job = work::cancel(&app, &caller, &id).await?;
    Ok(Redirect::to(&view::automation_path(&job.automation)))
}

/// `POST /jobs/{job}/approve` and `/reject`
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, verdict)): Path<(JobId, Decided)>,
) -> Result<Redirect, Problem> {
    let job = holding::rule(&app, &caller, &id, verdict.into()).await?;
    Ok(Redirect::to(&view::automation_path(&job.automation)))
}

/// `POST /automations/{automation}/approve` and `/reject`
pub(super) async fn decide_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, verdict)): Path<(AutomationId, Decided)>,
) -> Result<Redirect, Problem> {
    holding::rule_all(&app, &caller, &id, verdict.into()).await?;
    Ok(Redirect::to(&view::automation_path(&id)))
}
