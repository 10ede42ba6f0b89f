//! Decisions about held work that the pages and the API share.

use std::{cmp::Reverse, collections::BTreeMap};

use usher_domain::{
    automation::Automation,
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
/// How many automations are told with what they hold: each is a row that is read.
const LARGEST: usize = 5;

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

/// Held work of an integration.
pub(crate) struct Held {
    /// Its jobs, those first that are given up first; at most [`SHOWN`].
    pub(crate) jobs: Vec<Job>,
    /// The automations that hold most of these jobs, and how many each holds in all; none of a single job, at most [`LARGEST`].
    pub(crate) automations: Vec<(Automation, u64)>,
    /// How many jobs are known to be held.
    pub(crate) count: u64,
    /// Whether there may be more.
    pub(crate) more: bool,
}

/// Held work of an integration, as far as it is looked at.
pub(crate) async fn held(app: &App, caller: &Caller, id: &IntegrationId) -> Result<Held, Problem> {
    let (mut jobs, mut cursor) = (Vec::new(), None);
    let more = loop {
        let page = app.store.open_jobs(&caller.workspace, JobState::Held, cursor.as_deref()).await?;
        jobs.extend(page.items.into_iter().filter(|job| job.integration == *id));
        cursor = page.next;
        if cursor.is_none() || jobs.len() >= SHOWN {
            let more = cursor.is_some() || jobs.len() > SHOWN;
            jobs.truncate(SHOWN);
            break more;
        }
    };
    let mut found: BTreeMap<&AutomationId, u64> = BTreeMap::new();
    for job in &jobs {
        *found.entry(&job.automation).or_default() += 1;
    }
    let mut count: u64 = found.values().sum();
    let mut largest: Vec<_> = found.into_iter().filter(|(_, jobs)| *jobs > 1).collect();
    largest.sort_by_key(|(_, jobs)| Reverse(*jobs));
    let mut automations = Vec::new();
    for (automation, jobs) in largest.into_iter().take(LARGEST) {
        if let Some(automation) = app.store.automation(&caller.workspace, automation).await? {
            let held = automation.counts.get(&JobState::Held).copied().unwrap_or_default();
            count += held.saturating_sub(jobs);
            automations.push((automation, held));
        }
    }
    Ok(Held { jobs, automations, count, more })
}

fn ruling(app: &App, caller: &Caller, verdict: Verdict) -> Ruling {
    let cause = Cause { trigger: Trigger::Approval, ..caller.cause(app.clock.now()) };
    Ruling { verdict, cause }
}
