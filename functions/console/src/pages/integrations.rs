//! Integrations, and the tabs of one.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::HeaderMap;
use serde::Deserialize;
use usher_domain::{id::IntegrationId, integration::Integration, ports::Page};

use super::{
    connector_name, frame,
    integrations_view::{self as view, Tab},
    layout::{self, Section},
    live::{self, Region, address},
};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    paging::page_of,
    permission::Action,
    work,
};

/// Rows of a page.
const ROWS: u32 = 50;

/// The address of a tab.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TabQuery {
    cursor: String,
    seen: Option<String>,
}

impl TabQuery {
    fn cursor(&self) -> Option<&str> {
        Some(self.cursor.as_str()).filter(|cursor| !cursor.is_empty())
    }
}

/// `GET /integrations`
pub(super) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let reach = caller.reach(&app, Action::ReadIntegrations).await?;
    let mut integrations = app.store.integrations(&caller.workspace).await?;
    integrations.retain(|integration| reach.covers(&integration.id));
    let rows: Vec<_> =
        integrations.iter().map(|integration| (integration, connector_name(&app, integration))).collect();
    let frame = frame(&app, &caller, Section::Integrations).await?;
    Ok(layout::page("Integrations", &frame, view::list(&rows)).into_response())
}

/// `GET /integrations/{integration}`
pub(super) async fn first_tab(Path(id): Path<IntegrationId>) -> Redirect {
    Redirect::to(&Tab::Activity.path(&id))
}

/// `GET /integrations/{integration}/activity`
pub(super) async fn activity(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<IntegrationId>,
    Query(query): Query<TabQuery>,
) -> Result<Response, Problem> {
    caller.may_in(&app, Action::ReadAutomations, &id).await?;
    let integration = read(&app, &caller, &id).await?;
    let page = app.store.activity(&caller.workspace, &id, query.cursor(), ROWS).await;
    let page = page_of(page, query.cursor())?;
    let pages = pages(Tab::Activity, &id, &query, &page);
    let content = view::activity(&page.items, &pages);
    answer(&app, &caller, &headers, &query, &integration, Tab::Activity, content).await
}

/// `GET /integrations/{integration}/access`
pub(super) async fn access(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<IntegrationId>,
    Query(query): Query<TabQuery>,
) -> Result<Response, Problem> {
    caller.may_in(&app, Action::ReadIntegrations, &id).await?;
    let integration = read(&app, &caller, &id).await?;
    let page = app.store.access(&caller.workspace, &id, query.cursor(), ROWS).await;
    let page = page_of(page, query.cursor())?;
    let pages = pages(Tab::Access, &id, &query, &page);
    let content = view::access(&integration, &page.items, &pages);
    answer(&app, &caller, &headers, &query, &integration, Tab::Access, content).await
}

/// `POST /integrations/{integration}/resume`
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Redirect, Problem> {
    work::resume(&app, &caller, &id).await?;
    Ok(Redirect::to(&Tab::Activity.path(&id)))
}

async fn answer(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    query: &TabQuery,
    integration: &Integration,
    tab: Tab,
    content: maud::Markup,
) -> Result<Response, Problem> {
    let may_resume = caller.may_in(app, Action::ManageIntegrations, &integration.id).await.is_ok();
    let region = Region {
        id: "tab",
        label: tab.label(),
        url: address(&tab.path(&integration.id), &[("cursor", query.cursor())]),
        content: view::tab(integration, may_resume, content),
    };
    if live::is_partial(headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let frame = frame(app, caller, Section::Integrations).await?;
    let title = format!("{} · {}", tab.label(), integration.name);
    let content = view::details(integration, connector_name(app, integration), tab, &region);
    Ok(layout::page(&title, &frame, content).into_response())
}

async fn read(app: &App, caller: &Caller, id: &IntegrationId) -> Result<Integration, Problem> {
    let found = app.store.integration(&caller.workspace, id).await?;
    found.map(|(integration, _)| integration).ok_or_else(|| Problem::not_found("this integration"))
}

fn pages<T>(tab: Tab, id: &IntegrationId, query: &TabQuery, page: &Page<T>) -> view::Pages {
    let path = tab.path(id);
    view::Pages {
        next: page.next.as_deref().map(|next| address(&path, &[("cursor", Some(next))])),
        first: query.cursor().is_some().then_some(path),
    }
}
