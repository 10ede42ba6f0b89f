//! What a request's members come to: which memberships really change, and whether the people exist.

use std::collections::BTreeSet;

use usher_domain::directory::{GroupRecord, MemberDelta};
use usher_domain::id::PersonId;
use usher_scim::{ScimError, patch};

use crate::call::Call;
use crate::reply;

/// Checks that every id is a user of this connection.
pub(crate) async fn existing(call: &Call<'_>, ids: &[String]) -> Result<BTreeSet<PersonId>, ScimError> {
    let people = people(ids.iter())?;
    known(call, &people).await?;
    Ok(people)
}

fn people<'a>(ids: impl Iterator<Item = &'a String>) -> Result<BTreeSet<PersonId>, ScimError> {
    ids.map(|id| id.parse().map_err(|_| unknown("a member's id has a form that no user's id has"))).collect()
}

async fn known(call: &Call<'_>, people: &BTreeSet<PersonId>) -> Result<(), ScimError> {
    if people.is_empty() {
        return Ok(());
    }
    let directory = &call.app.directory;
    let found = directory.existing_users(&call.connection.id, people).await;
    let found = found.map_err(|e| reply::from_store(&e))?;
    match people.difference(&found).next() {
        None => Ok(()),
        Some(missing) => Err(unknown(&format!("member {missing} is not a user of this connection"))),
    }
}

fn unknown(what: &str) -> ScimError {
    ScimError::invalid_value(format!(
        "{what}; create the user first, and send users only: groups cannot be members of groups"
    ))
}

/// Reads which of the memberships asked for are a change. Adding and removing read only the people they name; only a
/// replacement of all reads the whole list.
pub(crate) async fn changes(
    call: &Call<'_>,
    group: &GroupRecord,
    asked: &patch::MemberDelta,
) -> Result<MemberDelta, ScimError> {
    let directory = &call.app.directory;
    let add = people(asked.add.iter())?;
    // Who cannot exist is no member.
    let remove: BTreeSet<PersonId> = asked.remove.iter().filter_map(|id| id.parse().ok()).collect();
    let (current, leaving) = if asked.clear {
        let all = directory.members(group).await.map_err(|e| reply::from_store(&e))?;
        let all: BTreeSet<PersonId> = all.into_iter().collect();
        let leaving = all.difference(&add).cloned().collect();
        (all, leaving)
    } else {
        let touched: BTreeSet<PersonId> = add.union(&remove).cloned().collect();
        if touched.is_empty() {
            return Ok(MemberDelta::default());
        }
        let current = directory.members_among(group, &touched).await;
        let current = current.map_err(|e| reply::from_store(&e))?;
        let leaving = remove.intersection(&current).cloned().collect();
        (current, leaving)
    };
    let joining: BTreeSet<PersonId> = add.difference(&current).cloned().collect();
    known(call, &joining).await?;
    Ok(MemberDelta { add: joining, remove: leaving })
}
