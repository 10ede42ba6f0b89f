//! Invitations, as GitHub tells them.

use serde_json::Value;
use usher_connector::{Error, Invitation, Result};
use usher_domain::access::AccountState;

use crate::{
    member::MEMBER,
    wire::{number, text},
};

/// Stands before the id of an invitation, so that it is none of a person: GitHub counts both.
const PREFIX: &str = "invitation:";

/// The account that an invitation is until it is accepted.
pub(crate) fn account(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// GitHub's id of the invitation that this account is.
pub(crate) fn id(account: &str) -> Option<&str> {
    account.strip_prefix(PREFIX)
}

/// Reads an invitation of the list of those that wait, or of those that are over.
pub(crate) fn read(item: &Value, state: AccountState) -> Result<Invitation> {
    let told = number(item, "id").zip(text(item, "role"));
    let (id, role) = told.ok_or_else(|| {
        Error::transient("reading an invitation: GitHub's answer lacks the id or the role; it is read again")
    })?;
    let role = if role == "direct_member" { MEMBER } else { role };
    Ok(Invitation {
        id: account(&id),
        email: text(item, "email").unwrap_or_default().to_owned(),
        state,
        roles: [role.to_owned()].into(),
        expires_at: None,
    })
}

/// Whether it went to this address, or to somebody with this login.
pub(crate) fn is_to(item: &Value, email: Option<&str>, login: Option<&str>) -> bool {
    let same = |field: &str, wanted: Option<&str>| {
        wanted.zip(text(item, field)).is_some_and(|(wanted, has)| wanted.to_lowercase() == has.to_lowercase())
    };
    same("email", email) || same("login", login)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invitation_is_nobodys_account() {
        assert_eq!(id(&account("7")), Some("7"));
        assert_eq!(id("7"), None);
    }

    #[test]
    fn it_is_found_by_address_or_login() {
        let item = json!({"id": 1, "login": "Ada", "email": null, "role": "direct_member"});
        assert!(is_to(&item, None, Some("ada")) && !is_to(&item, Some(""), None));
        assert!(read(&item, AccountState::Invited).unwrap().roles.contains(MEMBER));
        assert!(read(&json!({"id": 1}), AccountState::Invited).is_err());
    }
}
