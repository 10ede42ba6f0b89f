//! What a request's members come to: which memberships really change, and whether the people exist.

use std::collections::BTreeSet;

use usher_domain::directory::{GroupRecord, MemberDelta};
use usher_domain::id::{PersonId, TeamId};
use usher_domain::ports::PEOPLE_AT_ONCE;
use usher_domain::protocol::UnknownMembers;
use usher_scim::{ScimError, patch};

use crate::call::{Attempts, Call, absent, contended};
use crate::reply::{from_store, written};

/// Those of a new group's members who can be, or the refusal of one who cannot.
pub(crate) async fn existing(call: &Call<'_>, ids: &[String]) -> Result<BTreeSet<PersonId>, ScimError> {
    let people = people(call, ids.iter())?;
    known(call, people).await
}

fn people<'a>(
    call: &Call<'_>,
    ids: impl Iterator<Item = &'a String>,
) -> Result<BTreeSet<PersonId>, ScimError> {
    let parsed =
        ids.map(|id| id.parse().map_err(|_| unknown("a member's id has a form that no user's id has")));
    match call.connection.protocol.unknown_members {
        UnknownMembers::Refuse => parsed.collect(),
        UnknownMembers::Skip => Ok(parsed.filter_map(Result::ok).collect()),
    }
}

/// Those of `people` who are users of the connection.
async fn known(call: &Call<'_>, people: BTreeSet<PersonId>) -> Result<BTreeSet<PersonId>, ScimError> {
    if people.is_empty() {
        return Ok(people);
    }
    let directory = &call.app.directory;
    let users = directory.existing_users(&call.connection.id, &people).await;
    admitted(call, people, &users.map_err(|e| from_store(&e))?)
}

/// Those of `people` who are among the `users`: all of them, unless the connection leaves others out.
fn admitted(
    call: &Call<'_>,
    people: BTreeSet<PersonId>,
    users: &BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, ScimError> {
    match (call.connection.protocol.unknown_members, people.difference(users).next()) {
        (_, None) => Ok(people),
        (UnknownMembers::Skip, Some(_)) => {
            let admitted = &people & users;
            let left_out = people.len() - admitted.len();
            tracing::info!(connection = %call.connection.id, left_out, "members who are no users are left out");
            Ok(admitted)
        }
        (UnknownMembers::Refuse, Some(missing)) => {
            Err(unknown(&format!("member {missing} is not a user of this connection")))
        }
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
    let add = people(call, asked.add.iter())?;
    // Who cannot exist is no member.
    let remove: BTreeSet<PersonId> = asked.remove.iter().filter_map(|id| id.parse().ok()).collect();
    let (current, leaving) = if asked.clear {
        let all = directory.members(group).await.map_err(|e| from_store(&e))?;
        let all: BTreeSet<PersonId> = all.into_iter().collect();
        let leaving = all.difference(&add).cloned().collect();
        (all, leaving)
    } else {
        let touched: BTreeSet<PersonId> = add.union(&remove).cloned().collect();
        if touched.is_empty() {
            return Ok(MemberDelta::default());
        }
        let current = directory.members_among(group, &touched).await;
        let current = current.map_err(|e| from_store(&e))?;
        let leaving = remove.intersection(&current).cloned().collect();
        (current, leaving)
    };
    let joining = known(call, add.difference(&current).cloned().collect()).await?;
    Ok(MemberDelta { add: joining, remove: leaving })
}

/// A change of nothing but the membership of few people: one read and one transaction, and others who change the group at
/// the same moment are not in its way.
pub(crate) struct Few(MemberDelta);

impl Few {
    /// The change that is asked for, if it is of few people who may exist.
    pub(crate) fn of(call: &Call<'_>, asked: &patch::MemberDelta) -> Option<Self> {
        if asked.clear || asked.add.len() + asked.remove.len() > PEOPLE_AT_ONCE {
            return None;
        }
        let add = people(call, asked.add.iter()).ok()?;
        // Who cannot exist is no member.
        let remove = asked.remove.iter().filter_map(|id| id.parse().ok()).collect();
        Some(Self(MemberDelta { add, remove }))
    }

    /// Makes the change, and answers the group after it. Its version is the one after that which was read: when others
    /// wrote in between, it has moved further. A client that sends this tag back is then told to read again.
    pub(crate) async fn change(&self, call: &Call<'_>, id: &TeamId) -> Result<GroupRecord, ScimError> {
        let Self(asked) = self;
        let directory = &call.app.directory;
        let touched: BTreeSet<PersonId> = asked.people().cloned().collect();
        let mut attempts = Attempts::new(call);
        while attempts.next().await {
            let found = directory.group_and_people(&call.connection.id, id, &touched, &asked.add).await;
            let found = found.map_err(|e| from_store(&e))?.ok_or_else(|| absent("group"))?;
            let (there, group) = (&found.members, found.group);
            let add = admitted(call, &asked.add - there, &found.users)?;
            let members = MemberDelta { add, remove: &asked.remove & there };
            if members.is_empty() {
                return Ok(group);
            }
            let settled = MemberDelta { add: &asked.add & there, remove: &asked.remove - there };
            let cause = call.cause(call.app.clock.now());
            if written(directory.change_members(&group, &members, &settled, call.change_id(), &cause).await)?
            {
                return Ok(GroupRecord { version: group.version + 1, modified_at: cause.at, ..group });
            }
        }
        Err(contended())
    }
}
