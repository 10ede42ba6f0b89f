//! Groups of a directory: the row and the values it is found under. Its members are in `members.rs`.

use std::collections::BTreeSet;

use usher_domain::{
    change::{Cause, Change, Subject},
    directory::{GroupRecord, MemberDelta},
    id::{ChangeId, ConnectionId, TeamId},
    ports::{Listing, Page, StoreResult},
};

use super::{
    Store, TOMBSTONE_DAYS,
    members::Membership,
    row::{Item, Row, document, kind, number, number_of, text, text_of},
    staging::ACTIONS_OF_COMMIT,
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction},
    users::days_after,
};
use crate::keys::{self, Resource};

/// The attribute that names the staged membership change which is committed but not yet applied.
pub(crate) const STAGED: &str = "staged";
/// The group's version, which counts every write, and when the last one was.
pub(crate) const VERSION: &str = "version";
pub(crate) const MODIFIED: &str = "modified_at";

impl Store {
    /// The row of a group that is not deleted. A committed membership change that was not applied to its
    /// end, because a process died, is applied first: so nobody ever sees half of one.
    pub(crate) async fn group_row(
        &self,
        connection: &ConnectionId,
        id: &TeamId,
    ) -> StoreResult<Option<GroupRecord>> {
        let key = keys::group(connection.workspace(), id);
        let Some(item) = self.get(&key).await? else { return Ok(None) };
        let Some(group) = live_group(&item)?.filter(|group| group.connection == *connection) else {
            return Ok(None);
        };
        if let Some(change) = text_of(&item, STAGED).and_then(|change| change.parse().ok()) {
            self.roll_forward(connection.workspace(), id, &change).await?.finished()?;
        }
        Ok(Some(group))
    }

    /// Creates a group, or replaces one and changes its membership: all or nothing, of any size.
    pub(crate) async fn write_group(
        &self,
        before: Option<&GroupRecord>,
        after: &GroupRecord,
        members: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let workspace = after.connection.workspace();
        let mut transaction = Transaction::new();
        let (old, new) = (before.map(GroupRecord::indexed).unwrap_or_default(), after.indexed());
        self.reindex(&mut transaction, &after.connection, Resource::Group, after.id.as_str(), &old, &new);
        if before.is_none() {
            self.count(&mut transaction, &after.connection, Resource::Group, after.id.as_str(), 1);
        }

        let room = MAX_ACTIONS.saturating_sub(transaction.len() + ACTIONS_OF_COMMIT);
        let staged = members.len() * 2 > room;
        let mut row = group_row(after)?;
        let subject = if staged {
            self.stage(&mut transaction, &after.connection, &after.id, &change, members, cause.at).await?;
            row = row.with(STAGED, text(change.as_str()));
            Subject::StagedMembers { team: after.id.clone(), page: 0 }
        } else {
            for membership in Membership::of_delta(&after.connection, &after.id, members) {
                membership.write(self, &mut transaction);
            }
            Subject::Members { team: after.id.clone(), people: members.people().cloned().collect() }
        };
        let (condition, otherwise) = match before {
            None => (Condition::Absent, Otherwise::Conflict("the group")),
            Some(before) => (
                Condition::EqualsWithout(VERSION, number(before.version), STAGED),
                Otherwise::Conflict("the group"),
            ),
        };
        transaction.put_if(self, row, condition, otherwise);
        self.put_change(
            &mut transaction,
            &Change::new(change.clone(), workspace.clone(), subject, cause.clone()),
        )?;
        transaction.commit(self, "writing a group").await?;
        if staged {
            // The write is acknowledged by its commit; applying it now is a courtesy to the next reader,
            // who would otherwise do it, and to the planner, which does what is more than one call's share.
            if let Err(error) = self.roll_forward(workspace, &after.id, &change).await {
                tracing::warn!(%error, group = %after.id, "a committed membership change is still to be applied");
            }
        }
        Ok(())
    }

    pub(crate) async fn delete_group_row(
        &self,
        group: &GroupRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let workspace = group.connection.workspace();
        let tombstone = GroupRecord {
            version: group.version + 1,
            modified_at: cause.at,
            deleted_at: Some(cause.at),
            ..group.clone()
        };
        let mut transaction = Transaction::new();
        let unmoved = Condition::EqualsWithout(VERSION, number(group.version), STAGED);
        transaction.put_if(self, group_row(&tombstone)?, unmoved, Otherwise::Conflict("the group"));
        let values = group.indexed();
        self.reindex(
            &mut transaction,
            &group.connection,
            Resource::Group,
            group.id.as_str(),
            &values,
            &BTreeSet::new(),
        );
        self.count(&mut transaction, &group.connection, Resource::Group, group.id.as_str(), -1);
        let subject = Subject::TeamDeleted { team: group.id.clone(), after: None };
        self.put_change(&mut transaction, &Change::new(change, workspace.clone(), subject, cause.clone()))?;
        transaction.commit(self, "deleting a group").await
    }

    pub(crate) async fn list_group_rows(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<GroupRecord>> {
        let (total, items) = self.list(connection, Resource::Group, start_index, count).await?;
        Ok(Listing { total, items: items.iter().map(group_of).collect::<StoreResult<_>>()? })
    }

    pub(crate) async fn page_group_rows(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<GroupRecord>> {
        let page = self.page_of_list(connection, Resource::Group, cursor, limit).await?;
        Ok(Page { items: page.items.iter().map(group_of).collect::<StoreResult<_>>()?, next: page.next })
    }
}

fn group_row(group: &GroupRecord) -> StoreResult<Row> {
    let workspace = group.connection.workspace();
    let row = Row::new(keys::group(workspace, &group.id), kind::GROUP, group)?
        .with(VERSION, number(group.version))
        .with(MODIFIED, text(group.modified_at.to_string()));
    Ok(match group.deleted_at {
        None => row.in_gsi1(
            keys::listing(&group.connection, Resource::Group),
            keys::by_time(group.created_at, group.id.as_str()),
        ),
        Some(at) => row.expiring(days_after(at, TOMBSTONE_DAYS)),
    })
}

/// The group of a row, deleted or not.
pub(crate) fn group_of(item: &Item) -> StoreResult<GroupRecord> {
    let mut group: GroupRecord = document(item)?;
    // Members come and go without the document being written, so what they move is read beside it.
    group.version = group.version.max(number_of(item, VERSION));
    if let Some(modified_at) = text_of(item, MODIFIED).and_then(|at| at.parse().ok()) {
        group.modified_at = modified_at;
    }
    Ok(group)
}

/// The group of a row, unless it is deleted.
pub(crate) fn live_group(item: &Item) -> StoreResult<Option<GroupRecord>> {
    let group = group_of(item)?;
    Ok(group.deleted_at.is_none().then_some(group))
}
