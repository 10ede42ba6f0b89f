//! The Activity tab: what happened.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;
use maud::{Markup, html};
use usher_domain::{activity::Activity, id::IntegrationId};

use super::{Live, Pages, ROWS, Tab, TabQuery, enter, live, pages};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    pages::{
        chips::event,
        live::address,
        parts::{empty, pager, time, time_head},
    },
    paging::page_of,
    permission::Action,
};

/// `GET /integrations/{integration}/activity`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<IntegrationId>,
    Query(query): Query<TabQuery>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ReadAutomations, &id).await?;
    let page = app.store.activity(&caller.workspace, &id, query.cursor(), ROWS).await;
    let page = page_of(page, query.cursor())?;
    let tab = Live {
        entered: &entered,
        tab: Tab::Activity,
        url: address(&Tab::Activity.path(&id), &[("cursor", query.cursor())]),
        seen: query.seen.as_deref(),
        controls: html! {},
        content: view(&page.items, &pages(Tab::Activity, &id, &query, &page)),
    };
    live(&app, &caller, &headers, tab).await
}

/// The rows.
pub(in crate::pages) fn view(rows: &[Activity], pages: &Pages) -> Markup {
    html! {
        @if rows.is_empty() {
            (empty("Nothing happened yet", html! {
                p { "Invitations, updates and removals of people appear here as they are requested, made and \
                     completed, and so do changes of the SCIM connection." }
                p { "Share this integration with a team, or assign somebody in your identity provider." }
            }))
        } @else {
            table.activity role="table" {
                caption.hidden { "Activity, newest first" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { (time_head("Date")) }
                        th role="columnheader" scope="col" { "Actor" }
                        th role="columnheader" scope="col" { "Event" }
                        th role="columnheader" scope="col" { "Target" }
                    }
                }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr #{ "activity-" (row.id) } role="row" {
                            td.time role="cell" data-label="Date" { (time(row.at)) }
                            td role="cell" data-label="Actor" { (row.actor.name()) }
                            td role="cell" data-label="Event" { (event(row.event)) }
                            td role="cell" data-label="Target" {
                                @match &row.job {
                                    Some(job) => a href={ "/jobs/" (job) } { (row.target) },
                                    None => (row.target),
                                }
                            }
                        }
                    }
                }
            }
        }
        (pager(pages.first.as_deref(), pages.next.as_deref(), "Newest", "Older"))
    }
}
