//! What an app has, as the API writes and reads it: roles, assets and entitlements.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use usher_domain::integration::{ALL_ASSETS, AppAsset, AppEntitlement, AppRole, Catalogue};
use utoipa::ToSchema;

use crate::error::Problem;

/// What exists in the app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Catalogue)]
pub(crate) struct CatalogueBody {
    /// Roles and permissions.
    roles: Vec<RoleBody>,
    /// Entitlements.
    entitlements: Vec<EntitlementBody>,
    /// Keys of the roles whose last holder is never removed or demoted; where it is empty, the highest of each exclusion
    /// group.
    admin_roles: BTreeSet<String>,
    /// What access is granted to. The asset `*` of a share is for all of them, present and future.
    assets: Vec<AssetBody>,
}

/// Something in the app that access is granted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AppAsset)]
pub(crate) struct AssetBody {
    /// The app's id.
    id: String,
    /// The name that people see.
    name: String,
    /// What can be granted on it. Of the permissions of one exclusion group the highest is granted.
    #[serde(default)]
    permissions: Vec<RoleBody>,
}

impl From<AppRole> for RoleBody {
    fn from(AppRole { key, name, exclusion_group, rank }: AppRole) -> Self {
        Self { key, name, exclusion_group, rank }
    }
}

impl From<RoleBody> for AppRole {
    fn from(RoleBody { key, name, exclusion_group, rank }: RoleBody) -> Self {
        Self { key, name, exclusion_group, rank }
    }
}

/// A role or permission of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AppRole)]
pub(crate) struct RoleBody {
    /// The connector's key for it.
    key: String,
    /// The name that people see.
    name: String,
    /// Of the roles of one exclusion group a person holds one at a time; without one it is a permission, and
    /// permissions add up.
    #[serde(default)]
    exclusion_group: Option<String>,
    /// Order within the exclusion group: the higher one wins.
    #[serde(default)]
    rank: u32,
}

/// An entitlement of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AppEntitlement)]
pub(crate) struct EntitlementBody {
    /// The stable value string that goes into an identity provider's group or attribute.
    value: String,
    /// The name that people see.
    name: String,
}

impl From<Catalogue> for CatalogueBody {
    fn from(catalogue: Catalogue) -> Self {
        let asset = |AppAsset { id, name, permissions }| AssetBody {
            id,
            name,
            permissions: permissions.into_iter().map(Into::into).collect(),
        };
        let entitlement = |AppEntitlement { value, name }| EntitlementBody { value, name };
        Self {
            roles: catalogue.roles.into_iter().map(Into::into).collect(),
            entitlements: catalogue.entitlements.into_iter().map(entitlement).collect(),
            admin_roles: catalogue.admin_roles,
            assets: catalogue.assets.into_iter().map(asset).collect(),
        }
    }
}

impl CatalogueBody {
    /// The catalogue, if nothing is in it twice or without a name.
    pub(crate) fn check(self) -> Result<Catalogue, Problem> {
        let keys = self.roles.iter().map(|role| role.key.as_str());
        check_unique("/catalogue/roles", "key", keys)?;
        let values = self.entitlements.iter().map(|entitlement| entitlement.value.as_str());
        check_unique("/catalogue/entitlements", "value", values)?;
        check_unique("/catalogue/assets", "id", self.assets.iter().map(|asset| asset.id.as_str()))?;
        if let Some(index) = self.assets.iter().position(|asset| asset.id == ALL_ASSETS) {
            let detail = format!("`{ALL_ASSETS}` stands for all assets; no asset can have this id");
            return Err(Problem::invalid(format!("/catalogue/assets/{index}/id"), detail));
        }
        for (index, asset) in self.assets.iter().enumerate() {
            let keys = asset.permissions.iter().map(|permission| permission.key.as_str());
            check_unique(&format!("/catalogue/assets/{index}/permissions"), "key", keys)?;
        }
        if let Some(role) =
            self.admin_roles.iter().find(|key| !self.roles.iter().any(|role| role.key == **key))
        {
            let detail =
                format!("the catalogue has no role `{role}`; add it to `roles`, or leave it out here");
            return Err(Problem::invalid("/catalogue/admin_roles", detail));
        }
        let asset = |AssetBody { id, name, permissions }| AppAsset {
            id,
            name,
            permissions: permissions.into_iter().map(Into::into).collect(),
        };
        let entitlement = |EntitlementBody { value, name }| AppEntitlement { value, name };
        Ok(Catalogue {
            roles: self.roles.into_iter().map(Into::into).collect(),
            entitlements: self.entitlements.into_iter().map(entitlement).collect(),
            admin_roles: self.admin_roles,
            assets: self.assets.into_iter().map(asset).collect(),
        })
    }
}

fn check_unique<'a>(list: &str, field: &str, values: impl Iterator<Item = &'a str>) -> Result<(), Problem> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, value) in values.enumerate() {
        if value.is_empty() {
            return Err(Problem::invalid(format!("{list}/{index}/{field}"), "it must not be empty"));
        }
        if !seen.insert(value) {
            let detail = format!("`{value}` is in the list twice; keep one");
            return Err(Problem::invalid(format!("{list}/{index}/{field}"), detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_in_the_catalogue_twice() {
        let catalogue = |text: &str| serde_json::from_str::<CatalogueBody>(text).unwrap().check();
        let twice = catalogue(r#"{"roles": [{"key": "admin", "name": "A"}, {"key": "admin", "name": "B"}]}"#);
        assert_eq!(twice.unwrap_err().errors[0].field, "/catalogue/roles/1/key");
        assert!(catalogue(r#"{"roles": [{"key": "admin", "name": "A", "rank": 2}]}"#).is_ok());
    }
}
