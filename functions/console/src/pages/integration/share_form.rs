//! The fields of a share, as a form sends them. They are the same in the address of the dialog, in its preview and in
//! what is confirmed, so that what was previewed is what is done.

use std::collections::{BTreeMap, BTreeSet};

use usher_domain::share::{AppAccess, HubRole, Principal, Share};

use super::shares::kind_and_id;
use crate::{
    api::{names::HubRoleName, preview_views::ChangeBody, shares::AppAccessBody},
    error::Problem,
};

/// What begins the names of the choices of one exclusion group each.
const ROLE_OF: &str = "role.";

/// A share as it is being put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages) struct ShareForm {
    /// With whom; `None` until somebody is chosen.
    pub(in crate::pages) principal: Option<Principal>,
    /// Whom to look for.
    pub(in crate::pages) looked_for: String,
    /// What they may do with the hub in Usher.
    pub(in crate::pages) hub_role: HubRole,
    /// Whether they get a seat.
    pub(in crate::pages) seat: bool,
    /// Keys of roles and permissions.
    pub(in crate::pages) roles: BTreeSet<String>,
    /// Permissions per asset.
    pub(in crate::pages) assets: BTreeMap<String, BTreeSet<String>>,
    /// Value strings of entitlements.
    pub(in crate::pages) entitlements: BTreeSet<String>,
    /// Whether anything but the principal was given.
    pub(in crate::pages) is_filled: bool,
}

impl Default for ShareForm {
    fn default() -> Self {
        Self {
            principal: None,
            looked_for: String::new(),
            hub_role: HubRole::Collaborator,
            seat: true,
            roles: BTreeSet::new(),
            assets: BTreeMap::new(),
            entitlements: BTreeSet::new(),
            is_filled: false,
        }
    }
}

impl ShareForm {
    /// Reads the fields of a form or an address.
    ///
    /// # Errors
    /// 400 for a field that the form does not have, or a value that it cannot have.
    pub(in crate::pages) fn read(fields: &[(String, String)]) -> Result<Self, Problem> {
        let mut form = Self::default();
        for (name, value) in fields {
            form.take(name, value)?;
        }
        Ok(form)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let wrong = |detail: &str| Problem::bad_parameter(name, detail.to_owned());
        self.is_filled |= !matches!(name, "team" | "person" | "q");
        match name {
            "team" => {
                self.principal =
                    Some(Principal::Team(value.parse().map_err(|_| wrong("it is no team's id"))?));
            }
            "person" => {
                self.principal =
                    Some(Principal::Person(value.parse().map_err(|_| wrong("it is no person's id"))?));
            }
            "q" => value.trim().clone_into(&mut self.looked_for),
            "hub_role" => {
                let role: Result<HubRoleName, _> = serde_json::from_value(value.into());
                self.hub_role = role.map_err(|_| wrong("use collaborator, manager or owner"))?.into();
            }
            "access" => {
                self.seat = match value {
                    "invite" => true,
                    "hub_only" => false,
                    _ => return Err(wrong("use invite or hub_only")),
                }
            }
            "entitlement" => drop(self.entitlements.insert(value.to_owned())),
            "assets" => self.assets = assets_of(value),
            "permission" => drop(self.roles.insert(value.to_owned())),
            role if role.starts_with(ROLE_OF) => {
                self.roles.extend(Some(value).filter(|value| !value.is_empty()).map(str::to_owned));
            }
            _ => return Err(wrong("this form has no such field")),
        }
        Ok(())
    }

    /// The form as a share fills it.
    pub(in crate::pages) fn of(share: &Share) -> Self {
        let form =
            Self { principal: Some(share.principal.clone()), hub_role: share.hub_role, ..Self::default() };
        match share.app_access.clone() {
            AppAccess::HubOnly => Self { seat: false, ..form },
            AppAccess::Invite { roles, assets, entitlements } => Self { roles, assets, entitlements, ..form },
        }
    }

    /// The fields that make this form again.
    pub(in crate::pages) fn fields(&self) -> Vec<(&'static str, String)> {
        let principal = self.principal.as_ref().map(kind_and_id).map(|(kind, id)| (kind, id.to_owned()));
        let mut fields: Vec<(&'static str, String)> = principal.into_iter().collect();
        fields.push(("hub_role", super::super::log_query::word(self.hub_role)));
        fields.push(("access", if self.seat { "invite" } else { "hub_only" }.to_owned()));
        fields.extend(self.roles.iter().map(|role| ("permission", role.clone())));
        fields.extend(self.entitlements.iter().map(|value| ("entitlement", value.clone())));
        if !self.assets.is_empty() {
            fields.push(("assets", self.assets_text()));
        }
        fields
    }

    /// The name of the choice among the roles of an exclusion group.
    pub(in crate::pages) fn role_field(group: &str) -> String {
        format!("{ROLE_OF}{group}")
    }

    /// The assets, one a line.
    pub(in crate::pages) fn assets_text(&self) -> String {
        let line = |(asset, permissions): (&String, &BTreeSet<String>)| {
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            format!("{asset}: {}", permissions.join(", "))
        };
        self.assets.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// What the share gives in the app.
    pub(in crate::pages) fn access(&self) -> AppAccessBody {
        if !self.seat {
            return AppAccessBody::HubOnly;
        }
        AppAccessBody::Invite {
            roles: self.roles.clone(),
            assets: self.assets.clone(),
            entitlements: self.entitlements.clone(),
        }
    }

    /// The change that making this share is.
    pub(in crate::pages) fn change(&self, principal: &Principal) -> ChangeBody {
        let (hub_role, app_access) = (self.hub_role.into(), self.access());
        match principal.clone() {
            Principal::Team(team) => ChangeBody::PutTeamShare { team, hub_role, app_access },
            Principal::Person(person) => ChangeBody::PutPersonShare { person, hub_role, app_access },
        }
    }
}

/// `asset: permission, permission` on each line.
fn assets_of(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut assets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let (asset, permissions) = line.split_once(':').unwrap_or((line, ""));
        let asset = asset.trim();
        if !asset.is_empty() {
            let permissions =
                permissions.split(',').map(str::trim).filter(|permission| !permission.is_empty());
            assets.entry(asset.to_owned()).or_default().extend(permissions.map(str::to_owned));
        }
    }
    assets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ShareForm, Problem> {
        let fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        ShareForm::read(&fields)
    }

    /// What is confirmed is what was previewed: the fields of a form make the same form.
    #[test]
    fn a_form_comes_back_from_its_fields() {
        let form = read(
            "team=t1&hub_role=manager&access=invite&role.role=editor&permission=billing&entitlement=ads\
             &assets=page-1%3A+view%2C+edit%0Apage-2%3A+view",
        )
        .unwrap();
        assert_eq!(form.roles, ["billing", "editor"].map(str::to_owned).into());
        assert_eq!(form.assets["page-1"].len(), 2);
        let fields: Vec<_> =
            form.fields().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(ShareForm::read(&fields).unwrap(), form);
    }

    #[test]
    fn no_role_is_a_choice_and_made_up_fields_are_none() {
        assert!(read("team=t1&role.role=").unwrap().roles.is_empty());
        assert!(read("team=t1&rolls=editor").is_err());
        assert!(read("team=t1&hub_role=king").is_err());
        assert!(!read("team=t1&q=x").unwrap().is_filled);
    }
}
