//! Access tokens: what the token endpoint issued, looked up by hash.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use usher_domain::Timestamp;
use usher_domain::directory::Connection;
use usher_domain::id::{ClientId, ConnectionId};
use usher_domain::oauth::AccessToken;
use usher_domain::token::TokenHash;
use usher_scim::ScimError;

use crate::auth::FRESH_SECONDS;
use crate::{App, reply};

/// Tokens kept at most; beyond that all are read anew.
const KEPT: usize = 1_000;

/// Tokens read lately with their clients, so that a burst of requests costs one read. A client that is revoked gets no
/// further than this long, as with a connection's own tokens.
#[derive(Default)]
pub(crate) struct AccessTokens(Mutex<HashMap<String, (Timestamp, ConnectionId, AccessToken)>>);

impl AccessTokens {
    fn fresh(&self, hash: &TokenHash, connection: &ConnectionId, now: Timestamp) -> Option<AccessToken> {
        // A poisoned lock only means that another request panicked; the map itself is whole.
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, of, token) = kept.get(hash.as_str())?;
        let age = now.as_second() - read_at.as_second();
        (of == connection && (0..FRESH_SECONDS).contains(&age)).then(|| token.clone())
    }

    fn keep(&self, connection: &ConnectionId, token: &AccessToken, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        let hash = token.token.hash.as_str().to_owned();
        kept.insert(hash, (now, connection.clone(), token.clone()));
    }
}

/// Whether an access token opens the connection now.
pub(crate) async fn accepts(
    app: &App,
    connection: &Connection,
    client: &ClientId,
    text: &str,
    now: Timestamp,
) -> Result<bool, ScimError> {
    let hash = TokenHash::of(text);
    if let Some(token) = app.access_tokens.fresh(&hash, &connection.id, now) {
        return Ok(token.token.accepts(text, now));
    }
    let read = app.grants.access_token(&connection.id, client, &hash).await;
    let Some(token) = read.map_err(|e| reply::from_store(&e))? else {
        return Ok(false);
    };
    app.access_tokens.keep(&connection.id, &token, now);
    Ok(token.token.accepts(text, now))
}
