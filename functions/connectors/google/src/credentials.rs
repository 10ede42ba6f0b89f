//! The account's credentials: an admin's consent, or a service account that is a user of the account.

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use usher_connector::{
    AccessToken, Class, Error, Grant, Http, Keeper, RefreshGrant, Request, Result, Transport, rs256,
};
use usher_domain::Timestamp;

use crate::config::Config;

/// How long what a service account signs is good for: as long as Google takes at most.
const SIGNED_FOR: Duration = Duration::from_secs(60 * 60);
/// For whom it is signed, whatever gateway it is sent through.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";

/// Credentials as they are sealed: JSON.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Stored {
    /// What an admin's consent gave to an OAuth client.
    Consent {
        client_id: String,
        client_secret: SecretString,
        refresh_token: SecretString,
        /// What the consent gave, once Google has replaced it. Nobody enters it.
        first_refresh_token: Option<SecretString>,
        developer_token: Option<SecretString>,
    },
    /// A service account, by the key file that Google gives out.
    ServiceAccount { service_account: KeyFile, developer_token: Option<SecretString> },
}

/// What is used of a key file.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: SecretString,
}

/// Credentials, ready for use.
pub(crate) struct Credentials {
    /// What access tokens are had for.
    pub(crate) grant: Box<dyn Grant>,
    /// Google Ads asked for one until developer tokens were given up.
    pub(crate) developer_token: Option<SecretString>,
    /// The address of the service account that acts, where one does.
    pub(crate) service_account: Option<String>,
}

impl Credentials {
    pub(crate) fn read(
        text: Option<&SecretString>,
        config: &Config,
        keeper: Arc<dyn Keeper>,
    ) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        let stored = text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are neither {"client_id": "…", "client_secret": "…", "refresh_token": "…"} nor {"service_account": {…}} with the key file; store them again"#,
            )
        })?;
        let base_url = config.oauth_url().to_owned();
        Ok(match stored {
            Stored::Consent {
                client_id,
                client_secret,
                refresh_token,
                first_refresh_token,
                developer_token,
            } => {
                let path = vec!["token".to_owned()];
                let grant = RefreshGrant {
                    base_url,
                    path,
                    client_id,
                    client_secret,
                    refresh_token,
                    first_refresh_token,
                    keeper,
                };
                Self { grant: Box::new(grant), developer_token, service_account: None }
            }
            Stored::ServiceAccount { service_account, developer_token } => {
                let KeyFile { client_email, private_key } = service_account;
                let address = Some(client_email.clone());
                let scope = config.scopes().join(" ");
                let grant = ServiceAccount { base_url, client_email, private_key, scope };
                Self { grant: Box::new(grant), developer_token, service_account: address }
            }
        })
    }
}

/// A service account that signs for its access tokens (RFC 7523 §2.1).
struct ServiceAccount {
    base_url: String,
    client_email: String,
    private_key: SecretString,
    scope: String,
}

impl Grant for ServiceAccount {
    fn key(&self) -> String {
        // A key that was replaced does not get the old one's tokens.
        [self.base_url.as_str(), &self.client_email, self.private_key.expose_secret(), &self.scope].join("\n")
    }

    fn call(&self, transport: &Transport, now: Timestamp) -> Result<(Http, Request)> {
        let claims = json!({
            "iss": self.client_email,
            "scope": self.scope,
            "aud": AUDIENCE,
            "iat": now.as_second(),
            "exp": (now + SIGNED_FOR).as_second(),
        });
        let assertion = rs256(&claims, &self.private_key)?;
        let request = Request::ask("fetching an access token of the service account", ["token"]).form(vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()),
            ("assertion", assertion.expose_secret().to_owned()),
        ]);
        Ok((transport.http(&self.base_url)?, request))
    }

    fn issued(&self, answer: &Value, now: Timestamp) -> Option<AccessToken> {
        AccessToken::issued(answer, now)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use usher_connector::Taken;

    use super::*;

    #[derive(Debug)]
    struct Nowhere;

    #[async_trait]
    impl Keeper for Nowhere {
        async fn take(&self) -> Result<Taken> {
            Err(Error::transient("there are none"))
        }

        async fn give_back(&self, _: &Taken, _: Option<&SecretString>) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn credentials_are_a_consent_or_a_service_account_and_are_not_quoted() {
        let config = Config::read(&json!({"customer_id": "1"})).unwrap();
        let read = |text: &str| Credentials::read(Some(&text.to_owned().into()), &config, Arc::new(Nowhere));
        let consent =
            read(r#"{"client_id": "1", "client_secret": "2", "refresh_token": "3", "developer_token": "4"}"#);
        assert!(consent.is_ok_and(|it| it.service_account.is_none() && it.developer_token.is_some()));
        let account =
            r#"{"service_account": {"type": "service_account", "client_email": "a@b", "private_key": "-"}}"#;
        assert!(read(account).is_ok_and(|it| it.service_account.as_deref() == Some("a@b")));
        for wrong in ["", r#"{"token": "s3cret"}"#, r#"{"service_account": {"private_key": "s3cret"}}"#] {
            let error = read(wrong).err().unwrap();
            assert_eq!(error.class(), Class::AuthRevoked);
            assert!(!error.message().contains("s3cret"));
        }
    }
}
