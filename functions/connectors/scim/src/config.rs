//! What an admin sets for one SCIM app, and its credentials.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Error, Result};
use usher_domain::directory::Profile;

use crate::{known::KnownApp, mapping::Mapping, paging::Paging};

/// The settings of one SCIM app: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Which of the apps that are known it is: what is not set here is then as fits that app.
    #[serde(default)]
    pub app: Option<String>,
    /// The app's SCIM base URL, up to what stands before `/Users`.
    pub base_url: String,
    /// Where the app keeps what Usher calls roles.
    #[serde(default)]
    pub roles: Mapping,
    /// Whether every account has a role: it is changed and never taken away, not even from one that is switched off.
    #[serde(default)]
    pub always_a_role: bool,
    /// Where the app keeps what Usher calls entitlements.
    #[serde(default)]
    pub entitlements: Mapping,
    /// What happens to the account of somebody who loses access.
    #[serde(default)]
    pub removal: Removal,
    /// By what a person who may be in the app already is looked for, in this order.
    #[serde(default = "default_match", rename = "match")]
    pub matching: Vec<MatchBy>,
    /// What becomes `userName` in the app.
    #[serde(default)]
    pub user_name_from: UserNameFrom,
    /// Whether names and addresses follow the directory after the account is made.
    #[serde(default)]
    pub profile: ProfileMode,
    /// How the groups of a person are read, where roles or entitlements are groups.
    #[serde(default)]
    pub membership: Membership,
    /// Whether a group that is missing in the app is made there.
    #[serde(default)]
    pub create_groups: bool,
    /// How many resources to ask for at once.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
    /// How the app's lists go on.
    #[serde(default)]
    pub paging: Paging,
    /// Whether the app takes `excludedAttributes`, which spares lists of members.
    #[serde(default = "yes")]
    pub excluded_attributes: bool,
    /// How a member is named who leaves a group.
    #[serde(default)]
    pub leave_by: LeaveBy,
    /// What the app wants to know of everybody beside the user name.
    #[serde(default)]
    pub requires: BTreeSet<Required>,
    /// Headers that the app wants with every call; nothing secret.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Where a client, if the credentials are one, gets its access tokens (RFC 6749 §4.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// What it gets them for.
    #[serde(default = "default_token_grant")]
    pub token_grant: String,
    /// What else it says there, most often `scope`; nothing secret.
    #[serde(default)]
    pub token_parameters: BTreeMap<String, String>,
}

/// What happens to the account of somebody who loses access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// `DELETE`.
    #[default]
    Delete,
    /// `active: false`; grants are taken away before.
    Deactivate,
}

/// By what a person is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// `userName`.
    UserName,
    /// `externalId`.
    ExternalId,
    /// `emails.value`.
    Email,
}

impl MatchBy {
    /// The attribute's name in filters and messages.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::Email => "emails.value",
        }
    }
}

/// What becomes `userName` in the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserNameFrom {
    /// The directory's `userName`.
    #[default]
    UserName,
    /// The primary e-mail address.
    Email,
}

impl UserNameFrom {
    /// The `userName` of a person in the app.
    pub(crate) fn of(self, profile: &Profile) -> Option<&str> {
        match self {
            Self::UserName => Some(profile.user_name.as_str()).filter(|name| !name.is_empty()),
            Self::Email => profile.email.as_deref(),
        }
    }
}

/// Whether names and addresses follow the directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileMode {
    /// They do.
    #[default]
    Push,
    /// They are set when the account is made, and left to the app afterwards.
    CreateOnly,
}

/// How the groups of a person are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// From the user's `groups` where the app tells them, else by a filter on groups.
    #[default]
    Auto,
    /// From the user's `groups`; without any, the person is in none.
    UserGroups,
    /// By `filter=members.value eq "…"` on groups.
    GroupFilter,
}

/// How a member is named who leaves a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveBy {
    /// In the operation's path (RFC 7644 §3.5.2.2): `members[value eq "…"]`.
    #[default]
    Path,
    /// In its value: `[{"value": "…"}]`.
    Value,
}

/// What an app may want to know of everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// `name.givenName`.
    GivenName,
    /// `name.familyName`.
    FamilyName,
    /// `displayName`.
    DisplayName,
    /// `emails`.
    Email,
    /// `externalId`.
    ExternalId,
}

impl Required {
    /// The attribute's name, if the profile lacks it.
    pub(crate) fn missing_in(self, profile: &Profile) -> Option<&'static str> {
        let (value, name) = match self {
            Self::GivenName => (&profile.given_name, "given name"),
            Self::FamilyName => (&profile.family_name, "family name"),
            Self::DisplayName => (&profile.display_name, "display name"),
            Self::Email => (&profile.email, "e-mail address"),
            Self::ExternalId => (&profile.external_id, "external id"),
        };
        value.as_deref().is_none_or(|text| text.trim().is_empty()).then_some(name)
    }
}

fn default_match() -> Vec<MatchBy> {
    vec![MatchBy::UserName, MatchBy::Email]
}

fn default_page_size() -> u32 {
    100
}

fn default_token_grant() -> String {
    "client_credentials".to_owned()
}

fn yes() -> bool {
    true
}

/// Headers that the connector sets itself.
const OWN_HEADERS: [&str; 8] = [
    "authorization",
    "accept",
    "content-length",
    "content-type",
    "connection",
    "host",
    "transfer-encoding",
    "x-request-id",
];

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &Value) -> Result<Self> {
        let known = match config.get("app").and_then(Value::as_str) {
            Some(key) => Some(KnownApp::of(key)?),
            None => None,
        };
        let with_defaults = known.map(|app| app.completed(config));
        let config = Self::deserialize(with_defaults.as_ref().unwrap_or(config)).map_err(|error| {
            let form = known.map(|app| format!("; `base_url` is {}", app.base_url)).unwrap_or_default();
            Error::invalid(format!("the settings of the SCIM app are not right: {error}{form}"))
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if self.matching.is_empty() {
            return Err(Error::invalid("`match` is empty; name at least `user_name`"));
        }
        if !(1..=1000).contains(&self.page_size) {
            return Err(Error::invalid("`page_size` must be 1 to 1000"));
        }
        let (roles, entitlements) = (self.roles.attribute(), self.entitlements.attribute());
        if let (Some(role), Some(entitlement)) = (roles, entitlements)
            && role.path.eq_ignore_ascii_case(entitlement.path)
        {
            return Err(Error::invalid(format!(
                "`roles` and `entitlements` are both kept in `{}`; they could not be told apart",
                role.path
            )));
        }
        for path in [roles, entitlements].into_iter().flatten().map(|attribute| attribute.path) {
            let own =
                ["id", "userName", "externalId", "active", "password", "groups", "meta", "schemas", "emails"];
            let name = path.rsplit(':').next().unwrap_or(path);
            let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.$".contains(&byte));
            if name.is_empty() || !plain || own.iter().any(|own| own.eq_ignore_ascii_case(path)) {
                return Err(Error::invalid(format!(
                    "`{path}` cannot hold roles or entitlements; choose another path"
                )));
            }
        }
        match self.headers.keys().find(|name| OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str())) {
            Some(name) => {
                Err(Error::invalid(format!("the header `{name}` is set by Usher; take it out of `headers`")))
            }
            None => Ok(()),
        }
    }

    /// Whether anything is kept in groups.
    pub(crate) fn uses_groups(&self) -> bool {
        self.roles == Mapping::Groups || self.entitlements == Mapping::Groups
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_have_defaults() {
        let config = Config::read(&json!({"base_url": "https://app.example/scim"})).unwrap();
        assert_eq!((config.roles, config.removal, config.page_size), (Mapping::None, Removal::Delete, 100));
        assert_eq!(config.matching, [MatchBy::UserName, MatchBy::Email]);
    }

    #[test]
    fn every_form_of_a_mapping_is_read() {
        let config = Config::read(&json!({
            "base_url": "https://app.example/scim",
            "roles": {"as": "groups"},
            "entitlements": {"as": "attribute", "path": "urn:acme:2.0:User:seat"},
            "removal": "deactivate",
            "match": ["external_id"],
        }))
        .unwrap();
        assert!(config.uses_groups());
        let seat = config.entitlements.attribute().unwrap();
        assert_eq!((seat.path, seat.multi_valued, seat.of_type), ("urn:acme:2.0:User:seat", false, None));
    }

    #[test]
    fn wrong_settings_say_what_is_wrong() {
        let base = json!({"base_url": "https://app.example/scim"});
        let wrong = [
            (json!({"base_ulr": 1}), "base_ulr"),
            (json!({"roles": {"as": "roles"}}), "roles_attribute"),
            (json!({"roles": {"as": "attribute"}}), "path"),
            (json!({"roles": {"as": "attribute", "path": "active"}}), "active"),
            (json!({"roles": {"as": "attribute", "path": "a[b]"}}), "a[b]"),
            (json!({"match": []}), "match"),
            (json!({"page_size": 0}), "page_size"),
            (json!({"headers": {"Authorization": "x"}}), "Authorization"),
            (
                json!({"roles": {"as": "roles_attribute"}, "entitlements": {"as": "roles_attribute"}}),
                "told apart",
            ),
        ];
        for (change, names) in wrong {
            let mut config = base.clone();
            config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error} does not name {names}");
        }
    }
}
