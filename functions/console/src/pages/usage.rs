//! What was used in a month: the page, and the same as a file.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use usher_domain::usage::Month;

use super::{
    export::{document, sheet},
    frame,
    layout::{self, Section},
    usage_view as view,
};
use crate::{
    App,
    api::{
        Query,
        usage::{self, MonthQuery, UsageView, UsedView},
    },
    auth::Caller,
    error::Problem,
    permission::Action,
};

/// `GET /usage`
pub(super) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MonthQuery>,
) -> Result<Response, Problem> {
    let month = query.month(&app)?;
    let usage = read(&app, &caller, month).await?;
    let is_present = month == Month::of(app.clock.now());
    let frame = frame(&app, &caller, Section::Usage).await?;
    Ok(layout::page("Usage", &frame, view::page(&usage, month, is_present)).into_response())
}

/// `GET /usage/export.csv`
pub(super) async fn csv(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MonthQuery>,
) -> Result<Response, Problem> {
    let month = query.month(&app)?;
    let usage = read(&app, &caller, month).await?;
    Ok(sheet(&format!("usage-{month}.csv"), HEAD, lines(&usage)))
}

/// `GET /usage/export.json`
pub(super) async fn json(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MonthQuery>,
) -> Result<Response, Problem> {
    let month = query.month(&app)?;
    let usage = read(&app, &caller, month).await?;
    document(&format!("usage-{month}.json"), &usage)
}

async fn read(app: &App, caller: &Caller, month: Month) -> Result<UsageView, Problem> {
    let reach = caller.reach(app, Action::ReadAutomations).await?;
    usage::read(app, caller, &reach, month).await
}

const HEAD: [&str; 8] = [
    "Month",
    "Integration",
    "Name",
    "SCIM requests",
    "Jobs",
    "Requests to apps",
    "Seats peak",
    "Seats average",
];

/// One line for each integration, and one for all.
fn lines(usage: &UsageView) -> Vec<[String; 8]> {
    let cells = |id: &str, name: &str, scim: String, used: &UsedView| {
        [
            usage.month.clone(),
            id.to_owned(),
            name.to_owned(),
            scim,
            used.jobs.to_string(),
            used.app_calls.to_string(),
            used.seats_peak.to_string(),
            format!("{:.2}", used.seats_average),
        ]
    };
    let integrations = usage.integrations.iter();
    let integrations = integrations.map(|one| cells(&one.integration, &one.name, String::new(), &one.used));
    let scim = usage.scim_requests.map(|requests| requests.to_string()).unwrap_or_default();
    integrations.chain([cells("", "Total", scim, &usage.total)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::usage::IntegrationUsageView;

    #[test]
    fn a_sheet_has_a_line_for_each_integration_and_one_for_all() {
        let used = UsedView { seats_peak: 4, seats_average: 10.0 / 3.0, jobs: 7, app_calls: 31 };
        let git = IntegrationUsageView { integration: "git".into(), name: "Git, Inc".into(), used };
        let usage = UsageView {
            month: "2026-11".into(),
            scim_requests: Some(120),
            total: used,
            integrations: vec![git],
            bill: None,
        };
        let lines: Vec<String> = lines(&usage).iter().map(|line| line.join("|")).collect();
        assert_eq!(lines, ["2026-11|git|Git, Inc||7|31|4|3.33", "2026-11||Total|120|7|31|4|3.33"]);
    }
}
