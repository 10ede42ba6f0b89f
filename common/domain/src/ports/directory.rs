//! What the SCIM function needs: one connection's users and groups.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Page, StoreResult};
use crate::{
    Timestamp,
    activity::Activity,
    change::Cause,
    directory::{Connection, CustomRecord, GroupRecord, IndexedValue, MemberDelta, Membership, UserRecord},
    id::{ChangeId, ConnectionId, PersonId, ResourceId, TeamId},
    tenancy::Tenancy,
};

/// The rows of a list from a 1-based index, with the size of the whole list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    /// How many there are in all.
    pub total: u64,
    /// The rows asked for.
    pub items: Vec<T>,
}

/// How many people [`Directory::group_and_people`] and [`Directory::change_members`] take: as many as one
/// read and one transaction hold.
pub const PEOPLE_AT_ONCE: usize = 49;

/// A group, and who of some people are in it or could be: read together.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupAndPeople {
    /// The group.
    pub group: GroupRecord,
    /// Those who are its members.
    pub members: BTreeSet<PersonId>,
    /// Those who are users of its connection.
    pub users: BTreeSet<PersonId>,
}

/// The directory of one connection. Every write commits its `Change` in the same transaction, and every
/// read by id answers only for the connection that is named. Reads are strongly consistent, lists are not.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The connection with this id, and what was decided about its workspace.
    async fn connection(&self, id: &ConnectionId) -> StoreResult<Option<(Connection, Tenancy)>>;

    /// Records when the identity provider called first, and tells of it in the same transaction. Where somebody else
    /// changed the connection since it was read, nothing is recorded: a later call does it.
    async fn record_first_call(
        &self,
        connection: &Connection,
        at: Timestamp,
        told: Option<&Activity>,
    ) -> StoreResult<()>;

    /// Stores a new user.
    ///
    /// # Errors
    /// `Taken` when its userName belongs to somebody else.
    async fn create_user(&self, user: &UserRecord, change: ChangeId, cause: &Cause) -> StoreResult<()>;

    /// A user that is not deleted.
    async fn user(&self, connection: &ConnectionId, id: &PersonId) -> StoreResult<Option<UserRecord>>;

    /// A user that is not deleted, with the teams it is in.
    async fn user_with_groups(
        &self,
        connection: &ConnectionId,
        id: &PersonId,
    ) -> StoreResult<Option<(UserRecord, Vec<Membership>)>>;

    /// Replaces a user: `after` has `before`'s id and the next version.
    ///
    /// # Errors
    /// `Conflict` when `before` is no longer what is stored; `Taken` as in [`Directory::create_user`].
    async fn replace_user(
        &self,
        before: &UserRecord,
        after: &UserRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()>;

    /// Deletes a user: its names are free at once, its row stays until its seats are given back.
    ///
    /// # Errors
    /// `Conflict` when `user` is no longer what is stored.
    async fn delete_user(&self, user: &UserRecord, change: ChangeId, cause: &Cause) -> StoreResult<()>;

    /// The ids of the users found under a value, strongly consistent.
    async fn find_users(&self, connection: &ConnectionId, by: &IndexedValue) -> StoreResult<Vec<PersonId>>;

    /// Users in order of creation, from a 1-based index.
    async fn list_users(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<UserRecord>>;

    /// Users in order of creation, from a cursor of the page before; at most `limit`. A cursor is bound to the list that it
    /// was made in; any other is `Missing`.
    async fn page_users(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<UserRecord>>;

    /// Those of `ids` that are users of this connection.
    async fn existing_users(
        &self,
        connection: &ConnectionId,
        ids: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>>;

    /// Stores a new group with its first members.
    ///
    /// # Errors
    /// `Taken` when its displayName belongs to another group.
    async fn create_group(
        &self,
        group: &GroupRecord,
        members: &BTreeSet<PersonId>,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()>;

    /// A group that is not deleted, without its members.
    async fn group(&self, connection: &ConnectionId, id: &TeamId) -> StoreResult<Option<GroupRecord>>;

    /// The members of a group, in order of their ids.
    ///
    /// # Errors
    /// `Unavailable` while a change of more people than one call applies is being applied.
    async fn members(&self, group: &GroupRecord) -> StoreResult<Vec<PersonId>>;

    /// A group that is not deleted, with its members in order of their ids: as they are with the group's
    /// version. No members when there are more than `limit` (the reading stops there), or when so many come and go that
    /// their change is still being applied.
    ///
    /// # Errors
    /// Without a limit `Unavailable` while a change is being applied: nobody is shown half of it.
    async fn group_with_members(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
        limit: Option<u32>,
    ) -> StoreResult<Option<(GroupRecord, Option<Vec<PersonId>>)>>;

    /// A group that is not deleted, those of `touched` who are its members, and those of `newcomers` (some of
    /// `touched`) who are users of the connection; at most [`PEOPLE_AT_ONCE`].
    async fn group_and_people(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
        touched: &BTreeSet<PersonId>,
        newcomers: &BTreeSet<PersonId>,
    ) -> StoreResult<Option<GroupAndPeople>>;

    /// Changes nothing of a group but who is in it, for at most [`PEOPLE_AT_ONCE`] in both sets. Such writes
    /// do not stand in each other's way: `group` may have moved on since it was read. `settled` are those who
    /// were found as they were asked to be (`add`: members, `remove`: none), which still holds when this is
    /// written. The group's version moves by one.
    ///
    /// # Errors
    /// `Conflict` when somebody of `settled` is not as they were, or the group is deleted or being changed by
    /// more people than one transaction holds.
    async fn change_members(
        &self,
        group: &GroupRecord,
        members: &MemberDelta,
        settled: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()>;

    /// Those of `people` that are members of the group; costs only the rows it names.
    ///
    /// # Errors
    /// As [`Directory::members`].
    async fn members_among(
        &self,
        group: &GroupRecord,
        people: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>>;

    /// The teams of a connection that a person is in.
    async fn groups_of(&self, connection: &ConnectionId, person: &PersonId) -> StoreResult<Vec<TeamId>>;

    /// Replaces a group's attributes and changes its membership, all or nothing: `after` has `before`'s id
    /// and the next version.
    ///
    /// # Errors
    /// `Conflict` when `before` is no longer what is stored; `Taken` as in [`Directory::create_group`].
    async fn replace_group(
        &self,
        before: &GroupRecord,
        after: &GroupRecord,
        members: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()>;

    /// Deletes a group.
    ///
    /// # Errors
    /// `Conflict` when `group` is no longer what is stored.
    async fn delete_group(&self, group: &GroupRecord, change: ChangeId, cause: &Cause) -> StoreResult<()>;

    /// The ids of the groups found under a value, strongly consistent.
    async fn find_groups(&self, connection: &ConnectionId, by: &IndexedValue) -> StoreResult<Vec<TeamId>>;

    /// Groups in order of creation, from a 1-based index.
    async fn list_groups(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<GroupRecord>>;

    /// Groups in order of creation, as [`Directory::page_users`].
    async fn page_groups(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<GroupRecord>>;

    /// Stores a new resource of a registered type.
    ///
    /// # Errors
    /// `Taken` when one of its unique values belongs to another resource of its type.
    async fn create_custom(&self, resource: &CustomRecord) -> StoreResult<()>;

    /// A resource of a registered type.
    async fn custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        id: &ResourceId,
    ) -> StoreResult<Option<CustomRecord>>;

    /// Replaces a resource: `after` has `before`'s id and the next version.
    ///
    /// # Errors
    /// `Conflict` when `before` is no longer what is stored; `Taken` as in [`Directory::create_custom`].
    async fn replace_custom(&self, before: &CustomRecord, after: &CustomRecord) -> StoreResult<()>;

    /// Deletes a resource.
    ///
    /// # Errors
    /// `Conflict` when `resource` is no longer what is stored.
    async fn delete_custom(&self, resource: &CustomRecord) -> StoreResult<()>;

    /// The ids of the resources of a type found under a value, strongly consistent.
    async fn find_custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        by: &IndexedValue,
    ) -> StoreResult<Vec<ResourceId>>;

    /// Resources of a type in order of creation, from a 1-based index.
    async fn list_custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<CustomRecord>>;

    /// Resources of a type in order of creation, as [`Directory::page_users`].
    async fn page_custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<CustomRecord>>;
}
