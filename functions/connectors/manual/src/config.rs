//! What an admin sets for one app that people look after.

use serde::{Deserialize, Serialize};
use usher_connector::{AppAsset, Error, Result};
use usher_domain::integration::AppRole;

/// Of the roles of an app a person has one.
const ROLE: &str = "role";

/// What an asset gives where nothing else is said.
const ACCESS: &str = "Access";

/// The settings of one app: `Integration::config`. Lists are separated by commas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who does the tasks: e-mail addresses or user names of the directory.
    pub assignees: String,
    /// Where in the app people and their access are managed: an address, or words that lead there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The app's roles, lowest first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub roles: String,
    /// What access is granted to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub assets: String,
    /// What can be granted on an asset, lowest first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub permissions: String,
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &serde_json::Value) -> Result<Self> {
        let config = Self::deserialize(config)
            .map_err(|error| Error::invalid(format!("the settings of the app are not right: {error}")))?;
        if config.assignees().is_empty() {
            return Err(Error::invalid(
                "`assignees` names nobody; give the e-mail addresses or user names of those who do the tasks, separated by \
                 commas",
            ));
        }
        Ok(config)
    }

    pub(crate) fn assignees(&self) -> Vec<String> {
        listed(&self.assignees).map(str::to_owned).collect()
    }

    pub(crate) fn roles(&self) -> Vec<AppRole> {
        ladder(&self.roles)
    }

    pub(crate) fn assets(&self) -> Vec<AppAsset> {
        let permissions = match ladder(&self.permissions) {
            none if none.is_empty() => ladder(ACCESS),
            permissions => permissions,
        };
        let asset = |name: &str| AppAsset {
            id: name.to_owned(),
            name: name.to_owned(),
            permissions: permissions.clone(),
        };
        listed(&self.assets).map(asset).collect()
    }
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// Names of which a person has one, the lowest first. The name is the key: people know the app's words.
fn ladder(text: &str) -> Vec<AppRole> {
    let role = |(rank, name): (u32, &str)| AppRole {
        key: name.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some(ROLE.to_owned()),
        rank,
    };
    (1..).zip(listed(text)).map(role).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wrong_settings_say_what_is_wrong() {
        for (config, names) in [
            (json!({}), "assignees"),
            (json!({"assignees": " , "}), "assignees"),
            (json!({"assignees": "bob", "url": "x"}), "url"),
        ] {
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error}");
        }
    }

    #[test]
    fn lists_are_told_as_a_catalogue() {
        let config = Config::read(&json!({
            "assignees": "bob@acme.example, eve",
            "roles": "Analyst, Manager,Admin",
            "assets": "Main account, Brand account",
        }));
        let config = config.unwrap();
        assert_eq!(config.assignees(), ["bob@acme.example", "eve"]);
        let roles: Vec<_> = config.roles().into_iter().map(|role| (role.key, role.rank)).collect();
        assert_eq!(roles, [("Analyst".to_owned(), 1), ("Manager".to_owned(), 2), ("Admin".to_owned(), 3)]);
        let assets = config.assets();
        assert_eq!((assets.len(), assets[1].id.as_str()), (2, "Brand account"));
        assert_eq!(assets[0].permissions[0].key, "Access");
    }
}
