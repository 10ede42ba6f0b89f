//! SCIM connections of the workspace.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use jiff::SignedDuration;
use usher_domain::{
    activity::Event,
    directory::{Connection, Scope},
    id::{ConnectionId, WorkspaceId},
    ports::Ids,
};

use super::{
    change::change,
    check_name,
    connection_views::{
        ConnectionCreate, ConnectionPatch, ConnectionView, NewConnectionView, view, with_token,
    },
    extract::{Json, Path},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::Action,
    provisioning::{self, ConnectionForm},
};

/// SCIM connections
#[utoipa::path(get, path = "/connections", tag = "Connections", operation_id = "listConnections",
    responses((status = 200, description = "All connections.", body = Listed<ConnectionView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<Listed<ConnectionView>>, Problem> {
    caller.may(Action::ManageConnections)?;
    let connections = app.store.connections(&caller.workspace).await?;
    Ok(Reply(Listed::whole(connections, |connection| view(&app, connection))))
}

/// Create a SCIM connection
///
/// It feeds the people and teams of the workspace. The connection of an IdLCM integration is made with the
/// integration.
#[utoipa::path(post, path = "/connections", tag = "Connections", operation_id = "createConnection",
    request_body = ConnectionCreate,
    responses((status = 201, description = "The connection, with its token.", body = NewConnectionView)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<ConnectionCreate>,
) -> Result<(StatusCode, Reply<NewConnectionView>), Problem> {
    caller.may(Action::ManageConnections)?;
    let name = check_name("/name", &body.name)?;
    let id = connection_id("/slug", &caller.workspace, body.slug.as_deref(), app.ids.as_ref())?;
    let form = ConnectionForm {
        etags: body.etags,
        protocol: body.protocol(),
        token_valid_for: check_validity(body.token_valid_seconds)?,
        ..ConnectionForm::new(id, &name, Scope::Workspace)
    };
    let made = provisioning::create_connection(&app, form).await?;
    caller.act.after(&view(&app, made.connection.clone()));
    Ok((StatusCode::CREATED, Reply(with_token(&app, made))))
}

/// A SCIM connection
#[utoipa::path(get, path = "/connections/{connection}", tag = "Connections", operation_id = "getConnection",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 200, description = "The connection.", body = ConnectionView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Reply<ConnectionView>, Problem> {
    caller.may(Action::ManageConnections)?;
    Ok(Reply(view(&app, read(&app, &caller, &id).await?)))
}

/// Change a SCIM connection
///
/// What is left out stays. Requests of the identity provider see the change within three seconds.
#[utoipa::path(patch, path = "/connections/{connection}", tag = "Connections", operation_id = "patchConnection",
    params(("connection" = String, Path, description = "The connection's id.")),
    request_body = ConnectionPatch,
    responses((status = 200, description = "The connection as it is now.", body = ConnectionView)))]
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    Json(patch): Json<ConnectionPatch>,
) -> Result<Reply<ConnectionView>, Problem> {
    caller.may(Action::ManageConnections)?;
    let patch = patch.check()?;
    let event = Event::ConnectionUpdated;
    let connection = change(&app, &caller, &id, event, |connection| {
        patch.apply(connection);
        Ok(())
    });
    Ok(Reply(view(&app, connection.await?)))
}

/// The connection, if it is of the caller's workspace.
pub(crate) async fn read(app: &App, caller: &Caller, id: &ConnectionId) -> Result<Connection, Problem> {
    let missing = || Problem::not_found("this connection");
    if *id.workspace() != caller.workspace {
        return Err(missing());
    }
    app.store.connection(id).await?.ok_or_else(missing)
}

/// The id of a new connection.
pub(crate) fn connection_id(
    field: &str,
    workspace: &WorkspaceId,
    slug: Option<&str>,
    ids: &dyn Ids,
) -> Result<ConnectionId, Problem> {
    let drawn;
    let slug = match slug {
        Some(slug) => slug,
        None => {
            drawn = ids.uuid().simple().to_string();
            &drawn
        }
    };
    let id =
        ConnectionId::new(workspace, slug).map_err(|error| Problem::invalid(field, error.to_string()))?;
    if id.is_user_managed() {
        let detail = "this name is the directory of teams that are made by hand; choose another one";
        return Err(Problem::invalid(field, detail));
    }
    Ok(id)
}

/// How long a token is valid.
pub(super) fn check_validity(seconds: Option<u32>) -> Result<Option<SignedDuration>, Problem> {
    match seconds {
        Some(seconds) if seconds < 60 => {
            Err(Problem::invalid("/token_valid_seconds", "use at least 60 seconds"))
        }
        seconds => Ok(seconds.map(|seconds| SignedDuration::from_secs(seconds.into()))),
    }
}
