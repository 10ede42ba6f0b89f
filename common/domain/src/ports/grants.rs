//! What access tokens need: clients, tokens, the assertions that were used, and keys from elsewhere.

use async_trait::async_trait;
use serde_json::Value;

use super::StoreResult;
use crate::{
    Timestamp,
    activity::Activity,
    id::{ClientId, ConnectionId},
    oauth::{AccessToken, Client},
    token::TokenHash,
};

/// What the token endpoint and the check of a token need. Reads are strongly consistent: a client that was revoked
/// gets nothing more.
#[async_trait]
pub trait Grants: Send + Sync {
    /// A client of the connection.
    async fn client(&self, connection: &ConnectionId, id: &ClientId) -> StoreResult<Option<Client>>;

    /// Whether the connection has any client.
    async fn has_clients(&self, connection: &ConnectionId) -> StoreResult<bool>;

    /// Stores an access token; its row ends with it.
    async fn put_access_token(&self, connection: &ConnectionId, token: &AccessToken) -> StoreResult<()>;

    /// The access token with this hash, if the client that it was issued to is still there.
    async fn access_token(
        &self,
        connection: &ConnectionId,
        client: &ClientId,
        hash: &TokenHash,
    ) -> StoreResult<Option<AccessToken>>;

    /// Remembers until `until` that an assertion was used, and answers whether this was the first time.
    async fn use_assertion(
        &self,
        connection: &ConnectionId,
        client: &ClientId,
        jti: &str,
        until: Timestamp,
    ) -> StoreResult<bool>;
}

/// What managing clients needs.
#[async_trait]
pub trait Clients: Send + Sync {
    /// The clients of a connection.
    async fn clients(&self, connection: &ConnectionId) -> StoreResult<Vec<Client>>;

    /// Stores a new client, and tells of it in the same transaction.
    ///
    /// # Errors
    /// `Conflict` when there is one with its id.
    async fn create_client(&self, client: &Client, told: Option<&Activity>) -> StoreResult<()>;

    /// Removes a client, and tells of it in the same transaction. Its access tokens are not accepted from then on.
    ///
    /// # Errors
    /// `Missing` when there is none.
    async fn delete_client(
        &self,
        connection: &ConnectionId,
        id: &ClientId,
        told: Option<&Activity>,
    ) -> StoreResult<()>;
}

/// Fetches public keys.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The JWK set (RFC 7517 §5) at a URL. Bounded in time and size by whoever implements it.
    ///
    /// # Errors
    /// When no set came from there; the text says why, for the log.
    async fn key_set(&self, url: &str) -> Result<Value, KeysUnavailable>;
}

/// Keys could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeysUnavailable(pub String);
