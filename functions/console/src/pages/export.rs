//! The Automation Log as a file.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde::Serialize;
use usher_domain::{automation::Automation, job::JobState};

use super::{
    automations::{of_person, scan},
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
    Ok(document("automations.json", &rows))
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

/// A sheet that browsers keep as a file.
pub(super) fn sheet<const N: usize>(
    name: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Response {
    let mut text = line(&head.map(str::to_owned));
    rows.into_iter().for_each(|row| text.push_str(&line(&row)));
    file("text/csv; charset=utf-8", name, text)
}

/// Answers of the API that browsers keep as a file.
pub(super) fn document(name: &str, content: &impl Serialize) -> Response {
    // What the API answers always has a JSON form.
    file("application/json", name, serde_json::to_string(content).unwrap_or_default())
}

fn file(media_type: &'static str, name: &str, content: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content)
        .into_response()
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

/// A line of CSV (RFC 4180).
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. One that begins as a formula does gets an apostrophe: a sheet must not compute what somebody was named.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_to_themselves() {
        let cells = ["plain", "a,b", "say \"hi\"", "=HYPERLINK(1)"].map(str::to_owned);
        assert_eq!(line(&cells), "plain,\"a,b\",\"say \"\"hi\"\"\",\"'=HYPERLINK(1)\"\r\n");
    }
}
