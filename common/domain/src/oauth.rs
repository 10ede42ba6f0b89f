//! OAuth 2.0 clients of a connection (RFC 6749): who may ask for access tokens, and how they prove who they are.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    id::{ClientId, ConnectionId},
    token::IssuedToken,
};

/// What the text of every client secret begins with.
pub const SECRET_PREFIX: &str = "usher_client";
/// What the text of every access token begins with; the client's id follows.
const ACCESS_TOKEN_PREFIX: &str = "usher_at_";
/// How long an access token is valid: long enough that a client asks rarely, short enough that a copied one is soon
/// worthless.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;

/// A client that may ask for access tokens to one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its `client_id`.
    pub id: ClientId,
    /// The connection that its tokens open.
    pub connection: ConnectionId,
    /// The name that people see.
    pub name: String,
    /// How it proves who it is.
    pub proof: Proof,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How a client proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Proof {
    /// By a secret, in the `Authorization` header or in the body (RFC 6749 §2.3.1).
    ClientSecret {
        /// What is kept of the secret.
        secret: IssuedToken,
    },
    /// By an assertion signed with its private key (RFC 7523 §2.2).
    PrivateKeyJwt {
        /// Its public keys.
        keys: KeySet,
    },
}

/// Public keys, as a JWK set (RFC 7517 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeySet {
    /// The set itself.
    Inline {
        /// The set.
        jwks: Value,
    },
    /// Where the set is found, so that the client can change its keys by itself.
    Url {
        /// The address.
        url: String,
    },
}

/// An access token that was issued: what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The client that it was issued to. Where the client is gone, so is the token.
    pub client: ClientId,
    /// Hash and end.
    pub token: IssuedToken,
}

/// The text of a new access token. It names its client, so that token and client are read together.
pub fn access_token_text(client: &ClientId, random: [u8; 32]) -> String {
    crate::token::token_text(&format!("{ACCESS_TOKEN_PREFIX}{client}"), random)
}

/// The client that an access token names; `None` for any other text.
pub fn client_of_access_token(text: &str) -> Option<ClientId> {
    let (client, random) = text.strip_prefix(ACCESS_TOKEN_PREFIX)?.rsplit_once('_')?;
    (random.len() == 64).then(|| client.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_token_names_its_client() {
        for id in ["7c9e6679-7425-40de-944b-e07fc1f90ae7", "with_under_scores"] {
            let id: ClientId = id.parse().unwrap();
            assert_eq!(client_of_access_token(&access_token_text(&id, [9; 32])), Some(id));
        }
        for other in ["", "usher_scim_0000", "usher_at_", "usher_at__", "usher_at_a_0", "a.b.c"] {
            assert_eq!(client_of_access_token(other), None, "{other}");
        }
    }
}
