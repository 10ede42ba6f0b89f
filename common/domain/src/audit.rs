//! The audit log: who did what in a workspace's administration, to what, from where, and what became of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    id::{IntegrationId, PersonId, WorkspaceId},
    sign_in::Origin,
};

/// How long entries are kept where the workspace does not say, in days.
pub const DEFAULT_DAYS: u32 = 400;
/// The shortest and the longest time that entries can be kept, in days.
pub const DAYS: std::ops::RangeInclusive<u32> = 30..=3_650;
/// Longest state that is kept of a thing before and after, in bytes of JSON. A catalogue can be far longer.
const LONGEST_STATE: usize = 16 * 1024;

/// By what somebody acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Means {
    /// A key of the admin API; the commands use one too.
    ApiKey {
        /// Its id.
        id: String,
    },
    /// A signed-in browser.
    Session {
        /// Its id.
        id: String,
    },
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The name of the key, or of who is signed in.
    pub name: String,
    /// The person of the directory, where it is one.
    pub person: Option<PersonId>,
    /// By what.
    pub means: Means,
    /// Where from.
    pub origin: Origin,
}

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
    /// It began. Where this stays, the process died or lost the store, and nobody knows.
    Begun,
    /// It was done.
    Done,
    /// It was refused, and nothing was changed.
    Refused {
        /// The problem's word.
        problem: String,
    },
    /// It broke off: all, some or nothing of it was done.
    Failed {
        /// The problem's word.
        problem: String,
    },
}

/// One act. It is written before anything is done, so that none is missing, and again with what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id.
    pub id: String,
    /// Where.
    pub workspace: WorkspaceId,
    /// When it began.
    pub at: Timestamp,
    /// Who.
    pub agent: Agent,
    /// What: the operation of the admin API.
    pub act: String,
    /// To what: the address below the admin API.
    pub target: String,
    /// The integration that it is about, where it is about one.
    pub integration: Option<IntegrationId>,
    /// The thing as it was, without secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The thing as it is now, without secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// What became of it.
    pub outcome: Outcome,
    /// Names the request in the logs, and what it caused.
    pub correlation_id: String,
    /// Until when it is kept.
    pub kept_until: Timestamp,
}

/// A state as it is kept: one that is too long says so.
pub fn bounded(state: Value) -> Value {
    let length = state.to_string().len();
    if length <= LONGEST_STATE { state } else { serde_json::json!({ "too_long_to_keep": length }) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_state_says_that_it_was_left_out() {
        assert_eq!(bounded(json!({"name": "x"})), json!({"name": "x"}));
        let long = bounded(json!({"name": "x".repeat(LONGEST_STATE)}));
        assert!(long["too_long_to_keep"].as_u64().unwrap() > 16_000, "{long}");
    }
}
