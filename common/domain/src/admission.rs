//! How a connection lets callers in, beside its tokens.

use serde::{Deserialize, Serialize};

/// Requests a second that every connection may make whatever is configured: Entra ID asks its gallery's apps for 25 per
/// tenant, and so do the IPSIE profiles of SCIM.
pub const LEAST_REQUESTS_PER_SECOND: u32 = 25;
/// Requests a second of a connection where nothing is configured: above what an identity provider sends in its fastest
/// cycle, below what a client that went wild would.
pub const DEFAULT_REQUESTS_PER_SECOND: u32 = 10_000;

/// What a connection asks of callers beside a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Admission {
    /// Requests a second that pass; `None` is [`DEFAULT_REQUESTS_PER_SECOND`].
    pub requests_per_second: Option<u32>,
    /// The Entra ID tenant whose tokens open the connection, if one's do.
    pub entra: Option<EntraTrust>,
}

/// The audience of the tokens that Entra ID's provisioning service sends where an admin leaves the secret blank: the id of
/// its gallery's template for apps of one's own.
pub const ENTRA_AUDIENCE: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

/// Tokens of an Entra ID tenant: what they must say, and where the keys are that sign them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntraTrust {
    /// The tenant's id: the tokens' `tid`.
    pub tenant: String,
    /// The tokens' `aud`.
    pub audience: String,
    /// The tokens' `iss`.
    pub issuer: String,
    /// Where the public keys are.
    pub jwks_url: String,
    /// The application that the tokens must be issued to: their `appid` or `azp`. `None` takes those of any application of
    /// the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

impl EntraTrust {
    /// The trust in a tenant of the public cloud, as it sends tokens where nothing was changed.
    pub fn of_tenant(tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            audience: ENTRA_AUDIENCE.to_owned(),
            issuer: format!("https://sts.windows.net/{tenant}/"),
            jwks_url: format!("https://login.microsoftonline.com/{tenant}/discovery/keys"),
            application: None,
        }
    }
}

impl Admission {
    /// The rate in force, which is never below [`LEAST_REQUESTS_PER_SECOND`].
    pub fn rate(&self) -> u32 {
        self.requests_per_second.unwrap_or(DEFAULT_REQUESTS_PER_SECOND).max(LEAST_REQUESTS_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_starves_an_identity_provider() {
        let rate = |requests_per_second| Admission { requests_per_second, ..Admission::default() }.rate();
        assert_eq!((rate(Some(0)), rate(Some(25)), rate(Some(26))), (25, 25, 26));
        assert_eq!(rate(None), DEFAULT_REQUESTS_PER_SECOND);
    }

    #[test]
    fn a_row_from_before_has_the_defaults() {
        assert_eq!(serde_json::from_str::<Admission>("{}").unwrap(), Admission::default());
    }
}
