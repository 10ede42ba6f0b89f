//! Tokens of an Entra ID tenant: what its provisioning service sends where an admin leaves the secret blank.

use jsonwebtoken::Algorithm;
use usher_domain::Timestamp;
use usher_domain::admission::EntraTrust;
use usher_scim::ScimError;

use super::jwt::{self, Claims};
use super::keys::Refusal;
use crate::App;

/// Whether a token is one of the tenant's, for us, and in time. Why not goes to the log: who guesses learns nothing.
pub(crate) async fn accepts(
    app: &App,
    trust: &EntraTrust,
    token: &str,
    now: Timestamp,
) -> Result<bool, ScimError> {
    // Entra ID signs with nothing else. RFC 8725 §3.1: "Libraries MUST enable the caller to specify a supported set of
    // algorithms and MUST NOT use any other algorithms when performing cryptographic operations."
    let claims = match app.fetched_keys.verify(&trust.jwks_url, token, &[Algorithm::RS256], now).await {
        Ok(claims) => claims,
        Err(Refusal::Flawed(flaw)) => {
            tracing::info!(why = flaw.says(), "a token is not one of the trusted Entra ID tenant");
            return Ok(false);
        }
        Err(Refusal::NoKeys) => {
            return Err(ScimError::new(
                503,
                "the keys of the Entra ID tenant could not be fetched, so its token cannot be checked; send the request again in a moment",
            ));
        }
    };
    let said = |name: &str, wanted: &str| jwt::text(&claims, name) == Some(wanted);
    let wrong = if !said("iss", &trust.issuer) {
        Some("its 'iss' is not the configured issuer")
    } else if !said("tid", &trust.tenant) {
        Some("its 'tid' is not the configured tenant")
    } else if !jwt::is_for(&claims, &[&trust.audience]) {
        Some("its 'aud' is not the configured audience")
    } else if !trust.application.as_deref().is_none_or(|application| is_of(&claims, application)) {
        Some("its 'appid' or 'azp' is not the configured application")
    } else {
        jwt::in_time(&claims, now, None).err()
    };
    if let Some(why) = wrong {
        tracing::info!(why, "a token of the trusted Entra ID tenant is not accepted");
    }
    Ok(wrong.is_none())
}

/// Whether a token was issued to an application: tokens of version 1.0 name it in `appid`, those of 2.0 in `azp`. Where both
/// are there, both must name it.
fn is_of(claims: &Claims, application: &str) -> bool {
    let mut named = ["appid", "azp"].into_iter().filter_map(|name| claims.get(name)).peekable();
    named.peek().is_some()
        && named.all(|value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(application)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_application_is_named_by_every_claim_that_is_there() {
        let is_of = |claims: Value| is_of(claims.as_object().unwrap(), "00aa");
        for good in
            [json!({"appid": "00aa"}), json!({"azp": "00AA"}), json!({"appid": "00aa", "azp": "00aa"})]
        {
            assert!(is_of(good.clone()), "{good}");
        }
        for bad in [
            json!({}),
            json!({"appid": null}),
            json!({"appid": ["00aa"]}),
            json!({"appid": "00ab"}),
            json!({"appid": "00aa", "azp": "00ab"}),
            json!({"appid": null, "azp": "00aa"}),
        ] {
            assert!(!is_of(bad.clone()), "{bad}");
        }
    }
}
