//! The list of teams.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use usher_domain::ports::Page;

use super::{
    ListQuery, Listing,
    search::{self, Wanted},
    teams_view as view,
};
use crate::{
    App,
    api::Query,
    auth::Caller,
    error::Problem,
    pages::{
        frame,
        layout::{self, Section},
    },
    permission::Action,
};

/// `GET /teams`
pub(in crate::pages) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    let directories = app.store.connections(&caller.workspace).await?;
    let directory = query.of(&directories);
    let page = match directory {
        Some(directory) => {
            let wanted = Wanted { connection: &directory.id, text: &query.q, cursor: query.cursor() };
            search::teams(app.store.as_ref(), &wanted).await?
        }
        None => Page { items: Vec::new(), next: None },
    };
    let listing = Listing {
        path: "/teams",
        text: query.q.trim(),
        directories: &directories,
        directory: directory.map(|directory| &directory.id),
        later: query.cursor().is_some(),
        rows: &page.items,
        next: page.next.as_deref(),
    };
    let frame = frame(&app, &caller, Section::Teams).await?;
    Ok(layout::page("Teams", &frame, view::list(&listing)).into_response())
}
