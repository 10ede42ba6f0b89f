//! Signed tokens of others (RFC 7519), checked as RFC 8725 advises: the algorithm is one that is allowed here, the key is
//! of that algorithm, and every claim that matters must be there.

use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};
use usher_domain::Timestamp;

/// How far another machine's clock may be off.
pub(crate) const SKEW_SECONDS: i64 = 60;
/// The longest token that is looked at.
const LONGEST: usize = 16 * 1024;
/// Keys of a set that are looked at.
const KEYS: usize = 50;

/// The claims of a token whose signature is right.
pub(crate) type Claims = Map<String, Value>;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is no signed token, or one signed with an algorithm that is not allowed.
    Form,
    /// The key that it names is not in the set.
    UnknownKey,
    /// The signature is not by that key.
    Signature,
}

impl Flaw {
    /// What to do about it.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Self::Form => "it is not a JWT signed with an algorithm that is accepted here",
            Self::UnknownKey => {
                "its 'kid' is not among the configured keys, or there are several and it names none"
            }
            Self::Signature => "its signature was not made with the configured key",
        }
    }
}

/// The public keys of a set (RFC 7517 §5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" values that are
/// not understood by them").
pub(crate) fn keys_of(set: &Value) -> Option<Vec<Jwk>> {
    let keys = set.get("keys")?.as_array()?.iter().take(KEYS);
    let keys = keys.filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
    Some(keys.filter(|key| key.common.public_key_use != Some(PublicKeyUse::Encryption)).collect())
}

/// Checks the signature of a token, and nothing else.
pub(crate) fn verify(token: &str, keys: &[Jwk], allowed: &[Algorithm]) -> Result<Claims, Flaw> {
    if token.len() > LONGEST {
        return Err(Flaw::Form);
    }
    // `none` is no algorithm that the library knows: such a token ends here.
    let header = decode_header(token).map_err(|_| Flaw::Form)?;
    // RFC 7515 §4.1.11: "If any of the listed extension Header Parameters are not understood and supported by the recipient,
    // then the JWS is invalid." None is.
    if header.crit.is_some() || !allowed.contains(&header.alg) {
        return Err(Flaw::Form);
    }
    let key = chosen(&header, keys).ok_or(Flaw::UnknownKey)?;
    let mut validation = Validation::new(header.alg);
    // Who calls checks the claims, against the clock that is passed in.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode::<Claims>(token, &key, &validation).map(|data| data.claims).map_err(|_| Flaw::Signature)
}

/// The key that a token names. It must be of the algorithm's family: an HMAC with a public key as its secret is none.
fn chosen(header: &Header, keys: &[Jwk]) -> Option<DecodingKey> {
    let fits = |key: &&Jwk| {
        let family = DecodingKey::from_jwk(key).is_ok_and(|k| k.family() == header.alg.family());
        let named = key.common.key_algorithm;
        family && named.is_none_or(|named| named == KeyAlgorithm::from(header.alg))
    };
    let mut fitting = keys.iter().filter(fits);
    let key = match &header.kid {
        Some(kid) => fitting.find(|key| key.common.key_id.as_ref() == Some(kid)),
        // OpenID Connect Core §10.1: "If there are multiple keys in the referenced JWK Set document, a kid value MUST be
        // provided in the JOSE Header."
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }?;
    DecodingKey::from_jwk(key).ok()
}

/// Whether `aud` names one of these (RFC 7519 §4.1.3: a string, or an array of strings).
pub(crate) fn is_for(claims: &Claims, audiences: &[&str]) -> bool {
    let named = |value: &Value| value.as_str().is_some_and(|text| audiences.contains(&text));
    match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().any(named),
        Some(value) => named(value),
        None => false,
    }
}

/// A string claim.
pub(crate) fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Checks `exp` (which must be there), `nbf` and `iat`, and answers when the token ends. `longest` bounds how far ahead the
/// end may be, and how long ago the token may have been issued.
pub(crate) fn in_time(claims: &Claims, now: Timestamp, longest: Option<i64>) -> Result<i64, &'static str> {
    let now = now.as_second();
    // RFC 7519 §2: a NumericDate may have a fraction.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is out of range saturates, and is then out of time"
    )]
    let date = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            value.as_f64().map(|seconds| Some(seconds as i64)).ok_or("a time in it is not a number")
        }
    };
    let end = date("exp")?.ok_or("it has no 'exp'")?;
    if now >= end.saturating_add(SKEW_SECONDS) {
        return Err("it has expired; check the clock of the machine that made it");
    }
    let early = |at: i64| at > now + SKEW_SECONDS;
    if date("nbf")?.is_some_and(early) {
        return Err("it is not valid yet; check the clock of the machine that made it");
    }
    let issued = date("iat")?;
    if issued.is_some_and(early) {
        return Err("it was issued in the future; check the clock of the machine that made it");
    }
    if let Some(longest) = longest {
        let too_old = issued.is_some_and(|at| at < now - longest - SKEW_SECONDS);
        if too_old || end > now + longest + SKEW_SECONDS {
            return Err("it is valid for more than an hour; make a shorter one for each request");
        }
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn times_are_checked_with_bounded_skew() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |value: Value| in_time(&claims(value), now, Some(3_600));
        for good in [
            json!({"exp": 1_000_001}),
            json!({"exp": 999_941}),
            json!({"exp": 1_000_300.5, "iat": 1_000_060, "nbf": 1_000_060}),
            json!({"exp": 1_003_660, "iat": 999_000}),
        ] {
            assert!(check(good.clone()).is_ok(), "{good}");
        }
        for bad in [
            json!({}),
            json!({"exp": 999_940}),
            json!({"exp": "1000300"}),
            json!({"exp": null}),
            json!({"exp": 1_000_300, "nbf": 1_000_061}),
            json!({"exp": 1_000_300, "iat": 1_000_061}),
            json!({"exp": 1_000_300, "iat": 996_000}),
            json!({"exp": 1_003_661}),
            json!({"exp": 1e300}),
        ] {
            assert!(check(bad.clone()).is_err(), "{bad}");
        }
        assert!(in_time(&claims(json!({"exp": 1_090_000, "iat": 1})), now, None).is_ok());
    }

    #[test]
    fn an_audience_is_a_string_or_a_list() {
        let is_for = |aud: Value| is_for(&claims(json!({ "aud": aud })), &["a", "b"]);
        assert!(is_for(json!("a")) && is_for(json!(["x", "b"])));
        assert!(!is_for(json!("x")) && !is_for(json!([])) && !is_for(json!(1)) && !is_for(json!("ab")));
    }

    #[test]
    fn a_set_may_hold_what_is_not_understood() {
        let set = json!({"keys": [
            {"kty": "novel", "kid": "1"},
            "nonsense",
            {"kty": "RSA", "use": "enc", "kid": "2", "n": "AQAB", "e": "AQAB"},
            {"kty": "RSA", "use": "sig", "kid": "3", "n": "AQAB", "e": "AQAB"},
        ]});
        let ids: Vec<_> = keys_of(&set).unwrap().into_iter().filter_map(|key| key.common.key_id).collect();
        assert!(ids.contains(&"3".to_owned()) && !ids.contains(&"2".to_owned()), "{ids:?}");
        assert!(keys_of(&json!({})).is_none() && keys_of(&json!([])).is_none());
    }
}
