//! People of the business, as Pinterest tells them.

use serde_json::Value;
use usher_connector::{Error, Invitation, Result};
use usher_domain::{
    Timestamp,
    access::{Account, AccountState},
    directory::Profile,
    integration::AppRole,
};

use crate::wire::text;

/// The roles that members are given.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("business_role".to_owned()),
        rank,
    };
    vec![role("EMPLOYEE", "Employee", 1), role("BIZ_ADMIN", "Business admin", 2)]
}

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) account: Account,
    pub(crate) role: String,
}

/// Reads a member.
pub(crate) fn member(item: &Value) -> Result<Member> {
    let told = text(item, "id").zip(role(item));
    let (id, role) = told.ok_or_else(|| {
        Error::transient("reading a member: Pinterest's answer lacks the id or the role; it is read again")
    })?;
    let account = Account { id: id.to_owned(), state: AccountState::Active, profile: profile(item) };
    Ok(Member { account, role: role.to_owned() })
}

fn role(item: &Value) -> Option<&str> {
    item.pointer("/business_roles/0").and_then(Value::as_str)
}

fn profile(item: &Value) -> Profile {
    let user = item.get("user").unwrap_or(&Value::Null);
    let email = text(user, "email").map(str::to_owned);
    let name = text(user, "username").map(str::to_owned);
    Profile {
        user_name: name.clone().or_else(|| email.clone()).unwrap_or_default(),
        email,
        display_name: name,
        ..Profile::default()
    }
}

/// Whether this is somebody with this address.
pub(crate) fn has_email(item: &Value, email: &str) -> bool {
    let has = item.pointer("/user/email").and_then(Value::as_str);
    has.is_some_and(|has| has.to_lowercase() == email.to_lowercase())
}

/// Reads an invitation; `None` for one that is neither pending nor expired.
pub(crate) fn invitation(item: &Value) -> Result<Option<Invitation>> {
    let malformed = || Error::transient("reading an invitation: Pinterest's answer lacks the id or status");
    let id = text(item, "id").ok_or_else(malformed)?;
    let data = item.get("invite_data").ok_or_else(malformed)?;
    let state = match text(data, "invite_status").ok_or_else(malformed)? {
        "PENDING" => AccountState::Invited,
        "EXPIRED" => AccountState::Expired,
        "DECLINED" => AccountState::Declined,
        _ => return Ok(None),
    };
    let expires_at = data.get("invite_expiration").and_then(Value::as_i64);
    Ok(Some(Invitation {
        id: id.to_owned(),
        email: item.pointer("/user/email").and_then(Value::as_str).unwrap_or_default().to_owned(),
        state,
        roles: role(item).map(str::to_owned).into_iter().collect(),
        expires_at: expires_at.and_then(|millis| Timestamp::from_millisecond(millis).ok()),
    }))
}
