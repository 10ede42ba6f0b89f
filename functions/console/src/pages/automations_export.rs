//! The Automation Log as a file.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use usher_domain::{automation::Automation, job::JobState};

use super::{
    automations::{of_person, scan},
    export::{document, sheet},
    log_query::LogQuery,
};
use crate::{
    App,
    api::{Query, automations::AutomationView},
    auth::Caller,
    error::Problem,
    permission::Action,
};

/// How many rows a file has at most: as many as fit the answer of a function, and a sheet.
const MOST: usize = 5_000;
/// How often the log is read for one file: a filter that matches little must not read all of it.
const MAX_PAGES: usize = 40;

/// `GET /automations/export.csv`
pub(super) async fn csv(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<LogQuery>,
) -> Result<Response, Problem> {
    let rows = load(&app, &caller, query).await?;
    Ok(sheet("automations.csv", HEAD, rows.iter().map(cells)))
}

/// `GET /automations/export.json`
pub(super) async fn json(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<LogQuery>,
) -> Result<Response, Problem> {
    let rows = load(&app, &caller, query).await?;
    let rows: Vec<AutomationView> = rows.into_iter().map(Into::into).collect();
    document("automations.json", &rows)
}

async fn load(app: &App, caller: &Caller, mut query: LogQuery) -> Result<Vec<Automation>, Problem> {
    let reach = caller.reach(app, Action::ReadAutomations).await?;
    if let Some(person) = query.person.clone() {
        return of_person(app, caller, &reach, &query, &person).await;
    }
    let mut rows = Vec::new();
    for _ in 0..MAX_PAGES {
        let (found, next) = scan(app, caller, &reach, &query).await?;
        rows.extend(found);
        match next.filter(|_| rows.len() < MOST) {
            Some(next) => query = query.going_on(next),
            None => break,
        }
    }
    rows.truncate(MOST);
    Ok(rows)
}

const HEAD: [&str; 12] = [
    "Automation",
    "Status",
    "Target",
    "Actor",
    "Task",
    "Trigger",
    "Jobs",
    "Completed",
    "Not completed",
    "Correlation id",
    "Created at",
    "Updated at",
];

fn cells(row: &Automation) -> [String; 12] {
    let count = |state| row.counts.get(&state).copied().unwrap_or_default().to_string();
    [
        row.id.to_string(),
        row.status().label().to_owned(),
        row.target.clone(),
        row.cause.actor.name().to_owned(),
        row.task.label().to_owned(),
        row.cause.trigger.label().to_owned(),
        row.total().to_string(),
        count(JobState::Done),
        count(JobState::Failed),
        row.cause.correlation_id.clone(),
        row.created_at.to_string(),
        row.updated_at.to_string(),
    ]
}
