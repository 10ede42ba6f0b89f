//! SCIM connections of the workspace, and their tokens. A token is answered once, when it is made.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    activity::Event,
    change::Actor,
    directory::{Connection, Scope},
    id::{ConnectionId, WorkspaceId},
    ports::{AdminWrite, Ids},
    token::IssuedToken,
};
use utoipa::ToSchema;

use super::{
    check_name,
    extract::{Json, OptionalJson, Path},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::Action,
    provisioning::{self, NewConnection},
};

/// How long the tokens before a rotation stay valid where the caller does not say: a day to copy the new one.
const DEFAULT_OVERLAP_SECONDS: u32 = 24 * 60 * 60;
/// Longest overlap: 30 days.
const MAX_OVERLAP_SECONDS: u32 = 30 * 24 * 60 * 60;

/// A SCIM connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionView {
    /// Its id.
    #[schema(example = "main.okta")]
    id: String,
    /// The name that people see.
    name: String,
    /// Where the identity provider is pointed at.
    base_url: String,
    /// The IdLCM integration that it feeds; null when it feeds the people and teams of the workspace.
    #[schema(required)]
    integration: Option<String>,
    /// Whether entity tags are announced and honoured.
    etags: bool,
    /// The tokens that were issued and not deleted.
    tokens: Vec<TokenView>,
    /// When it was made.
    created_at: Timestamp,
}

/// What is kept of a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenView {
    /// Names the token when it is deleted.
    id: String,
    /// Its last four characters.
    #[schema(example = "9f3a")]
    hint: String,
    /// Whether it is accepted now.
    valid: bool,
    /// When it was issued.
    created_at: Timestamp,
    /// When it ends; null when it lasts until it is deleted.
    #[schema(required)]
    expires_at: Option<Timestamp>,
}

/// A connection with a token that is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionWithToken)]
pub(crate) struct NewConnectionView {
    /// The connection.
    connection: ConnectionView,
    /// Where the identity provider is pointed at.
    base_url: String,
    /// The token. Copy it now: only its hash is kept.
    token: String,
}

/// A connection to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionCreate {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100, example = "Okta")]
    name: String,
    /// The part of the id after the workspace: letters, digits, `-` and `_`. Drawn where it is left out.
    #[schema(example = "okta")]
    slug: Option<String>,
    /// Whether entity tags are announced and honoured. Switch off for clients that send a wrong `If-Match`.
    #[serde(default = "yes")]
    #[schema(default = true)]
    etags: bool,
    /// How long the token is valid, in seconds; until it is deleted where it is left out.
    #[schema(minimum = 60)]
    token_valid_seconds: Option<u32>,
}

/// How to rotate a token.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRotate {
    /// How long the tokens before stay valid, in seconds; a day where it is left out, 0 ends them at once.
    #[schema(minimum = 0, maximum = 2592000, default = 86400)]
    overlap_seconds: Option<u32>,
    /// How long the new token is valid, in seconds; until it is deleted where it is left out.
    #[schema(minimum = 60)]
    token_valid_seconds: Option<u32>,
}

fn yes() -> bool {
    true
}

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
    let valid_for = check_validity(body.token_valid_seconds)?;
    let made =
        provisioning::create_connection(&app, id, &name, Scope::Workspace, body.etags, valid_for).await?;
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

/// Rotate the token
///
/// Issues a new token; those before stay valid for the overlap.
#[utoipa::path(post, path = "/connections/{connection}/tokens", tag = "Connections", operation_id = "rotateToken",
    params(("connection" = String, Path, description = "The connection's id.")),
    request_body = Option<TokenRotate>,
    responses((status = 201, description = "The connection, with its new token.", body = NewConnectionView)))]
pub(crate) async fn rotate_token(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    OptionalJson(body): OptionalJson<TokenRotate>,
) -> Result<(StatusCode, Reply<NewConnectionView>), Problem> {
    caller.may(Action::ManageConnections)?;
    let overlap = body.overlap_seconds.unwrap_or(DEFAULT_OVERLAP_SECONDS);
    if overlap > MAX_OVERLAP_SECONDS {
        let detail = format!("use 0 to {MAX_OVERLAP_SECONDS} seconds (30 days)");
        return Err(Problem::invalid("/overlap_seconds", detail));
    }
    let valid_for = check_validity(body.token_valid_seconds)?;
    let mut connection = read(&app, &caller, &id).await?;
    let now = app.clock.now();
    let (token, issued) = provisioning::new_scim_token(&app, valid_for);
    connection.tokens = overlapping(connection.tokens, now, SignedDuration::from_secs(overlap.into()));
    connection.tokens.push(issued);
    app.store.put_connection(&connection, AdminWrite::Replace).await?;
    let actor = Actor::Person { name: caller.name };
    provisioning::tell_connection(&app, &connection, Event::TokenRotated, &actor).await?;
    let base_url = app.scim_base_url(&connection.id);
    let made = NewConnection { connection, token, base_url };
    Ok((StatusCode::CREATED, Reply(with_token(&app, made))))
}

/// Revoke all tokens
///
/// The identity provider is locked out at once. Rotate the token to let it in again.
#[utoipa::path(delete, path = "/connections/{connection}/tokens", tag = "Connections", operation_id = "revokeTokens",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 204, description = "No token is accepted any more.")))]
pub(crate) async fn revoke_tokens(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageConnections)?;
    let mut connection = read(&app, &caller, &id).await?;
    connection.tokens.clear();
    app.store.put_connection(&connection, AdminWrite::Replace).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete one token
///
/// Whoever uses it is locked out at once; other tokens stay.
#[utoipa::path(delete, path = "/connections/{connection}/tokens/{token}", tag = "Connections",
    operation_id = "deleteToken",
    params(
        ("connection" = String, Path, description = "The connection's id."),
        ("token" = String, Path, description = "The token's id, not its text."),
    ),
    responses((status = 204, description = "The token is not accepted any more.")))]
pub(crate) async fn delete_token(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, token)): Path<(ConnectionId, String)>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageConnections)?;
    let mut connection = read(&app, &caller, &id).await?;
    let before = connection.tokens.len();
    connection.tokens.retain(|issued| token_id(issued) != token);
    if connection.tokens.len() == before {
        return Err(Problem::not_found("this token"));
    }
    app.store.put_connection(&connection, AdminWrite::Replace).await?;
    Ok(StatusCode::NO_CONTENT)
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
pub(super) fn connection_id(
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
    ConnectionId::new(workspace, slug).map_err(|error| Problem::invalid(field, error.to_string()))
}

fn check_validity(seconds: Option<u32>) -> Result<Option<SignedDuration>, Problem> {
    match seconds {
        Some(seconds) if seconds < 60 => {
            Err(Problem::invalid("/token_valid_seconds", "use at least 60 seconds"))
        }
        seconds => Ok(seconds.map(|seconds| SignedDuration::from_secs(seconds.into()))),
    }
}

/// The tokens before a rotation: none outlives the overlap, and those that ended are forgotten.
fn overlapping(tokens: Vec<IssuedToken>, now: Timestamp, overlap: SignedDuration) -> Vec<IssuedToken> {
    let end = now + overlap;
    tokens
        .into_iter()
        .map(|token| IssuedToken {
            expires_at: Some(token.expires_at.map_or(end, |own| own.min(end))),
            ..token
        })
        .filter(|token| token.expires_at.is_some_and(|end| now < end))
        .collect()
}

/// The beginning of the hash: names a token, and tells nothing about its text.
fn token_id(token: &IssuedToken) -> String {
    let hash = serde_json::to_value(&token.hash).ok();
    let hash = hash.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    hash.chars().take(16).collect()
}

fn view(app: &App, connection: Connection) -> ConnectionView {
    let now = app.clock.now();
    let tokens = connection.tokens.iter().map(|token| TokenView {
        id: token_id(token),
        hint: token.hint.clone(),
        valid: token.expires_at.is_none_or(|end| now < end),
        created_at: token.created_at,
        expires_at: token.expires_at,
    });
    ConnectionView {
        base_url: app.scim_base_url(&connection.id),
        tokens: tokens.collect(),
        id: connection.id.into(),
        name: connection.name,
        integration: match connection.scope {
            Scope::Workspace => None,
            Scope::Integration { id } => Some(id.into()),
        },
        etags: connection.etags,
        created_at: connection.created_at,
    }
}

/// The answer that shows a token.
pub(super) fn with_token(app: &App, made: NewConnection) -> NewConnectionView {
    NewConnectionView { connection: view(app, made.connection), base_url: made.base_url, token: made.token }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rotation_lets_the_tokens_before_run_out() {
        let now = at("2026-03-01T12:00:00Z");
        let issue = |text: &str, end: Option<&str>| IssuedToken::issue(text, now, end.map(at));
        let before = vec![
            issue("lasting", None),
            issue("ending", Some("2026-03-01T12:30:00Z")),
            issue("ended", Some("2026-03-01T11:00:00Z")),
        ];
        let after = overlapping(before.clone(), now, SignedDuration::from_hours(1));
        let ends: Vec<_> = after.iter().map(|token| token.expires_at.unwrap().to_string()).collect();
        assert_eq!(ends, ["2026-03-01T13:00:00Z", "2026-03-01T12:30:00Z"]);
        assert!(overlapping(before, now, SignedDuration::ZERO).is_empty());
    }

    #[test]
    fn a_token_is_named_by_the_beginning_of_its_hash() {
        let token = IssuedToken::issue("usher_scim_secret", at("2026-03-01T12:00:00Z"), None);
        let id = token_id(&token);
        assert_eq!(id.len(), 16);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
