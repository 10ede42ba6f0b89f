//! Teams: one primary, any number of secondary ones.

use std::collections::{BTreeMap, BTreeSet};

use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

const PREFIX: &str = "team:";
pub(crate) const SECONDARY: &str = "secondary";
pub(crate) const PRIMARY: &str = "primary";

/// The teams of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Teams {
    pub(crate) primary: Option<String>,
    pub(crate) secondary: BTreeSet<String>,
}

impl Teams {
    /// What they are as assets.
    pub(crate) fn assets(&self) -> BTreeMap<String, BTreeSet<String>> {
        let secondary = self.secondary.iter().map(|id| (asset(id), [SECONDARY.to_owned()].into()));
        let primary = self.primary.iter().map(|id| (asset(id), [PRIMARY.to_owned()].into()));
        secondary.chain(primary).collect()
    }

    /// The teams that these assets are.
    ///
    /// # Errors
    /// `Invalid` for what is no team, or for more than one primary one.
    pub(crate) fn of(assets: &BTreeMap<String, BTreeSet<String>>) -> Result<Self> {
        let mut teams = Self::default();
        for (asset, permissions) in assets {
            let role = role(asset, permissions)?;
            if role == PRIMARY && teams.primary.is_some() {
                return Err(Error::invalid(
                    "a HubSpot user has one primary team, and the shares give more; make the others `secondary`, then \
                     retry",
                ));
            }
            teams.put(id(asset)?, Some(role));
        }
        Ok(teams)
    }

    /// In a team as this, or no more in it.
    pub(crate) fn put(&mut self, id: &str, role: Option<&str>) {
        self.secondary.remove(id);
        if self.primary.as_deref() == Some(id) {
            self.primary = None;
        }
        match role {
            Some(PRIMARY) => self.primary = Some(id.to_owned()),
            Some(_) => {
                self.secondary.insert(id.to_owned());
            }
            None => {}
        }
    }
}

/// The asset that a team is.
pub(crate) fn asset(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// HubSpot's id of a team.
pub(crate) fn id(asset: &str) -> Result<&str> {
    asset.strip_prefix(PREFIX).filter(|id| !id.is_empty()).ok_or_else(|| {
        Error::invalid(format!(
            "`{asset}` is not a team of HubSpot's; choose one of the integration's list on the share, then retry"
        ))
    })
}

/// What can be granted on a team: one of two, the second one more.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("team".to_owned()),
        rank,
    };
    vec![role(SECONDARY, "Secondary team", 1), role(PRIMARY, "Primary team", 2)]
}

/// The one that these come to. Grants add up: who should have both has the higher one.
///
/// # Errors
/// `Invalid` for what is none.
pub(crate) fn role(asset: &str, permissions: &BTreeSet<String>) -> Result<&'static str> {
    let known = permissions.iter().all(|permission| [PRIMARY, SECONDARY].contains(&permission.as_str()));
    match (permissions.is_empty() || !known, permissions.contains(PRIMARY)) {
        (true, _) => Err(Error::invalid(format!(
            "on `{asset}` HubSpot grants {SECONDARY} or {PRIMARY}; choose of these on the share, then retry"
        ))),
        (false, true) => Ok(PRIMARY),
        (false, false) => Ok(SECONDARY),
    }
}
