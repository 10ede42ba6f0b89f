//! The Automation Log, and the page of one automation.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;
use usher_domain::{
    access::integrations_of_person,
    automation::{Automation, AutomationStatus},
    change::Trigger,
    id::{AutomationId, IntegrationId, JobId, PersonId},
    job::{Job, Task},
    ports::JobFilter,
};

use super::{
    automations_view as view, frame,
    layout::{self, Section},
    live::{self, Region, address},
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
/// Most drawers that are open at once.
const MAX_OPEN: usize = 8;
/// Jobs in a drawer; the automation's own page has all of them.
pub(super) const DRAWER_JOBS: u32 = 25;
/// Jobs of a page of an automation.
const JOBS: u32 = 100;

/// The log's address: filters, page and open drawers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LogQuery {
    #[serde(deserialize_with = "chosen")]
    pub(super) status: Option<AutomationStatus>,
    #[serde(deserialize_with = "chosen")]
    pub(super) app: Option<IntegrationId>,
    #[serde(deserialize_with = "chosen")]
    pub(super) task: Option<Task>,
    #[serde(deserialize_with = "chosen")]
    pub(super) trigger: Option<Trigger>,
    /// Only what was done for this person, as far as it is remembered.
    #[serde(deserialize_with = "chosen")]
    pub(super) person: Option<PersonId>,
    /// From this day on, in UTC.
    #[serde(deserialize_with = "chosen")]
    pub(super) from: Option<Date>,
    /// Up to this day.
    #[serde(deserialize_with = "chosen")]
    pub(super) to: Option<Date>,
    cursor: String,
    /// Ids of automations whose drawers are open, with commas between.
    open: String,
    seen: Option<String>,
}

/// A choice of a form: empty is none.
pub(super) fn chosen<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    // The words are those of the wire.
    serde_json::from_value(text.into()).map(Some).map_err(serde::de::Error::custom)
}

/// A word as the wire writes it.
pub(super) fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}

impl LogQuery {
    /// Whether anything is left out.
    pub(super) fn is_filtered(&self) -> bool {
        *self
            != Self {
                cursor: self.cursor.clone(),
                open: self.open.clone(),
                seen: self.seen.clone(),
                ..Self::default()
            }
    }

    /// Whether this is not the newest page.
    pub(super) fn is_older(&self) -> bool {
        !self.cursor.is_empty()
    }

    fn matches(&self, automation: &Automation) -> bool {
        self.status.is_none_or(|status| status == automation.status())
            && self.app.as_ref().is_none_or(|app| *app == automation.integration)
            && self.task.is_none_or(|task| task == automation.task)
            && self.trigger.is_none_or(|trigger| trigger == automation.cause.trigger)
            && self.from.is_none_or(|from| from <= day_of(automation))
            && self.to.is_none_or(|to| day_of(automation) <= to)
    }

    /// Whether everything older is left out.
    fn ends_before(&self, automation: &Automation) -> bool {
        self.from.is_some_and(|from| day_of(automation) < from)
    }

    /// The automations whose drawers are open.
    pub(super) fn open(&self) -> BTreeSet<AutomationId> {
        self.open.split(',').filter_map(|id| id.parse().ok()).take(MAX_OPEN).collect()
    }

    fn with(&self, cursor: &str, open: &BTreeSet<AutomationId>) -> String {
        self.at_path("/automations", cursor, open)
    }

    fn at_path(&self, path: &str, cursor: &str, open: &BTreeSet<AutomationId>) -> String {
        let open: Vec<&str> = open.iter().map(AutomationId::as_str).collect();
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        address(
            path,
            &[
                ("status", self.status.map(word).as_deref()),
                ("app", self.app.as_ref().map(IntegrationId::as_str)),
                ("task", self.task.map(word).as_deref()),
                ("trigger", self.trigger.map(word).as_deref()),
                ("person", self.person.as_ref().map(PersonId::as_str)),
                ("from", day(self.from).as_deref()),
                ("to", day(self.to).as_deref()),
                ("cursor", Some(cursor)),
                ("open", Some(&open.join(","))),
            ],
        )
    }

    /// The log with these filters as a file.
    pub(super) fn export(&self, format: &str) -> String {
        self.at_path(&format!("/automations/export.{format}"), "", &BTreeSet::new())
    }

    /// This very page.
    pub(super) fn url(&self) -> String {
        self.with(&self.cursor, &self.open())
    }

    /// The same filters from a cursor on.
    pub(super) fn going_on(self, cursor: String) -> Self {
        Self { cursor, ..self }
    }

    /// The newest page with the same filters.
    pub(super) fn newest(&self) -> String {
        self.with("", &BTreeSet::new())
    }

    /// The page that begins at a cursor.
    pub(super) fn at(&self, cursor: &str) -> String {
        self.with(cursor, &BTreeSet::new())
    }

    /// This page with one drawer opened or closed.
    pub(super) fn toggled(&self, id: &AutomationId) -> String {
        let mut open = self.open();
        if !open.remove(id) {
            open.insert(id.clone());
        }
        self.with(&self.cursor, &open)
    }
}

fn day_of(automation: &Automation) -> Date {
    automation.created_at.to_zoned(TimeZone::UTC).date()
}

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
        content: view::automation(&view::One {
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
    let content = view::automation_page(&title, &region);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> LogQuery {
        let uri = format!("/automations?{text}").parse().unwrap();
        axum::extract::Query::<LogQuery>::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn an_empty_choice_is_none() {
        let given = query("status=&app=&task=&trigger=");
        assert!(!given.is_filtered());
        assert_eq!(given.url(), "/automations");
    }

    #[test]
    fn choices_and_drawers_are_in_the_address() {
        let given = query("status=not_completed&app=hub&open=a1,a2&cursor=c");
        assert_eq!(given.status, Some(AutomationStatus::NotCompleted));
        assert_eq!(given.url(), "/automations?status=not_completed&app=hub&cursor=c&open=a1%2Ca2");
        let toggle = |id: &str| query(given.toggled(&id.parse().unwrap()).split_once('?').unwrap().1).open;
        assert_eq!(toggle("a1"), "a2");
        assert_eq!(toggle("a3"), "a1,a2,a3");
        assert_eq!(given.newest(), "/automations?status=not_completed&app=hub");
    }

    #[test]
    fn words_that_are_none_are_refused() {
        let uri = "/automations?status=fine".parse().unwrap();
        assert!(axum::extract::Query::<LogQuery>::try_from_uri(&uri).is_err());
    }

    #[test]
    fn few_drawers_are_open_at_once() {
        let many: Vec<String> = (0..40).map(|index| format!("a{index}")).collect();
        assert_eq!(query(&format!("open={}", many.join(","))).open().len(), MAX_OPEN);
    }
}
