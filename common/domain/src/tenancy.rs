//! What the operator of an installation decides about a workspace: whether it is served, and how much it may use. The
//! tenant sees it and cannot change it.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, admission::LEAST_REQUESTS_PER_SECOND, words::number};

/// What an operator decided about a workspace. Where nothing was decided, it is served without quotas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tenancy {
    /// Why it is not served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// How much it may use.
    pub quotas: Quotas,
    /// Moves with every write; 0 where nothing was decided.
    pub version: u64,
}

/// A workspace that is not served for a time, or not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub since: Timestamp,
    /// Why, in the operator's words; the tenant reads them.
    pub reason: String,
    /// Whether it is being deleted: then nothing is done for it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_good: bool,
}

/// How much a workspace may use; `None` is as much as it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quotas {
    /// SCIM requests a second, of all its connections together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// Seats, in all its integrations together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<u64>,
    /// Integrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrations: Option<u64>,
}

/// What a quota is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// People who have a seat in an app, counted in each of them.
    Seats,
    /// Integrations.
    Integrations,
}

/// A quota that leaves room for no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the workspace may have {} {}, and has {}; give some up, or ask whoever operates this installation for more",
    number(*most),
    match of { Resource::Seats => "seats", Resource::Integrations => "integrations" },
    number(*used)
)]
pub struct UsedUp {
    /// What there is no more of.
    pub of: Resource,
    /// The quota.
    pub most: u64,
    /// How much of it is used.
    pub used: u64,
}

impl Tenancy {
    /// Whether nothing is done for the workspace any more, not even what was begun.
    pub fn is_ending(&self) -> bool {
        self.suspension.as_ref().is_some_and(|suspension| suspension.for_good)
    }
}

impl Suspension {
    /// What the tenant and its identity provider are told.
    pub fn told(&self) -> String {
        format!(
            "this workspace is suspended: {}; nothing was changed, ask whoever operates this installation and send the \
             request again when it is resumed",
            self.reason
        )
    }
}

impl Quotas {
    /// Requests a second that pass, where they are bounded. Never below [`LEAST_REQUESTS_PER_SECOND`], which every identity
    /// provider may count on.
    pub fn rate(&self) -> Option<u32> {
        self.requests_per_second.map(|rate| rate.max(LEAST_REQUESTS_PER_SECOND))
    }

    /// Whether there is room for one more where `used` are used.
    ///
    /// # Errors
    /// Where there is none.
    pub fn allow(&self, of: Resource, used: u64) -> Result<(), UsedUp> {
        let most = match of {
            Resource::Seats => self.seats,
            Resource::Integrations => self.integrations,
        };
        match most {
            Some(most) if used >= most => Err(UsedUp { of, most, used }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_used_up_when_it_is_reached() {
        let quotas = Quotas { seats: Some(2), ..Quotas::default() };
        assert_eq!(quotas.allow(Resource::Seats, 1), Ok(()));
        let refused = quotas.allow(Resource::Seats, 2).unwrap_err();
        assert_eq!(refused, UsedUp { of: Resource::Seats, most: 2, used: 2 });
        assert!(refused.to_string().starts_with("the workspace may have 2 seats, and has 2;"), "{refused}");
        // A quota that was lowered takes nothing away, and gives nothing more.
        assert!(quotas.allow(Resource::Seats, 3).is_err());
        assert_eq!(quotas.allow(Resource::Integrations, u64::MAX), Ok(()));
    }

    #[test]
    fn no_quota_starves_an_identity_provider() {
        let rate = |requests_per_second| Quotas { requests_per_second, ..Quotas::default() }.rate();
        assert_eq!((rate(None), rate(Some(1)), rate(Some(26))), (None, Some(25), Some(26)));
    }

    #[test]
    fn where_nothing_was_decided_the_workspace_is_served() {
        let tenancy: Tenancy = serde_json::from_str("{}").unwrap();
        assert_eq!(tenancy, Tenancy::default());
        assert!(tenancy.suspension.is_none() && !tenancy.is_ending());
    }
}
