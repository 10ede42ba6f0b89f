//! Whether somebody signed as the App.

use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{APP, PRIVATE_KEY};

/// A JWT by the App's key, for now, that ends within ten minutes.
pub(super) fn is_signed(token: &str) -> bool {
    claims(token).is_some_and(|claims| {
        let now = Timestamp::now().as_second();
        let (issued, ends) = (claims["iat"].as_i64(), claims["exp"].as_i64());
        claims["iss"] == APP
            && issued.zip(ends).is_some_and(|(issued, ends)| issued <= now && now < ends && ends <= now + 600)
    })
}

fn claims(token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let header: Value = serde_json::from_slice(&part(header)?).ok()?;
    if header["alg"] != "RS256" {
        return None;
    }
    let der: String = PRIVATE_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaKeyPair::from_der(&BASE64_STANDARD.decode(der).ok()?).ok()?;
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &part(signature)?).ok()?;
    serde_json::from_slice(&part(claims)?).ok()
}
