//! What an admin sets for one account, and its credentials.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Result};

/// The settings of one account: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API is.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    /// How many users to ask for at once.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
    /// Whether HubSpot writes to those who get an account.
    #[serde(default = "yes")]
    pub send_welcome_email: bool,
}

fn default_base_url() -> String {
    "https://api.hubapi.com".to_owned()
}

fn default_page_size() -> u32 {
    100
}

fn yes() -> bool {
    true
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &Value) -> Result<Self> {
        let config = Self::deserialize(config)
            .map_err(|error| Error::invalid(format!("the settings of HubSpot are not right: {error}")))?;
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
    /// The access token of a private app.
    pub(crate) token: SecretString,
}

impl Credentials {
    pub(crate) fn read(text: Option<&SecretString>) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are not {"token": "…"}; store the access token of the private app again"#,
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
        assert!(Config::read(&json!({})).is_ok());
        for (config, names) in [(json!({"page_size": 101}), "page_size"), (json!({"token": "x"}), "token")] {
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error}");
        }
        let error = Credentials::read(Some(&r#"{"key": "s3cret"}"#.to_owned().into())).err().unwrap();
        assert!(!error.message().contains("s3cret"));
    }
}
