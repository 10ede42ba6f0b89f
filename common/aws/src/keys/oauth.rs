//! Keys of OAuth clients, access tokens and used assertions: one partition per connection.

use sha2::{Digest, Sha256};
use usher_domain::{
    id::{ClientId, ConnectionId},
    token::TokenHash,
};

use super::{Key, key};

/// Begins the sort keys of clients.
pub const CLIENT_PREFIX: &str = "CLIENT#";

/// The partition of a connection's clients, tokens and assertions.
pub fn grants_partition(connection: &ConnectionId) -> String {
    format!("W#{}#O#{connection}", connection.workspace())
}

/// A client.
pub fn client(connection: &ConnectionId, id: &ClientId) -> Key {
    key(grants_partition(connection), format!("{CLIENT_PREFIX}{id}"))
}

/// An access token, by its hash.
pub fn access_token(connection: &ConnectionId, hash: &TokenHash) -> Key {
    key(grants_partition(connection), format!("TOKEN#{}", hash.as_str()))
}

/// An assertion that was used. Hashed: a client may choose any text.
pub fn assertion(connection: &ConnectionId, client: &ClientId, jti: &str) -> Key {
    let digest = Sha256::digest(format!("{client}#{jti}").as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    key(grants_partition(connection), format!("ASSERTION#{digest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_its_connections_partition() {
        let (okta, one): (ConnectionId, ClientId) = ("acme.okta".parse().unwrap(), "1".parse().unwrap());
        let keys = [
            client(&okta, &one),
            access_token(&okta, &TokenHash::of("secret")),
            assertion(&okta, &one, &"#x".repeat(5_000)),
        ];
        for key in keys {
            assert_eq!(key.pk, "W#acme#O#acme.okta");
            assert!(key.sk.len() < 1_024 && !key.sk.contains("secret"), "{}", key.sk);
        }
        // Where one ends and the other begins is not open to choice: an id has no `#`.
        assert_ne!(assertion(&okta, &one, "2"), assertion(&okta, &"2".parse().unwrap(), "1"));
    }
}
