//! What an admin sets for one Business Center, and its credentials.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Result};

/// The settings of one Business Center: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The id of the Business Center.
    pub bc_id: String,
    /// The member whom the credentials belong to, by e-mail address or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<String>,
    /// Where the API is, with its version.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    /// How many people or assets to ask for at once.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
}

fn default_base_url() -> String {
    "https://business-api.tiktok.com/open_api/v1.3".to_owned()
}

fn default_page_size() -> u32 {
    50
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &Value) -> Result<Self> {
        let config = Self::deserialize(config).map_err(|error| {
            Error::invalid(format!("the settings of TikTok Business Center are not right: {error}"))
        })?;
        if config.bc_id.is_empty() || !config.bc_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid(
                "`bc_id` is not a number; copy the Business Center ID from Business Center settings",
            ));
        }
        if !(1..=50).contains(&config.page_size) {
            return Err(Error::invalid("`page_size` must be 1 to 50"));
        }
        Ok(config)
    }
}

/// The app's credentials, as they are sealed: JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The long-term access token that an admin of the Business Center gave to the app.
    pub(crate) access_token: SecretString,
}

impl Credentials {
    pub(crate) fn read(text: Option<&SecretString>) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are not {"access_token": "…"}; store them again"#,
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wrong_settings_say_what_is_wrong_and_quote_no_secret() {
        for (config, names) in [
            (json!({}), "bc_id"),
            (json!({"bc_id": "acme"}), "bc_id"),
            (json!({"bc_id": "1", "page_size": 0}), "page_size"),
            (json!({"bc_id": "1", "token": "x"}), "token"),
        ] {
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error}");
        }
        let error = Credentials::read(Some(&r#"{"token": "s3cret"}"#.to_owned().into())).err().unwrap();
        assert!(!error.message().contains("s3cret"));
    }
}
