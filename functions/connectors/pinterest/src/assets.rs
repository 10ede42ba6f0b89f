//! Kinds of assets and what can be granted on them.

use std::collections::BTreeSet;

use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

/// A kind of asset. The specification lists all permissions together and says of few on which kind they work: on the
/// others Pinterest refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Pinterest's word for it; stands before the id in [`usher_connector::AppAsset::id`].
    pub(crate) name: &'static str,
    permissions: &'static [(&'static str, &'static str)],
}

pub(crate) static KINDS: [Kind; 3] = [
    Kind {
        name: "AD_ACCOUNT",
        permissions: &[
            ("ADMIN", "Admin"),
            ("ANALYST", "Analyst"),
            ("FINANCE_MANAGER", "Finance manager"),
            ("FINANCE_EDIT", "Edit finances"),
            ("FINANCE_VIEW", "View finances"),
            ("AUDIENCE_MANAGER", "Audience manager"),
            ("CAMPAIGN_MANAGER", "Campaign manager"),
            ("CATALOGS_MANAGER", "Catalogues manager"),
            ("CATALOGS_VIEWER", "View catalogues"),
        ],
    },
    Kind { name: "PROFILE", permissions: &[("PROFILE_PUBLISHER", "Publish on the profile")] },
    Kind {
        name: "CATALOG",
        permissions: &[("CATALOGS_MANAGER", "Catalogues manager"), ("CATALOGS_VIEWER", "View catalogues")],
    },
];

impl Kind {
    /// The kind and Pinterest's own id of an asset.
    pub(crate) fn of(asset: &str) -> Result<(&'static Self, &str)> {
        let split = asset.split_once(':').filter(|(_, id)| !id.is_empty());
        let found = split.and_then(|(name, id)| Some((KINDS.iter().find(|kind| kind.name == name)?, id)));
        found.ok_or_else(|| {
            Error::invalid(format!(
                "`{asset}` is not an asset of Pinterest's; choose one of the integration's list on the share, then retry"
            ))
        })
    }

    /// The asset with this id of Pinterest's.
    pub(crate) fn asset(&self, id: &str) -> String {
        format!("{}:{id}", self.name)
    }

    /// Everything that can be granted: permissions, which add up.
    pub(crate) fn permissions(&self) -> Vec<AppRole> {
        let permission = |(key, name): &(&str, &str)| AppRole {
            key: (*key).to_owned(),
            name: (*name).to_owned(),
            exclusion_group: None,
            rank: 0,
        };
        self.permissions.iter().map(permission).collect()
    }

    /// Refuses what cannot be granted.
    pub(crate) fn check(&self, asset: &str, permissions: &BTreeSet<String>) -> Result<()> {
        let known = |permission: &String| self.permissions.iter().any(|(key, _)| key == permission);
        if permissions.is_empty() || !permissions.iter().all(known) {
            let keys: Vec<&str> = self.permissions.iter().map(|(key, _)| *key).collect();
            return Err(Error::invalid(format!(
                "on `{asset}` Pinterest grants {}; choose of these on the share, then retry",
                keys.join(", ")
            )));
        }
        Ok(())
    }
}
