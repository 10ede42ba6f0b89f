//! The list of people.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use usher_domain::ports::Page;

use super::{
    ListQuery, Listing, people_view as view,
    search::{self, Wanted},
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

/// `GET /people`
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
            search::people(app.store.as_ref(), &wanted).await?
        }
        None => Page { items: Vec::new(), next: None },
    };
    let listing = Listing {
        path: "/people",
        text: query.q.trim(),
        directories: &directories,
        directory: directory.map(|directory| &directory.id),
        later: query.cursor().is_some(),
        rows: &page.items,
        next: page.next.as_deref(),
    };
    let frame = frame(&app, &caller, Section::People).await?;
    Ok(layout::page("People", &frame, view::list(&listing)).into_response())
}
