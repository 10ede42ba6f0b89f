//! The SCIM function's port.

use std::collections::BTreeSet;

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    activity::Activity,
    change::Cause,
    directory::{Connection, CustomRecord, GroupRecord, IndexedValue, MemberDelta, Membership, UserRecord},
    id::{ChangeId, ConnectionId, PersonId, ResourceId, TeamId},
    ports::{Admin, Directory, GroupAndPeople, Listing, Page, StoreError, StoreResult},
    tenancy::Tenancy,
};

use super::{
    Store,
    groups::live_group,
    query::Range,
    row::{Item, document, id_after, kind, text_of},
    tenancy::tenancy_of,
    users::live_user,
};
use crate::keys::{self, Resource};

#[async_trait]
impl Directory for Store {
    async fn connection(&self, id: &ConnectionId) -> StoreResult<Option<(Connection, Tenancy)>> {
        let rows = self.get_many(&[keys::connection(id), keys::tenancy(id.workspace())]).await?;
        let of_kind = |kind: &str| rows.iter().find(|row: &&Item| text_of(row, "type") == Some(kind));
        let connection: Option<Connection> = of_kind(kind::CONNECTION).map(document).transpose()?;
        let Some(connection) = connection.filter(Connection::is_open) else { return Ok(None) };
        Ok(Some((connection, tenancy_of(of_kind(kind::TENANCY))?)))
    }

    async fn record_first_call(
        &self,
        connection: &Connection,
        at: Timestamp,
        told: Option<&Activity>,
    ) -> StoreResult<()> {
        let connected = Connection { connected_at: Some(at), ..connection.clone() };
        match self.change_connection(&connected, told).await {
            Err(StoreError::Conflict { .. }) => Ok(()),
            recorded => recorded,
        }
    }

    async fn create_user(&self, user: &UserRecord, change: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.create_user_row(user, change, cause).await
    }

    async fn user(&self, connection: &ConnectionId, id: &PersonId) -> StoreResult<Option<UserRecord>> {
        let Some(item) = self.get(&keys::user(connection.workspace(), id)).await? else { return Ok(None) };
        Ok(live_user(&item)?.filter(|user| user.connection == *connection))
    }

    async fn user_with_groups(
        &self,
        connection: &ConnectionId,
        id: &PersonId,
    ) -> StoreResult<Option<(UserRecord, Vec<Membership>)>> {
        let workspace = connection.workspace();
        let range = Range::of(keys::person_partition(workspace, id)).after(keys::MEMBERSHIP_PREFIX);
        let rows = self.all(range).await?;
        let is_user = |row: &&Item| text_of(row, "sk") == Some("USER");
        let Some(user) = rows.iter().find(is_user).map(live_user).transpose()?.flatten() else {
            return Ok(None);
        };
        if user.connection != *connection {
            return Ok(None);
        }
        let teams: Vec<TeamId> =
            rows.iter().filter_map(|row| id_after(row, keys::MEMBERSHIP_PREFIX)).collect();
        let keys: Vec<_> = teams.iter().map(|team| keys::group(workspace, team)).collect();
        let groups = self.get_many(&keys).await?;
        let mut memberships = Vec::with_capacity(groups.len());
        for group in groups.iter().map(live_group) {
            // What other directories hold is nothing of this one's: teams that are made by hand are the workspace's.
            if let Some(group) = group?.filter(|group| group.connection == *connection) {
                memberships
                    .push(Membership { display_name: group.display_name().to_owned(), team: group.id });
            }
        }
        memberships.sort_by(|a, b| a.team.cmp(&b.team));
        Ok(Some((user, memberships)))
    }

    async fn replace_user(
        &self,
        before: &UserRecord,
        after: &UserRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.replace_user_row(before, after, change, cause).await
    }

    async fn delete_user(&self, user: &UserRecord, change: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.delete_user_row(user, change, cause).await
    }

    async fn find_users(&self, connection: &ConnectionId, by: &IndexedValue) -> StoreResult<Vec<PersonId>> {
        self.owners(connection, Resource::User, by).await
    }

    async fn list_users(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<UserRecord>> {
        self.list_user_rows(connection, start_index, count).await
    }

    async fn page_users(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<UserRecord>> {
        self.page_user_rows(connection, cursor, limit).await
    }

    async fn existing_users(
        &self,
        connection: &ConnectionId,
        ids: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        self.existing_user_rows(connection, ids).await
    }

    async fn create_group(
        &self,
        group: &GroupRecord,
        members: &BTreeSet<PersonId>,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let members = MemberDelta { add: members.clone(), remove: BTreeSet::new() };
        self.write_group(None, group, &members, change, cause).await
    }

    async fn group(&self, connection: &ConnectionId, id: &TeamId) -> StoreResult<Option<GroupRecord>> {
        self.group_row(connection, id).await
    }

    async fn members(&self, group: &GroupRecord) -> StoreResult<Vec<PersonId>> {
        self.member_ids(group).await
    }

    async fn group_with_members(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
        limit: Option<u32>,
    ) -> StoreResult<Option<(GroupRecord, Option<Vec<PersonId>>)>> {
        self.group_with_member_ids(connection, id, limit).await
    }

    async fn group_and_people(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
        touched: &BTreeSet<PersonId>,
        newcomers: &BTreeSet<PersonId>,
    ) -> StoreResult<Option<GroupAndPeople>> {
        self.group_and_people_rows(connection, id, touched, newcomers).await
    }

    async fn change_members(
        &self,
        group: &GroupRecord,
        members: &MemberDelta,
        settled: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.change_member_rows(group, members, settled, change, cause).await
    }

    async fn members_among(
        &self,
        group: &GroupRecord,
        people: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        self.members_among_rows(group, people).await
    }

    async fn groups_of(&self, connection: &ConnectionId, person: &PersonId) -> StoreResult<Vec<TeamId>> {
        let range = Range::of(keys::person_partition(connection.workspace(), person));
        let rows = self.all(range.prefix(keys::MEMBERSHIP_PREFIX)).await?;
        Ok(rows
            .iter()
            .filter(|row| text_of(row, "connection") == Some(connection.as_str()))
            .filter_map(|row| id_after(row, keys::MEMBERSHIP_PREFIX))
            .collect())
    }

    async fn replace_group(
        &self,
        before: &GroupRecord,
        after: &GroupRecord,
        members: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.write_group(Some(before), after, members, change, cause).await
    }

    async fn delete_group(&self, group: &GroupRecord, change: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.delete_group_row(group, change, cause).await
    }

    async fn find_groups(&self, connection: &ConnectionId, by: &IndexedValue) -> StoreResult<Vec<TeamId>> {
        self.owners(connection, Resource::Group, by).await
    }

    async fn list_groups(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<GroupRecord>> {
        self.list_group_rows(connection, start_index, count).await
    }

    async fn page_groups(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<GroupRecord>> {
        self.page_group_rows(connection, cursor, limit).await
    }

    async fn create_custom(&self, resource: &CustomRecord) -> StoreResult<()> {
        self.create_custom_row(resource).await
    }

    async fn custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        id: &ResourceId,
    ) -> StoreResult<Option<CustomRecord>> {
        self.custom_row(connection, resource_type, id).await
    }

    async fn replace_custom(&self, before: &CustomRecord, after: &CustomRecord) -> StoreResult<()> {
        self.replace_custom_row(before, after).await
    }

    async fn delete_custom(&self, resource: &CustomRecord) -> StoreResult<()> {
        self.delete_custom_row(resource).await
    }

    async fn find_custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        by: &IndexedValue,
    ) -> StoreResult<Vec<ResourceId>> {
        self.owners(connection, Resource::Custom(resource_type), by).await
    }

    async fn list_custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<CustomRecord>> {
        self.list_custom_rows(connection, resource_type, start_index, count).await
    }

    async fn page_custom(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<CustomRecord>> {
        self.page_custom_rows(connection, resource_type, cursor, limit).await
    }
}
