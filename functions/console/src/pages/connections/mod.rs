//! Identity providers: their SCIM connections, and how each is set up.

mod guide;
pub(super) mod guide_view;
pub(super) mod new;
pub(super) mod view;

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{directory::Connection, id::ConnectionId};

pub(super) use guide::Provider;

use self::view::Standing;
use super::{
    frame,
    layout::{self, Section},
    live::{self, Region},
};
use crate::{
    App,
    api::{
        Path, Query,
        connections::read,
        extract::OptionalJson,
        tokens::{self, TokenRotate},
    },
    auth::Caller,
    error::Problem,
    permission::Action,
};

/// `GET /connections`
pub(super) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Action::ManageConnections)?;
    let connections = app.store.connections(&caller.workspace).await?;
    framed(&app, &caller, "Identity providers", view::list(&connections, app.clock.now())).await
}

/// The address of a connection's page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OneQuery {
    seen: Option<String>,
}

/// `GET /connections/{connection}`
pub(super) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<ConnectionId>,
    Query(query): Query<OneQuery>,
) -> Result<Response, Problem> {
    caller.may(Action::ManageConnections)?;
    let connection = read(&app, &caller, &id).await?;
    let standing = standing(&app, connection).await?;
    let region = region(&standing, format!("/connections/{id}"));
    if live::is_partial(&headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let base_url = app.scim_base_url(&id);
    let content = view::one(&standing.connection, &base_url, app.clock.now(), region.render());
    framed(&app, &caller, &standing.connection.name, content).await
}

/// `GET /connections/{connection}/guide/{provider}`
pub(super) async fn guide(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path((id, provider)): Path<(ConnectionId, Provider)>,
    Query(query): Query<OneQuery>,
) -> Result<Response, Problem> {
    caller.may(Action::ManageConnections)?;
    let connection = read(&app, &caller, &id).await?;
    let standing = standing(&app, connection).await?;
    let region = region(&standing, format!("/connections/{id}/guide/{}", provider.word()));
    if live::is_partial(&headers) {
        return Ok(region.partial(query.seen.as_deref()));
    }
    let base_url = app.scim_base_url(&id);
    let content = guide_view::page(&standing.connection, provider, &base_url, region.render());
    let title = format!("{} · {}", provider.name(), standing.connection.name);
    framed(&app, &caller, &title, content).await
}

/// `POST /connections/{connection}/tokens`
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Response, Problem> {
    let body = OptionalJson(TokenRotate::default());
    let path = Path(id.clone());
    let (_, made) = tokens::rotate(State(Arc::clone(&app)), caller.clone(), path, body).await?;
    let connection = read(&app, &caller, &id).await?;
    framed(&app, &caller, "New token", view::token(&connection, &made.base_url, &made.token, None)).await
}

async fn standing(app: &App, connection: Connection) -> Result<Standing, Problem> {
    let people = app.store.people(&connection.id, None, 1).await?;
    let teams = app.store.teams(&connection.id, None, 1).await?;
    Ok(Standing { has_people: !people.items.is_empty(), has_teams: !teams.items.is_empty(), connection })
}

/// How far it is, kept up to date.
fn region(standing: &Standing, url: String) -> Region {
    Region { id: "standing", label: "Connection check", url, content: view::standing(standing) }
}

async fn framed(app: &Arc<App>, caller: &Caller, title: &str, content: Markup) -> Result<Response, Problem> {
    let frame = frame(app, caller, Section::Connections).await?;
    Ok(layout::page(title, &frame, html! { (content) }).into_response())
}
