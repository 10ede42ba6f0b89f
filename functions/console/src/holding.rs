//! Decisions about held work that the pages and the API share.

use usher_domain::{
    change::{Cause, Trigger},
    guard::{Ruling, Verdict},
    id::{AutomationId, JobId},
    job::{Job, JobState},
};

use crate::{
    App,
    auth::Caller,
    error::Problem,
    permission::Action,
    work::{self, Act, Worked},
};

/// Decides about one held job.
pub(crate) async fn rule(app: &App, caller: &Caller, id: &JobId, verdict: Verdict) -> Result<Job, Problem> {
    let job = work::job(app, caller, Action::ManageIntegrations, id).await?;
    if job.state != JobState::Held {
        let stands = job.state.label().to_lowercase();
        return Err(Problem::conflict(format!(
            "job {id} waits for no decision: it is {stands}; look at it again"
        )));
    }
    app.store.rule(&job, &ruling(app, caller, verdict)).await?;
    let after = app.store.job(&caller.workspace, id).await?;
    Ok(after.unwrap_or(job))
}

/// Decides about all held jobs of an automation.
pub(crate) async fn rule_all(
    app: &App,
    caller: &Caller,
    id: &AutomationId,
    verdict: Verdict,
) -> Result<Worked, Problem> {
    work::automation(app, caller, Action::ManageIntegrations, id).await?;
    let ruling = ruling(app, caller, verdict);
    work::each(app, caller, id, Act::Rule(&ruling)).await
}

fn ruling(app: &App, caller: &Caller, verdict: Verdict) -> Ruling {
    let cause = Cause { trigger: Trigger::Approval, ..caller.cause(app.clock.now()) };
    Ruling { verdict, cause }
}
