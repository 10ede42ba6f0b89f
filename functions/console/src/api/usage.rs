//! What the workspace used in a month, and what that comes to.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    id::IntegrationId,
    usage::{Bill, Line, Month, Reading, Usage, Used, day_of},
};
use utoipa::{IntoParams, ToSchema};

use super::extract::Query;
use crate::{
    App,
    auth::Caller,
    error::Problem,
    permission::{Action, Reach},
};

/// Which month.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MonthQuery {
    /// A calendar month (UTC), as `2026-11`; the present one where it is left out.
    #[param(example = "2026-11", pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: Option<String>,
}

/// What was used, of one integration or of all.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct UsedView {
    /// The most people who had a seat at one of the month's daily readings.
    pub(crate) seats_peak: u64,
    /// The mean of the daily readings.
    pub(crate) seats_average: f64,
    /// Jobs that were executed to an end.
    pub(crate) jobs: u64,
    /// Requests to apps, those of syncs and of attempts that failed included.
    pub(crate) app_calls: u64,
}

impl From<Used> for UsedView {
    fn from(used: Used) -> Self {
        let Used { seats_peak, seats_average, jobs, app_calls } = used;
        Self { seats_peak, seats_average, jobs, app_calls }
    }
}

/// An integration's part of what was used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IntegrationUsageView {
    /// The integration's id.
    pub(crate) integration: String,
    /// Its name.
    pub(crate) name: String,
    /// What it used.
    #[serde(flatten)]
    pub(crate) used: UsedView,
}

/// One line of the estimate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BillLineView {
    /// What is paid for.
    pub(crate) what: &'static str,
    /// How much of it there was.
    pub(crate) quantity: f64,
    /// The price of one.
    pub(crate) price: f64,
    /// What it comes to.
    pub(crate) amount: f64,
}

/// What the month comes to by the installation's price sheet. An estimate: nothing is rounded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BillView {
    /// The currency.
    #[schema(example = "EUR")]
    pub(crate) currency: String,
    /// What has a price.
    pub(crate) lines: Vec<BillLineView>,
    /// The sum.
    pub(crate) total: f64,
}

impl From<Bill> for BillView {
    fn from(bill: Bill) -> Self {
        let view = |line: Line| {
            let Line { what, quantity, price, amount } = line;
            BillLineView { what, quantity, price, amount }
        };
        Self { currency: bill.currency, lines: bill.lines.into_iter().map(view).collect(), total: bill.total }
    }
}

/// What was used in a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Usage)]
pub(crate) struct UsageView {
    /// The month (UTC).
    #[schema(example = "2026-11")]
    pub(crate) month: String,
    /// Requests of identity providers that were let in. Only for whoever sees the whole workspace.
    #[schema(required)]
    pub(crate) scim_requests: Option<u64>,
    /// All integrations that the caller sees together.
    pub(crate) total: UsedView,
    /// Each of them.
    pub(crate) integrations: Vec<IntegrationUsageView>,
    /// The estimate, where the installation has prices. Only for whoever sees the whole workspace.
    #[schema(required)]
    pub(crate) bill: Option<BillView>,
}

/// What was used in a month
///
/// Whoever manages hubs sees those hubs' part alone.
#[utoipa::path(get, path = "/usage", tag = "Workspace", operation_id = "getUsage", params(MonthQuery),
    responses((status = 200, description = "What was used.", body = UsageView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MonthQuery>,
) -> Result<Reply<UsageView>, Problem> {
    let reach = caller.reach(&app, Action::ReadAutomations).await?;
    Ok(Reply(read(&app, &caller, &reach, query.month(&app)?).await?))
}

impl MonthQuery {
    /// The month that is asked for: none that is still to come.
    pub(crate) fn month(&self, app: &App) -> Result<Month, Problem> {
        let present = Month::of(app.clock.now());
        let Some(text) = self.month.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(present);
        };
        let wrong = |why: String| Problem::bad_parameter("month", why);
        match text.parse::<Month>() {
            Ok(month) if month <= present => Ok(month),
            Ok(_) => Err(wrong(format!("{text} has not begun; the present month is {present}"))),
            Err(error) => Err(wrong(error.to_string())),
        }
    }
}

/// What somebody sees of a month's usage.
pub(crate) async fn read(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    month: Month,
) -> Result<UsageView, Problem> {
    let workspace = &caller.workspace;
    let readings = app.store.readings(workspace, month).await?;
    let at = app.clock.now();
    let now = if month == Month::of(at) {
        let meters = app.store.meters(workspace).await?;
        Some(Reading { day: day_of(at), at, meters })
    } else {
        None
    };
    let requests = app.store.requests(workspace, month).await?;
    let whole = Usage::of(month, &readings, now.as_ref(), requests);
    let sees_all = *reach == Reach::Everywhere;
    let bill = app.prices.as_ref().filter(|_| sees_all).map(|prices| prices.bill(&whole));
    let integrations = app.store.integrations(workspace).await?;
    let mut names: BTreeMap<IntegrationId, String> =
        integrations.into_iter().map(|integration| (integration.id, integration.name)).collect();
    let mut seen = if sees_all { whole } else { whole.only(|integration| reach.covers(integration)) };
    // What is gone is shown for the months in which it used something.
    seen.integrations.retain(|id, used| names.contains_key(id) || *used != Used::default());
    for gone in app.store.retired(workspace).await? {
        names.entry(gone.integration).or_insert_with(|| format!("{} (disconnected)", gone.name));
    }
    let integrations = seen.integrations.iter().map(|(id, used)| IntegrationUsageView {
        integration: id.to_string(),
        name: names.get(id).cloned().unwrap_or_else(|| id.to_string()),
        used: (*used).into(),
    });
    Ok(UsageView {
        month: month.to_string(),
        scim_requests: sees_all.then_some(seen.scim_requests),
        total: seen.total.into(),
        integrations: integrations.collect(),
        bill: bill.map(Into::into),
    })
}
