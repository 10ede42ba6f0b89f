//! Acts on jobs that the pages and the API share.

use usher_domain::{
    Timestamp,
    automation::Automation,
    change::{Cause, Trigger},
    id::{AutomationId, IntegrationId, JobId},
    integration::{Integration, Status},
    job::{Job, JobState, Task},
    ports::{AdminWrite, StoreError},
};

use crate::{App, auth::Caller, error::Problem, permission::Action};

/// Most jobs that one call of [`resume`] puts back to work; the schedule finds the rest when they are due.
const MAX_RELEASED: usize = 1000;

/// What resuming did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resumed {
    /// The integration as it is now.
    pub(crate) integration: Integration,
    /// How many waiting jobs were put back to work.
    pub(crate) released: usize,
}

/// A job in whose integration the caller may do this.
pub(crate) async fn job(app: &App, caller: &Caller, action: Action, id: &JobId) -> Result<Job, Problem> {
    const WHAT: &str = "this job";
    caller.may_somewhere(action)?;
    let job = app.store.job(&caller.workspace, id).await?.ok_or_else(|| Problem::not_found(WHAT))?;
    caller.may_in(app, action, &job.integration).await.map_err(|refused| refused.about(WHAT))?;
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
        for job in page.items.iter().filter(|job| job.integration == *id && !in_grace(job, now)) {
            match app.store.requeue(job, now, &cause).await {
                Ok(()) => released += 1,
                // Somebody moved it since: then it is on its way already.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        cursor = page.next;
        if cursor.is_none() || released >= MAX_RELEASED {
            return Ok(Resumed { integration, released });
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
    if !same {
        integration.status = status;
        integration.version += 1;
        app.store.put_integration(&integration, AdminWrite::Replace).await?;
    }
    Ok(integration)
}

fn retry_cause(caller: &Caller, now: Timestamp) -> Cause {
    Cause { trigger: Trigger::Retry, ..caller.cause(now) }
}

/// Why a job cannot be retried; `None` when it can.
pub(crate) fn not_retryable(job: &Job, now: Timestamp) -> Option<&'static str> {
    match job.state {
        JobState::Failed => None,
        JobState::Waiting if in_grace(job, now) => {
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

/// Whether the job is a removal whose grace window has not passed: only then does a job wait that nothing
/// has gone wrong with.
fn in_grace(job: &Job, now: Timestamp) -> bool {
    job.state == JobState::Waiting
        && job.task == Task::RemovingUsers
        && job.error.is_none()
        && job.due_at.is_some_and(|due| now < due)
}

#[cfg(test)]
mod tests {
    use usher_domain::job::JobError;

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
            guard: Default::default(),
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
        assert!(in_grace(&waiting(Task::RemovingUsers, "2026-03-01T10:05:00Z"), now));
        assert!(!in_grace(&waiting(Task::RemovingUsers, "2026-03-01T09:55:00Z"), now));
        assert!(!in_grace(&waiting(Task::AddingUsers, "2026-03-01T10:05:00Z"), now));
        let paused = Job {
            error: Some(JobError { class: "paused".into(), message: "mend it".into() }),
            ..waiting(Task::RemovingUsers, "2026-03-01T10:05:00Z")
        };
        assert!(!in_grace(&paused, now));
    }
}
