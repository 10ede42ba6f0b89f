//! Acts on jobs that the pages and the API share.

use usher_domain::{
    Timestamp,
    automation::Automation,
    change::{Cause, Change, Subject, Trigger},
    guard::Ruling,
    id::{AutomationId, ChangeId, IntegrationId, JobId},
    integration::{Integration, Status},
    job::{Job, JobState},
    ports::{AdminWrite, JobFilter, StoreError, StoreResult},
};

use crate::{App, api::integration_views::IntegrationView, auth::Caller, error::Problem, permission::Action};

/// Most jobs that one call of [`resume`] puts back to work; the planner goes on with the rest.
const MAX_RELEASED: usize = 1000;

/// Most jobs that one call does something to.
const MAX_WORKED: u64 = 1000;
/// Jobs of an automation that are read at a time.
const PAGE: u32 = 100;

/// What resuming did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resumed {
    /// The integration as it is now.
    pub(crate) integration: Integration,
    /// How many waiting jobs were put back to work; others may follow.
    pub(crate) released: usize,
}

/// A job in whose integration the caller may do this.
pub(crate) async fn job(app: &App, caller: &Caller, action: Action, id: &JobId) -> Result<Job, Problem> {
    const WHAT: &str = "this job";
    caller.may_somewhere(action)?;
    let job = app.store.job(&caller.workspace, id).await?.ok_or_else(|| Problem::not_found(WHAT))?;
    caller.may_in(app, action, &job.integration).await.map_err(|refused| refused.about(WHAT))?;
    caller.act.about(&job.integration);
    Ok(job)
}

/// An automation in whose integration the caller may do this.
pub(crate) async fn automation(
    app: &App,
    caller: &Caller,
    action: Action,
    id: &AutomationId,
) -> Result<Automation, Problem> {
    const WHAT: &str = "this automation";
    caller.may_somewhere(action)?;
    let found = app.store.automation(&caller.workspace, id).await?;
    let found = found.ok_or_else(|| Problem::not_found(WHAT))?;
    caller.may_in(app, action, &found.integration).await.map_err(|refused| refused.about(WHAT))?;
    caller.act.about(&found.integration);
    Ok(found)
}

/// Puts one failed or waiting job back to work.
pub(crate) async fn retry(app: &App, caller: &Caller, id: &JobId) -> Result<Job, Problem> {
    let now = app.clock.now();
    let job = job(app, caller, Action::RetryJobs, id).await?;
    if let Some(why_not) = not_retryable(&job, now) {
        return Err(Problem::conflict(format!("job {id} cannot be retried: {why_not}")));
    }
    app.store.requeue(&job, now, &retry_cause(caller, now)).await?;
    let after = app.store.job(&caller.workspace, id).await?;
    Ok(after.unwrap_or(job))
}

/// Takes an integration's pause away, and puts the jobs that waited for that back to work.
pub(crate) async fn resume(app: &App, caller: &Caller, id: &IntegrationId) -> Result<Resumed, Problem> {
    caller.may_in(app, Action::ManageIntegrations, id).await?;
    let integration = set_status(app, caller, id, Status::Active).await?;
    let now = app.clock.now();
    let cause = retry_cause(caller, now);
    let mut released = 0;
    let mut cursor = None;
    loop {
        let page = app.store.open_jobs(&caller.workspace, JobState::Waiting, cursor.as_deref()).await?;
        for job in page.items.iter().filter(|job| job.integration == *id && !job.is_in_grace(now)) {
            match app.store.requeue(job, now, &cause).await {
                Ok(()) => released += 1,
                // Somebody moved it since: then it is on its way already.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        cursor = page.next;
        match &cursor {
            None => return Ok(Resumed { integration, released }),
            Some(cursor) if released >= MAX_RELEASED => {
                let subject = Subject::Resumed { integration: id.clone(), cursor: cursor.clone() };
                let change = ChangeId::from(app.ids.uuid());
                let change = Change::new(change, caller.workspace.clone(), subject, cause);
                app.store.announce(&change).await?;
                return Ok(Resumed { integration, released });
            }
            Some(_) => {}
        }
    }
}

/// Pauses or resumes an integration; one that is so already stays as it is.
pub(crate) async fn set_status(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    status: Status,
) -> Result<Integration, Problem> {
    caller.may_in(app, Action::ManageIntegrations, id).await?;
    let (mut integration, _) = app
        .store
        .integration(&caller.workspace, id)
        .await?
        .ok_or_else(|| Problem::not_found("this integration"))?;
    let same = matches!(
        (&integration.status, &status),
        (Status::Active, Status::Active) | (Status::Paused { .. }, Status::Paused { .. })
    );
    caller.act.before(&IntegrationView::from(integration.clone()));
    if !same {
        integration.status = status;
        integration.version += 1;
        app.store.put_integration(&integration, AdminWrite::Replace).await?;
    }
    caller.act.after(&IntegrationView::from(integration.clone()));
    Ok(integration)
}

/// What an act on the jobs of an automation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Worked {
    /// How many jobs it was done to.
    pub(crate) jobs: u64,
    /// Whether there may be more of them: then it is asked for again.
    pub(crate) more: bool,
}

/// What is done to each of an automation's jobs that it can be done to.
pub(crate) enum Act<'a> {
    /// Those that did not complete go back to work.
    Retry(&'a Cause),
    /// Those that are open are called off.
    Cancel(&'a Cause),
    /// This is decided about those that are held.
    Rule(&'a Ruling),
}

impl Act<'_> {
    fn concerns(&self, job: &Job) -> bool {
        match self {
            Self::Retry(_) => job.state == JobState::Failed,
            Self::Cancel(_) => is_cancellable(job),
            Self::Rule(_) => job.state == JobState::Held,
        }
    }

    async fn on(&self, app: &App, job: &Job) -> StoreResult<()> {
        match self {
            Self::Retry(cause) => app.store.requeue(job, cause.at, cause).await,
            Self::Cancel(cause) => app.store.cancel(job, cause).await,
            Self::Rule(ruling) => app.store.rule(job, ruling).await,
        }
    }
}

/// Does something to all jobs of an automation, so many in one call. A job that moved meanwhile is passed over.
pub(crate) async fn each(
    app: &App,
    caller: &Caller,
    id: &AutomationId,
    act: Act<'_>,
) -> Result<Worked, Problem> {
    let filter = JobFilter::Automation(id.clone());
    let (mut worked, mut cursor) = (Worked::default(), None);
    loop {
        let page = app.store.jobs(&caller.workspace, &filter, cursor.as_deref(), PAGE).await?;
        worked.jobs += on_each(app, page.items.iter(), &act).await?;
        cursor = page.next;
        if cursor.is_none() || worked.jobs >= MAX_WORKED {
            return Ok(Worked { more: cursor.is_some(), ..worked });
        }
    }
}

/// The same to all held jobs of an integration.
pub(crate) async fn each_held(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    act: Act<'_>,
) -> Result<Worked, Problem> {
    let (mut worked, mut cursor) = (Worked::default(), None);
    loop {
        let page = app.store.open_jobs(&caller.workspace, JobState::Held, cursor.as_deref()).await?;
        worked.jobs += on_each(app, page.items.iter().filter(|job| job.integration == *id), &act).await?;
        cursor = page.next;
        if cursor.is_none() || worked.jobs >= MAX_WORKED {
            return Ok(Worked { more: cursor.is_some(), ..worked });
        }
    }
}

/// Answers how many it was done to.
async fn on_each<'a>(app: &App, jobs: impl Iterator<Item = &'a Job>, act: &Act<'_>) -> Result<u64, Problem> {
    let mut done = 0;
    for job in jobs.filter(|job| act.concerns(job)) {
        match act.on(app, job).await {
            Ok(()) => done += 1,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// Puts all jobs of an automation back to work that did not complete.
pub(crate) async fn retry_all(app: &App, caller: &Caller, id: &AutomationId) -> Result<Worked, Problem> {
    automation(app, caller, Action::RetryJobs, id).await?;
    each(app, caller, id, Act::Retry(&retry_cause(caller, app.clock.now()))).await
}

/// Calls one job off.
pub(crate) async fn cancel(app: &App, caller: &Caller, id: &JobId) -> Result<Job, Problem> {
    let job = job(app, caller, Action::ManageIntegrations, id).await?;
    if !is_cancellable(&job) {
        let stands = job.state.label().to_lowercase();
        return Err(Problem::conflict(format!(
            "job {id} cannot be called off: it is {stands}; look at it again"
        )));
    }
    app.store.cancel(&job, &caller.cause(app.clock.now())).await?;
    let after = app.store.job(&caller.workspace, id).await?;
    Ok(after.unwrap_or(job))
}

/// Calls all open jobs of an automation off, removals that wait for their grace window included.
pub(crate) async fn cancel_all(app: &App, caller: &Caller, id: &AutomationId) -> Result<Worked, Problem> {
    automation(app, caller, Action::ManageIntegrations, id).await?;
    each(app, caller, id, Act::Cancel(&caller.cause(app.clock.now()))).await
}

/// Whether a job is open, and nobody works on it at the moment.
pub(crate) fn is_cancellable(job: &Job) -> bool {
    job.state.is_open() && job.state != JobState::Running
}

fn retry_cause(caller: &Caller, now: Timestamp) -> Cause {
    Cause { trigger: Trigger::Retry, ..caller.cause(now) }
}

/// Why a job cannot be retried; `None` when it can.
pub(crate) fn not_retryable(job: &Job, now: Timestamp) -> Option<&'static str> {
    match job.state {
        JobState::Failed => None,
        JobState::Waiting if job.is_in_grace(now) => {
            Some("it is a removal whose grace window has not passed; it begins by itself")
        }
        // Whoever mended the app need not wait for the next try.
        JobState::Waiting | JobState::Retrying => None,
        JobState::Queued | JobState::Running => Some("it is under way already"),
        JobState::Held => Some("it waits for an approval; approve or reject it"),
        JobState::Done => Some("it is completed"),
        JobState::Superseded => Some("a later decision took its place; look at the newest job"),
        JobState::Cancelled => Some("it was called off"),
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::job::{JobError, Task};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job(state: JobState, task: Task, due_at: Option<&str>) -> Job {
        let created_at = at("2026-03-01T09:00:00Z");
        Job {
            id: "j1".parse().unwrap(),
            workspace: "main".parse().unwrap(),
            automation: "a1".parse().unwrap(),
            integration: "hub".parse().unwrap(),
            person: "ada".parse().unwrap(),
            target: "Ada".into(),
            connector: "scim".into(),
            task,
            version: 1,
            state,
            attempts: 0,
            error: None,
            due_at: due_at.map(at),
            steps: vec![],
            resend: false,
            lane: 0,
            guard: Default::default(),
            manual: None,
            correlation_id: "c".into(),
            revision: 1,
            created_at,
            updated_at: created_at,
        }
    }

    #[test]
    fn what_failed_or_waits_is_retried() {
        let now = at("2026-03-01T10:00:00Z");
        for state in JobState::ALL {
            let retried = not_retryable(&job(state, Task::AddingUsers, None), now).is_none();
            assert_eq!(
                retried,
                matches!(state, JobState::Failed | JobState::Waiting | JobState::Retrying),
                "{state:?}"
            );
        }
    }

    /// Resuming an integration must not take people out before their grace window has passed.
    #[test]
    fn a_grace_window_is_never_cut_short() {
        let waiting = |task, due| job(JobState::Waiting, task, Some(due));
        let now = at("2026-03-01T10:00:00Z");
        assert!(waiting(Task::RemovingUsers, "2026-03-01T10:05:00Z").is_in_grace(now));
        assert!(!waiting(Task::RemovingUsers, "2026-03-01T09:55:00Z").is_in_grace(now));
        assert!(!waiting(Task::AddingUsers, "2026-03-01T10:05:00Z").is_in_grace(now));
        let paused = Job {
            error: Some(JobError { class: "paused".into(), message: "mend it".into() }),
            ..waiting(Task::RemovingUsers, "2026-03-01T10:05:00Z")
        };
        assert!(!paused.is_in_grace(now));
    }
}
