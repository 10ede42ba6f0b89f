//! Signing in, with a link or with the identity provider, and out.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Extension, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, header};
use maud::Markup;
use serde::Deserialize;
use usher_domain::{
    id::WorkspaceId,
    sign_in::{Session, SignedInBy},
};

use super::sign_in_view as view;
use crate::{
    App,
    api::Query,
    auth,
    context::CorrelationId,
    error::Problem,
    openid::{self, GoOn, provider::Provider},
    origin::CameFrom,
    session::{self, Cookie},
};

/// A sign-in link's secret part, or the workspace to sign in to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SignInQuery {
    link: String,
    workspace: String,
    return_to: String,
}

/// `GET /sign-in`. A link shows a button first: mail scanners and browsers that look ahead follow links, and would use this
/// one up.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Query(query): Query<SignInQuery>,
) -> Result<Markup, Problem> {
    if !query.link.is_empty() {
        return Ok(view::confirm(&query.link));
    }
    let return_to = openid::local_path(&query.return_to).unwrap_or("/");
    let Ok(workspace) = query.workspace.trim().parse::<WorkspaceId>() else {
        return Ok(view::signed_out(return_to));
    };
    let provider = app.store.openid_provider(&workspace).await?;
    Ok(match provider {
        Some(provider) => view::with_provider(&workspace, &provider.issuer, return_to),
        None => view::without_provider(&workspace),
    })
}

/// `POST /sign-in`: with a link.
pub(super) async fn enter(
    State(app): State<Arc<App>>,
    CameFrom(from): CameFrom,
    Extension(correlation): Extension<CorrelationId>,
    headers: HeaderMap,
    Form(query): Form<SignInQuery>,
) -> Result<Response, Problem> {
    auth::same_origin(&app, &headers)?;
    let cookie = session::begin_by_link(&app, &headers, from, &query.link, &correlation.0).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// `GET /sign-in/openid`: to the identity provider.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    CameFrom(from): CameFrom,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Problem> {
    let workspace: WorkspaceId = query.workspace.parse().map_err(|_| {
        Problem::bad_parameter("workspace", "give the workspace's name, as in its sign-in page")
    })?;
    Ok(go_on(openid::begin(&app, &workspace, &query.return_to, &from).await?))
}

/// `GET /sign-in/openid/callback`: back from the identity provider.
pub(super) async fn finish(
    State(app): State<Arc<App>>,
    CameFrom(from): CameFrom,
    Extension(correlation): Extension<CorrelationId>,
    headers: HeaderMap,
    Query(answer): Query<openid::Answer>,
) -> Result<Response, Problem> {
    Ok(go_on(openid::finish(&app, &headers, from, answer, &correlation.0).await?))
}

fn go_on(to: GoOn) -> Response {
    let mut response = Redirect::to(&to.location).into_response();
    for cookie in to.cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `POST /sign-out`. Where the identity provider takes it, the browser goes on there and is signed out there too: by a header,
/// because the policy of our pages sends forms to nobody else.
pub(super) async fn leave(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    auth::same_origin(&app, &headers)?;
    let session = session::current(&app, &headers).await?;
    if let Some(session) = &session {
        app.store.end_session(&session.workspace, &session.id).await?;
    }
    let there = match &session {
        Some(session) => sign_out_there(&app, session).await,
        None => None,
    };
    let workspace = session.as_ref().map(|session| &session.workspace);
    let mut response = view::left(workspace, there.as_deref()).into_response();
    response.headers_mut().append(header::SET_COOKIE, Cookie::Session.clear(&app.origin)?);
    if let Some(Ok(refresh)) = there.map(|url| HeaderValue::from_str(&format!("0; url={url}"))) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}

/// Where the session at the identity provider is ended. One that does not answer keeps nobody signed in here.
async fn sign_out_there(app: &App, session: &Session) -> Option<String> {
    let SignedInBy::OpenId { id_token } = &session.signed_in else { return None };
    let settings = app.store.openid_provider(&session.workspace).await.ok()??;
    let provider = Provider::discover(app, &settings).await.ok()?;
    let back = format!("{}/sign-in?workspace={}", app.origin, session.workspace);
    provider.sign_out(&settings, id_token, back)
}
