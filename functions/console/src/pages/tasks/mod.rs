//! Tasks: what people do by hand in apps that have no API.

pub(super) mod view;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use serde::Deserialize;
use usher_domain::{id::JobId, integration::Integration};

use super::{
    frame,
    layout::{self, Section},
    live::{self, Region, address},
};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    permission::Action,
    tasks,
};

/// Tasks of a page.
const ROWS: u32 = 100;

/// Where the list is.
pub(super) const PATH: &str = "/tasks";

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListQuery {
    cursor: String,
    seen: Option<String>,
}

/// `GET /tasks`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = tasks::page(&app, &caller, cursor, ROWS).await?;
    let apps = names(&app, &caller).await?;
    let pages = view::Pages {
        first: cursor.is_some().then_some(PATH),
        next: page.next.as_deref().map(|next| address(PATH, &[("cursor", Some(next))])),
    };
    let region = Region {
        id: "tasks",
        label: "Tasks",
        url: address(PATH, &[("cursor", cursor)]),
        content: view::list(&page.items, &apps, &pages),
    };
    if live::is_partial(&headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let frame = frame(&app, &caller, Section::Tasks).await?;
    Ok(layout::page("Tasks", &frame, view::page(&region)).into_response())
}

/// `GET /tasks/{task}`
pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Response, Problem> {
    let job = tasks::task(&app, &caller, &id).await?;
    let task = job.manual.as_ref().ok_or_else(|| Problem::not_found("this task"))?;
    let apps = names(&app, &caller).await?;
    let one = view::One {
        app: apps.get(&job.integration).map_or(job.integration.as_str(), |app| app.name.as_str()),
        job: &job,
        task,
        reported_it: tasks::reported(&caller, task),
        may_read_log: caller.may_in(&app, Action::ReadAutomations, &job.integration).await.is_ok(),
    };
    let frame = frame(&app, &caller, Section::Tasks).await?;
    let title = view::title(&job);
    Ok(layout::page(&title, &frame, view::one(&one)).into_response())
}

/// What was done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportForm {
    evidence: String,
}

/// `POST /tasks/{task}/complete`
pub(super) async fn complete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
    Form(form): Form<ReportForm>,
) -> Result<Redirect, Problem> {
    tasks::report(&app, &caller, &id, &form.evidence).await?;
    Ok(Redirect::to(PATH))
}

/// `POST /tasks/{task}/confirm`
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Redirect, Problem> {
    tasks::confirm(&app, &caller, &id).await?;
    Ok(Redirect::to(PATH))
}

/// What is missing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendBackForm {
    reason: String,
}

/// `POST /tasks/{task}/send-back`
pub(super) async fn send_back(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<JobId>,
    Form(form): Form<SendBackForm>,
) -> Result<Redirect, Problem> {
    tasks::send_back(&app, &caller, &id, &form.reason).await?;
    Ok(Redirect::to(PATH))
}

async fn names(app: &App, caller: &Caller) -> Result<view::Apps, Problem> {
    let integrations = app.store.integrations(&caller.workspace).await?;
    let by_id = |integration: Integration| (integration.id.clone(), integration);
    Ok(integrations.into_iter().map(by_id).collect::<BTreeMap<_, _>>())
}
