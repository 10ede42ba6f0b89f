//! People of the business, as Meta tells them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use usher_connector::{Error, Invitation, Request, Result};
use usher_domain::{
    Timestamp,
    access::{Account, AccountState},
    directory::Profile,
    integration::AppRole,
};

use crate::{
    assets::KINDS,
    client::Client,
    wire::{self, text},
};

/// What is asked of a pending invitation.
pub(crate) const REQUEST_FIELDS: &str = "id,email,role,status,expiration_time";

/// The roles of a business. Meta's specification names more; in a business these two are given.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("business_role".to_owned()),
        rank,
    };
    vec![role("EMPLOYEE", "Employee (basic access)", 1), role("ADMIN", "Admin (full control)", 2)]
}

/// What is asked of a person: all in one call, grants included.
pub(crate) fn fields(page_size: u32) -> String {
    let mut fields = "id,email,name,first_name,last_name,role,business{id}".to_owned();
    for kind in &KINDS {
        fields.push_str(&format!(",assigned_{}.limit({page_size}){{id,tasks}}", kind.edge));
    }
    fields
}

/// A person of the business.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) account: Account,
    pub(crate) role: String,
    /// Tasks by asset, as Meta tells them.
    pub(crate) tasks: BTreeMap<String, BTreeSet<String>>,
}

/// Reads a person, and the rest of what the person may do where Meta told only the beginning.
pub(crate) async fn user(client: &Client, node: &Value) -> Result<User> {
    let malformed =
        || Error::transient("reading a person of the business: Meta's answer lacks the id or role");
    let id = text(node, "id").ok_or_else(malformed)?;
    let role = text(node, "role").ok_or_else(malformed)?;
    let mut tasks = BTreeMap::new();
    for kind in &KINDS {
        let name = format!("assigned_{}", kind.edge);
        // A person without assets of a kind does not show the edge.
        let Some(told) = node.get(&name) else { continue };
        let told = wire::edge("reading what a person may do", told)?;
        let mut assets = told.items;
        if let Some(after) = told.after {
            let request =
                Request::get("reading what a person may do", [id, &name]).query("fields", "id,tasks");
            assets = client.all(&request, assets, Some(after)).await?;
        }
        for asset in assets {
            let held = asset.get("tasks").and_then(Value::as_array).ok_or_else(|| {
                Error::transient("reading what a person may do: Meta told an asset without its tasks")
            })?;
            let held = held.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            tasks.insert(kind.asset(text(&asset, "id").unwrap_or_default()), held);
        }
    }
    let account = Account { id: id.to_owned(), state: AccountState::Active, profile: profile(node) };
    Ok(User { account, role: role.to_owned(), tasks })
}

/// Who Meta says this is.
pub(crate) fn profile(node: &Value) -> Profile {
    let field = |name: &str| text(node, name).map(str::to_owned);
    Profile {
        user_name: field("email").unwrap_or_default(),
        email: field("email"),
        display_name: field("name"),
        given_name: field("first_name"),
        family_name: field("last_name"),
        external_id: None,
    }
}

/// Whether this is the person with this address.
pub(crate) fn has_email(node: &Value, email: &str) -> bool {
    text(node, "email").is_some_and(|has| has.to_lowercase() == email.to_lowercase())
}

/// Reads an invitation; `None` for one that was accepted or taken back.
///
/// # Errors
/// For a status that is not known: nobody is invited twice, or taken for gone, on a guess.
pub(crate) fn invitation(node: &Value) -> Result<Option<Invitation>> {
    let told = text(node, "id").zip(text(node, "email")).zip(text(node, "status"));
    let ((id, email), status) = told.ok_or_else(|| {
        Error::transient("reading an invitation: Meta's answer lacks the id, address or status")
    })?;
    let state = match status.to_ascii_uppercase().as_str() {
        "PENDING" => AccountState::Invited,
        "EXPIRED" => AccountState::Expired,
        "DECLINED" | "REJECTED" => AccountState::Declined,
        "ACCEPTED" | "APPROVED" | "CANCELLED" | "CANCELED" => return Ok(None),
        _ => {
            return Err(Error::invalid(
                "reading an invitation: Meta tells a status that this connector does not know; settle the \
                 invitation in Business settings, then retry",
            ));
        }
    };
    Ok(Some(Invitation {
        id: id.to_owned(),
        email: email.to_owned(),
        state,
        roles: text(node, "role").map(str::to_owned).into_iter().collect(),
        expires_at: text(node, "expiration_time").and_then(time),
    }))
}

/// Meta writes offsets without a colon (`+0000`).
fn time(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text)).ok()
}
