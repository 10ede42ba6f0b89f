//! Access tokens for a refresh token, which the app may replace whenever it is used.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use usher_domain::Timestamp;

use super::{
    Grant, Http, Request, Transport,
    grants::{FETCHING, basic, exchange},
    oauth::AccessToken,
};
use crate::{
    error::{Class, Error, Result},
    keeper::Keeper,
};

/// The parameter of the call and of its answer, and the member of the stored credentials.
const REFRESH_TOKEN: &str = "refresh_token";
/// The member of the stored credentials that keeps the first one, once the app replaced it.
const FIRST: &str = "first_refresh_token";

/// A refresh token. RFC 6749 §6: "The authorization server MAY issue a new refresh token, in which case the client MUST discard
/// the old refresh token and replace it with the new refresh token."
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The app's base URL.
    pub base_url: String,
    /// Where tokens are given out, below it.
    pub path: Vec<String>,
    /// Who asks.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// The member `refresh_token` of the stored credentials: what an admin's consent gave, or the app in its place.
    pub refresh_token: SecretString,
    /// The member `first_refresh_token`: what the consent gave, where the app has replaced it. It still tells whose access
    /// tokens are whose: several processes replace it, and each keeps those that it has.
    pub first_refresh_token: Option<SecretString>,
    /// Where the credentials are kept.
    pub keeper: Arc<dyn Keeper>,
}

impl RefreshGrant {
    fn with(&self, refresh_token: SecretString) -> Self {
        Self { refresh_token, ..self.clone() }
    }
}

#[async_trait]
impl Grant for RefreshGrant {
    fn key(&self) -> String {
        let consent = self.first_refresh_token.as_ref().unwrap_or(&self.refresh_token);
        [self.base_url.as_str(), &self.client_id, consent.expose_secret()].join("\n")
    }

    fn call(&self, transport: &Transport, _: Timestamp) -> Result<(Http, Request)> {
        let basic = basic(&self.client_id, &self.client_secret);
        let http = transport.http(&self.base_url)?.with_secret_header("authorization", &basic)?;
        let request = Request::ask(FETCHING, self.path.iter().cloned()).form([
            ("grant_type", REFRESH_TOKEN.to_owned()),
            (REFRESH_TOKEN, self.refresh_token.expose_secret().to_owned()),
        ]);
        Ok((http, request))
    }

    fn issued(&self, answer: &Value, now: Timestamp) -> Option<AccessToken> {
        AccessToken::issued(answer, now)
    }

    async fn fetch(&self, transport: &Transport, now: Timestamp) -> Result<AccessToken> {
        let taken = self.keeper.take().await?;
        let fetched = match stored_token(&taken.credentials) {
            Some(stored) => exchange(&self.with(stored), transport, now).await,
            None => Err(Error::new(
                Class::AuthRevoked,
                "the stored credentials have no refresh token; let an admin of the app give consent and store what comes of it",
            )),
        };
        let issued = fetched.as_ref().ok().and_then(|token| token.refresh_token.as_ref());
        let replaced = issued.and_then(|issued| with_token(&taken.credentials, issued));
        // The app may have forgotten the old one by now: this goes on even where whoever asked gives up meanwhile.
        let keeper = Arc::clone(&self.keeper);
        let kept = tokio::spawn(async move { keeper.give_back(&taken, replaced.as_ref()).await }).await;
        let token = fetched?;
        kept.map_err(|_| Error::transient("storing a new refresh token broke off; it is tried again"))??;
        Ok(token)
    }
}

/// The refresh token of stored credentials.
fn stored_token(credentials: &SecretString) -> Option<SecretString> {
    let stored: Value = serde_json::from_str(credentials.expose_secret()).ok()?;
    Some(stored.get(REFRESH_TOKEN)?.as_str()?.to_owned().into())
}

/// Stored credentials with another refresh token; `None` where it is the same.
fn with_token(credentials: &SecretString, token: &SecretString) -> Option<SecretString> {
    let mut stored: Map<String, Value> = serde_json::from_str(credentials.expose_secret()).ok()?;
    let before = stored.insert(REFRESH_TOKEN.to_owned(), token.expose_secret().into())?;
    if before == token.expose_secret() {
        return None;
    }
    stored.entry(FIRST).or_insert(before);
    Some(Value::from(stored).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_keep_what_the_consent_gave_beside_what_took_its_place() {
        let with = |credentials: &str, token: &str| {
            let changed = with_token(&credentials.to_owned().into(), &token.to_owned().into())?;
            Some(serde_json::from_str::<Value>(changed.expose_secret()).unwrap())
        };
        let first = r#"{"client_id": "c", "refresh_token": "1"}"#;
        assert_eq!(with(first, "1"), None);
        let second = serde_json::json!({"client_id": "c", "refresh_token": "2", "first_refresh_token": "1"});
        assert_eq!(with(first, "2").unwrap(), second);
        let third = with(&second.to_string(), "3").unwrap();
        assert_eq!((&third["refresh_token"], &third["first_refresh_token"]), (&"3".into(), &"1".into()));
    }
}
