//! How callers are let in: how often, and by what they can prove beside the connection's own tokens.
//!
//! A connection is opened by one of its tokens, by an access token that its token endpoint issued to an OAuth client, or by
//! a token of an Entra ID tenant that it trusts.

mod client;
mod entra;
mod jwt;
pub(crate) mod keys;
pub(crate) mod oauth;
pub(crate) mod rate;
pub(crate) mod tokens;

use usher_domain::Timestamp;
use usher_domain::directory::Connection;
use usher_domain::oauth::client_of_access_token;
use usher_scim::ScimError;
use usher_scim::discovery::Schemes;

use crate::{App, reply};

/// Whether a token that is none of the connection's own opens it.
pub(crate) async fn opens(
    app: &App,
    connection: &Connection,
    token: &str,
    now: Timestamp,
) -> Result<bool, ScimError> {
    if let Some(client) = client_of_access_token(token) {
        return tokens::accepts(app, connection, &client, token, now).await;
    }
    match &connection.admission.entra {
        Some(trust) => entra::accepts(app, trust, token, now).await,
        None => Ok(false),
    }
}

/// What opens a connection beside its own tokens.
pub(crate) async fn schemes(app: &App, connection: &Connection) -> Result<Schemes, ScimError> {
    let clients = app.grants.has_clients(&connection.id).await.map_err(|e| reply::from_store(&e))?;
    Ok(Schemes { clients, entra: connection.admission.entra.is_some() })
}
