//! The identity providers that there are guides for.

use serde::Deserialize;

/// An identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::pages) enum Provider {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// Any other SCIM 2.0 client.
    Other,
}

impl Provider {
    /// Every one.
    pub(in crate::pages) const ALL: [Self; 3] = [Self::Okta, Self::Entra, Self::Other];

    /// Its part of an address.
    pub(in crate::pages) fn word(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Other => "other",
        }
    }

    /// Its name.
    pub(in crate::pages) fn name(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Microsoft Entra ID",
            Self::Other => "Another SCIM 2.0 client",
        }
    }
}
