//! Manual tasks, for the pages and the API: who sees them, and what somebody does about one.

use std::collections::BTreeSet;

use http::StatusCode;
use usher_domain::{
    activity::{Activity, Event},
    id::JobId,
    job::Job,
    manual::{Confirmation, Doer, LONGEST_WORDS, ManualTask, Refused, Report, SentBack},
    ports::Page,
};

use crate::{
    App,
    auth::{Caller, Via},
    error::Problem,
    paging::page_of,
    permission::{Action, Reach},
};

/// Where the caller may do everybody's tasks; nowhere for whoever has only their own.
async fn reach(app: &App, caller: &Caller) -> Result<Reach, Problem> {
    match caller.reach(app, Action::DoTasks).await {
        Err(problem) if problem.status == StatusCode::FORBIDDEN => Ok(Reach::Hubs(BTreeSet::new())),
        reach => reach,
    }
}

/// One page of the tasks that the caller sees: removals first, then the oldest. It may hold fewer than asked for.
pub(crate) async fn page(
    app: &App,
    caller: &Caller,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Job>, Problem> {
    let reach = reach(app, caller).await?;
    let mut page = page_of(app.store.tasks(&caller.workspace, cursor, limit).await, cursor)?;
    page.items.retain(|job| reach.covers(&job.integration) || caller.is_assigned(job));
    Ok(page)
}

/// A task that the caller may do something about, whether or not it still waits.
pub(crate) async fn task(app: &App, caller: &Caller, id: &JobId) -> Result<Job, Problem> {
    const WHAT: &str = "this task";
    let job = app.store.job(&caller.workspace, id).await?.ok_or_else(|| Problem::not_found(WHAT))?;
    caller.may_do(app, &job).await.map_err(|refused| refused.about(WHAT))?;
    caller.act.about(&job.integration);
    Ok(job)
}

/// Reports a task as done.
pub(crate) async fn report(app: &App, caller: &Caller, id: &JobId, evidence: &str) -> Result<Job, Problem> {
    let evidence = words("/evidence", evidence)?;
    let job = task(app, caller, id).await?;
    let report = Report { by: doer(caller), at: app.clock.now(), evidence };
    moved(app, caller, &job, job.task_reported(report), Event::TaskReported).await
}

/// Confirms as a second person that a task is done.
pub(crate) async fn confirm(app: &App, caller: &Caller, id: &JobId) -> Result<Job, Problem> {
    let job = task(app, caller, id).await?;
    let confirmation = Confirmation { by: doer(caller), at: app.clock.now() };
    moved(app, caller, &job, job.task_confirmed(confirmation), Event::TaskConfirmed).await
}

/// Sends the report of a task back.
pub(crate) async fn send_back(app: &App, caller: &Caller, id: &JobId, reason: &str) -> Result<Job, Problem> {
    let reason = words("/reason", reason)?;
    let job = task(app, caller, id).await?;
    let sent_back = SentBack { by: doer(caller), at: app.clock.now(), reason };
    moved(app, caller, &job, job.task_sent_back(sent_back), Event::TaskSentBack).await
}

async fn moved(
    app: &App,
    caller: &Caller,
    job: &Job,
    after: Result<Job, Refused>,
    event: Event,
) -> Result<Job, Problem> {
    let id = &job.id;
    let after = after.map_err(|why| Problem::conflict(format!("task {id}: {why}")))?;
    let told = Activity {
        id: app.ids.uuid().to_string(),
        workspace: job.workspace.clone(),
        integration: job.integration.clone(),
        at: app.clock.now(),
        actor: caller.actor(),
        event,
        target: job.target.clone(),
        job: Some(id.clone()),
    };
    app.store.move_task(job, &after, &told).await?;
    Ok(after)
}

/// Whether the caller reported a task, so that somebody else confirms it.
pub(crate) fn reported(caller: &Caller, task: &ManualTask) -> bool {
    task.report.as_ref().is_some_and(|report| report.by.id == doer(caller).id)
}

/// Who acts, as whoever confirms must be somebody else.
fn doer(caller: &Caller) -> Doer {
    let id = match (&caller.person, caller.via) {
        (Some(person), _) => format!("person/{}", person.id),
        // Whoever opens a link several times stays the same.
        (None, Via::Session) => format!("session/{}", caller.name),
        (None, Via::ApiKey) => format!("key/{}", caller.credential),
    };
    Doer { id, name: caller.name.clone() }
}

/// A note, a link or a reason: something, and not a novel.
fn words(field: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Problem::invalid(field, "say something: a note or a link for whoever looks at it next")),
        count if count <= LONGEST_WORDS => Ok(text.to_owned()),
        _ => Err(Problem::invalid(field, format!("use at most {LONGEST_WORDS} characters"))),
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::workspace::WorkspaceRole;

    use super::*;

    #[test]
    fn words_have_bounds() {
        assert_eq!(words("/evidence", "  done \n"), Ok("done".to_owned()));
        assert!(words("/evidence", " \n").is_err());
        assert!(words("/evidence", &"é".repeat(LONGEST_WORDS)).is_ok());
        assert!(words("/evidence", &"é".repeat(LONGEST_WORDS + 1)).is_err());
    }

    #[test]
    fn two_sessions_of_one_are_one_and_two_keys_are_two() {
        let caller = Caller::for_test(WorkspaceRole::Owner);
        let other = Caller { credential: "t".into(), ..caller.clone() };
        assert_eq!(doer(&caller).id, doer(&other).id);
        let key = |caller: Caller| Caller { via: Via::ApiKey, ..caller };
        assert_ne!(doer(&key(caller)).id, doer(&key(other)).id);
    }
}
