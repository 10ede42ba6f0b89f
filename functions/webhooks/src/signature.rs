//! The signature of an event (Standard Webhooks, symmetric: `v1`).

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use usher_domain::webhook::SECRET_PREFIX;

/// The value of `webhook-signature`: HMAC-SHA256 over id, timestamp and payload. The secret's text is its prefix and the key
/// in Base64.
pub(crate) fn sign(secret: &str, id: &str, timestamp: &str, payload: &str) -> String {
    let key = BASE64_STANDARD.decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret));
    // A key of any length is a good one; what is no Base64 was never given to anybody.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.unwrap_or_default()) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.{payload}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_specifications_own_example_is_met() {
        let signed = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
