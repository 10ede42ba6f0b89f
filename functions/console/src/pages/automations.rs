//! The Automation Log, and the page of one automation.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use serde::Deserialize;
use usher_domain::{
    access::integrations_of_person,
    automation::Automation,
    id::{AutomationId, JobId, PersonId},
    job::Job,
    ports::JobFilter,
};

use super::{
    automation_view, automations_view as view, frame,
    layout::{self, Section},
    live::{self, Region, address},
    log_query::LogQuery,
};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    paging::page_of,
    permission::{Action, Reach},
    work,
};

/// Rows of a page of the log.
const ROWS: u32 = 50;
/// Rows that are read at a time where a filter leaves some out.
const SCAN: u32 = 100;
/// Most reads for one page: a filter that matches little must not read the whole log every two seconds.
const MAX_READS: usize = 5;
/// Jobs in a drawer; the automation's own page has all of them.
pub(super) const DRAWER_JOBS: u32 = 25;
/// Jobs of a page of an automation.
const JOBS: u32 = 100;

/// A row of the log.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) automation: Automation,
    /// Its first jobs, where the drawer is open.
    pub(super) jobs: Option<Vec<Job>>,
}

/// A page of the log.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub(super) rows: Vec<Row>,
    pub(super) next: Option<String>,
}

/// `GET /automations`
pub(super) async fn log(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<LogQuery>,
) -> Result<Response, Problem> {
    let reach = caller.reach(&app, Action::ReadAutomations).await?;
    let region = Region {
        id: "log",
        label: "Automations",
        url: query.url(),
        content: view::log(&query, &load(&app, &caller, &reach, &query).await?),
    };
    if live::is_partial(&headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let frame = frame(&app, &caller, Section::Log).await?;
    let mut apps = app.store.integrations(&caller.workspace).await?;
    apps.retain(|integration| reach.covers(&integration.id));
    let person = match &query.person {
        Some(person) => app.facts.person(&caller.workspace, person).await?,
        None => None,
    };
    let person = person.as_ref().map(|person| person.profile.label());
    let content = view::log_page(&query, &apps, person, &region);
    Ok(layout::page("Automation Log", &frame, content).into_response())
}

async fn load(app: &App, caller: &Caller, reach: &Reach, query: &LogQuery) -> Result<Log, Problem> {
    let (found, next) = match &query.person {
        Some(person) => (of_person(app, caller, reach, query, person).await?, None),
        None => scan(app, caller, reach, query).await?,
    };
    let open = query.open();
    let mut rows = Vec::with_capacity(found.len());
    for automation in found {
        let jobs = if open.contains(&automation.id) {
            let filter = JobFilter::Automation(automation.id.clone());
            Some(app.store.jobs(&caller.workspace, &filter, None, DRAWER_JOBS).await?.items)
        } else {
            None
        };
        rows.push(Row { automation, jobs });
    }
    Ok(Log { rows, next })
}

/// A page of the log, newest first.
pub(super) async fn scan(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    query: &LogQuery,
) -> Result<(Vec<Automation>, Option<String>), Problem> {
    let mut found = Vec::new();
    let mut next = Some(query.cursor.clone()).filter(|cursor| !cursor.is_empty());
    let size = if query.is_filtered() { SCAN } else { ROWS };
    for _ in 0..MAX_READS {
        let cursor = next.as_deref();
        let page = page_of(app.store.automations(&caller.workspace, cursor, size).await, cursor)?;
        let past = page.items.last().is_some_and(|oldest| query.ends_before(oldest));
        found.extend(
            page.items
                .into_iter()
                .filter(|automation| reach.covers(&automation.integration) && query.matches(automation)),
        );
        next = page.next.filter(|_| !past);
        if next.is_none() || found.len() >= ROWS as usize {
            break;
        }
    }
    Ok((found, next))
}

/// What was done for one person: the jobs that their access remembers, in every integration.
pub(super) async fn of_person(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    query: &LogQuery,
    person: &PersonId,
) -> Result<Vec<Automation>, Problem> {
    let (facts, workspace) = (app.facts.as_ref(), &caller.workspace);
    let known = facts.person(workspace, person).await?;
    let mut jobs: Vec<JobId> = Vec::new();
    for integration in integrations_of_person(facts, workspace, person, known.as_ref(), &[]).await? {
        let access =
            facts.accesses(workspace, &integration, std::slice::from_ref(person)).await?.remove(person);
        jobs.extend(access.into_iter().flat_map(|access| access.recent_jobs.into_iter().chain(access.job)));
    }
    let jobs = facts.jobs_by_id(workspace, &jobs).await?;
    let automations: BTreeSet<AutomationId> = jobs.into_values().map(|job| job.automation).collect();
    let mut found = Vec::with_capacity(automations.len());
    for automation in automations {
        found.extend(app.store.automation(workspace, &automation).await?);
    }
    found.retain(|automation| reach.covers(&automation.integration) && query.matches(automation));
    found.sort_by_key(|automation| Reverse(automation.created_at));
    Ok(found)
}

/// The address of one automation's page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OneQuery {
    cursor: String,
    seen: Option<String>,
}

/// `GET /automations/{automation}`
pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<AutomationId>,
    Query(query): Query<OneQuery>,
) -> Result<Response, Problem> {
    let automation = work::automation(&app, &caller, Action::ReadAutomations, &id).await?;
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let jobs = app.store.jobs(&caller.workspace, &JobFilter::Automation(id), cursor, JOBS).await;
    let jobs = page_of(jobs, cursor)?;
    let path = view::automation_path(&automation.id);
    let region = Region {
        id: "automation",
        label: "Automation",
        url: address(&path, &[("cursor", cursor)]),
        content: automation_view::automation(&automation_view::One {
            automation: &automation,
            jobs: &jobs.items,
            may_retry: caller.may_in(&app, Action::RetryJobs, &automation.integration).await.is_ok(),
            may_decide: caller
                .may_in(&app, Action::ManageIntegrations, &automation.integration)
                .await
                .is_ok(),
            now: app.clock.now(),
            first: cursor.is_some().then(|| path.clone()),
            next: jobs.next.as_deref().map(|next| address(&path, &[("cursor", Some(next))])),
        }),
    };
    if live::is_partial(&headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let frame = frame(&app, &caller, Section::Log).await?;
    let title = format!("{} in {}", automation.task.label(), automation.target);
    let content = automation_view::automation_page(&title, &region);
    Ok(layout::page(&title, &frame, content).into_response())
}

/// `GET /jobs/{job}`
pub(super) async fn job(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<JobId>,
    Query(query): Query<OneQuery>,
) -> Result<Response, Problem> {
    let job = work::job(&app, &caller, Action::ReadAutomations, &id).await?;
    let may_retry = caller.may_in(&app, Action::RetryJobs, &job.integration).await.is_ok();
    let may_decide = caller.may_in(&app, Action::ManageIntegrations, &job.integration).await.is_ok();
    let region = Region {
        id: "job",
        label: "Job",
        url: view::job_path(&job.id),
        content: view::one_job(&job, may_retry.then(|| app.clock.now()), may_decide),
    };
    if live::is_partial(&headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let frame = frame(&app, &caller, Section::Log).await?;
    let title = format!("{}: {}", job.task.label(), job.target);
    let content = view::job_page(&title, &job.automation, &region);
    Ok(layout::page(&title, &frame, content).into_response())
}
