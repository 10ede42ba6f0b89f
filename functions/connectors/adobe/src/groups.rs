//! Groups: product profiles, which are what people get; user groups, which are assets; and the organisation's admins.

use std::collections::BTreeSet;

use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

/// System administrators, whom the API neither makes nor changes.
pub(crate) const ORGANIZATION_ADMIN: &str = "_org_admin";
/// Stands before the name of every group that carries admin rights.
const ADMIN_PREFIX: char = '_';
const ASSET_PREFIX: &str = "user_group:";
/// What is held on a user group.
const MEMBER: &str = "member";
/// The admins that the API makes.
const ROLES: [(&str, &str); 2] =
    [("_deployment_admin", "Deployment administrator"), ("_support_admin", "Support administrator")];

/// Admin rights, which add up; most people have none.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |(key, name): (&str, &str)| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: None,
        rank: 0,
    };
    ROLES.map(role).to_vec()
}

/// Whether this group is a role.
pub(crate) fn is_role(group: &str) -> bool {
    group == ORGANIZATION_ADMIN || ROLES.iter().any(|(key, _)| *key == group)
}

/// The asset that a user group is.
pub(crate) fn asset(group: &str) -> String {
    format!("{ASSET_PREFIX}{group}")
}

/// What can be granted on a user group.
pub(crate) fn permissions() -> Vec<AppRole> {
    vec![AppRole { key: MEMBER.to_owned(), name: "Member".to_owned(), exclusion_group: None, rank: 0 }]
}

/// What somebody holds who is in a user group.
pub(crate) fn held() -> BTreeSet<String> {
    [MEMBER.to_owned()].into()
}

/// The user group that an asset is. Groups with admin rights are none.
///
/// # Errors
/// `Invalid` for what is none.
pub(crate) fn user_group(asset: &str) -> Result<&str> {
    let group = asset.strip_prefix(ASSET_PREFIX);
    group.filter(|group| !group.is_empty() && !group.starts_with(ADMIN_PREFIX)).ok_or_else(|| {
        Error::invalid(format!(
            "`{asset}` is not a user group of Adobe's; choose one of the integration's list on the share, then retry"
        ))
    })
}

/// Refuses what cannot be granted.
///
/// # Errors
/// `Invalid`, with what to change.
pub(crate) fn check(asset: &str, permissions: &BTreeSet<String>) -> Result<()> {
    user_group(asset)?;
    if *permissions != held() {
        return Err(Error::invalid(format!(
            "on `{asset}` Adobe grants {MEMBER} and nothing else; choose that on the share, then retry"
        )));
    }
    Ok(())
}

/// Refuses a value that would give admin rights in place of a product.
///
/// # Errors
/// `Invalid`, with what to change.
pub(crate) fn check_profile(entitlement: &str) -> Result<()> {
    if entitlement.starts_with(ADMIN_PREFIX) {
        return Err(Error::invalid(format!(
            "the entitlement `{entitlement}` is a group with admin rights and not a product profile; take it off, then retry"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_with_admin_rights_are_no_assets_and_no_products() {
        assert_eq!(user_group(&asset("Studio")), Ok("Studio"));
        assert!(user_group("user_group:_org_admin").is_err() && user_group("user_group:").is_err());
        assert!(user_group("Studio").is_err());
        assert!(check("user_group:Studio", &held()).is_ok());
        assert!(check("user_group:Studio", &["admin".to_owned()].into()).is_err());
        assert!(
            check_profile("Creative Cloud 1").is_ok() && check_profile("_admin_Creative Cloud 1").is_err()
        );
        assert!(is_role("_org_admin") && is_role("_support_admin") && !is_role("_admin_Studio"));
    }
}
