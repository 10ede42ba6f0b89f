//! The Access tab: who is in, and where each seat stands.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{
    access::{Access, AccessState, Presence, Seat},
    id::IntegrationId,
    integration::{Integration, Kind},
    ports::Page,
};

use super::{Live, Pages, ROWS, Tab, enter, live, seat_words};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    pages::{
        chips::chip,
        live::address,
        log_query::{chosen, word},
        parts::{choice, empty, pager, time, time_head},
    },
    paging::page_of,
    permission::Action,
};

/// Rows that are read at a time where a filter leaves some out, and how often.
const SCAN: u32 = 200;
const MAX_READS: usize = 5;

/// Every state that a row can be in, what needs somebody first.
const STATES: [AccessState; 12] = [
    AccessState::Failed,
    AccessState::Held,
    AccessState::Unmatched,
    AccessState::AwaitingRemoval,
    AccessState::PendingAcceptance,
    AccessState::Queued,
    AccessState::Inviting,
    AccessState::Updating,
    AccessState::Removing,
    AccessState::Onboarded,
    AccessState::Removed,
    AccessState::Exempted,
];

/// The address of the tab.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::pages) struct AccessQuery {
    #[serde(deserialize_with = "chosen")]
    state: Option<AccessState>,
    cursor: String,
    seen: Option<String>,
}

impl AccessQuery {
    fn cursor(&self) -> Option<&str> {
        Some(self.cursor.as_str()).filter(|cursor| !cursor.is_empty())
    }

    fn page(&self, id: &IntegrationId, cursor: Option<&str>) -> String {
        let state = self.state.map(word);
        address(&Tab::Access.path(id), &[("state", state.as_deref()), ("cursor", cursor)])
    }
}

/// `GET /integrations/{integration}/access`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<IntegrationId>,
    Query(query): Query<AccessQuery>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ReadIntegrations, &id).await?;
    let page = load(&app, &caller, &id, &query).await?;
    let pages = Pages {
        next: page.next.as_deref().map(|next| query.page(&id, Some(next))),
        first: query.cursor().map(|_| query.page(&id, None)),
    };
    let tab = Live {
        entered: &entered,
        tab: Tab::Access,
        url: query.page(&id, query.cursor()),
        seen: query.seen.as_deref(),
        controls: filter(&id, query.state),
        content: view(
            &entered.integration,
            &page.items,
            query.state,
            entered.permits(Action::ExplainAccess),
            &pages,
        ),
    };
    live(&app, &caller, &headers, tab).await
}

async fn load(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    query: &AccessQuery,
) -> Result<Page<Access>, Problem> {
    let Some(state) = query.state else {
        let page = app.store.access(&caller.workspace, id, query.cursor(), ROWS).await;
        return page_of(page, query.cursor());
    };
    let mut items = Vec::new();
    let mut next = query.cursor().map(str::to_owned);
    for _ in 0..MAX_READS {
        let page = app.store.access(&caller.workspace, id, next.as_deref(), SCAN).await;
        let page = page_of(page, next.as_deref())?;
        items.extend(page.items.into_iter().filter(|access| access.state == state));
        next = page.next;
        if next.is_none() || items.len() >= ROWS as usize {
            break;
        }
    }
    Ok(Page { items, next })
}

/// Which rows.
pub(in crate::pages) fn filter(id: &IntegrationId, state: Option<AccessState>) -> Markup {
    let path = Tab::Access.path(id);
    let states = STATES.map(|state| (word(state), state.label().to_owned()));
    html! {
        form.filters action=(path) method="get" role="search" aria-label="Filter people"
            hx-get=(path) hx-trigger="change" hx-target="#tab" hx-swap="outerHTML" hx-sync="#tab:replace" {
            (choice("state", "State", "Any state", &states, state.map(word).as_deref()))
            noscript { button { "Filter" } }
        }
    }
}

/// The rows.
pub(in crate::pages) fn view(
    integration: &Integration,
    rows: &[Access],
    state: Option<AccessState>,
    may_explain: bool,
    pages: &Pages,
) -> Markup {
    html! {
        @if rows.is_empty() {
            (nothing(integration, state, pages.next.is_some()))
        } @else {
            table.access role="table" {
                caption.hidden { "People" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "State" }
                        th role="columnheader" scope="col" { "Person" }
                        th role="columnheader" scope="col" { "Role" }
                        th role="columnheader" scope="col" { "Type" }
                        th role="columnheader" scope="col" { "Account" }
                        th role="columnheader" scope="col" { (time_head("Last seen")) }
                    }
                }
                tbody role="rowgroup" { @for access in rows { (row(integration, access, may_explain)) } }
            }
        }
        (pager(pages.first.as_deref(), pages.next.as_deref(), "First page", "Next page"))
    }
}

fn nothing(integration: &Integration, state: Option<AccessState>, more: bool) -> Markup {
    if let Some(state) = state {
        let says = html! {
            @if more {
                p { "None of the people on this page are " strong { (state.label()) } ". Others may be: go on with "
                    strong { "Next page" } "." }
            } @else {
                p { "Nobody here is " strong { (state.label()) } ". "
                    a href=(Tab::Access.path(&integration.id)) { "Show everybody" } "." }
            }
        };
        return empty("Nobody in this state", says);
    }
    empty(
        "Nobody has access yet",
        html! {
            @match integration.kind {
                Kind::BusinessHub => p {
                    "Everybody whom this hub is shared with appears here, with the state of their seat. \
                     Share it with a team or a person to begin."
                },
                Kind::IdLcm { .. } => p {
                    "Everybody who is assigned in your identity provider's app appears here, with the state of \
                     their seat. Assign a person or a group there to begin."
                },
            }
        },
    )
}

fn row(integration: &Integration, access: &Access, may_explain: bool) -> Markup {
    let account = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
    let profile =
        access.desired.as_ref().map(|desired| &desired.profile).or(account.map(|found| &found.profile));
    let name = profile.map_or(access.person.as_str(), |profile| profile.label());
    html! {
        tr #{ "person-" (access.person) } role="row" {
            td.status role="cell" { (chip(&access.state)) }
            td.person role="cell" data-label="Person" {
                @if may_explain {
                    a.name href={ "/people/" (access.person) "/access/" (integration.id) } { (name) }
                } @else {
                    span.name { (name) }
                }
                @if let Some(email) = profile.and_then(|profile| profile.email.as_deref()).filter(|email| *email != name) {
                    span.progress { (email) }
                }
            }
            td role="cell" data-label="Role" { (seat_of(access).map(|seat| role_words(integration, seat)).unwrap_or_default()) }
            td role="cell" data-label="Type" { (access.via().unwrap_or_default()) }
            td role="cell" data-label="Account" {
                @if let Some(account) = account { code { (account.id) } }
            }
            td.time role="cell" data-label="Last seen" {
                @if let Some(observed) = &access.observed { (time(observed.seen_at)) }
            }
        }
    }
}

/// The seat that a row tells of: the one that was decided, else the one that was seen.
pub(in crate::pages) fn seat_of(access: &Access) -> Option<&Seat> {
    match access.desired.as_ref().map(|desired| &desired.presence) {
        Some(Presence::Seated(seat)) => Some(seat),
        Some(Presence::Absent) => None,
        None => access
            .observed
            .as_ref()
            .filter(|observed| observed.account.is_some())
            .map(|observed| &observed.seat),
    }
}

/// What a seat carries.
pub(in crate::pages) fn role_words(integration: &Integration, seat: &Seat) -> Markup {
    seat_words(integration, &seat.roles, &seat.assets, &seat.entitlements)
}
