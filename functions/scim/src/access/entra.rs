//! Tokens of an Entra ID tenant: what its provisioning service sends where an admin leaves the secret blank.

use jsonwebtoken::Algorithm;
use usher_domain::Timestamp;
use usher_domain::admission::EntraTrust;
use usher_scim::ScimError;

use super::jwt;
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
    } else {
        jwt::in_time(&claims, now, None).err()
    };
    if let Some(why) = wrong {
        tracing::info!(why, "a token of the trusted Entra ID tenant is not accepted");
    }
    Ok(wrong.is_none())
}
