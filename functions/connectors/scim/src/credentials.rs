//! The app's credentials: a token that an admin made, or a client that gets tokens itself.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use usher_connector::{Class, ClientGrant, ClientSent, Error, Result};

use crate::config::Config;

/// Credentials as they are sealed: JSON.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Credentials {
    /// Sent as `Authorization: Bearer …`.
    Token(Token),
    /// Gets such a token (RFC 6749 §4.4).
    Client(Client),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) bearer_token: SecretString,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    client_id: String,
    client_secret: SecretString,
}

impl Credentials {
    pub(crate) fn read(text: &SecretString) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        serde_json::from_str(text.expose_secret()).map_err(|_| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are neither {"bearer_token": "…"} nor {"client_id": "…", "client_secret": "…"}; store them again"#,
            )
        })
    }
}

impl Client {
    /// What access tokens are had for.
    pub(crate) fn grant(self, config: &Config) -> Result<ClientGrant> {
        let token_url = config.token_url.clone().ok_or_else(|| {
            Error::invalid("the credentials are a client's; set `token_url`, where it gets its access tokens")
        })?;
        let mut parameters = config.token_parameters.clone();
        parameters.insert("grant_type".to_owned(), config.token_grant.clone());
        let Self { client_id, client_secret } = self;
        Ok(ClientGrant { token_url, client_id, client_secret, sent: ClientSent::Header, parameters })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Credentials> {
        Credentials::read(&text.to_owned().into())
    }

    #[test]
    fn credentials_are_a_token_or_a_client_and_are_not_quoted() {
        assert!(matches!(read(r#"{"bearer_token": "s3cret"}"#), Ok(Credentials::Token(_))));
        let client = read(r#"{"client_id": "c", "client_secret": "s3cret"}"#).unwrap();
        assert!(!format!("{client:?}").contains("s3cret"));
        for wrong in
            ["{}", r#"{"client_secret": "s3cret"}"#, r#"{"bearer_token": "s3cret", "client_id": "c"}"#]
        {
            let error = read(wrong).unwrap_err();
            assert!(error.class() == Class::AuthRevoked && !error.message().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_client_gets_its_tokens_where_and_for_what_the_settings_say() {
        let client = || match read(r#"{"client_id": "c", "client_secret": "s3cret"}"#).unwrap() {
            Credentials::Client(client) => client,
            Credentials::Token(_) => panic!("it is a client"),
        };
        let zoom = Config::read(&json!({"app": "zoom", "token_parameters": {"account_id": "A1"}})).unwrap();
        let grant = client().grant(&zoom).unwrap();
        assert_eq!(grant.token_url, "https://zoom.us/oauth/token");
        let asked = [("account_id", "A1"), ("grant_type", "account_credentials")];
        assert!(grant.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(asked));
        let nowhere = Config::read(&json!({"base_url": "https://app.example/scim"})).unwrap();
        assert!(client().grant(&nowhere).unwrap_err().message().contains("token_url"));
    }
}
