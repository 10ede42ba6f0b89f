//! The tokens of a SCIM connection. One is answered once, when it is made.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use jiff::SignedDuration;
use serde::Deserialize;
use usher_domain::{Timestamp, activity::Event, id::ConnectionId, token::IssuedToken};
use utoipa::ToSchema;

use super::{
    change::change,
    connection_views::{NewConnectionView, token_id, with_token},
    connections::check_validity,
    extract::{OptionalJson, Path},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    permission::Action,
    provisioning::{self, NewConnection},
};

/// How long the tokens before a rotation stay valid where the caller does not say: a day to copy the new one.
const DEFAULT_OVERLAP_SECONDS: u32 = 24 * 60 * 60;
/// Longest overlap: 30 days.
const MAX_OVERLAP_SECONDS: u32 = 30 * 24 * 60 * 60;
/// Tokens of one connection: each request of the identity provider is compared with all of them.
const MOST: usize = 50;

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

/// Rotate the token
///
/// Issues a new token; those before stay valid for the overlap.
#[utoipa::path(post, path = "/connections/{connection}/tokens", tag = "Connections", operation_id = "rotateToken",
    params(("connection" = String, Path, description = "The connection's id.")),
    request_body = Option<TokenRotate>,
    responses((status = 201, description = "The connection, with its new token.", body = NewConnectionView)))]
pub(crate) async fn rotate(
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
    let overlap = SignedDuration::from_secs(overlap.into());
    let valid_for = check_validity(body.token_valid_seconds)?;
    let now = app.clock.now();
    let (token, issued) = provisioning::new_scim_token(&app, valid_for);
    let connection = change(&app, &caller, &id, Event::TokenRotated, |connection| {
        connection.tokens = overlapping(std::mem::take(&mut connection.tokens), now, overlap);
        if connection.tokens.len() >= MOST {
            return Err(Problem::conflict(format!(
                "the connection has {MOST} valid tokens; delete those that are not used, or rotate with a shorter overlap"
            )));
        }
        connection.tokens.push(issued.clone());
        Ok(())
    })
    .await?;
    let base_url = app.scim_base_url(&connection.id);
    let made = NewConnection { connection, token, base_url };
    Ok((StatusCode::CREATED, Reply(with_token(&app, made))))
}

/// Revoke all tokens
///
/// The identity provider is locked out within three seconds. Rotate the token to let it in again.
#[utoipa::path(delete, path = "/connections/{connection}/tokens", tag = "Connections", operation_id = "revokeTokens",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 204, description = "No token is accepted any more.")))]
pub(crate) async fn revoke_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageConnections)?;
    change(&app, &caller, &id, Event::TokenRevoked, |connection| {
        connection.tokens.clear();
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete one token
///
/// Whoever uses it is locked out within three seconds; other tokens stay.
#[utoipa::path(delete, path = "/connections/{connection}/tokens/{token}", tag = "Connections",
    operation_id = "deleteToken",
    params(
        ("connection" = String, Path, description = "The connection's id."),
        ("token" = String, Path, description = "The token's id, not its text."),
    ),
    responses((status = 204, description = "The token is not accepted any more.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, token)): Path<(ConnectionId, String)>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageConnections)?;
    change(&app, &caller, &id, Event::TokenRevoked, |connection| {
        let before = connection.tokens.len();
        connection.tokens.retain(|issued| token_id(issued) != token);
        if connection.tokens.len() == before {
            return Err(Problem::not_found("this token"));
        }
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
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
}
