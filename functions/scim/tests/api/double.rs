//! A directory that does as it is told: it can be made to conflict, and counts what is asked of it. What the real store does
//! is tested on the real store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use usher_domain::Timestamp;
use usher_domain::change::Cause;
use usher_domain::directory::{Connection, GroupRecord, IndexedValue, MemberDelta, Membership, UserRecord};
use usher_domain::id::{ChangeId, ConnectionId, PersonId, TeamId};
use usher_domain::ports::{Clock, Directory, Ids, Listing, StoreError, StoreResult};

#[derive(Default)]
pub(crate) struct State {
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    pub(crate) users: BTreeMap<PersonId, UserRecord>,
    pub(crate) groups: BTreeMap<TeamId, GroupRecord>,
    pub(crate) members: BTreeMap<TeamId, BTreeSet<PersonId>>,
    /// The causes of all writes.
    pub(crate) writes: Vec<Cause>,
    /// How many of the next writes meet somebody else's.
    pub(crate) conflicts: usize,
    /// How often a whole member list was read.
    pub(crate) lists_of_members: usize,
}

#[derive(Default)]
pub(crate) struct Double(pub(crate) Mutex<State>);

impl Double {
    pub(crate) fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap())
    }
}

impl State {
    fn write(&mut self, cause: &Cause) -> StoreResult<()> {
        if self.conflicts > 0 {
            self.conflicts -= 1;
            return Err(StoreError::Conflict { what: "the row" });
        }
        self.writes.push(cause.clone());
        Ok(())
    }

    fn user_name_is_free(&self, user: &UserRecord) -> StoreResult<()> {
        let name = |u: &UserRecord| u.profile().user_name.to_lowercase();
        let taken = self
            .users
            .values()
            .any(|u| u.id != user.id && u.connection == user.connection && name(u) == name(user));
        if taken { Err(StoreError::Taken { attribute: "userName" }) } else { Ok(()) }
    }

    fn group_name_is_free(&self, group: &GroupRecord) -> StoreResult<()> {
        let name = |g: &GroupRecord| g.display_name().to_lowercase();
        let taken = self
            .groups
            .values()
            .any(|g| g.id != group.id && g.connection == group.connection && name(g) == name(group));
        if taken { Err(StoreError::Taken { attribute: "displayName" }) } else { Ok(()) }
    }
}

fn listing<T>(all: Vec<T>, start_index: u64, count: u32) -> Listing<T> {
    Listing {
        total: all.len() as u64,
        items: all.into_iter().skip(start_index as usize - 1).take(count as usize).collect(),
    }
}

#[async_trait]
impl Directory for Double {
    async fn connection(&self, id: &ConnectionId) -> StoreResult<Option<Connection>> {
        Ok(self.with(|s| s.connections.get(id).cloned()))
    }

    async fn create_user(&self, user: &UserRecord, _: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.with(|s| {
            s.user_name_is_free(user)?;
            s.write(cause)?;
            s.users.insert(user.id.clone(), user.clone());
            Ok(())
        })
    }

    async fn user(&self, connection: &ConnectionId, id: &PersonId) -> StoreResult<Option<UserRecord>> {
        Ok(self.with(|s| s.users.get(id).filter(|u| u.connection == *connection).cloned()))
    }

    async fn user_with_groups(
        &self,
        connection: &ConnectionId,
        id: &PersonId,
    ) -> StoreResult<Option<(UserRecord, Vec<Membership>)>> {
        let Some(user) = self.user(connection, id).await? else {
            return Ok(None);
        };
        let groups = self.with(|s| {
            let of = s.members.iter().filter(|(_, people)| people.contains(id));
            of.map(|(team, _)| Membership {
                team: team.clone(),
                display_name: s.groups[team].display_name().to_owned(),
            })
            .collect()
        });
        Ok(Some((user, groups)))
    }

    async fn replace_user(
        &self,
        before: &UserRecord,
        after: &UserRecord,
        _: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.with(|s| {
            s.user_name_is_free(after)?;
            s.write(cause)?;
            assert_eq!((s.users[&before.id].version, after.version), (before.version, before.version + 1));
            s.users.insert(after.id.clone(), after.clone());
            Ok(())
        })
    }

    async fn delete_user(&self, user: &UserRecord, _: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.with(|s| {
            s.write(cause)?;
            s.users.remove(&user.id);
            Ok(())
        })
    }

    async fn find_users(&self, connection: &ConnectionId, by: &IndexedValue) -> StoreResult<Vec<PersonId>> {
        Ok(self.with(|s| {
            let own = s.users.values().filter(|u| u.connection == *connection);
            own.filter(|u| IndexedValue::of_user(&u.resource).contains(by)).map(|u| u.id.clone()).collect()
        }))
    }

    async fn list_users(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<UserRecord>> {
        let all = self.with(|s| s.users.values().filter(|u| u.connection == *connection).cloned().collect());
        Ok(listing(all, start_index, count))
    }

    async fn existing_users(
        &self,
        connection: &ConnectionId,
        ids: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        Ok(self.with(|s| {
            let known = |id: &&PersonId| s.users.get(*id).is_some_and(|u| u.connection == *connection);
            ids.iter().filter(known).cloned().collect()
        }))
    }

    async fn create_group(
        &self,
        group: &GroupRecord,
        members: &BTreeSet<PersonId>,
        _: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.with(|s| {
            s.group_name_is_free(group)?;
            s.write(cause)?;
            s.groups.insert(group.id.clone(), group.clone());
            s.members.insert(group.id.clone(), members.clone());
            Ok(())
        })
    }

    async fn group(&self, connection: &ConnectionId, id: &TeamId) -> StoreResult<Option<GroupRecord>> {
        Ok(self.with(|s| s.groups.get(id).filter(|g| g.connection == *connection).cloned()))
    }

    async fn members(&self, group: &GroupRecord) -> StoreResult<Vec<PersonId>> {
        Ok(self.with(|s| {
            s.lists_of_members += 1;
            s.members[&group.id].iter().cloned().collect()
        }))
    }

    async fn members_among(
        &self,
        group: &GroupRecord,
        people: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        Ok(self.with(|s| s.members[&group.id].intersection(people).cloned().collect()))
    }

    async fn groups_of(&self, _: &ConnectionId, person: &PersonId) -> StoreResult<Vec<TeamId>> {
        Ok(self.with(|s| {
            let of = s.members.iter().filter(|(_, people)| people.contains(person));
            of.map(|(team, _)| team.clone()).collect()
        }))
    }

    async fn replace_group(
        &self,
        before: &GroupRecord,
        after: &GroupRecord,
        members: &MemberDelta,
        _: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.with(|s| {
            s.group_name_is_free(after)?;
            s.write(cause)?;
            assert_eq!((s.groups[&before.id].version, after.version), (before.version, before.version + 1));
            s.groups.insert(after.id.clone(), after.clone());
            let rows = s.members.entry(after.id.clone()).or_default();
            rows.extend(members.add.iter().cloned());
            rows.retain(|id| !members.remove.contains(id));
            Ok(())
        })
    }

    async fn delete_group(&self, group: &GroupRecord, _: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.with(|s| {
            s.write(cause)?;
            s.groups.remove(&group.id);
            s.members.remove(&group.id);
            Ok(())
        })
    }

    async fn find_groups(&self, connection: &ConnectionId, by: &IndexedValue) -> StoreResult<Vec<TeamId>> {
        Ok(self.with(|s| {
            let own = s.groups.values().filter(|g| g.connection == *connection);
            own.filter(|g| IndexedValue::of_group(&g.resource).contains(by)).map(|g| g.id.clone()).collect()
        }))
    }

    async fn list_groups(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<GroupRecord>> {
        let all = self.with(|s| s.groups.values().filter(|g| g.connection == *connection).cloned().collect());
        Ok(listing(all, start_index, count))
    }
}

/// Seconds since 2026-01-01, moved by hand.
#[derive(Default)]
pub(crate) struct HandClock(pub(crate) AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Ids in order.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Ids for Counter {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }

    fn secret(&self) -> [u8; 32] {
        [0; 32]
    }
}
