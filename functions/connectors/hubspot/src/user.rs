//! Users, as HubSpot tells them.

use std::collections::BTreeSet;

use serde_json::Value;
use usher_connector::{Error, Result};
use usher_domain::{
    access::{Account, AccountState},
    directory::Profile,
};

use crate::{team::Teams, wire::text};

/// Stands for the right to everything, which is none of the permission sets and which the API does not give.
pub(crate) const SUPER_ADMIN: &str = "super_admin";

/// A user.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) account: Account,
    /// Ids of permission sets, or just [`SUPER_ADMIN`].
    pub(crate) roles: BTreeSet<String>,
    pub(crate) teams: Teams,
}

impl User {
    /// Reads a user.
    pub(crate) fn read(item: &Value) -> Result<Self> {
        let told = text(item, "id").zip(text(item, "email"));
        let (id, email) = told.ok_or_else(|| {
            Error::transient("reading a user: HubSpot's answer lacks the id or address; it is read again")
        })?;
        let list = |field: &str| -> BTreeSet<String> {
            let values = item.get(field).and_then(Value::as_array).into_iter().flatten();
            values.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut roles = list("roleIds");
        roles.extend(text(item, "roleId").map(str::to_owned));
        if item.get("superAdmin") == Some(&Value::Bool(true)) {
            roles = [SUPER_ADMIN.to_owned()].into();
        }
        let teams = Teams {
            primary: text(item, "primaryTeamId").map(str::to_owned),
            secondary: list("secondaryTeamIds"),
        };
        let profile =
            Profile { user_name: email.to_owned(), email: Some(email.to_owned()), ..Profile::default() };
        Ok(Self {
            account: Account { id: id.to_owned(), state: AccountState::Active, profile },
            roles,
            teams,
        })
    }

    /// Whether this is somebody with this address.
    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.account.profile.email.as_deref().is_some_and(|has| has.to_lowercase() == email.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_super_admin_has_no_permission_set() {
        let user = json!({"id": "7", "email": "Ada@example.org", "roleIds": ["1"], "superAdmin": true});
        let ada = User::read(&user).unwrap();
        assert!(ada.has_email("ada@EXAMPLE.org") && ada.roles.iter().eq([SUPER_ADMIN]));
        assert!(User::read(&json!({"id": "7"})).is_err() && User::read(&json!({"email": "a@b"})).is_err());
    }
}
