//! Kinds of assets and what can be held on them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

/// A kind of asset that members get a role on. Pixels, TikTok Shops and domains have no role that the API documents for
/// assigning them, and are left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// TikTok's word for it; stands before the id in [`usher_connector::AppAsset::id`].
    pub(crate) name: &'static str,
    /// The field that says what is held, where it is told, and where it is given.
    told: &'static str,
    given: &'static str,
    /// Lowest first.
    roles: &'static [(&'static str, &'static str)],
    /// Whether several can be held at once.
    many: bool,
}

pub(crate) static KINDS: [Kind; 5] = [
    Kind {
        name: "ADVERTISER",
        told: "advertiser_role",
        given: "advertiser_role",
        roles: &[("ANALYST", "Analyst"), ("OPERATOR", "Operator"), ("ADMIN", "Admin")],
        many: false,
    },
    Kind {
        name: "CATALOG",
        told: "catalog_role",
        given: "catalog_role",
        roles: &[("AD_PROMOTE", "Create ads"), ("ADMIN", "Admin")],
        many: false,
    },
    Kind {
        name: "STOREFRONT",
        told: "store_role",
        given: "store_role",
        roles: &[("AD_PROMOTION", "Create ads"), ("MANAGER", "Manager")],
        many: false,
    },
    Kind {
        name: "LEAD",
        told: "form_library_role",
        given: "form_library_role",
        roles: &[("ADMIN", "Admin")],
        many: false,
    },
    Kind {
        name: "TT_ACCOUNT",
        told: "tt_account_roles",
        given: "tt_account_roles",
        roles: &[("POST", "Post videos"), ("LIVE", "Go live"), ("DIRECT_MESSAGE", "Direct messages")],
        many: true,
    },
];

impl Kind {
    /// The kind and TikTok's own id of an asset.
    pub(crate) fn of(asset: &str) -> Result<(&'static Self, &str)> {
        let split = asset.split_once(':').filter(|(_, id)| !id.is_empty());
        let found = split.and_then(|(name, id)| Some((KINDS.iter().find(|kind| kind.name == name)?, id)));
        found.ok_or_else(|| {
            Error::invalid(format!(
                "`{asset}` is not an asset of TikTok's; choose one of the integration's list on the share, then retry"
            ))
        })
    }

    /// The asset with this id of TikTok's.
    pub(crate) fn asset(&self, id: &str) -> String {
        format!("{}:{id}", self.name)
    }

    /// Everything that can be granted.
    pub(crate) fn permissions(&self) -> Vec<AppRole> {
        let group = (!self.many).then(|| self.name.to_lowercase());
        let ranked = self.roles.iter().zip(1_u32..);
        ranked
            .map(|((key, name), rank)| AppRole {
                key: (*key).to_owned(),
                name: (*name).to_owned(),
                exclusion_group: group.clone(),
                rank: if self.many { 0 } else { rank },
            })
            .collect()
    }

    /// Refuses what cannot be granted.
    pub(crate) fn check(&self, asset: &str, permissions: &BTreeSet<String>) -> Result<()> {
        let known = |permission: &String| self.roles.iter().any(|(key, _)| key == permission);
        if permissions.is_empty() || !permissions.iter().all(known) {
            let keys: Vec<&str> = self.roles.iter().map(|(key, _)| *key).collect();
            return Err(Error::invalid(format!(
                "on `{asset}` TikTok grants {}; choose of these on the share, then retry",
                keys.join(", ")
            )));
        }
        Ok(())
    }

    /// What is held by who was given all of `permissions`: of roles, the highest.
    pub(crate) fn effective(&self, permissions: &BTreeSet<String>) -> BTreeSet<String> {
        if self.many {
            return permissions.clone();
        }
        let highest = self.roles.iter().rev().find(|(key, _)| permissions.contains(*key));
        highest.map(|(key, _)| (*key).to_owned()).into_iter().collect()
    }

    /// What a member holds, as TikTok tells it. The one role on a form is not told.
    pub(crate) fn held(&self, asset: &Value) -> BTreeSet<String> {
        match asset.get(self.told) {
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(role)) => [role.clone()].into(),
            _ if self.roles.len() == 1 => [self.roles[0].0.to_owned()].into(),
            _ => BTreeSet::new(),
        }
    }

    /// The body of `/bc/asset/assign/`, without the Business Center.
    pub(crate) fn assign(&self, id: &str, user: &str, permissions: &BTreeSet<String>) -> Value {
        let mut body = json!({"user_id": user, "asset_type": self.name, "asset_id": id});
        body[self.given] = if self.many { json!(permissions) } else { json!(permissions.first()) };
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(values: &[&str]) -> BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn of_roles_the_highest_is_held_and_permissions_add_up() {
        let (advertiser, id) = Kind::of("ADVERTISER:7").unwrap();
        assert_eq!((id, advertiser.effective(&set(&["ANALYST", "ADMIN"]))), ("7", set(&["ADMIN"])));
        let (account, _) = Kind::of("TT_ACCOUNT:7").unwrap();
        assert_eq!(account.effective(&set(&["POST", "LIVE"])), set(&["LIVE", "POST"]));
        assert_eq!(account.assign("7", "u", &set(&["POST"]))["tt_account_roles"], json!(["POST"]));
        assert_eq!(advertiser.assign("7", "u", &set(&["ADMIN"]))["advertiser_role"], "ADMIN");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(Kind::of("PIXEL:1").is_err() && Kind::of("LEAD").is_err() && Kind::of("LEAD:").is_err());
        let (kind, _) = Kind::of("CATALOG:1").unwrap();
        assert!(kind.check("CATALOG:1", &set(&["AD_PROMOTE"])).is_ok());
        assert!(kind.check("CATALOG:1", &set(&["OPERATOR"])).is_err());
        assert!(kind.check("CATALOG:1", &set(&[])).is_err());
    }
}
