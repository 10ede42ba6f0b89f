//! The audit log: who did what, with what it was before and after.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;
use usher_domain::{Timestamp, audit::AuditEntry};

use super::{
    audit_view as view,
    export::{document, sheet},
    frame,
    layout::{self, Section},
    live::address,
};
use crate::{
    App,
    api::{
        Query,
        audit::{AuditQuery, AuditView, OutcomeName, read},
    },
    auth::Caller,
    error::Problem,
    permission::Action,
};

/// Rows of a page, and of one reading of the log.
const ROWS: u32 = 50;
/// How often the log is read for one page: a filter that matches little must not read all of it.
const MAX_PAGES: usize = 20;
/// How many rows a file has at most, and how often the log is read for one.
const MOST: usize = 5_000;
const MAX_FILE_PAGES: usize = 50;

/// The filters, as a form has them: empty for none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AuditForm {
    pub(super) actor: String,
    pub(super) act: String,
    pub(super) outcome: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cursor: String,
}

impl AuditForm {
    /// The address of the same rows: at a place, as a file.
    pub(super) fn address(&self, path: &str, cursor: Option<&str>) -> String {
        let fields = [
            ("actor", &self.actor),
            ("act", &self.act),
            ("outcome", &self.outcome),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query: Vec<_> = fields.map(|(name, value)| (name, Some(value.as_str()))).into();
        query.push(("cursor", cursor));
        address(path, &query)
    }

    pub(super) fn is_filtered(&self) -> bool {
        [&self.actor, &self.act, &self.outcome, &self.from, &self.to].iter().any(|field| !field.is_empty())
    }

    fn query(&self) -> Result<AuditQuery, Problem> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let outcome = match self.outcome.as_str() {
            "" => None,
            "begun" => Some(OutcomeName::Begun),
            "done" => Some(OutcomeName::Done),
            "refused" => Some(OutcomeName::Refused),
            "failed" => Some(OutcomeName::Failed),
            _ => return Err(Problem::bad_parameter("outcome", "use done, refused, failed or begun")),
        };
        Ok(AuditQuery {
            actor: given(&self.actor),
            act: given(&self.act),
            outcome,
            integration: None,
            since: day("from", &self.from, 0)?,
            until: day("to", &self.to, 1)?,
            cursor: given(&self.cursor),
            limit: None,
        })
    }
}

/// The beginning of a day, or of one so many days later.
fn day(field: &str, text: &str, later: i64) -> Result<Option<Timestamp>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::bad_parameter(field, "give a day as in 2026-11-22");
    let date: Date = text.parse().map_err(|_| wrong())?;
    let date = date.checked_add(jiff::Span::new().days(later)).map_err(|_| wrong())?;
    Ok(Some(date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp()))
}

/// `GET /audit`
pub(super) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(form): Query<AuditForm>,
) -> Result<Response, Problem> {
    let (rows, next) = load(&app, &caller, &form, ROWS as usize, MAX_PAGES).await?;
    let rows: Vec<AuditView> = rows.into_iter().map(Into::into).collect();
    let frame = frame(&app, &caller, Section::Audit).await?;
    Ok(layout::page("Audit log", &frame, view::page(&form, &rows, next.as_deref())).into_response())
}

/// `GET /audit/export.csv`
pub(super) async fn csv(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(form): Query<AuditForm>,
) -> Result<Response, Problem> {
    let (rows, _) = load(&app, &caller, &form, MOST, MAX_FILE_PAGES).await?;
    Ok(sheet("audit.csv", HEAD, rows.into_iter().map(|row| cells(row.into()))))
}

/// `GET /audit/export.json`
pub(super) async fn json(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(form): Query<AuditForm>,
) -> Result<Response, Problem> {
    let (rows, _) = load(&app, &caller, &form, MOST, MAX_FILE_PAGES).await?;
    let rows: Vec<AuditView> = rows.into_iter().map(Into::into).collect();
    document("audit.json", &rows)
}

/// So many entries, and where the next ones begin.
async fn load(
    app: &App,
    caller: &Caller,
    form: &AuditForm,
    most: usize,
    pages: usize,
) -> Result<(Vec<AuditEntry>, Option<String>), Problem> {
    let reach = caller.reach(app, Action::ReadAudit).await?;
    let (mut query, mut rows) = (form.query()?, Vec::new());
    for _ in 0..pages {
        // No more than are missing, so that the cursor is where the page ends.
        let limit = u32::try_from(most - rows.len()).unwrap_or(u32::MAX).min(200);
        let found = read(app, caller, &reach, &query, limit).await?;
        rows.extend(found.items);
        query.cursor = found.next;
        if query.cursor.is_none() || rows.len() >= most {
            break;
        }
    }
    Ok((rows, query.cursor))
}

const HEAD: [&str; 12] = [
    "At", "Actor", "Person", "By", "Act", "Target", "Outcome", "Problem", "Address", "Program", "Before",
    "After",
];

fn cells(row: AuditView) -> [String; 12] {
    let state = |state: Option<serde_json::Value>| state.map(|state| state.to_string()).unwrap_or_default();
    [
        row.at.to_string(),
        row.actor.name,
        row.actor.person.unwrap_or_default(),
        view::means(row.actor.by).to_owned(),
        row.act,
        row.target,
        view::outcome_words(row.outcome).to_owned(),
        row.problem.unwrap_or_default(),
        row.actor.address,
        row.actor.program,
        state(row.before),
        state(row.after),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_all_of_it() {
        let form = AuditForm { from: "2026-11-22".into(), to: "2026-11-22".into(), ..AuditForm::default() };
        let query = form.query().unwrap();
        assert_eq!(query.since, Some("2026-11-22T00:00:00Z".parse().unwrap()));
        assert_eq!(query.until, Some("2026-11-23T00:00:00Z".parse().unwrap()));
        assert!(AuditForm { from: "yesterday".into(), ..AuditForm::default() }.query().is_err());
    }
}
