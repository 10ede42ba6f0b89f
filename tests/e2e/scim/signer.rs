//! Keys made for a test, what is signed with them, and the sets that are published.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lc_rs::{
    hmac, rand,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use usher_domain::ports::{KeySource, KeysUnavailable};

/// A key pair.
pub(crate) enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
}

fn base64(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The part of a token that is signed.
fn head(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()))
}

/// A token without a signature.
pub(crate) fn unsigned(claims: &Value) -> String {
    format!("{}.", head(&json!({"alg": "none", "typ": "JWT"}), claims))
}

/// A token that is signed with a secret that everybody knows.
pub(crate) fn with_hmac(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let head = head(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), head.as_bytes());
    format!("{head}.{}", base64(tag.as_ref()))
}

impl Signer {
    pub(crate) fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    pub(crate) fn ec() -> Self {
        Self::Ec(Box::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()))
    }

    /// The public key.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                json!({"kty": "RSA", "use": "sig", "kid": kid,
                    "n": base64(n.big_endian_without_leading_zero()),
                    "e": base64(e.big_endian_without_leading_zero())})
            }
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": kid,
                    "x": base64(&point[1..33]), "y": base64(&point[33..])})
            }
        }
    }

    /// The public key in a form that a careless library would take for an HMAC's secret.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => pair.public_key().modulus().big_endian_without_leading_zero().to_vec(),
            Self::Ec(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// A signed token. The signature is of the algorithm that the header names.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let head = head(header, claims);
        let random = rand::SystemRandom::new();
        let signature = match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let encoding: &'static dyn aws_lc_rs::signature::RsaEncoding =
                    if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(encoding, &random, head.as_bytes(), &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, head.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{head}.{}", base64(&signature))
    }
}

/// Key sets by URL, and how often they were fetched.
#[derive(Default)]
pub(crate) struct KeyServer {
    sets: Mutex<HashMap<String, Value>>,
    fetched: AtomicUsize,
}

impl KeyServer {
    /// Publishes a set.
    pub(crate) fn publish(&self, url: &str, keys: &[Value]) {
        self.sets.lock().unwrap().insert(url.to_owned(), json!({ "keys": keys }));
    }

    /// Takes a set away.
    pub(crate) fn withdraw(&self, url: &str) {
        self.sets.lock().unwrap().remove(url);
    }

    /// How often a set was asked for.
    pub(crate) fn fetched(&self) -> usize {
        self.fetched.load(Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl KeySource for KeyServer {
    async fn key_set(&self, url: &str) -> Result<Value, KeysUnavailable> {
        self.fetched.fetch_add(1, Ordering::Relaxed);
        let set = self.sets.lock().unwrap().get(url).cloned();
        set.ok_or_else(|| KeysUnavailable("nobody answers".to_owned()))
    }
}
