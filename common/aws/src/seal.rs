//! Seals: AES-256-GCM with a data key of its own for each secret, and the data key wrapped by a key that
//! never leaves its keeper (envelope encryption). In AWS the keeper is KMS; on a laptop it is a key file.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
};
use aws_sdk_kms::{Client, primitives::Blob, types::DataKeySpec};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use usher_domain::ports::{SealedFor, Sealer, StoreError, StoreResult};

use crate::store::error::{defect, from_sdk};

/// What is stored: the wrapped data key, the nonce, the sealed secret; all Base64.
#[derive(Serialize, Deserialize)]
struct Envelope {
    key: String,
    nonce: String,
    secret: String,
}

impl Envelope {
    fn to_text(&self) -> StoreResult<String> {
        serde_json::to_string(self).map_err(|error| defect("sealing a secret", error))
    }

    fn from_text(text: &str) -> StoreResult<Self> {
        serde_json::from_str(text).map_err(|error| defect("opening a sealed secret", error))
    }
}

fn decode(text: &str) -> StoreResult<Vec<u8>> {
    BASE64_STANDARD.decode(text).map_err(|error| defect("opening a sealed secret", error))
}

fn broken(_: Unspecified) -> StoreError {
    defect(
        "opening a sealed secret",
        "it was made for something else or was changed; enter the credentials again",
    )
}

/// Encrypts; bound to `context`.
fn encrypt(key: &[u8], context: &str, plain: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Unspecified> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key)?;
    let mut sealed = plain.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut sealed)?;
    Ok((nonce.as_ref().to_vec(), sealed))
}

/// Decrypts what was bound to the same `context`.
fn decrypt(key: &[u8], context: &str, nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key)?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| Unspecified)?;
    let mut buffer = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce);
    let plain = key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut buffer)?;
    Ok(plain.to_vec())
}

/// What KMS checks: a name, by which roles are told apart, and a value.
fn context(purpose: SealedFor<'_>) -> (&'static str, &str) {
    match purpose {
        SealedFor::Integration(id) => ("integration", id.as_str()),
        SealedFor::SignIn(workspace) => ("sign-in", workspace.as_str()),
        SealedFor::Answer(workspace) => ("answer", workspace.as_str()),
        SealedFor::Webhook(id) => ("webhook", id.as_str()),
    }
}

/// What the seal itself is bound to. No id holds a colon, so that no workspace can be taken for an integration.
fn binding(purpose: SealedFor<'_>) -> String {
    match purpose {
        SealedFor::Integration(id) => id.to_string(),
        SealedFor::SignIn(workspace) => format!("sign-in:{workspace}"),
        SealedFor::Answer(workspace) => format!("answer:{workspace}"),
        SealedFor::Webhook(id) => format!("webhook:{id}"),
    }
}

fn envelope(data_key: &[u8], wrapped: &[u8], purpose: SealedFor<'_>, secret: &str) -> StoreResult<String> {
    let (nonce, sealed) = encrypt(data_key, &binding(purpose), secret.as_bytes())
        .map_err(|_| defect("sealing a secret", "the cipher refused the key"))?;
    let [key, nonce, secret] = [wrapped, &nonce, &sealed].map(|bytes| BASE64_STANDARD.encode(bytes));
    Envelope { key, nonce, secret }.to_text()
}

fn reveal(data_key: &[u8], purpose: SealedFor<'_>, envelope: &Envelope) -> StoreResult<String> {
    let (nonce, sealed) = (decode(&envelope.nonce)?, decode(&envelope.secret)?);
    let plain = decrypt(data_key, &binding(purpose), &nonce, &sealed).map_err(broken)?;
    String::from_utf8(plain).map_err(|error| defect("opening a sealed secret", error))
}

/// How long an unwrapped data key is kept, so that a bulk load does not ask KMS for the same key again and again. Whoever
/// takes the key away from Usher locks it out within this time.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// Most data keys that are kept: one for each integration that this process works for.
const MOST_KEPT: usize = 64;

/// What it is for, and a wrapped key.
type Wrapped = (String, String);

/// Data keys that were unwrapped a moment ago, and when.
#[derive(Default)]
struct OpenedKeys(Mutex<HashMap<Wrapped, (Instant, Vec<u8>)>>);

impl OpenedKeys {
    fn get(&self, of: &Wrapped, now: Instant) -> Option<Vec<u8>> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(of).filter(|(since, _)| now.duration_since(*since) < KEPT).map(|(_, key)| key.clone())
    }

    fn keep(&self, of: Wrapped, key: Vec<u8>, now: Instant) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, (since, _)| now.duration_since(*since) < KEPT);
        if keys.len() < MOST_KEPT {
            keys.insert(of, (now, key));
        }
    }
}

/// Seals by a KMS key.
#[derive(Clone)]
pub struct KmsSealer {
    client: Client,
    key: String,
    opened: Arc<OpenedKeys>,
}

impl std::fmt::Debug for KmsSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KmsSealer").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What the laptop's key binds data keys to.
const LOCAL_CONTEXT: &str = "integration";

impl KmsSealer {
    /// Seals by the key with this id, ARN or alias.
    pub fn new(client: Client, key: impl Into<String>) -> Self {
        Self { client, key: key.into(), opened: Arc::default() }
    }
}

#[async_trait]
impl Sealer for KmsSealer {
    async fn seal(&self, purpose: SealedFor<'_>, secret: &str) -> StoreResult<String> {
        const DURING: &str = "asking KMS for a data key";
        let request = self.client.generate_data_key().key_id(&self.key).key_spec(DataKeySpec::Aes256);
        let (name, value) = context(purpose);
        let request = request.encryption_context(name, value);
        let answer = request.send().await.map_err(|error| from_sdk(DURING, error))?;
        let (Some(plain), Some(wrapped)) = (answer.plaintext, answer.ciphertext_blob) else {
            return Err(defect(DURING, "the answer holds no key"));
        };
        envelope(plain.as_ref(), wrapped.as_ref(), purpose, secret)
    }

    async fn open(&self, purpose: SealedFor<'_>, sealed: &str) -> StoreResult<String> {
        const DURING: &str = "asking KMS to unwrap a data key";
        let envelope = Envelope::from_text(sealed)?;
        // KMS checks the context at the first opening; the key is kept for this purpose only.
        let of = (binding(purpose), envelope.key.clone());
        if let Some(data_key) = self.opened.get(&of, Instant::now()) {
            return reveal(&data_key, purpose, &envelope);
        }
        let request =
            self.client.decrypt().key_id(&self.key).ciphertext_blob(Blob::new(decode(&envelope.key)?));
        let (name, value) = context(purpose);
        let request = request.encryption_context(name, value);
        let answer = request.send().await.map_err(|error| from_sdk(DURING, error))?;
        let data_key = answer.plaintext.ok_or_else(|| defect(DURING, "the answer holds no key"))?;
        let secret = reveal(data_key.as_ref(), purpose, &envelope)?;
        self.opened.keep(of, data_key.into_inner(), Instant::now());
        Ok(secret)
    }
}

/// A key that the laptop keeps in its data folder. It wraps data keys in KMS's place.
#[derive(Clone)]
pub struct LocalKey {
    master: [u8; 32],
}

impl LocalKey {
    /// The key with these bytes.
    pub fn new(master: [u8; 32]) -> Self {
        Self { master }
    }

    /// A new data key: plain, and wrapped.
    ///
    /// # Errors
    /// When the cipher refuses.
    pub fn data_key(&self) -> StoreResult<([u8; 32], Vec<u8>)> {
        use usher_domain::ports::Ids;
        let plain = crate::system::SystemIds.secret();
        let (nonce, wrapped) = encrypt(&self.master, LOCAL_CONTEXT, &plain)
            .map_err(|_| defect("sealing a secret", "the cipher refused the key"))?;
        Ok((plain, [nonce, wrapped].concat()))
    }

    /// A data key that was wrapped by this key.
    ///
    /// # Errors
    /// When it was not.
    pub fn unwrap_key(&self, wrapped: &[u8]) -> StoreResult<Vec<u8>> {
        let (nonce, wrapped) = wrapped.split_at_checked(NONCE_LEN).ok_or_else(|| broken(Unspecified))?;
        decrypt(&self.master, LOCAL_CONTEXT, nonce, wrapped).map_err(broken)
    }
}

/// Seals by a key that the laptop keeps in its data folder.
#[derive(Clone)]
pub struct LocalSealer {
    key: LocalKey,
}

impl std::fmt::Debug for LocalSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalSealer")
    }
}

impl LocalSealer {
    /// Seals by this key.
    pub fn new(master: [u8; 32]) -> Self {
        Self { key: LocalKey::new(master) }
    }
}

#[async_trait]
impl Sealer for LocalSealer {
    async fn seal(&self, purpose: SealedFor<'_>, secret: &str) -> StoreResult<String> {
        let (data_key, wrapped) = self.key.data_key()?;
        envelope(&data_key, &wrapped, purpose, secret)
    }

    async fn open(&self, purpose: SealedFor<'_>, sealed: &str) -> StoreResult<String> {
        let envelope = Envelope::from_text(sealed)?;
        let data_key = self.key.unwrap_key(&decode(&envelope.key)?)?;
        reveal(&data_key, purpose, &envelope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opened_key_is_kept_for_its_integration_and_a_short_time() {
        let (keys, now) = (OpenedKeys::default(), Instant::now());
        let of = |integration: &str| (integration.to_owned(), "wrapped".to_owned());
        keys.keep(of("hub"), vec![7], now);
        assert_eq!(keys.get(&of("hub"), now + KEPT / 2), Some(vec![7]));
        assert_eq!(keys.get(&of("other"), now), None);
        assert_eq!(keys.get(&of("hub"), now + KEPT), None);
        for number in 0..2 * MOST_KEPT {
            keys.keep(of(&number.to_string()), vec![1], now);
        }
        assert_eq!(keys.0.lock().unwrap().len(), MOST_KEPT);
    }

    #[tokio::test]
    async fn a_seal_opens_for_its_purpose_and_key_only() {
        let sealer = LocalSealer::new([1; 32]);
        let (one, two) = ("one".parse().unwrap(), "two".parse().unwrap());
        let workspace = "one".parse().unwrap();
        let (mine, other) = (SealedFor::Integration(&one), SealedFor::Integration(&two));
        let sealed = sealer.seal(mine, "s3cret").await.unwrap();
        assert!(!sealed.contains("s3cret"));
        assert_eq!(sealer.open(mine, &sealed).await.unwrap(), "s3cret");
        assert!(sealer.open(other, &sealed).await.is_err());
        assert!(sealer.open(SealedFor::SignIn(&workspace), &sealed).await.is_err());
        assert!(sealer.open(SealedFor::Answer(&workspace), &sealed).await.is_err());
        assert!(LocalSealer::new([2; 32]).open(mine, &sealed).await.is_err());
        assert_ne!(sealer.seal(mine, "s3cret").await.unwrap(), sealed);
    }
}
