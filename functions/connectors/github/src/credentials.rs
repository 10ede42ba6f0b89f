//! The organisation's credentials: a GitHub App that is installed there, or somebody's token.

use std::{fmt, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use usher_connector::{AccessToken, Class, Error, Grant, Http, Request, Result, Transport, rs256};
use usher_domain::Timestamp;

/// How long what an App signs is good for. GitHub takes ten minutes at most.
const SIGNED_FOR: Duration = Duration::from_secs(9 * 60);
/// By how much GitHub's clock may be behind ours.
const SKEW: Duration = Duration::from_secs(60);

/// Credentials as they are sealed: JSON.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Credentials {
    /// An owner's token.
    Token {
        /// Classic with `admin:org`, or fine-grained with "Members: read and write".
        token: SecretString,
    },
    /// A GitHub App.
    App {
        /// The App's ID or client ID.
        app_id: String,
        /// Its installation in the organisation.
        installation_id: String,
        /// Its private key, PEM.
        private_key: SecretString,
    },
}

impl Credentials {
    pub(crate) fn read(text: Option<&SecretString>) -> Result<Self> {
        // The parser's message could quote a part of the secret.
        text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()).ok_or_else(|| {
            Error::new(
                Class::AuthRevoked,
                r#"the stored credentials are neither {"app_id": "…", "installation_id": "…", "private_key": "…"} nor {"token": "…"}; store them again"#,
            )
        })
    }
}

/// What an App's installation gets tokens for. They are good for an hour.
pub(crate) struct Installation {
    pub(crate) base_url: String,
    pub(crate) app_id: String,
    pub(crate) installation_id: String,
    pub(crate) private_key: SecretString,
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

impl Grant for Installation {
    fn key(&self) -> String {
        // A key that was replaced does not get the old one's tokens.
        [self.base_url.as_str(), &self.installation_id, self.private_key.expose_secret()].join("\n")
    }

    fn call(&self, transport: &Transport, now: Timestamp) -> Result<(Http, Request)> {
        let claims = json!({
            "iss": self.app_id,
            "iat": (now - SKEW).as_second(),
            "exp": (now + SIGNED_FOR).as_second(),
        });
        let http = transport.http(&self.base_url)?.with_bearer(&rs256(&claims, &self.private_key)?)?;
        let path = ["app", "installations", &self.installation_id, "access_tokens"];
        Ok((http, Request::ask("fetching a token of the App's installation", path)))
    }

    fn issued(&self, answer: &Value, _: Timestamp) -> Option<AccessToken> {
        let token = answer.get("token")?.as_str()?.to_owned();
        let rights = answer.get("permissions").and_then(Value::as_object);
        let right = |(name, level): (&String, &Value)| Some(format!("{name}:{}", level.as_str()?));
        Some(AccessToken {
            secret: token.into(),
            scopes: rights.map(|rights| rights.iter().filter_map(right).collect()),
            expires_at: answer.get("expires_at")?.as_str()?.parse().ok()?,
            refresh_token: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_a_token_or_an_app_and_are_not_quoted() {
        let read = |text: &str| Credentials::read(Some(&text.to_owned().into()));
        assert!(matches!(read(r#"{"token": "ghp_1"}"#), Ok(Credentials::Token { .. })));
        let app = r#"{"app_id": "1", "installation_id": "2", "private_key": "-"}"#;
        assert!(matches!(read(app), Ok(Credentials::App { .. })));
        for wrong in ["", r#"{"access_token": "s3cret"}"#, r#"{"app_id": "1", "private_key": "s3cret"}"#] {
            let error = read(wrong).err().unwrap();
            assert_eq!(error.class(), Class::AuthRevoked);
            assert!(!error.message().contains("s3cret"));
        }
    }

    #[test]
    fn a_token_of_an_installation_tells_what_it_may_and_when_it_ends() {
        let installation = Installation {
            base_url: String::new(),
            app_id: "1".into(),
            installation_id: "2".into(),
            private_key: "".to_owned().into(),
        };
        let answer = json!({"token": "ghs_1", "expires_at": "2026-01-01T13:00:00Z",
            "permissions": {"members": "write", "metadata": "read"}});
        let token = installation.issued(&answer, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(token.expires_at.to_string(), "2026-01-01T13:00:00Z");
        assert!(token.scopes.unwrap().contains("members:write"));
        assert!(installation.issued(&json!({"token": "ghs_1"}), Timestamp::UNIX_EPOCH).is_none());
    }
}
