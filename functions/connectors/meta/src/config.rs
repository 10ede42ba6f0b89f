//! What an admin sets for one business, and its credentials.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Result};

/// The settings of one business: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The id of the business portfolio.
    pub business_id: String,
    /// Where the Graph API is, with its version.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    /// How many people or assets to ask for at once.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
}

fn default_base_url() -> String {
    "https://graph.facebook.com/v26.0".to_owned()
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
            Error::invalid(format!("the settings of Meta Business are not right: {error}"))
        })?;
        if config.business_id.is_empty() || !config.business_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid(
                "`business_id` is not a number; copy the business ID from Business settings, Business info",
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
    /// The token of an admin system user of the business.
    pub(crate) access_token: SecretString,
    /// The secret of the app that the token was made for.
    app_secret: SecretString,
}

impl Credentials {
    pub(crate) fn read(text: Option<&SecretString>) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are not {"access_token": "…", "app_secret": "…"}; store them again"#,
            )
        })
    }

    /// `appsecret_proof`: shows that the caller has the app's secret as well as the token.
    pub(crate) fn proof(&self) -> SecretString {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.app_secret.expose_secret().as_bytes());
        let tag = hmac::sign(&key, self.access_token.expose_secret().as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_proof_is_what_meta_works_out() {
        let text = r#"{"access_token": "meta-system-user-token", "app_secret": "meta-app-secret"}"#;
        let credentials = Credentials::read(Some(&text.to_owned().into())).unwrap();
        // Worked out with Python's hmac.
        let expected = "dec885b8a6820be1d1fd82dc6f1800b6c753111fd9be6375626c7627995b66b2";
        assert_eq!(credentials.proof().expose_secret(), expected);
    }

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
