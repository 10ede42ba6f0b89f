//! Kinds of assets and what can be granted on them.

use std::collections::BTreeSet;

use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

/// An asset, by Google's own ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset<'a> {
    /// A Tag Manager account: who administers it.
    TagManagerAccount(&'a str),
    /// A container of a Tag Manager account.
    TagManagerContainer { account: &'a str, container: &'a str },
    /// A Google Analytics 4 property.
    AnalyticsProperty(&'a str),
}

const ACCOUNT: &str = "tag_manager_account";
const CONTAINER: &str = "tag_manager_container";
const PROPERTY: &str = "analytics_property";

/// Lowest first; one is held at a time.
const ACCOUNT_PERMISSIONS: &[(&str, &str)] = &[("admin", "Administrator")];
const CONTAINER_PERMISSIONS: &[(&str, &str)] =
    &[("read", "Read"), ("edit", "Edit"), ("approve", "Approve"), ("publish", "Publish")];
const PROPERTY_PERMISSIONS: &[(&str, &str)] =
    &[("viewer", "Viewer"), ("analyst", "Analyst"), ("editor", "Editor"), ("admin", "Administrator")];

impl<'a> Asset<'a> {
    /// The asset with this id of [`Self::id`].
    ///
    /// # Errors
    /// `Invalid` for what is none.
    pub(crate) fn of(id: &'a str) -> Result<Self> {
        let found =
            id.split_once(':').filter(|(_, rest)| !rest.is_empty()).and_then(|(kind, rest)| match kind {
                ACCOUNT => Some(Self::TagManagerAccount(rest)),
                CONTAINER => {
                    let (account, container) = rest.split_once('/')?;
                    Some(Self::TagManagerContainer { account, container })
                }
                PROPERTY => Some(Self::AnalyticsProperty(rest)),
                _ => None,
            });
        found.ok_or_else(|| {
            Error::invalid(format!(
                "`{id}` is not an asset of Google's; choose one of the integration's list on the share, then retry"
            ))
        })
    }

    /// What it is called in shares: [`usher_connector::AppAsset::id`].
    pub(crate) fn id(self) -> String {
        match self {
            Self::TagManagerAccount(account) => format!("{ACCOUNT}:{account}"),
            Self::TagManagerContainer { account, container } => format!("{CONTAINER}:{account}/{container}"),
            Self::AnalyticsProperty(property) => format!("{PROPERTY}:{property}"),
        }
    }

    fn known(self) -> (&'static str, &'static [(&'static str, &'static str)]) {
        match self {
            Self::TagManagerAccount(_) => (ACCOUNT, ACCOUNT_PERMISSIONS),
            Self::TagManagerContainer { .. } => (CONTAINER, CONTAINER_PERMISSIONS),
            Self::AnalyticsProperty(_) => (PROPERTY, PROPERTY_PERMISSIONS),
        }
    }

    /// Everything that can be granted.
    pub(crate) fn permissions(self) -> Vec<AppRole> {
        let (kind, known) = self.known();
        let ranked = known.iter().zip(1..);
        ranked
            .map(|((key, name), rank)| AppRole {
                key: (*key).to_owned(),
                name: (*name).to_owned(),
                exclusion_group: Some(kind.to_owned()),
                rank,
            })
            .collect()
    }

    /// The highest of these, which is what somebody has who was given all of them; `None` where none is known.
    pub(crate) fn highest(self, permissions: &BTreeSet<String>) -> Option<&'static str> {
        self.known().1.iter().rev().map(|(key, _)| *key).find(|key| permissions.contains(*key))
    }

    /// What to grant.
    ///
    /// # Errors
    /// `Invalid` for what cannot be.
    pub(crate) fn granted(self, permissions: &BTreeSet<String>) -> Result<&'static str> {
        let (_, known) = self.known();
        let all_known = permissions.iter().all(|permission| known.iter().any(|(key, _)| key == permission));
        self.highest(permissions).filter(|_| all_known).ok_or_else(|| {
            let keys: Vec<&str> = known.iter().map(|(key, _)| *key).collect();
            Error::invalid(format!(
                "on `{}` Google grants {}; choose one of these on the share, then retry",
                self.id(),
                keys.join(", ")
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[&str]) -> BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn ids_lead_to_assets_and_back() {
        for id in ["tag_manager_account:6", "tag_manager_container:6/61", "analytics_property:7"] {
            assert_eq!(Asset::of(id).unwrap().id(), id);
        }
        for id in ["tag_manager_container:6", "analytics_property:", "campaign:7", "7"] {
            assert!(Asset::of(id).is_err(), "{id}");
        }
    }

    #[test]
    fn of_several_the_highest_is_granted_and_unknown_ones_are_refused() {
        let container = Asset::of("tag_manager_container:6/61").unwrap();
        assert_eq!(container.granted(&set(&["read", "publish"])), Ok("publish"));
        assert!(
            container.granted(&set(&["read", "viewer"])).is_err() && container.granted(&set(&[])).is_err()
        );
        let property = Asset::of("analytics_property:7").unwrap();
        assert_eq!(property.highest(&set(&["no-cost-data", "viewer"])), Some("viewer"));
        assert_eq!(property.highest(&set(&["no-cost-data"])), None);
    }
}
