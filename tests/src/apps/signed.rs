//! What somebody signed with an RSA key (RFC 7519).

use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::Value;

/// What the token claims, if this key signed it, it is good now, and it ends within this many seconds.
pub(super) fn claims(token: &str, private_key: &str, longest: i64) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let header: Value = serde_json::from_slice(&part(header)?).ok()?;
    if header["alg"] != "RS256" {
        return None;
    }
    let der: String = private_key.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaKeyPair::from_der(&BASE64_STANDARD.decode(der).ok()?).ok()?;
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &part(signature)?).ok()?;
    let claims: Value = serde_json::from_slice(&part(claims)?).ok()?;
    let now = Timestamp::now().as_second();
    let (issued, ends) = (claims["iat"].as_i64()?, claims["exp"].as_i64()?);
    (issued <= now && now < ends && ends <= now + longest).then_some(claims)
}
