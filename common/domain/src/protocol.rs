//! How one connection's client speaks SCIM.

use serde::{Deserialize, Serialize};
use usher_scim::Dialect;
use usher_scim::schema::Custom;

/// What a connection's client needs different from others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Protocol {
    /// How far its client may stray from the RFCs.
    pub dialect: Dialect,
    /// Whether cursors (RFC 9865) are announced. They are always served; clients that know only RFC 7643 reject the
    /// announcement.
    pub announces_cursors: bool,
    /// What happens to members that are no user of the connection.
    pub unknown_members: UnknownMembers,
    /// Schemas and resource types beside the built-in ones.
    #[serde(skip_serializing_if = "Custom::is_empty")]
    pub custom: Custom,
}

/// What a group's write does about a member who is no user of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownMembers {
    /// Refuses the whole write: nobody loses or misses access without being told.
    #[default]
    Refuse,
    /// Leaves them out and writes the others: for clients that push whole groups of which some people are not assigned to
    /// the app, and stop at a refusal.
    Skip,
}
