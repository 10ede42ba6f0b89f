//! Acts on syncs and invitations that the pages and the API share.

use usher_domain::{
    change::{Cause, Trigger},
    id::{IntegrationId, PersonId},
    job::{Job, JobState},
    ports::StoreError,
    sync::{RunKind, SyncRun},
};

use crate::{App, auth::Caller, error::Problem, permission::Action};

/// Begins a sync or a health check.
pub(crate) async fn begin(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    kind: RunKind,
    safeguard: Option<u8>,
) -> Result<SyncRun, Problem> {
    caller.may_in(app, Action::ManageIntegrations, id).await?;
    let found = app.store.integration(&caller.workspace, id).await?;
    let (integration, _) = found.ok_or_else(|| Problem::not_found("this integration"))?;
    let last = app.store.last_run(&caller.workspace, id).await?;
    if last.as_ref().is_some_and(|run| run.state.is_open()) {
        return Err(under_way());
    }
    let run = SyncRun::begin(&integration, kind, caller.cause(app.clock.now()), last.as_ref());
    let run = SyncRun { safeguard_percent: safeguard.unwrap_or(run.safeguard_percent), ..run };
    match app.store.put_run(last.as_ref(), &run, None, &[], None).await {
        Ok(()) => Ok(run),
        Err(StoreError::Conflict { .. }) => Err(under_way()),
        Err(error) => Err(error.into()),
    }
}

fn under_way() -> Problem {
    Problem::conflict(
        "a sync or health check of this integration is under way; look at it, or wait for its end",
    )
}

/// Sends a person's invitation again.
pub(crate) async fn resend(
    app: &App,
    caller: &Caller,
    integration: &IntegrationId,
    person: &PersonId,
) -> Result<Job, Problem> {
    caller.may_in(app, Action::RetryJobs, integration).await?;
    let one = std::slice::from_ref(person);
    let access = app.facts.accesses(&caller.workspace, integration, one).await?.remove(person);
    let access = access.ok_or_else(|| Problem::not_found("an access of this person in this integration"))?;
    let Some(id) = access.job.clone().or_else(|| access.recent_jobs.last().cloned()) else {
        return Err(none_waits());
    };
    let job = app.store.job(&caller.workspace, &id).await?.ok_or_else(none_waits)?;
    let class = job.error.as_ref().map(|error| error.class.as_str());
    let over = job.state == JobState::Failed && class == Some("invitation_over");
    let pending = job.state == JobState::Waiting && class == Some("not_accepted_yet");
    if !over && !pending {
        return Err(none_waits());
    }
    let now = app.clock.now();
    let cause = Cause { trigger: Trigger::Retry, ..caller.cause(now) };
    app.store.requeue(&Job { resend: true, ..job.clone() }, now, &cause).await?;
    Ok(app.store.job(&caller.workspace, &id).await?.unwrap_or(job))
}

fn none_waits() -> Problem {
    Problem::conflict("this person has no invitation that waits or is over; look at their access")
}

/// A share of all, in percent.
pub(crate) fn check_percent(field: &str, percent: u8) -> Result<u8, Problem> {
    if percent <= 100 { Ok(percent) } else { Err(Problem::invalid(field, "use 0 to 100")) }
}
