//! Access tokens of OAuth clients (RFC 6749 §6), kept by one process as long as they are good.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use usher_domain::Timestamp;

use super::{Method, Request, Transport};
use crate::error::{Class, Error, Result};

/// A token is not used in its last minute: a call could come too late with it.
const MARGIN: Duration = Duration::from_secs(60);

/// What a new access token is had for.
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
    /// What an admin's consent gave.
    pub refresh_token: SecretString,
}

/// An access token.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Sent as `Authorization: Bearer …`.
    pub secret: SecretString,
    /// What it is good for, where the app says so.
    pub scopes: Option<BTreeSet<String>>,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Issued {
    access_token: SecretString,
    #[serde(default)]
    expires_in: u64,
    scope: Option<String>,
}

/// Gives out access tokens, and fetches new ones when they end or were rejected.
pub struct AccessTokens {
    transport: Transport,
    kept: Mutex<HashMap<[String; 3], AccessToken>>,
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
    pub async fn get(&self, grant: &RefreshGrant) -> Result<AccessToken> {
        let now = self.transport.clock.now();
        let kept = self.kept().get(&key(grant)).filter(|token| now < token.expires_at).cloned();
        if let Some(token) = kept {
            return Ok(token);
        }
        let token = self.fetch(grant, now).await?;
        self.kept().insert(key(grant), token.clone());
        Ok(token)
    }

    /// The app rejected this token: the next one is fetched.
    pub fn forget(&self, grant: &RefreshGrant, rejected: &AccessToken) {
        let mut kept = self.kept();
        let same = |token: &AccessToken| token.secret.expose_secret() == rejected.secret.expose_secret();
        // Somebody else may have fetched a new one meanwhile.
        if kept.get(&key(grant)).is_some_and(same) {
            kept.remove(&key(grant));
        }
    }

    async fn fetch(&self, grant: &RefreshGrant, now: Timestamp) -> Result<AccessToken> {
        const DOING: &str = "fetching an access token";
        let pair = format!("{}:{}", grant.client_id, grant.client_secret.expose_secret());
        let basic = SecretString::from(format!("Basic {}", BASE64_STANDARD.encode(pair)));
        let http = self.transport.http(&grant.base_url)?.with_secret_header("authorization", &basic)?;
        let request = Request::new(Method::Post, DOING, grant.path.iter().cloned()).form(vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", grant.refresh_token.expose_secret().to_owned()),
        ]);
        let answer = http.send(&request).await.map_err(|error| match error.class() {
            // A second token does no harm.
            Class::Ambiguous => {
                Error::transient(format!("{DOING}: the app did not answer; it is tried again"))
            }
            _ => error,
        })?;
        let issued = answer.json().and_then(|body| Issued::deserialize(body).ok());
        match issued {
            Some(issued) if answer.is_success() => Ok(AccessToken {
                secret: issued.access_token,
                scopes: issued.scope.map(|scope| scope.split([' ', ',']).map(str::to_owned).collect()),
                expires_at: now + Duration::from_secs(issued.expires_in).saturating_sub(MARGIN),
            }),
            _ => Err(refused(DOING, answer.status, answer.class(Method::Get))),
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<[String; 3], AccessToken>> {
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

fn key(grant: &RefreshGrant) -> [String; 3] {
    let secret = grant.refresh_token.expose_secret().to_owned();
    [grant.base_url.clone(), grant.client_id.clone(), secret]
}
