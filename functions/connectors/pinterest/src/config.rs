//! What an admin sets for one business, and its credentials.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Keeper, RefreshGrant, Result};

/// The settings of one business: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The id of the business.
    pub business_id: String,
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
    "https://api.pinterest.com/v5".to_owned()
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
            Error::invalid(format!("the settings of Pinterest Business are not right: {error}"))
        })?;
        if config.business_id.is_empty() || !config.business_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid(
                "`business_id` is not a number; copy the business ID from Business Access",
            ));
        }
        if !(1..=100).contains(&config.page_size) {
            return Err(Error::invalid("`page_size` must be 1 to 100"));
        }
        Ok(config)
    }
}

/// The app's credentials, as they are sealed: JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The app.
    client_id: String,
    /// The app's secret.
    client_secret: SecretString,
    /// What an admin's consent gave to the app, or the app in its place.
    refresh_token: SecretString,
    /// What the consent gave, once the app has replaced it. Nobody enters it.
    first_refresh_token: Option<SecretString>,
}

impl Credentials {
    pub(crate) fn read(text: Option<&SecretString>) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are not {"client_id": "…", "client_secret": "…", "refresh_token": "…"}; store them again"#,
            )
        })
    }

    /// What access tokens are had for.
    pub(crate) fn grant(self, config: &Config, keeper: Arc<dyn Keeper>) -> RefreshGrant {
        let Self { client_id, client_secret, refresh_token, first_refresh_token } = self;
        RefreshGrant {
            base_url: config.base_url.clone(),
            path: vec!["oauth".to_owned(), "token".to_owned()],
            client_id,
            client_secret,
            refresh_token,
            first_refresh_token,
            keeper,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wrong_settings_say_what_is_wrong_and_quote_no_secret() {
        for (config, names) in [
            (json!({}), "business_id"),
            (json!({"business_id": "acme"}), "business_id"),
            (json!({"business_id": "1", "page_size": 0}), "page_size"),
            (json!({"business_id": "1", "token": "x"}), "token"),
        ] {
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error}");
        }
        let error = Credentials::read(Some(&r#"{"token": "s3cret"}"#.to_owned().into())).err().unwrap();
        assert!(!error.message().contains("s3cret"));
    }
}
