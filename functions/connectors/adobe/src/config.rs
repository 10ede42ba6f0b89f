//! What an admin sets for one organisation.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Error, Result};

/// The settings of one organisation: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The organisation's id.
    pub organization: String,
    /// Which accounts people get who have none yet.
    #[serde(default)]
    pub identity: Identity,
    /// The country of new accounts, ISO 3166-1 in two letters. Federated accounts ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where the API is.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    /// Where Adobe gives out access tokens.
    #[serde(default = "default_login_url")]
    pub login_url: String,
}

/// Adobe's kinds of accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The organisation's, signed in to at its own identity provider.
    #[default]
    Federated,
    /// The organisation's, with a password at Adobe.
    Enterprise,
    /// The person's own.
    Adobe,
}

fn default_base_url() -> String {
    "https://usermanagement.adobe.io/v2/usermanagement".to_owned()
}

fn default_login_url() -> String {
    "https://ims-na1.adobelogin.com".to_owned()
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &Value) -> Result<Self> {
        let config = Self::deserialize(config)
            .map_err(|error| Error::invalid(format!("the settings of Adobe are not right: {error}")))?;
        let id = config.organization.strip_suffix("@AdobeOrg").unwrap_or_default();
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Error::invalid(
                "`organization` is not an organisation ID; copy it from the Developer Console, with @AdobeOrg at its end",
            ));
        }
        let two_letters =
            |country: &String| country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        match &config.country {
            Some(country) if !two_letters(country) => {
                return Err(Error::invalid("`country` must be two capital letters, like DE"));
            }
            None if config.identity == Identity::Federated => {
                return Err(Error::invalid(
                    "`country` is needed for federated accounts; give two capital letters, like DE",
                ));
            }
            _ => {}
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wrong_settings_say_what_is_wrong() {
        let organization = "1A2B@AdobeOrg";
        for (config, names) in [
            (json!({}), "organization"),
            (json!({"organization": "1A2B", "country": "DE"}), "organization"),
            (json!({"organization": "a/b@AdobeOrg", "country": "DE"}), "organization"),
            (json!({"organization": organization}), "country"),
            (json!({"organization": organization, "country": "Germany"}), "country"),
            (json!({"organization": organization, "identity": "guest"}), "identity"),
            (json!({"organization": organization, "country": "DE", "token": "x"}), "token"),
        ] {
            let error = Config::read(&config).unwrap_err();
            let variant = names == "identity" && error.message().contains("guest");
            assert!(variant || error.message().contains(names), "{error}");
        }
        assert!(Config::read(&json!({"organization": organization, "identity": "adobe"})).is_ok());
    }
}
