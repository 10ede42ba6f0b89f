//! Public keys of others, fetched rarely.
//!
//! A set is believed for an hour. A token that names a key which is not in it makes the set be fetched once more, since keys
//! are changed at any time; but never sooner than [`FLOOR_SECONDS`] after the last time, because anybody can make up names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use usher_domain::Timestamp;
use usher_domain::ports::{KeySource, KeysUnavailable};

use super::jwt::{self, Claims, Flaw};

/// How long a set is believed without fetching it again.
const FRESH_SECONDS: i64 = 60 * 60;
/// How long a set is still used while it cannot be fetched: an identity provider that is down for a while is no reason to
/// lock it out when it is back before its keys' server is.
const STALE_SECONDS: i64 = 24 * 60 * 60;
/// How long after a fetch, whatever came of it, the next one is made.
const FLOOR_SECONDS: i64 = 30;
/// Sets kept at most; beyond that all are fetched anew.
const KEPT: usize = 200;

/// No keys from elsewhere: what an app has that was given no source.
pub(crate) struct NoKeys;

#[async_trait::async_trait]
impl KeySource for NoKeys {
    async fn key_set(&self, _: &str) -> Result<Value, KeysUnavailable> {
        Err(KeysUnavailable("this installation fetches no keys; configure them inline".to_owned()))
    }
}

/// Why a token was not accepted, or could not be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The token is at fault.
    Flawed(Flaw),
    /// The keys could not be fetched: the same token may be accepted later.
    NoKeys,
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Self {
        Self::Flawed(flaw)
    }
}

#[derive(Default)]
struct Slot {
    keys: Option<(i64, Arc<Vec<Jwk>>)>,
    tried_at: Option<i64>,
}

/// The sets that were fetched.
pub(crate) struct FetchedKeys {
    pub(crate) source: Arc<dyn KeySource>,
    /// Each behind a lock of its own, which is held while the set is fetched: who comes meanwhile waits and fetches nothing.
    slots: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>,
}

impl FetchedKeys {
    pub(crate) fn new(source: Arc<dyn KeySource>) -> Self {
        Self { source, slots: Mutex::default() }
    }

    /// Checks the signature of a token with the keys at a URL.
    pub(crate) async fn verify(
        &self,
        url: &str,
        token: &str,
        allowed: &[Algorithm],
        now: Timestamp,
    ) -> Result<Claims, Refusal> {
        // What is no token at all is no reason to fetch anything.
        if jwt::verify(token, &[], allowed) == Err(Flaw::Form) {
            return Err(Flaw::Form.into());
        }
        let now = now.as_second();
        let keys = self.keys(url, now, |age| age < FRESH_SECONDS).await.ok_or(Refusal::NoKeys)?;
        match jwt::verify(token, &keys, allowed) {
            Err(Flaw::UnknownKey) => {
                let renewed = self.keys(url, now, |age| age < FLOOR_SECONDS).await.ok_or(Refusal::NoKeys)?;
                Ok(jwt::verify(token, &renewed, allowed)?)
            }
            other => Ok(other?),
        }
    }

    /// The keys at a URL: those that were fetched, if their age will do or they cannot be fetched now.
    async fn keys(&self, url: &str, now: i64, will_do: impl Fn(i64) -> bool) -> Option<Arc<Vec<Jwk>>> {
        let slot = self.slot(url);
        let mut slot = slot.lock().await;
        // A clock that was set back makes what was fetched as good as new, for as long as it was set back.
        let age = |at: i64| (now - at).max(0);
        if let Some((_, keys)) = slot.keys.as_ref().filter(|(at, _)| will_do(age(*at))) {
            return Some(Arc::clone(keys));
        }
        if slot.tried_at.is_none_or(|at| age(at) >= FLOOR_SECONDS) {
            slot.tried_at = Some(now);
            match self.fetch(url).await {
                Ok(keys) => slot.keys = Some((now, Arc::new(keys))),
                Err(error) => {
                    tracing::warn!(%error, "the public keys of an identity provider or client could not be fetched")
                }
            }
        }
        slot.keys.as_ref().filter(|(at, _)| age(*at) < STALE_SECONDS).map(|(_, keys)| Arc::clone(keys))
    }

    async fn fetch(&self, url: &str) -> Result<Vec<Jwk>, KeysUnavailable> {
        let set = self.source.key_set(url).await?;
        let keys = jwt::keys_of(&set).filter(|keys| !keys.is_empty());
        keys.ok_or_else(|| {
            KeysUnavailable(
                "there is no JWK set with a usable key at the configured URL; correct it".to_owned(),
            )
        })
    }

    fn slot(&self, url: &str) -> Arc<tokio::sync::Mutex<Slot>> {
        // A poisoned lock only means that another request panicked; the map itself is whole.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT && !slots.contains_key(url) {
            slots.clear();
        }
        Arc::clone(slots.entry(url.to_owned()).or_default())
    }
}
