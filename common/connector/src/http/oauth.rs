//! Access tokens (RFC 6749 §1.4), kept by one process as long as they are good.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use usher_domain::Timestamp;

use super::{Grant, Http, Method, Request, Response, Transport};
use crate::error::{Class, Error, Result};

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
        }
        let issued = Issued::deserialize(answer).ok()?;
        Some(Self {
            secret: issued.access_token,
            scopes: issued.scope.map(|scope| scope.split([' ', ',']).map(str::to_owned).collect()),
            expires_at: now + Duration::from_secs(issued.expires_in),
        })
    }
}

/// Gives out access tokens, and fetches new ones when they end or were rejected.
pub struct AccessTokens {
    transport: Transport,
    kept: Mutex<HashMap<String, AccessToken>>,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Tokens fetched over these connections.
    pub fn new(transport: Transport) -> Self {
        Self { transport, kept: Mutex::default() }
    }

    /// An access token that is good by all that is known.
    ///
    /// # Errors
    /// `AuthRevoked` when the app takes the grant no more; what a call that failed means otherwise.
    pub async fn get(&self, grant: &dyn Grant) -> Result<AccessToken> {
        let now = self.transport.clock.now();
        let key = grant.key();
        let kept = self.kept().get(&key).filter(|token| now + MARGIN < token.expires_at).cloned();
        if let Some(token) = kept {
            return Ok(token);
        }
        let token = self.fetch(grant, now).await?;
        self.kept().insert(key, token.clone());
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
        self.forget(grant, &token);
        let token = self.get(grant).await?;
        http.clone().with_bearer(&token.secret)?.send(request).await
    }

    /// The app rejected this token: the next one is fetched.
    fn forget(&self, grant: &dyn Grant, rejected: &AccessToken) {
        let (mut kept, key) = (self.kept(), grant.key());
        let same = |token: &AccessToken| token.secret.expose_secret() == rejected.secret.expose_secret();
        // Somebody else may have fetched a new one meanwhile.
        if kept.get(&key).is_some_and(same) {
            kept.remove(&key);
        }
    }

    async fn fetch(&self, grant: &dyn Grant, now: Timestamp) -> Result<AccessToken> {
        let (http, request) = grant.call(&self.transport, now)?;
        let answer = http.send(&request).await?;
        let issued = answer.json().filter(|_| answer.is_success());
        issued
            .and_then(|body| grant.issued(&body, now))
            .ok_or_else(|| refused(request.doing, answer.status, answer.class(Method::Get)))
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, AccessToken>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RFC 6749 §5.2: a grant that ended is 400, a client that is unknown 401.
fn refused(doing: &str, status: u16, class: Class) -> Error {
    let class = match status {
        400 | 401 | 403 => Class::AuthRevoked,
        200..300 => Class::Transient { after: None },
        _ => class,
    };
    Error::new(
        class,
        format!(
            "{doing}: the app answered {status}; if this stays, let an admin of the app give consent again and store the \
             new credentials"
        ),
    )
}
