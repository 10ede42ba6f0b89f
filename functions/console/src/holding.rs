//! Decisions about held work that the pages and the API share.

use usher_domain::{
    change::{Cause, Trigger},
    guard::{Ruling, Verdict},
    id::{AutomationId, IntegrationId, JobId},
    job::{Job, JobState},
};

use crate::{
    App,
    auth::Caller,
    error::Problem,
    permission::Action,
    work::{self, Act, Worked},
};

/// How much held work of an integration is looked at.
const SHOWN: usize = 1_000;

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

/// Decides about all held jobs of an integration.
pub(crate) async fn rule_held(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    verdict: Verdict,
) -> Result<Worked, Problem> {
    caller.may_in(app, Action::ManageIntegrations, id).await?;
    let found = app.store.integration(&caller.workspace, id).await?;
    found.ok_or_else(|| Problem::not_found("this integration"))?;
    let ruling = ruling(app, caller, verdict);
    work::each_held(app, caller, id, Act::Rule(&ruling)).await
}

/// Held jobs of an integration, those first that are given up first; at most [`SHOWN`], and whether there are more.
pub(crate) async fn held(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
) -> Result<(Vec<Job>, bool), Problem> {
    let (mut held, mut cursor) = (Vec::new(), None);
    loop {
        let page = app.store.open_jobs(&caller.workspace, JobState::Held, cursor.as_deref()).await?;
        held.extend(page.items.into_iter().filter(|job| job.integration == *id));
        cursor = page.next;
        if cursor.is_none() || held.len() >= SHOWN {
            let more = cursor.is_some() || held.len() > SHOWN;
            held.truncate(SHOWN);
            return Ok((held, more));
        }
    }
}

fn ruling(app: &App, caller: &Caller, verdict: Verdict) -> Ruling {
    let cause = Cause { trigger: Trigger::Approval, ..caller.cause(app.clock.now()) };
    Ruling { verdict, cause }
}
