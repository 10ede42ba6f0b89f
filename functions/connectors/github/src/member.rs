//! Members, as GitHub tells them.

use serde_json::Value;
use usher_connector::{Error, Result};
use usher_domain::{
    access::{Account, AccountState},
    directory::Profile,
    integration::AppRole,
};

use crate::wire::{number, text};

/// The roles of an organisation. An owner is called `admin`.
pub(crate) const MEMBER: &str = "member";
pub(crate) const ADMIN: &str = "admin";

pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("organization_role".to_owned()),
        rank,
    };
    vec![role(MEMBER, "Member", 1), role(ADMIN, "Owner", 2)]
}

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) account: Account,
    /// The name in URLs. It can change; the account's id does not.
    pub(crate) login: String,
    pub(crate) role: String,
    /// Addresses of the organisation's verified domains.
    pub(crate) emails: Vec<String>,
}

impl Member {
    /// Reads one of GraphQL's list.
    pub(crate) fn read(edge: &Value) -> Result<Self> {
        let told = edge.get("node").and_then(|node| {
            let emails = node.get("organizationVerifiedDomainEmails")?.as_array()?;
            let emails: Vec<String> = emails.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            Some((node, number(node, "databaseId")?, text(node, "login")?, role(edge)?, emails))
        });
        let (node, id, login, role, emails) = told.ok_or_else(|| {
            Error::transient(
                "reading a member: GitHub's answer lacks the id, login, role or addresses; it is read again",
            )
        })?;
        let profile = Profile {
            user_name: login.to_owned(),
            email: emails.first().cloned(),
            display_name: text(node, "name").map(str::to_owned),
            ..Profile::default()
        };
        let account = Account { id, state: AccountState::Active, profile };
        Ok(Self { account, login: login.to_owned(), role: role.to_owned(), emails })
    }

    /// Whether this is somebody with this address.
    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.emails.iter().any(|has| has.to_lowercase() == email.to_lowercase())
    }
}

fn role(edge: &Value) -> Option<&'static str> {
    match text(edge, "role")? {
        "ADMIN" => Some(ADMIN),
        "MEMBER" => Some(MEMBER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_whose_answer_lacks_something_is_no_member() {
        let whole = json!({"role": "ADMIN", "node": {"databaseId": 7, "login": "ada", "name": null,
            "organizationVerifiedDomainEmails": ["Ada@example.org"]}});
        let ada = Member::read(&whole).unwrap();
        assert_eq!((ada.account.id.as_str(), ada.role.as_str()), ("7", "admin"));
        assert!(ada.has_email("ada@EXAMPLE.org") && !ada.has_email("ada@example.com"));
        for missing in
            ["/role", "/node", "/node/databaseId", "/node/login", "/node/organizationVerifiedDomainEmails"]
        {
            let mut cut = whole.clone();
            *cut.pointer_mut(missing).unwrap() = Value::Null;
            assert!(Member::read(&cut).is_err(), "{missing}");
        }
    }
}
