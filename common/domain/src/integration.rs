//! Integrations: one organisation in an external app each.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Timestamp,
    change::Subject,
    guard::Guards,
    id::{ConnectionId, IntegrationId, WorkspaceId},
    sync::SyncSettings,
};

/// How access to an integration is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// By shares with teams and people of the workspace.
    BusinessHub,
    /// By its own SCIM connection: each active user there is a seat.
    IdLcm {
        /// The gateway.
        connection: ConnectionId,
    },
}

/// A role or permission of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRole {
    /// The connector's key for it.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// Of the roles of one exclusion group a person holds one at a time. `None` is a permission: they add up.
    #[serde(default)]
    pub exclusion_group: Option<String>,
    /// Order within the exclusion group: the higher one wins.
    #[serde(default)]
    pub rank: u32,
}

/// An entitlement of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppEntitlement {
    /// The stable value string: an admin copies it into a group's name or a profile attribute.
    pub value: String,
    /// The name that people see.
    pub name: String,
}

/// In a grant, the asset that stands for all of them, present and future.
pub const ALL_ASSETS: &str = "*";

/// Something in the app that access is granted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppAsset {
    /// The app's id, with its kind where ids of kinds overlap.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// What can be granted on it.
    #[serde(default)]
    pub permissions: Vec<AppRole>,
}

/// What the connector says exists in the app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalogue {
    /// Roles and permissions.
    pub roles: Vec<AppRole>,
    /// Entitlements.
    pub entitlements: Vec<AppEntitlement>,
    /// Keys of the roles whose last holder is never removed or demoted; where it is empty, those of the highest rank of
    /// each exclusion group.
    pub admin_roles: BTreeSet<String>,
    /// What access is granted to.
    pub assets: Vec<AppAsset>,
}

impl Catalogue {
    /// The role with this key.
    pub fn role(&self, key: &str) -> Option<&AppRole> {
        self.roles.iter().find(|role| role.key == key)
    }

    /// The asset with this id.
    pub fn asset(&self, id: &str) -> Option<&AppAsset> {
        self.assets.iter().find(|asset| asset.id == id)
    }

    /// The exclusion groups.
    pub fn ladders(&self) -> Vec<Ladder<'_>> {
        let mut groups: BTreeMap<&str, BTreeMap<&str, u32>> = BTreeMap::new();
        for role in &self.roles {
            if let Some(group) = role.exclusion_group.as_deref() {
                groups.entry(group).or_default().insert(&role.key, role.rank);
            }
        }
        groups.into_values().map(|ranks| Ladder { ranks }).collect()
    }
}

/// An exclusion group: roles of which a person holds one, and how high each is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder<'a> {
    /// The rank of each role.
    ranks: BTreeMap<&'a str, u32>,
}

impl Ladder<'_> {
    /// How high somebody with these roles stands; `None` for somebody with no role of the group.
    pub fn rank_of(&self, roles: &BTreeSet<String>) -> Option<u32> {
        roles.iter().filter_map(|role| self.ranks.get(role.as_str())).max().copied()
    }

    /// The highest rank; `None` where all stand equally high.
    pub fn highest(&self) -> Option<u32> {
        let (highest, lowest) = (self.ranks.values().max()?, self.ranks.values().min()?);
        (highest > lowest).then_some(*highest)
    }
}

/// Whether work is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// Jobs run.
    #[default]
    Active,
    /// Jobs are kept until it is mended and resumed.
    Paused {
        /// What has to be mended.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

impl Integration {
    /// What is committed when it is disconnected.
    pub fn disconnected(&self) -> Subject {
        let connection = match &self.kind {
            Kind::BusinessHub => None,
            Kind::IdLcm { connection } => Some(connection.clone()),
        };
        Subject::Disconnected {
            integration: self.id.clone(),
            name: self.name.clone(),
            connection,
            after: None,
        }
    }
}

/// One organisation in an external app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The name that people see.
    pub name: String,
    /// How access to it is decided.
    pub kind: Kind,
    /// The key of the connector that reaches the app; names its queue and function.
    pub connector: String,
    /// The connector's settings; nothing secret.
    pub config: Value,
    /// The app's credentials, sealed.
    pub sealed_credentials: Option<String>,
    /// What exists in the app.
    #[serde(default)]
    pub catalogue: Catalogue,
    /// The removal grace window, in seconds, where it differs from the workspace's.
    #[serde(default)]
    pub grace_seconds: Option<u32>,
    /// What holds work back that nobody may have meant.
    #[serde(default)]
    pub guards: Guards,
    /// How it is kept in sync.
    #[serde(default)]
    pub sync: SyncSettings,
    /// Whether work is done.
    #[serde(default)]
    pub status: Status,
    /// Since when everybody is shown out, so that it can be disconnected after them; `None` where nobody asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnecting: Option<Timestamp>,
    /// Moves with every write.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}
