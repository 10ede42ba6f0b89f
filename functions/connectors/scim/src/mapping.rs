//! Where an app keeps what Usher calls roles and entitlements.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire;

/// Where the app keeps roles or entitlements.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mapping {
    /// Nowhere: the app has none.
    #[default]
    None,
    /// In the user's `roles`.
    RolesAttribute {
        /// Only values of this `type` (RFC 7643 §2.4); the others are not Usher's.
        #[serde(default)]
        of_type: Option<String>,
    },
    /// In the user's `entitlements`.
    EntitlementsAttribute {
        /// Only values of this `type`; the others are not Usher's.
        #[serde(default)]
        of_type: Option<String>,
    },
    /// In memberships of the app's groups, found by `displayName`.
    Groups,
    /// In another attribute of the user.
    Attribute {
        /// Its path: `userType`, or with an extension's URN in front, `urn:…:User:seat`.
        path: String,
        /// Whether it holds a list of `{"value": …}`; else one text.
        #[serde(default)]
        multi_valued: bool,
    },
}

/// The attribute of a user that holds values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    pub(crate) path: &'a str,
    /// Whether it holds a list.
    pub(crate) multi_valued: bool,
    /// Of which type its values are.
    pub(crate) of_type: Option<&'a str>,
}

impl Attribute<'_> {
    /// What it holds for a user.
    pub(crate) fn values(&self, user: &Value) -> Vec<String> {
        match wire::at_path(user, self.path) {
            Some(Value::Array(items)) => {
                let ours = items.iter().filter(|item| wire::is_of_type(item, self.of_type));
                ours.flat_map(|item| wire::values(Some(item))).collect()
            }
            value => wire::values(value),
        }
    }
}

impl Mapping {
    /// The attribute that holds the values; `None` for groups and nowhere.
    pub(crate) fn attribute(&self) -> Option<Attribute<'_>> {
        fn listed<'a>(path: &'a str, of_type: &'a Option<String>) -> Attribute<'a> {
            Attribute { path, multi_valued: true, of_type: of_type.as_deref() }
        }
        match self {
            Self::None | Self::Groups => None,
            Self::RolesAttribute { of_type } => Some(listed("roles", of_type)),
            Self::EntitlementsAttribute { of_type } => Some(listed("entitlements", of_type)),
            Self::Attribute { path, multi_valued } => {
                Some(Attribute { path, multi_valued: *multi_valued, of_type: None })
            }
        }
    }
}
