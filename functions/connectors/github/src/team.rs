//! Teams: what is granted in an organisation.

use std::collections::BTreeSet;

use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

const PREFIX: &str = "team:";
pub(crate) const MEMBER: &str = "member";
pub(crate) const MAINTAINER: &str = "maintainer";

/// The asset that a team is.
pub(crate) fn asset(slug: &str) -> String {
    format!("{PREFIX}{slug}")
}

/// The team's name in URLs.
pub(crate) fn slug(asset: &str) -> Result<&str> {
    asset.strip_prefix(PREFIX).filter(|slug| !slug.is_empty()).ok_or_else(|| {
        Error::invalid(format!(
            "`{asset}` is not a team of GitHub's; choose one of the integration's list on the share, then retry"
        ))
    })
}

/// What can be granted on a team: one of two, the second one more.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("team_role".to_owned()),
        rank,
    };
    vec![role(MEMBER, "Member", 1), role(MAINTAINER, "Maintainer", 2)]
}

/// The role that these come to. Grants add up: who should have both has the higher one.
///
/// # Errors
/// `Invalid` for what is no role of a team.
pub(crate) fn role(asset: &str, permissions: &BTreeSet<String>) -> Result<&'static str> {
    let known = permissions.iter().all(|permission| [MEMBER, MAINTAINER].contains(&permission.as_str()));
    match (permissions.is_empty() || !known, permissions.contains(MAINTAINER)) {
        (true, _) => Err(Error::invalid(format!(
            "on `{asset}` GitHub grants {MEMBER} or {MAINTAINER}; choose of these on the share, then retry"
        ))),
        (false, true) => Ok(MAINTAINER),
        (false, false) => Ok(MEMBER),
    }
}
