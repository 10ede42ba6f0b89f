//! Few people join or leave a group: one read and one transaction, whatever else is written to the group.
//!
//! Who is in a group is a row for each person, and so these writes commute: two of them about different people
//! have nothing in common but the group's version, which each moves by one without having read it, and of two
//! about one person the later one counts. What such a write has found to be true already, and therefore leaves
//! out, it demands to be true when it is committed. So every order of writes is one that could have happened
//! one after the other.

use std::collections::BTreeSet;

use usher_domain::{
    change::{Cause, Change, Subject},
    directory::{GroupRecord, MemberDelta},
    id::{ChangeId, ConnectionId, PersonId, TeamId, WorkspaceId},
    ports::{GroupAndPeople, PEOPLE_AT_ONCE, StoreResult},
};

use super::{
    Store,
    groups::{MODIFIED, STAGED, VERSION, live_group},
    members::Membership,
    query::{MAX_BATCH, Range},
    row::{Item, id_after, kind, number, number_of, text, text_of},
    staging::{Progress, underway},
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction, update_of},
    users::live_user,
};
use crate::{keys, table::INDEXES};

/// Up to so many members come in one answer of the database. More come in several, between which the group may change.
const READ_AT_A_TIME: usize = 1_000;
/// How often a large group is read until nobody changed it meanwhile. Then it is shown as it was found, with the version
/// that it had at the beginning: a client that rests a write on it is told to read again.
const READINGS: u32 = 3;

impl Store {
    pub(crate) async fn group_and_people_rows(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
        touched: &BTreeSet<PersonId>,
        newcomers: &BTreeSet<PersonId>,
    ) -> StoreResult<Option<GroupAndPeople>> {
        let workspace = connection.workspace();
        let mut keys = vec![keys::group(workspace, id)];
        keys.extend(touched.iter().map(|person| keys::member(workspace, id, person)));
        keys.extend(newcomers.iter().map(|person| keys::user(workspace, person)));
        loop {
            let rows = self.get_many(&keys).await?;
            let of_kind = |kind| rows.iter().filter(move |row| text_of(row, "type") == Some(kind));
            let Some(row) = of_kind(kind::GROUP).next() else { return Ok(None) };
            if let Some(progress) = self.settle(workspace, id, row).await? {
                progress.finished()?;
                continue;
            }
            let Some(group) = live_group(row)?.filter(|group| group.connection == *connection) else {
                return Ok(None);
            };
            let members = of_kind(kind::MEMBERSHIP).filter_map(|row| id_after(row, keys::MEMBER_PREFIX));
            let mut users = BTreeSet::new();
            for user in of_kind(kind::USER).map(live_user) {
                users.extend(user?.filter(|user| user.connection == *connection).map(|user| user.id));
            }
            return Ok(Some(GroupAndPeople { group, members: members.collect(), users }));
        }
    }

    pub(crate) async fn group_with_member_ids(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
        limit: Option<u32>,
    ) -> StoreResult<Option<(GroupRecord, Option<Vec<PersonId>>)>> {
        let workspace = connection.workspace();
        let range = Range::of(keys::team_partition(workspace, id))
            .between(keys::GROUP, format!("{}~", keys::MEMBER_PREFIX));
        let mut readings = 0;
        loop {
            // The group's row, and one member more than are wanted.
            let rows = match limit {
                Some(limit) => self.slice(range.clone(), 0, limit.saturating_add(2)).await?,
                None => self.all(range.clone()).await?,
            };
            let Some((row, members)) = rows.split_first() else { return Ok(None) };
            if text_of(row, "type") != Some(kind::GROUP) {
                return Ok(None);
            }
            let progress = self.settle(workspace, id, row).await?;
            if progress == Some(Progress::Finished) {
                continue;
            }
            let Some(group) = live_group(row)?.filter(|group| group.connection == *connection) else {
                return Ok(None);
            };
            if progress == Some(Progress::Underway) {
                // Who wants few members can do without; half of them nobody is shown.
                return if limit.is_some() { Ok(Some((group, None))) } else { Err(underway()) };
            }
            readings += 1;
            if members.len() > READ_AT_A_TIME && readings < READINGS && !self.is_as_read(&group).await? {
                continue;
            }
            let few = limit.is_none_or(|limit| members.len() <= limit as usize);
            let ids = || members.iter().filter_map(|row| id_after(row, keys::MEMBER_PREFIX)).collect();
            return Ok(Some((group, few.then(ids))));
        }
    }

    /// Whether a group is still of the version that was read, and no staged change is under way.
    async fn is_as_read(&self, group: &GroupRecord) -> StoreResult<bool> {
        let row = self.get(&keys::group(group.connection.workspace(), &group.id)).await?;
        Ok(row.is_some_and(|row| number_of(&row, VERSION) == group.version && !row.contains_key(STAGED)))
    }

    pub(crate) async fn member_ids(&self, group: &GroupRecord) -> StoreResult<Vec<PersonId>> {
        let found = self.group_with_member_ids(&group.connection, &group.id, None).await?;
        Ok(found.and_then(|(_, members)| members).unwrap_or_default())
    }

    pub(crate) async fn members_among_rows(
        &self,
        group: &GroupRecord,
        people: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        let workspace = group.connection.workspace();
        let mut keys = vec![keys::group(workspace, &group.id)];
        keys.extend(people.iter().map(|person| keys::member(workspace, &group.id, person)));
        loop {
            let rows = self.get_many(&keys).await?;
            let group_row = rows.iter().find(|row| text_of(row, "type") == Some(kind::GROUP));
            match group_row {
                Some(row) if let Some(progress) = self.settle(workspace, &group.id, row).await? => {
                    progress.finished()?;
                }
                _ => return Ok(rows.iter().filter_map(|row| id_after(row, keys::MEMBER_PREFIX)).collect()),
            }
        }
    }

    /// Applies what a staged change left to do. When there was something, what is beside the group's row must be read
    /// again.
    async fn settle(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        group: &Item,
    ) -> StoreResult<Option<Progress>> {
        match text_of(group, STAGED).and_then(|change| change.parse().ok()) {
            Some(change) => Ok(Some(self.roll_forward(workspace, team, &change).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn change_member_rows(
        &self,
        group: &GroupRecord,
        members: &MemberDelta,
        settled: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let workspace = group.connection.workspace();
        let mut transaction = Transaction::new();
        let next = update_of(self, &keys::group(workspace, &group.id))
            .update_expression("SET #modified = :now ADD #version :one")
            .expression_attribute_names("#modified", MODIFIED)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":now", text(cause.at.to_string()))
            .expression_attribute_values(":one", number(1));
        // A deleted group is not listed.
        let open = Condition::HasWithout(INDEXES[0].1, STAGED);
        transaction.update_if(next, open, Otherwise::Conflict("the group"));
        for membership in Membership::of_delta(&group.connection, &group.id, members) {
            membership.write(self, &mut transaction);
        }
        let present = settled.add.iter().map(|person| (person, Condition::Present));
        let absent = settled.remove.iter().map(|person| (person, Condition::Absent));
        for (person, condition) in present.chain(absent) {
            let key = keys::member(workspace, &group.id, person);
            transaction.check(self, &key, condition, Otherwise::Conflict("the membership"));
        }
        let people = members.people().cloned().collect();
        let subject = Subject::Members { team: group.id.clone(), people };
        self.put_change(&mut transaction, &Change::new(change, workspace.clone(), subject, cause.clone()))?;
        transaction.commit(self, "changing a group's members").await
    }
}

// The group and, for each person, two rows: in one read, and in one transaction with the change.
const _: () = assert!(2 * PEOPLE_AT_ONCE < MAX_BATCH && 2 * PEOPLE_AT_ONCE + 2 <= MAX_ACTIONS);
