//! Decisions about held work that the pages and the API share.

use usher_domain::{
    change::{Cause, Trigger},
    guard::{Ruling, Verdict},
    id::{AutomationId, JobId},
    job::{Job, JobState},
    ports::{JobFilter, StoreError},
};

use crate::{App, auth::Caller, error::Problem, permission::Action, work};

/// Most held jobs that one call decides about.
const MAX_RULED: u64 = 1000;
/// Jobs of an automation that are read at a time.
const PAGE: u32 = 100;

/// What a decision about the held jobs of an automation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ruled {
    /// How many jobs it was made about.
    pub(crate) jobs: u64,
    /// Whether there may be more of them: then it is asked for again.
    pub(crate) more: bool,
}

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
) -> Result<Ruled, Problem> {
    work::automation(app, caller, Action::ManageIntegrations, id).await?;
    let ruling = ruling(app, caller, verdict);
    let filter = JobFilter::Automation(id.clone());
    let (mut ruled, mut cursor) = (Ruled::default(), None);
    loop {
        let page = app.store.jobs(&caller.workspace, &filter, cursor.as_deref(), PAGE).await?;
        for job in page.items.iter().filter(|job| job.state == JobState::Held) {
            match app.store.rule(job, &ruling).await {
                Ok(()) => ruled.jobs += 1,
                // Somebody else decided, or it is not needed any more.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        cursor = page.next;
        if cursor.is_none() || ruled.jobs >= MAX_RULED {
            return Ok(Ruled { more: cursor.is_some(), ..ruled });
        }
    }
}

fn ruling(app: &App, caller: &Caller, verdict: Verdict) -> Ruling {
    let cause = Cause { trigger: Trigger::Approval, ..caller.cause(app.clock.now()) };
    Ruling { verdict, cause }
}
