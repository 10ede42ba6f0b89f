//! What an admin sets for one organisation.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Error, Result};

/// The settings of one organisation: `Integration::config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The organisation's name in URLs.
    pub organization: String,
    /// Where the API is.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    /// How many people or teams to ask for at once.
    #[serde(default = "default_page_size")]
    pub page_size: u32,
}

fn default_base_url() -> String {
    "https://api.github.com".to_owned()
}

fn default_page_size() -> u32 {
    100
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// `Invalid`, with what to change.
    pub fn read(config: &Value) -> Result<Self> {
        let config = Self::deserialize(config)
            .map_err(|error| Error::invalid(format!("the settings of GitHub are not right: {error}")))?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if config.organization.is_empty() || !config.organization.bytes().all(fits) {
            return Err(Error::invalid(
                "`organization` is not a name that GitHub gives; copy it from the organisation's address, after \
                 github.com/",
            ));
        }
        if !(1..=100).contains(&config.page_size) {
            return Err(Error::invalid("`page_size` must be 1 to 100"));
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
        for (config, names) in [
            (json!({}), "organization"),
            (json!({"organization": "github.com/acme"}), "organization"),
            (json!({"organization": "acme", "page_size": 101}), "page_size"),
            (json!({"organization": "acme", "token": "x"}), "token"),
        ] {
            let error = Config::read(&config).unwrap_err();
            assert!(error.message().contains(names), "{error}");
        }
    }
}
