//! Making a connection.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use usher_domain::directory::Scope;

use super::{Provider, framed, view};
use crate::{
    App,
    api::{check_name, connection_views, connections::connection_id},
    auth::Caller,
    error::Problem,
    permission::Action,
    provisioning::{self, ConnectionForm},
};

/// `GET /connections/new`
pub(in crate::pages) async fn page(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Action::ManageConnections)?;
    framed(&app, &caller, "Connect an identity provider", view::new()).await
}

/// What to make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct NewForm {
    name: String,
    provider: Provider,
}

/// `POST /connections`: answers the page with the token, which is never shown again, and not an address of it.
pub(in crate::pages) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Form(form): Form<NewForm>,
) -> Result<Response, Problem> {
    caller.may(Action::ManageConnections)?;
    let name = check_name("name", &form.name)?;
    let id = connection_id("name", &caller.workspace, None, app.ids.as_ref())?;
    let made =
        provisioning::create_connection(&app, ConnectionForm::new(id, &name, Scope::Workspace)).await?;
    caller.act.after(&connection_views::view(&app, made.connection.clone()));
    let content = view::token(&made.connection, &made.base_url, &made.token, Some(form.provider));
    Ok((StatusCode::CREATED, framed(&app, &caller, "Connection made", content).await?).into_response())
}
