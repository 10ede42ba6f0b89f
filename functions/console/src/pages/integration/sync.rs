//! The Sync tab: the last look at the whole app, and where it differs from what was decided.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{Redirect, Response},
};
use http::HeaderMap;
use maud::html;
use serde::Deserialize;
use usher_domain::{id::IntegrationId, sync::RunKind};

use super::{
    Live, ROWS, Tab, TabQuery, enter, live, pages,
    sync_view::{self as view, Sync},
};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    pages::{live::address, parts::whole},
    paging::page_of,
    permission::Action,
    syncing,
};

/// `GET /integrations/{integration}/sync`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<IntegrationId>,
    Query(query): Query<TabQuery>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ReadIntegrations, &id).await?;
    let run = app.store.last_run(&caller.workspace, &id).await?;
    let page = app.store.drift_page(&caller.workspace, &id, query.cursor(), ROWS).await;
    let page = page_of(page, query.cursor())?;
    let sync = Sync {
        integration: &entered.integration,
        run: run.as_ref(),
        drift: &page.items,
        pages: &pages(Tab::Sync, &id, &query, &page),
        may_sync: entered.permits(Action::ManageIntegrations),
    };
    let tab = Live {
        entered: &entered,
        tab: Tab::Sync,
        url: address(&Tab::Sync.path(&id), &[("cursor", query.cursor())]),
        seen: query.seen.as_deref(),
        controls: html! {},
        content: view::view(&sync),
    };
    live(&app, &caller, &headers, tab).await
}

/// How to sync.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct SyncNow {
    /// Empty for the integration's.
    safeguard_percent: String,
}

/// `POST /integrations/{integration}/sync`
pub(in crate::pages) async fn now(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(form): Form<SyncNow>,
) -> Result<Redirect, Problem> {
    let safeguard = match form.safeguard_percent.trim() {
        "" => None,
        text => {
            let percent = u8::try_from(whole("safeguard_percent", text)?).unwrap_or(u8::MAX);
            Some(syncing::check_percent("safeguard_percent", percent)?)
        }
    };
    syncing::begin(&app, &caller, &id, RunKind::Sync, safeguard).await?;
    Ok(Redirect::to(&Tab::Sync.path(&id)))
}

/// `POST /integrations/{integration}/health-check`
pub(in crate::pages) async fn check_health(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Redirect, Problem> {
    syncing::begin(&app, &caller, &id, RunKind::HealthCheck, None).await?;
    Ok(Redirect::to(&Tab::Sync.path(&id)))
}
