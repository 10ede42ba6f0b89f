//! Access tokens (RFC 6749 §1.4), kept by one process as long as they are good.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use usher_domain::Timestamp;

use super::{Grant, Http, Request, Response, Transport};
use crate::error::Result;

/// A token is not used in its last minute: a call could come too late with it.
const MARGIN: Duration = Duration::from_secs(60);

/// An access token.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Sent as `Authorization: Bearer …`.
    pub secret: SecretString,
    /// What it is good for, where the app says so.
    pub scopes: Option<BTreeSet<String>>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What the next one is had for, where the app gave something else for that.
    pub refresh_token: Option<SecretString>,
}

impl AccessToken {
    /// Reads an answer as RFC 6749 §5.1 has it.
    pub fn issued(answer: &Value, now: Timestamp) -> Option<Self> {
        #[derive(Deserialize)]
        struct Issued {
            access_token: SecretString,
            #[serde(default)]
            expires_in: u64,
            scope: Option<String>,
            refresh_token: Option<SecretString>,
        }
        let issued = Issued::deserialize(answer).ok()?;
        Some(Self {
            secret: issued.access_token,
            scopes: issued.scope.map(|scope| scope.split([' ', ',']).map(str::to_owned).collect()),
            expires_at: now + Duration::from_secs(issued.expires_in),
            refresh_token: issued.refresh_token,
        })
    }
}

/// The token of a grant, while it is good. Whoever finds none fetches it, and others wait for that.
type Slot = Arc<tokio::sync::Mutex<Option<AccessToken>>>;

/// Gives out access tokens, and fetches new ones when they end or were rejected.
pub struct AccessTokens {
    transport: Transport,
    slots: Mutex<HashMap<String, Slot>>,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Tokens fetched over these connections.
    pub fn new(transport: Transport) -> Self {
        Self { transport, slots: Mutex::default() }
    }

    /// An access token that is good by all that is known.
    ///
    /// # Errors
    /// `AuthRevoked` when the app takes the grant no more; what a call that failed means otherwise.
    pub async fn get(&self, grant: &dyn Grant) -> Result<AccessToken> {
        let now = self.transport.clock.now();
        let slot = self.slot(grant);
        let mut kept = slot.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| now + MARGIN < token.expires_at) {
            return Ok(token.clone());
        }
        let token = grant.fetch(&self.transport, now).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Sends a request with a token; once more with a new one if the app rejected the one that was kept (401), and so
    /// did nothing.
    ///
    /// # Errors
    /// As [`Self::get`] and [`Http::send`].
    pub async fn send(&self, grant: &dyn Grant, http: &Http, request: &Request) -> Result<Response> {
        let token = self.get(grant).await?;
        let answer = http.clone().with_bearer(&token.secret)?.send(request).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.forget(grant, &token).await;
        let token = self.get(grant).await?;
        http.clone().with_bearer(&token.secret)?.send(request).await
    }

    /// The app rejected this token: the next one is fetched.
    async fn forget(&self, grant: &dyn Grant, rejected: &AccessToken) {
        let slot = self.slot(grant);
        let mut kept = slot.lock().await;
        let same = |token: &AccessToken| token.secret.expose_secret() == rejected.secret.expose_secret();
        // Somebody else may have fetched a new one meanwhile.
        if kept.as_ref().is_some_and(same) {
            *kept = None;
        }
    }

    fn slot(&self, grant: &dyn Grant) -> Slot {
        Arc::clone(self.slots().entry(grant.key()).or_default())
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
