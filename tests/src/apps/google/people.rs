//! Who is in: in Google Ads with a role, in Tag Manager and Analytics by the address alone. And what waits for a second
//! admin's approval.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::business::{Organisation, Person, Refused};

/// A change that another admin has to approve first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Another admin approved: the change is made.
    Approved,
    /// Another admin did not.
    Rejected,
}

/// A change of who has access.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Invite { email: String, role: String },
    SetRole { id: String, role: String },
    Remove { id: String },
    Cancel { id: String },
}

/// Makes a change, and answers the name of what was changed.
pub(super) fn make(account: &mut Organisation, change: Change) -> Result<String, Refused> {
    match change {
        Change::Invite { email, role } => {
            let before = take_outsider(account, &email)?;
            let invitation = account.invite(&email, &role)?;
            for (asset, held) in before {
                account.grant(&invitation.id, &asset, held)?;
            }
            Ok(format!("customerUserAccessInvitations/{}", invitation.id))
        }
        Change::SetRole { id, role } => {
            member(account, &id)?;
            account.set_role(&id, &role)?;
            Ok(format!("customerUserAccesses/{id}"))
        }
        Change::Remove { id } => {
            let grants = member(account, &id)?.grants.clone();
            if grants.is_empty() {
                account.remove(&id)?
            } else {
                account.set_role(&id, "")?
            }
            Ok(format!("customerUserAccesses/{id}"))
        }
        Change::Cancel { id } => {
            let invitation = account.invitation(&id).cloned().ok_or(Refused::NotFound)?;
            account.cancel(&id)?;
            for (asset, held) in invitation.grants {
                give(account, &invitation.email, &asset, held)?;
            }
            Ok(format!("customerUserAccessInvitations/{id}"))
        }
    }
}

/// Somebody with access to the Google Ads account.
pub(super) fn member<'a>(account: &'a Organisation, id: &str) -> Result<&'a Person, Refused> {
    account.person(id).filter(|person| !person.role.is_empty()).ok_or(Refused::NotFound)
}

/// When somebody came or was invited: numbers are given out in order, so each is a second of its own.
pub(super) fn since(id: &str) -> String {
    let start: Timestamp = Timestamp::from_second(1_767_225_600).unwrap_or_default();
    let place = id.parse::<i64>().unwrap_or_default() % 1_000_000;
    (start + SignedDuration::from_secs(place)).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Somebody of whom Tag Manager and Analytics know.
pub(super) struct Holder<'a> {
    /// The id of the person or the invitation that they are kept as.
    pub(super) id: &'a str,
    pub(super) email: &'a str,
    pub(super) grants: &'a BTreeMap<String, BTreeSet<String>>,
}

/// Everybody of whom Tag Manager and Analytics know.
pub(super) fn holders(account: &Organisation) -> Vec<Holder<'_>> {
    let people = account.people().iter();
    let people = people.map(|it| Holder { id: &it.id, email: &it.email, grants: &it.grants });
    let invited = account.invitations().iter();
    let invited = invited.map(|it| Holder { id: &it.id, email: &it.email, grants: &it.grants });
    people.chain(invited).filter(|holder| !holder.grants.is_empty()).collect()
}

/// Gives an address this on an asset in place of what it had; nothing takes it away. Who is left with nothing and no access to
/// Google Ads is gone.
pub(super) fn give(
    account: &mut Organisation,
    email: &str,
    asset: &str,
    held: BTreeSet<String>,
) -> Result<String, Refused> {
    let known = |has: &str| has.eq_ignore_ascii_case(email);
    let person = account.people().iter().find(|it| known(&it.email)).map(|it| it.id.clone());
    let invited = || account.invitations().iter().find(|it| known(&it.email)).map(|it| it.id.clone());
    let id = match person.or_else(invited) {
        Some(id) => id,
        None => account.add(email, email, ""),
    };
    account.grant(&id, asset, held)?;
    let left = account.person(&id).is_some_and(|it| it.role.is_empty() && it.grants.is_empty());
    if left {
        account.remove(&id)?;
    }
    Ok(id)
}

fn take_outsider(
    account: &mut Organisation,
    email: &str,
) -> Result<BTreeMap<String, BTreeSet<String>>, Refused> {
    let outside = |it: &&Person| it.role.is_empty() && it.email.eq_ignore_ascii_case(email);
    let Some((id, grants)) =
        account.people().iter().find(outside).map(|it| (it.id.clone(), it.grants.clone()))
    else {
        return Ok(BTreeMap::new());
    };
    account.remove(&id)?;
    Ok(grants)
}

impl Organisation {
    /// From now on another admin has to approve who gets access to the Google Ads account.
    pub fn ask_another_admin(&mut self) {
        self.own["approval"] = true.into();
    }

    /// Another admin decides about everything that waits.
    pub fn decide_reviews(&mut self, approval: Approval) {
        let reviews = self.own["reviews"].as_array().cloned().unwrap_or_default();
        let mut decided = Vec::new();
        for mut review in reviews {
            if review["status"] == "PENDING" {
                let text = |field: &str| review[field].as_str().unwrap_or_default().to_owned();
                let change = match review["what"].as_str() {
                    Some("invite") => Change::Invite { email: text("email"), role: text("role") },
                    Some("set_role") => Change::SetRole { id: text("user"), role: text("role") },
                    _ => Change::Remove { id: text("user") },
                };
                let made = approval == Approval::Approved && make(self, change).is_ok();
                review["status"] = if made { "APPROVED" } else { "REJECTED" }.into();
            }
            decided.push(review);
        }
        self.own["reviews"] = decided.into();
    }
}

/// Keeps a change until another admin decides, where one has to; answers the review's id.
pub(super) fn review(account: &mut Organisation, change: &Change) -> Option<String> {
    if account.own["approval"] != true {
        return None;
    }
    let reviews = account.own["reviews"].as_array_mut()?;
    let id = (90_001 + reviews.len()).to_string();
    let mut review = match change {
        Change::Invite { email, role } => json!({"what": "invite", "email": email, "role": role}),
        Change::SetRole { id, role } => json!({"what": "set_role", "user": id, "role": role}),
        Change::Remove { id } => json!({"what": "remove", "user": id}),
        // What takes nothing but an offer back needs nobody.
        Change::Cancel { .. } => return None,
    };
    review["id"] = id.clone().into();
    review["status"] = "PENDING".into();
    reviews.push(review);
    Some(id)
}

/// Reviews, as they are kept.
pub(super) fn reviews(account: &Organisation) -> Vec<Value> {
    account.own["reviews"].as_array().cloned().unwrap_or_default()
}
