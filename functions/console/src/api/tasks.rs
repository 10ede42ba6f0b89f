//! Manual tasks: what people do in apps that have no API.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    id::JobId,
    job::{Job, Task},
    manual::{Confirmation, LONGEST_WORDS, Report, SentBack, Stage},
};
use utoipa::ToSchema;

use super::{
    extract::{Json, Path, Query},
    names::{JobStateName, TaskName},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery},
    tasks,
};

/// What somebody said or did about a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskNote)]
pub(crate) struct NoteView {
    /// Who.
    by: String,
    /// When.
    at: Timestamp,
    /// The evidence, or the reason; null for a confirmation.
    #[schema(required)]
    text: Option<String>,
}

impl From<&Report> for NoteView {
    fn from(report: &Report) -> Self {
        Self { by: report.by.name.clone(), at: report.at, text: Some(report.evidence.clone()) }
    }
}

impl From<&SentBack> for NoteView {
    fn from(sent: &SentBack) -> Self {
        Self { by: sent.by.name.clone(), at: sent.at, text: Some(sent.reason.clone()) }
    }
}

impl From<&Confirmation> for NoteView {
    fn from(confirmation: &Confirmation) -> Self {
        Self { by: confirmation.by.name.clone(), at: confirmation.at, text: None }
    }
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskStage)]
pub(crate) enum StageName {
    /// Somebody has to do it in the app.
    Do,
    /// A second person has to confirm it.
    Confirm,
    /// Nobody is waited for: it was confirmed or called off, or another decision took its place.
    Over,
}

/// Something to do in an app by hand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ManualTask)]
pub(crate) struct TaskView {
    /// Its id: that of its job.
    id: String,
    /// Where it stands.
    stage: StageName,
    /// Whether it takes somebody out, which comes before everything else.
    urgent: bool,
    /// What its job does.
    task: TaskName,
    /// Where its job stands.
    state: JobStateName,
    /// The integration's id.
    integration: String,
    /// The person's id.
    person: String,
    /// The person's name.
    target: String,
    /// By what the app knows the person: the e-mail address, else the user name.
    address: String,
    /// What to do, in order.
    steps: Vec<String>,
    /// Whose task it is: e-mail addresses or user names.
    assignees: Vec<String>,
    /// That it is done, as somebody says.
    #[schema(required)]
    report: Option<NoteView>,
    /// Why the last report was not believed.
    #[schema(required)]
    sent_back: Option<NoteView>,
    /// That it is done, as a second person says.
    #[schema(required)]
    confirmed: Option<NoteView>,
    /// When it was handed out.
    asked_at: Timestamp,
    /// Follows the request that caused it.
    correlation_id: String,
}

impl TaskView {
    /// A job's task; nothing for a job that Usher does itself.
    fn of(job: Job) -> Option<Self> {
        let stage = match job.open_task().map(|task| task.stage()) {
            Some(Stage::Do) => StageName::Do,
            Some(Stage::Confirm) => StageName::Confirm,
            None => StageName::Over,
        };
        let task = job.manual?;
        Some(Self {
            stage,
            urgent: job.task == Task::RemovingUsers,
            id: job.id.into(),
            task: job.task.into(),
            state: job.state.into(),
            integration: job.integration.into(),
            person: job.person.into(),
            target: job.target,
            report: task.report.as_ref().map(NoteView::from),
            sent_back: task.sent_back.as_ref().map(NoteView::from),
            confirmed: task.confirmed.as_ref().map(NoteView::from),
            address: task.address,
            steps: task.steps,
            assignees: task.assignees,
            asked_at: task.asked_at,
            correlation_id: job.correlation_id,
        })
    }

    fn shown(caller: &Caller, job: Job) -> Result<Reply<Self>, Problem> {
        let id = job.id.clone();
        let view = Self::of(job)
            .ok_or_else(|| Problem::conflict(format!("job {id} is no manual task: Usher does it itself")))?;
        caller.act.after(&view);
        Ok(Reply(view))
    }
}

/// What was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskReport)]
pub(crate) struct ReportBody {
    /// A note or a link that shows it. No files.
    #[schema(min_length = 1, max_length = 2_000)]
    evidence: String,
}

/// What is missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskSentBack)]
pub(crate) struct SentBackBody {
    /// For whoever does it again.
    #[schema(min_length = 1, max_length = 2_000)]
    reason: String,
}

// What the document says is what is checked.
const _: () = assert!(LONGEST_WORDS == 2_000);

/// Manual tasks
///
/// Those that wait for people: one's own, and those of the hubs that one manages. Removals come first, then the oldest. A
/// page may hold fewer rows than `limit`, also none, while `next` is set: go on until it is null.
#[utoipa::path(get, path = "/tasks", tag = "Tasks", operation_id = "listTasks",
    params(PageQuery),
    responses((status = 200, description = "One page of tasks.", body = Listed<TaskView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<TaskView>>, Problem> {
    let mut page = tasks::page(&app, &caller, query.cursor(), query.limit()?).await?;
    let next = page.next.take();
    let items = page.items.into_iter().filter_map(TaskView::of).collect();
    Ok(Reply(Listed::new(usher_domain::ports::Page { items, next }, |view| view)))
}

/// A manual task
#[utoipa::path(get, path = "/tasks/{task}", tag = "Tasks", operation_id = "getTask",
    params(("task" = String, Path, description = "The task's id: that of its job.")),
    responses((status = 200, description = "The task.", body = TaskView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<TaskView>, Problem> {
    TaskView::shown(&caller, tasks::task(&app, &caller, &id).await?)
}

/// Report a manual task as done
///
/// After doing it in the app. Somebody else has to confirm it.
#[utoipa::path(post, path = "/tasks/{task}/complete", tag = "Tasks", operation_id = "completeTask",
    params(("task" = String, Path, description = "The task's id: that of its job.")),
    request_body = ReportBody,
    responses((status = 200, description = "The task, which waits for a confirmation.", body = TaskView)))]
pub(crate) async fn complete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
    Json(body): Json<ReportBody>,
) -> Result<Reply<TaskView>, Problem> {
    TaskView::shown(&caller, tasks::report(&app, &caller, &id, &body.evidence).await?)
}

/// Confirm a manual task
///
/// After looking in the app. Whoever reported it cannot.
#[utoipa::path(post, path = "/tasks/{task}/confirm", tag = "Tasks", operation_id = "confirmTask",
    params(("task" = String, Path, description = "The task's id: that of its job.")),
    responses((status = 200, description = "The task, which is over.", body = TaskView)))]
pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Reply<TaskView>, Problem> {
    TaskView::shown(&caller, tasks::confirm(&app, &caller, &id).await?)
}

/// Send a manual task back
///
/// It was reported as done and is not: it is to be done again.
#[utoipa::path(post, path = "/tasks/{task}/send-back", tag = "Tasks", operation_id = "sendTaskBack",
    params(("task" = String, Path, description = "The task's id: that of its job.")),
    request_body = SentBackBody,
    responses((status = 200, description = "The task, which is to be done again.", body = TaskView)))]
pub(crate) async fn send_back(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
    Json(body): Json<SentBackBody>,
) -> Result<Reply<TaskView>, Problem> {
    TaskView::shown(&caller, tasks::send_back(&app, &caller, &id, &body.reason).await?)
}
