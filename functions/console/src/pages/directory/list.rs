//! The list of people and the list of teams: one handler for both.

use std::{future::Future, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use maud::Markup;
use usher_domain::{
    directory::{GroupRecord, UserRecord},
    id::WorkspaceId,
    ports::{Admin, Page},
};

use super::{
    Directory, ListQuery, Listing, people_view,
    search::{self, Wanted},
    teams_view,
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

/// What a list has in its rows.
pub(in crate::pages) trait Listed: Sized + Send + Sync {
    /// Where the list is.
    const PATH: &'static str;
    /// Its title.
    const TITLE: &'static str;
    /// Its place in the navigation.
    const SECTION: Section;

    /// Where such rows are, beside the directories of connections.
    fn own_directory(_: &WorkspaceId) -> Option<Directory> {
        None
    }

    /// Looks for rows.
    fn search(
        store: &dyn Admin,
        wanted: &Wanted<'_>,
    ) -> impl Future<Output = Result<Page<Self>, Problem>> + Send;

    /// The page's content.
    fn view(listing: &Listing<'_, Self>) -> Markup;
}

impl Listed for UserRecord {
    const PATH: &'static str = "/people";
    const TITLE: &'static str = "People";
    const SECTION: Section = Section::People;

    async fn search(store: &dyn Admin, wanted: &Wanted<'_>) -> Result<Page<Self>, Problem> {
        search::people(store, wanted).await
    }

    fn view(listing: &Listing<'_, Self>) -> Markup {
        people_view::list(listing)
    }
}

impl Listed for GroupRecord {
    const PATH: &'static str = "/teams";
    const TITLE: &'static str = "Teams";
    const SECTION: Section = Section::Teams;

    fn own_directory(workspace: &WorkspaceId) -> Option<Directory> {
        Some(Directory::user_managed(workspace))
    }

    async fn search(store: &dyn Admin, wanted: &Wanted<'_>) -> Result<Page<Self>, Problem> {
        search::teams(store, wanted).await
    }

    fn view(listing: &Listing<'_, Self>) -> Markup {
        teams_view::list(listing)
    }
}

/// `GET /people` and `GET /teams`
pub(in crate::pages) async fn list<T: Listed>(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    let connections = app.store.connections(&caller.workspace).await?;
    let own = T::own_directory(&caller.workspace);
    let directories: Vec<Directory> = connections.into_iter().map(Directory::from).chain(own).collect();
    let directory = query.of(&directories);
    let page = match directory {
        Some(directory) => {
            let wanted = Wanted { connection: &directory.id, text: &query.q, cursor: query.cursor() };
            T::search(app.store.as_ref(), &wanted).await?
        }
        None => Page { items: Vec::new(), next: None },
    };
    let listing = Listing {
        path: T::PATH,
        text: query.q.trim(),
        directories: &directories,
        directory: directory.map(|directory| &directory.id),
        may_make: caller.may(Action::ManageTeams).is_ok(),
        later: query.cursor().is_some(),
        rows: &page.items,
        next: page.next.as_deref(),
    };
    let frame = frame(&app, &caller, T::SECTION).await?;
    Ok(layout::page(T::TITLE, &frame, T::view(&listing)).into_response())
}
