//! A workspace: one tenant.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp, audit,
    id::{ApiKeyId, PersonId, WorkspaceId},
    token::IssuedToken,
};

/// Longest removal grace window, in seconds: 24 hours (domain rule 2).
pub const MAX_GRACE_SECONDS: u32 = 24 * 60 * 60;

/// A tenant and its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id: the first part of every key.
    pub id: WorkspaceId,
    /// The name that people see.
    pub name: String,
    /// How long a removal that comes from losing grants waits, in seconds; 0 to [`MAX_GRACE_SECONDS`].
    /// A hub may set its own.
    pub grace_seconds: u32,
    /// How long the audit log is kept, in days. What is in it already keeps its time.
    #[serde(default = "default_audit_days")]
    pub audit_days: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

fn default_audit_days() -> u32 {
    audit::DEFAULT_DAYS
}

impl Workspace {
    /// A workspace with the default settings.
    pub fn new(id: WorkspaceId, name: impl Into<String>, created_at: Timestamp) -> Self {
        Self { id, name: name.into(), grace_seconds: 600, audit_days: default_audit_days(), created_at }
    }
}

/// What a person may do in a workspace.
///
/// In order, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceRole {
    /// Sees own access.
    Guest,
    /// Sees own access.
    User,
    /// Integrations, hubs, the Automation Log; no workspace settings, connections or tokens.
    Admin,
    /// Everything but the Owner's own acts.
    SuperAdmin,
    /// Everything.
    Owner,
}

impl WorkspaceRole {
    /// Workspace settings, SCIM connections and tokens.
    pub fn manages_workspace(self) -> bool {
        matches!(self, Self::Owner | Self::SuperAdmin)
    }

    /// Integrations, hubs and the Automation Log.
    pub fn manages_integrations(self) -> bool {
        matches!(self, Self::Owner | Self::SuperAdmin | Self::Admin)
    }
}

/// The role of a person of the directory. People without a row are Users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Who.
    pub person: PersonId,
    /// What they may do.
    pub role: WorkspaceRole,
    /// Since when.
    pub since: Timestamp,
}

/// A key for the admin API: acts with a role until it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id, part of the key's text.
    pub id: ApiKeyId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What it is for, as its maker put it.
    pub name: String,
    /// The role it acts with; where it stands for a person, never more than that person's.
    pub role: WorkspaceRole,
    /// The person of the directory that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The secret's hash and end.
    pub token: IssuedToken,
}
