//! The organisation's credentials: a server-to-server client of the Developer Console.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use usher_connector::{Class, ClientGrant, ClientSent, Error, Result};

/// What a token is asked for.
const SCOPE: &str = "openid,AdobeID,user_management_sdk";

/// Credentials as they are sealed: JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The client, which is also the API key.
    pub(crate) client_id: String,
    client_secret: SecretString,
}

impl Credentials {
    pub(crate) fn read(text: Option<&SecretString>) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are not {"client_id": "…", "client_secret": "…"}; store those of the OAuth Server-to-Server credential again"#,
            )
        })
    }

    /// What access tokens are had for.
    pub(crate) fn grant(self, login_url: &str) -> ClientGrant {
        let Self { client_id, client_secret } = self;
        let parameters = [("grant_type", "client_credentials"), ("scope", SCOPE)];
        ClientGrant {
            token_url: format!("{}/ims/token/v2", login_url.trim_end_matches('/')),
            client_id,
            client_secret,
            sent: ClientSent::Body,
            parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_a_client_and_are_not_quoted() {
        let read = |text: &str| Credentials::read(Some(&text.to_owned().into()));
        let grant =
            read(r#"{"client_id": "c", "client_secret": "s3cret"}"#).unwrap().grant("https://login.example");
        assert!(!format!("{grant:?}").contains("s3cret"));
        let error = read(r#"{"token": "s3cret"}"#).err().unwrap();
        assert!(error.class() == Class::AuthRevoked && !error.message().contains("s3cret"));
    }
}
