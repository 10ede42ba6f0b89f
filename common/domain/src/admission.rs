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
        let rate = |requests_per_second| Admission { requests_per_second }.rate();
        assert_eq!((rate(Some(0)), rate(Some(25)), rate(Some(26))), (25, 25, 26));
        assert_eq!(rate(None), DEFAULT_REQUESTS_PER_SECOND);
    }

    #[test]
    fn a_row_from_before_has_the_defaults() {
        assert_eq!(serde_json::from_str::<Admission>("{}").unwrap(), Admission::default());
    }
}
