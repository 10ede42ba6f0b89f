//! People of the Business Center, as TikTok tells them.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use usher_connector::{Error, Result};
use usher_domain::{
    access::{Account, AccountState},
    directory::Profile,
    integration::AppRole,
};

use crate::wire::text;

/// The roles of a Business Center. Finance roles come on top, and stay with who has them.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("user_role".to_owned()),
        rank,
    };
    vec![role("STANDARD", "Standard", 1), role("ADMIN", "Admin", 2)]
}

/// A member, or somebody who is asked to be one.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) account: Account,
    pub(crate) role: String,
}

impl Member {
    pub(crate) fn email(&self) -> &str {
        self.account.profile.email.as_deref().unwrap_or_default()
    }

    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.email().to_lowercase() == email.to_lowercase()
    }
}

/// Reads a member; `None` for one who is not any more.
///
/// # Errors
/// For a relation that is not known: nobody is invited twice, or taken for gone, on a guess.
pub(crate) fn member(item: &Value) -> Result<Option<Member>> {
    let malformed =
        |what: &str| Error::transient(format!("reading a member: TikTok's answer lacks the {what}"));
    let email = text(item, "user_email").ok_or_else(|| malformed("address"))?;
    let state = match text(item, "relation_status").ok_or_else(|| malformed("status"))? {
        "BOUND" => AccountState::Active,
        "PENDING" => AccountState::Invited,
        "REJECTED" => AccountState::Declined,
        "UNBOUND" => return Ok(None),
        _ => {
            return Err(Error::invalid(
                "reading a member: TikTok tells a relation that this connector does not know; settle it in the \
                 Business Center, then retry",
            ));
        }
    };
    let id = match text(item, "user_id") {
        Some(id) => id.to_owned(),
        None if state == AccountState::Active => return Err(malformed("id")),
        None => invited_id(email),
    };
    let role = text(item, "user_role").ok_or_else(|| malformed("role"))?.to_owned();
    let profile = Profile {
        user_name: email.to_owned(),
        email: Some(email.to_owned()),
        display_name: text(item, "user_name").map(str::to_owned),
        ..Profile::default()
    };
    Ok(Some(Member { account: Account { id, state, profile }, role }))
}

/// TikTok knows an invitation by the address only, which must not be an id: ids are logged.
fn invited_id(email: &str) -> String {
    let digest = digest(&SHA256, email.to_lowercase().as_bytes());
    let short: String = digest.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("invited-{short}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn relations_are_states_and_unknown_ones_are_errors() {
        let of = |status: &str, id: &str| {
            member(
                &json!({"user_id": id, "user_email": "Ada@x", "user_role": "ADMIN", "relation_status": status}),
            )
        };
        let state = |status, id| of(status, id).unwrap().map(|member| member.account.state);
        assert_eq!(state("BOUND", "1"), Some(AccountState::Active));
        assert_eq!(state("PENDING", ""), Some(AccountState::Invited));
        assert_eq!(state("REJECTED", ""), Some(AccountState::Declined));
        assert_eq!(state("UNBOUND", "1"), None);
        assert!(of("BOUND", "").is_err() && of("ODD", "1").is_err() && member(&json!({})).is_err());
        let id = of("PENDING", "").unwrap().unwrap().account.id;
        assert!(id.starts_with("invited-") && !id.contains("Ada"), "{id}");
    }
}
