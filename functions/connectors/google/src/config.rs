//! What an admin sets for one Google Ads account, and what is managed beside it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Error, Result};

/// The settings of one account: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The Google Ads account, with or without dashes.
    pub customer_id: String,
    /// The manager account through which it is reached, where it is reached through one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_customer_id: Option<String>,
    /// Tag Manager accounts that are managed, with their containers.
    #[serde(default)]
    pub tag_manager_accounts: BTreeSet<String>,
    /// Google Analytics properties that are managed.
    #[serde(default)]
    pub analytics_properties: BTreeSet<String>,
    /// The user who gave consent, by e-mail address or id. A service account is known without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<String>,
    /// A gateway in front of all of Google's APIs, in place of Google's own hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &Value) -> Result<Self> {
        let mut config = Self::deserialize(config)
            .map_err(|error| Error::invalid(format!("the settings of Google Ads are not right: {error}")))?;
        // Google shows them with dashes and takes them without.
        config.customer_id.retain(|digit| digit != '-');
        if let Some(manager) = &mut config.login_customer_id {
            manager.retain(|digit| digit != '-');
        }
        let ids = [
            ("customer_id", vec![&config.customer_id]),
            ("login_customer_id", config.login_customer_id.iter().collect()),
            ("tag_manager_accounts", config.tag_manager_accounts.iter().collect()),
            ("analytics_properties", config.analytics_properties.iter().collect()),
        ];
        for (setting, ids) in ids {
            let number = |id: &&String| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            if !ids.iter().all(number) {
                return Err(Error::invalid(format!(
                    "`{setting}` is not the number that Google shows; copy the ID from Google"
                )));
            }
        }
        Ok(config)
    }

    /// Where Google gives out access tokens.
    pub(crate) fn oauth_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or("https://oauth2.googleapis.com")
    }

    /// Where the Google Ads API is.
    pub(crate) fn ads_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or("https://googleads.googleapis.com")
    }

    /// Where the Tag Manager API is.
    pub(crate) fn tag_manager_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or("https://tagmanager.googleapis.com")
    }

    /// Where the Analytics Admin API is.
    pub(crate) fn analytics_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or("https://analyticsadmin.googleapis.com")
    }

    /// What a consent has to hold: as little as what is managed needs.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let mut scopes = vec!["adwords"];
        if !self.tag_manager_accounts.is_empty() {
            scopes.extend(["tagmanager.manage.users", "tagmanager.readonly"]);
        }
        if !self.analytics_properties.is_empty() {
            scopes.extend(["analytics.manage.users", "analytics.readonly"]);
        }
        scopes.into_iter().map(|scope| format!("https://www.googleapis.com/auth/{scope}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wrong_settings_say_what_is_wrong() {
        for (config, names) in [
            (json!({}), "customer_id"),
            (json!({"customer_id": "acme"}), "customer_id"),
            (json!({"customer_id": "1", "login_customer_id": ""}), "login_customer_id"),
            (json!({"customer_id": "1", "tag_manager_accounts": ["GTM-7"]}), "tag_manager_accounts"),
            (json!({"customer_id": "1", "analytics_properties": ["a/b"]}), "analytics_properties"),
            (json!({"customer_id": "1", "token": "x"}), "token"),
        ] {
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error}");
        }
    }

    #[test]
    fn an_account_is_known_with_and_without_dashes_and_scopes_are_asked_for_as_needed() {
        let config = Config::read(&json!({"customer_id": "123-456-7890"})).unwrap();
        assert_eq!(config.customer_id, "1234567890");
        assert_eq!(config.scopes().len(), 1);
        let more = json!({"customer_id": "1", "tag_manager_accounts": ["6"], "analytics_properties": ["7"]});
        assert_eq!(Config::read(&more).unwrap().scopes().len(), 5);
    }
}
