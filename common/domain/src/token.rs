//! Bearer tokens: shown once, stored as a hash, compared in constant time.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Timestamp;

/// The SHA-256 of a token, as lower-case hex. Tokens carry 256 bits of randomness, so a fast hash is the
/// right one: there is no dictionary to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenHash(String);

impl TokenHash {
    /// Hashes a token.
    pub fn of(token: &str) -> Self {
        Self(hex(&Sha256::digest(token.as_bytes())))
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `token` is the one that was hashed. Takes the same time whatever differs.
    pub fn matches(&self, token: &str) -> bool {
        let given = Self::of(token);
        self.0.as_bytes().ct_eq(given.0.as_bytes()).into()
    }
}

/// A token that was issued: what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// Hash of the token's text.
    pub hash: TokenHash,
    /// Its last four characters, to tell tokens apart on a page.
    pub hint: String,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it ends; `None` lasts until it is revoked.
    pub expires_at: Option<Timestamp>,
}

impl IssuedToken {
    /// Issues the token with the given text.
    pub fn issue(text: &str, now: Timestamp, expires_at: Option<Timestamp>) -> Self {
        let hint = text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned();
        Self { hash: TokenHash::of(text), hint, created_at: now, expires_at }
    }

    /// Whether `token` is this one and still valid at `now`.
    pub fn accepts(&self, token: &str, now: Timestamp) -> bool {
        let matches = self.hash.matches(token);
        let alive = self.expires_at.is_none_or(|end| now < end);
        matches && alive
    }
}

/// The text of a new token: a prefix that secret scanners can recognise, and 256 random bits.
pub fn token_text(prefix: &str, random: [u8; 32]) -> String {
    format!("{prefix}_{}", hex(&random))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_same_token_before_its_end_is_accepted() {
        let text = token_text("usher", [7; 32]);
        let token = IssuedToken::issue(&text, at("2026-01-01T00:00:00Z"), Some(at("2026-01-02T00:00:00Z")));
        assert!(token.accepts(&text, at("2026-01-01T12:00:00Z")));
        assert!(!token.accepts(&text, at("2026-01-02T00:00:00Z")));
        assert!(!token.accepts("usher_other", at("2026-01-01T12:00:00Z")));
        assert!(!serde_json::to_string(&token).unwrap().contains(&text));
    }
}
