//! The organisation's credentials: a server-to-server client of the Developer Console.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use usher_connector::{AccessToken, Class, Error, Grant, Http, Request, Result, Transport};
use usher_domain::Timestamp;

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
        ClientGrant { login_url: login_url.to_owned(), client_id, client_secret }
    }
}

/// Client credentials (RFC 6749 §4.4), in the body as Adobe has them.
pub(crate) struct ClientGrant {
    login_url: String,
    client_id: String,
    client_secret: SecretString,
}

impl fmt::Debug for ClientGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientGrant").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Grant for ClientGrant {
    fn key(&self) -> String {
        // A secret that was replaced does not get the old one's tokens.
        [self.login_url.as_str(), &self.client_id, self.client_secret.expose_secret()].join("\n")
    }

    fn call(&self, transport: &Transport, _: Timestamp) -> Result<(Http, Request)> {
        let request = Request::ask("fetching an access token", ["ims", "token", "v2"]).form(vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.expose_secret().to_owned()),
            ("scope", SCOPE.to_owned()),
        ]);
        Ok((transport.http(&self.login_url)?, request))
    }

    fn issued(&self, answer: &Value, now: Timestamp) -> Option<AccessToken> {
        AccessToken::issued(answer, now)
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
