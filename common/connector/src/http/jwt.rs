//! Tokens that a connector signs itself (RFC 7519), for apps that know it by a key and not by a password.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::error::{Class, Error, Result};

/// A token with these claims, signed with an RSA key (RFC 7518 §3.3). The key is as apps give it out: PEM, PKCS #1 or #8.
///
/// # Errors
/// `AuthRevoked` when it is no such key. The message says nothing of it.
pub fn rs256(claims: &Value, private_key: &SecretString) -> Result<SecretString> {
    let unfit = || {
        let message = "the stored private key is not an RSA key in PEM; store it again as the app gave it, line breaks \
                       included";
        Error::new(Class::AuthRevoked, message)
    };
    let pem = PrivateKeyDer::from_pem_slice(private_key.expose_secret().as_bytes()).map_err(|_| unfit())?;
    let key = match &pem {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(unfit()),
    };
    let key = key.map_err(|_| unfit())?;
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| unfit())?;
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)).into())
}

/// A token with these claims, signed with a shared key (RFC 7518 §3.2) that the app calls `key_id`.
pub fn hs256(claims: &Value, key_id: &str, key: &[u8]) -> SecretString {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "HS256", "kid": key_id, "typ": "JWT"})), part(claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_key_signs_as_others_do() {
        // Worked out with Python's hmac.
        let expected = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJhdWQiOiIvYWRtaW4vIn0.E4LhnrAm4hmB1zgFe72xuKqVqpRYhYYLT8t21FzYeLo";
        assert_eq!(hs256(&json!({"aud": "/admin/"}), "k1", b"shared").expose_secret(), expected);
    }

    const PKCS1: &str = include_str!("test-key-pkcs1.pem");
    const PKCS8: &str = include_str!("test-key-pkcs8.pem");

    #[test]
    fn the_signature_is_what_others_work_out() {
        let claims = json!({"iss": "12345"});
        // Worked out with openssl.
        let expected = include_str!("test-token.txt").trim_end();
        for key in [PKCS1, PKCS8] {
            assert_eq!(rs256(&claims, &key.to_owned().into()).unwrap().expose_secret(), expected);
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_quoted() {
        for key in ["", "s3cret", "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n"] {
            let error = rs256(&json!({}), &key.to_owned().into()).unwrap_err();
            assert_eq!(error.class(), Class::AuthRevoked);
            assert!(!error.message().contains("s3cret"), "{error}");
        }
    }
}
