//! Requests that are done once however often they are sent: what is kept of one under the idempotency key that its sender
//! chose (draft-ietf-httpapi-idempotency-key-header).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, id::WorkspaceId, token::TokenHash};

/// How long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A request that came with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedRequest {
    /// Where.
    pub workspace: WorkspaceId,
    /// Names it: a hash of who sent it and of the key.
    pub id: String,
    /// A hash of what was asked.
    pub fingerprint: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// Until when it is kept.
    pub kept_until: Timestamp,
    /// What was answered; `None` while it is being done, and for ever where it broke off.
    pub answer: Option<KeptAnswer>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body's media type.
    pub media_type: Option<String>,
    /// The body, sealed: some answers show a secret.
    pub sealed_body: Option<String>,
}

impl KeyedRequest {
    /// A request that `sender` sends under `key`; `asked` is all of what it asks.
    pub fn begin(workspace: WorkspaceId, sender: &str, key: &str, asked: &str, now: Timestamp) -> Self {
        Self {
            workspace,
            // Neither holds a line break.
            id: TokenHash::of(&format!("{sender}\n{key}")).as_str().to_owned(),
            fingerprint: TokenHash::of(asked).as_str().to_owned(),
            begun_at: now,
            kept_until: now.checked_add(KEPT).unwrap_or(Timestamp::MAX),
            answer: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_senders_own_and_ends_after_a_day() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let begin =
            |sender, key, asked| KeyedRequest::begin("main".parse().unwrap(), sender, key, asked, now);
        let one = begin("ada", "k1", "POST /x");
        assert_eq!(one, begin("ada", "k1", "POST /x"));
        assert_ne!(one.id, begin("bob", "k1", "POST /x").id);
        assert_ne!(one.id, begin("ada", "k2", "POST /x").id);
        let other = begin("ada", "k1", "POST /y");
        assert_eq!(one.id, other.id);
        assert_ne!(one.fingerprint, other.fingerprint);
        assert_eq!(one.kept_until.to_string(), "2026-01-02T00:00:00Z");
    }
}
