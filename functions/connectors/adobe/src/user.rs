//! Users, as Adobe tells them.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use usher_connector::{Error, Result};
use usher_domain::{
    access::{Account, AccountState},
    directory::Profile,
};

use crate::{groups, wire::text};

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) account: Account,
    /// Everything that the user is in.
    pub(crate) groups: BTreeSet<String>,
    /// The account is the person's own, and is named so in commands.
    pub(crate) own: bool,
}

impl User {
    /// Reads a user. Adobe tells active ones only.
    pub(crate) fn read(item: &Value) -> Result<Self> {
        let email = text(item, "email").ok_or_else(|| {
            Error::transient("reading a user: Adobe's answer lacks the address; it is read again")
        })?;
        let groups = match item.get("groups") {
            // Who is in none has none.
            None => BTreeSet::new(),
            Some(groups) => {
                let groups = groups.as_array().and_then(|groups| {
                    groups.iter().map(|group| group.as_str().map(str::to_owned)).collect::<Option<_>>()
                });
                groups.ok_or_else(|| {
                    Error::transient(
                        "reading a user: Adobe's answer holds groups that are no list; it is read again",
                    )
                })?
            }
        };
        let id = text(item, "id").map_or_else(|| named_by(email), str::to_owned);
        let name = |field| text(item, field).map(str::to_owned);
        let profile = Profile {
            user_name: name("username").unwrap_or_else(|| email.to_owned()),
            email: Some(email.to_owned()),
            given_name: name("firstname"),
            family_name: name("lastname"),
            ..Profile::default()
        };
        let account = Account { id, state: AccountState::Active, profile };
        Ok(Self { account, groups, own: text(item, "type") == Some("adobeID") })
    }

    /// The admin rights among the groups.
    pub(crate) fn roles(&self) -> BTreeSet<String> {
        self.groups.iter().filter(|group| groups::is_role(group)).cloned().collect()
    }
}

/// Adobe may tell no id. The address must not be one: ids are logged.
fn named_by(email: &str) -> String {
    let digest = digest(&SHA256, email.to_lowercase().as_bytes());
    let short: String = digest.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("user-{short}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_without_an_id_is_told_apart_by_the_address_which_is_not_shown() {
        let user = |item: Value| User::read(&item).unwrap();
        let ada = user(json!({"email": "Ada@example.org", "status": "active", "type": "federatedID"}));
        assert_eq!(ada.account.id, user(json!({"email": "ada@example.org"})).account.id);
        assert!(!ada.account.id.to_lowercase().contains("ada") && ada.groups.is_empty() && !ada.own);
        let known = user(
            json!({"email": "a@b", "id": "7@AdobeID", "type": "adobeID", "groups": ["_support_admin", "Studio"]}),
        );
        assert_eq!(known.account.id, "7@AdobeID");
        assert!(known.own && known.roles().iter().eq(["_support_admin"]));
        assert!(
            User::read(&json!({"id": "7"})).is_err()
                && User::read(&json!({"email": "a@b", "groups": {}})).is_err()
        );
    }
}
