//! The details of one integration: one file per tab.

pub(super) mod access;
pub(super) mod activity;
pub(super) mod disconnect;
pub(super) mod end_share;
pub(super) mod entitlements;
pub(super) mod guards;
pub(super) mod held;
pub(super) mod overview;
pub(super) mod settings;
pub(super) mod share;
mod share_form;
pub(super) mod share_view;
pub(super) mod shares;
pub(super) mod sync;
pub(super) mod sync_settings;
pub(super) mod sync_view;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{
    id::IntegrationId,
    integration::{Integration, Kind, Status},
    ports::Page,
    share::{AppAccess, Share},
};

use super::{
    connector_name, frame,
    layout::{self, Section},
    live::{self, Region, address},
    parts::time,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    permission::{Action, Standing},
};

/// Rows of a page.
const ROWS: u32 = 50;

/// A tab of an integration's details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// What it is, and how it is doing.
    Overview,
    /// Who is in.
    Access,
    /// Whom it is shared with.
    Shares,
    /// What can be assigned by value.
    Entitlements,
    /// The last look at the whole app.
    Sync,
    /// What happened.
    Activity,
    /// What can be set.
    Settings,
}

impl Tab {
    /// Every tab.
    pub(super) const ALL: [Self; 7] = [
        Self::Overview,
        Self::Access,
        Self::Shares,
        Self::Entitlements,
        Self::Sync,
        Self::Activity,
        Self::Settings,
    ];

    /// Its name.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Access => "Access",
            Self::Shares => "Shares",
            Self::Entitlements => "Entitlements",
            Self::Sync => "Sync",
            Self::Activity => "Activity",
            Self::Settings => "Settings",
        }
    }

    /// Where it is.
    pub(super) fn path(self, id: &IntegrationId) -> String {
        let part = match self {
            Self::Overview => return format!("/integrations/{id}"),
            Self::Access => "access",
            Self::Shares => "shares",
            Self::Entitlements => "entitlements",
            Self::Sync => "sync",
            Self::Activity => "activity",
            Self::Settings => "settings",
        };
        format!("/integrations/{id}/{part}")
    }

    /// What somebody must be allowed to see it.
    fn action(self) -> Action {
        match self {
            Self::Overview | Self::Access | Self::Shares | Self::Entitlements | Self::Sync => {
                Action::ReadIntegrations
            }
            Self::Activity => Action::ReadAutomations,
            Self::Settings => Action::ManageIntegrations,
        }
    }

    /// Whether this kind of integration has it.
    fn is_of(self, integration: &Integration) -> bool {
        self != Self::Shares || integration.kind == Kind::BusinessHub
    }
}

/// The address of a tab that is a list.
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

/// The addresses of other pages of a tab.
pub(super) struct Pages {
    /// The first page, where this is a later one.
    pub(super) first: Option<String>,
    /// The next page.
    pub(super) next: Option<String>,
}

fn pages<T>(tab: Tab, id: &IntegrationId, query: &TabQuery, page: &Page<T>) -> Pages {
    let path = tab.path(id);
    Pages {
        next: page.next.as_deref().map(|next| address(&path, &[("cursor", Some(next))])),
        first: query.cursor().is_some().then_some(path),
    }
}

/// An integration that the caller may do something in.
struct Entered {
    integration: Integration,
    shares: Vec<Share>,
    /// Where the caller stands in it.
    standing: Standing,
}

impl Entered {
    fn permits(&self, action: Action) -> bool {
        self.standing.permits(action)
    }
}

/// Proves what the caller may do in an integration, and reads it.
async fn enter(app: &App, caller: &Caller, action: Action, id: &IntegrationId) -> Result<Entered, Problem> {
    let standing = caller.may_in(app, action, id).await?;
    let found = app.store.integration(&caller.workspace, id).await?;
    let (integration, shares) = found.ok_or_else(|| Problem::not_found("this integration"))?;
    Ok(Entered { integration, shares, standing })
}

/// A tab that stays up to date. `controls` stay as they are.
struct Live<'a> {
    entered: &'a Entered,
    tab: Tab,
    url: String,
    seen: Option<&'a str>,
    controls: Markup,
    content: Markup,
}

async fn live(
    app: &Arc<App>,
    caller: &Caller,
    headers: &HeaderMap,
    live: Live<'_>,
) -> Result<Response, Problem> {
    let Live { entered, tab, url, seen, controls, content } = live;
    let content = html! { (banners(entered)) (content) };
    let region = Region { id: "tab", label: tab.label(), url, content };
    if live::is_partial(headers) {
        return Ok(region.partial(seen));
    }
    let body = html! { (controls) (region.render()) };
    page(app, caller, entered, tab, body).await
}

/// A tab that is shown once: a form must not change under somebody's hands.
async fn still(
    app: &Arc<App>,
    caller: &Caller,
    entered: &Entered,
    tab: Tab,
    content: Markup,
) -> Result<Response, Problem> {
    let body = html! { (banners(entered)) (content) };
    page(app, caller, entered, tab, body).await
}

async fn page(
    app: &Arc<App>,
    caller: &Caller,
    entered: &Entered,
    tab: Tab,
    body: Markup,
) -> Result<Response, Problem> {
    let frame = frame(app, caller, Section::Integrations).await?;
    let integration = &entered.integration;
    let title = format!("{} · {}", tab.label(), integration.name);
    let tabs: Vec<Tab> = Tab::ALL.into_iter().filter(|tab| entered.permits(tab.action())).collect();
    let content = details(integration, connector_name(app, integration), tab, &tabs, body);
    Ok(layout::page(&title, &frame, content).into_response())
}

/// The frame of an integration's details.
pub(super) fn details(
    integration: &Integration,
    connector: &str,
    tab: Tab,
    tabs: &[Tab],
    body: Markup,
) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href="/integrations" { "Integrations" } }
            h1 { (integration.name) }
            p.lead { (connector) span.dot aria-hidden="true" { " · " } (kind(integration)) }
        }
        nav.tabs aria-label="Integration" {
            @for other in tabs.iter().filter(|tab| tab.is_of(integration)) {
                a href=(other.path(&integration.id)) aria-current=[(*other == tab).then_some("page")] {
                    (other.label())
                }
            }
        }
        (body)
    }
}

/// How access to an integration is decided.
pub(super) fn kind(integration: &Integration) -> &'static str {
    match integration.kind {
        Kind::BusinessHub => "Shares (business hub)",
        Kind::IdLcm { .. } => "Assignment (IdLCM)",
    }
}

fn banners(entered: &Entered) -> Markup {
    let integration = &entered.integration;
    html! {
        (disconnect::banner(integration, entered.permits(Action::DisconnectIntegrations)))
        (paused_banner(integration, entered.permits(Action::ManageIntegrations)))
    }
}

/// What has to be known before everything else.
pub(super) fn paused_banner(integration: &Integration, may_resume: bool) -> Markup {
    html! {
        @if let Status::Paused { reason, since } = &integration.status {
            div.banner.bad {
                p {
                    strong { "Paused since " (time(*since)) " UTC" }
                    " Jobs are kept and begin when it is resumed. Reason: " (reason)
                }
                @if may_resume {
                    form method="post" action={ "/integrations/" (integration.id) "/resume" } {
                        button #resume { "Resume" }
                    }
                }
            }
        }
    }
}

/// What a seat carries, by the names of the app.
pub(super) fn seat_words(
    integration: &Integration,
    roles: &BTreeSet<String>,
    assets: &BTreeMap<String, BTreeSet<String>>,
    entitlements: &BTreeSet<String>,
) -> Markup {
    let catalogue = &integration.catalogue;
    let roles = roles.iter().map(|key| catalogue.role(key).map_or(key.as_str(), |role| &role.name));
    let entitlements = entitlements.iter().map(|value| {
        let known = catalogue.entitlements.iter().find(|known| known.value == *value);
        known.map_or(value.as_str(), |known| &known.name)
    });
    let named: Vec<&str> = roles.chain(entitlements).collect();
    let assets: Vec<String> = assets
        .iter()
        .map(|(asset, permissions)| {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            format!("{asset}: {}", permissions.join(", "))
        })
        .collect();
    html! {
        @if named.is_empty() && assets.is_empty() { "A seat without a role" }
        (named.join(", "))
        @for asset in assets { span.progress { (asset) } }
    }
}

/// What a share gives, by the names of the app.
pub(super) fn share_words(integration: &Integration, access: &AppAccess) -> Markup {
    match access {
        AppAccess::HubOnly => html! { "Hub only, no seat" },
        AppAccess::Invite { roles, assets, entitlements } => {
            seat_words(integration, roles, assets, entitlements)
        }
    }
}
