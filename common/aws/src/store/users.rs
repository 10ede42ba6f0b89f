//! Users of a directory: the row, the values it is found under, the counters.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use usher_domain::{
    Timestamp,
    change::{Cause, Change, Subject},
    directory::{IndexedAttribute, IndexedValue, UserRecord},
    id::{ChangeId, ConnectionId, PersonId, TeamId, WorkspaceId},
    ports::{Listing, StoreError, StoreResult},
};

use super::{
    CHANGE_DAYS, Store, TOMBSTONE_DAYS,
    members::Membership,
    query::Range,
    row::{Item, Row, document, id_after, kind, number, number_of, text, text_of},
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction, update_of},
};
use crate::keys::{self, Resource};

/// A moment so many days later.
pub(crate) fn days_after(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

impl Store {
    /// Adds the change of a write to its transaction: the outbox.
    pub(crate) fn put_change(&self, transaction: &mut Transaction, change: &Change) -> StoreResult<()> {
        let row = Row::new(keys::change(&change.workspace, &change.id), kind::CHANGE, change)?
            .expiring(days_after(change.cause.at, CHANGE_DAYS));
        transaction.put(self, row);
        Ok(())
    }

    /// Moves what a user or group is found under from one set of values to another.
    pub(crate) fn reindex(
        &self,
        transaction: &mut Transaction,
        connection: &ConnectionId,
        resource: Resource,
        owner: &str,
        before: &BTreeSet<IndexedValue>,
        after: &BTreeSet<IndexedValue>,
    ) {
        let unique = match resource {
            Resource::User => IndexedAttribute::UserName,
            Resource::Group => IndexedAttribute::DisplayName,
        };
        let key = |value: &IndexedValue| {
            if value.attribute == unique {
                keys::guard(connection, resource, value)
            } else {
                keys::index_entry(connection, resource, value, owner)
            }
        };
        for value in before.difference(after) {
            transaction.delete(self, &key(value));
        }
        for value in after.difference(before) {
            let row = Row::bare(key(value), kind::INDEX).with("owner", text(owner));
            if value.attribute == unique {
                transaction.put_if(self, row, Condition::Absent, Otherwise::Taken(unique.name()));
            } else {
                transaction.put(self, row);
            }
        }
    }

    /// Counts a user or group in or out.
    pub(crate) fn count(
        &self,
        transaction: &mut Transaction,
        connection: &ConnectionId,
        resource: Resource,
        owner: &str,
        by: i8,
    ) {
        let name = counter_name(resource);
        let update = update_of(self, &keys::counter(connection, owner))
            .update_expression("ADD #n :by")
            .expression_attribute_names("#n", name)
            .expression_attribute_values(":by", number(by));
        transaction.update(update);
    }

    /// How many users or groups a directory has.
    pub(crate) async fn total(&self, connection: &ConnectionId, resource: Resource) -> StoreResult<u64> {
        let shards = self.all(Range::of(keys::counters_partition(connection))).await?;
        Ok(shards.iter().map(|shard| number_of(shard, counter_name(resource))).sum())
    }

    /// Who is found under a value, strongly consistent.
    pub(crate) async fn owners<T: std::str::FromStr>(
        &self,
        connection: &ConnectionId,
        resource: Resource,
        by: &IndexedValue,
    ) -> StoreResult<Vec<T>> {
        let entries = self.all(Range::of(keys::index_partition(connection, resource, by))).await?;
        Ok(entries.iter().filter_map(|entry| text_of(entry, "owner")?.parse().ok()).collect())
    }

    pub(crate) async fn create_user_row(
        &self,
        user: &UserRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.put_if(self, user_row(user)?, Condition::Absent, Otherwise::Conflict("the user"));
        let values = IndexedValue::of_user(&user.resource);
        self.reindex(
            &mut transaction,
            &user.connection,
            Resource::User,
            user.id.as_str(),
            &BTreeSet::new(),
            &values,
        );
        self.count(&mut transaction, &user.connection, Resource::User, user.id.as_str(), 1);
        self.put_change(&mut transaction, &person_change(user, Vec::new(), change, cause))?;
        transaction.commit(self, "creating a user").await
    }

    pub(crate) async fn replace_user_row(
        &self,
        before: &UserRecord,
        after: &UserRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let unmoved = Condition::Equals("version", number(before.version));
        transaction.put_if(self, user_row(after)?, unmoved, Otherwise::Conflict("the user"));
        let (old, new) = (IndexedValue::of_user(&before.resource), IndexedValue::of_user(&after.resource));
        self.reindex(&mut transaction, &after.connection, Resource::User, after.id.as_str(), &old, &new);
        self.put_change(&mut transaction, &person_change(after, Vec::new(), change, cause))?;
        transaction.commit(self, "updating a user").await
    }

    pub(crate) async fn delete_user_row(
        &self,
        user: &UserRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let tombstone = UserRecord {
            version: user.version + 1,
            modified_at: cause.at,
            deleted_at: Some(cause.at),
            ..user.clone()
        };
        let mut transaction = Transaction::new();
        let unmoved = Condition::Equals("version", number(user.version));
        transaction.put_if(self, user_row(&tombstone)?, unmoved, Otherwise::Conflict("the user"));
        let values = IndexedValue::of_user(&user.resource);
        self.reindex(
            &mut transaction,
            &user.connection,
            Resource::User,
            user.id.as_str(),
            &values,
            &BTreeSet::new(),
        );
        self.count(&mut transaction, &user.connection, Resource::User, user.id.as_str(), -1);
        // Memberships go with the person, as far as they fit; the planner forgets the others. The change names
        // the teams, because no row will.
        let workspace = user.connection.workspace();
        let mut left = self.teams_of(workspace, &user.id).await?;
        left.truncate((MAX_ACTIONS - transaction.len() - 1) / 2);
        for team in &left {
            Membership::leaving(workspace, team, &user.id).write(self, &mut transaction);
        }
        self.put_change(&mut transaction, &person_change(user, left, change, cause))?;
        transaction.commit(self, "deleting a user").await
    }

    /// The teams that a person's rows name, deleted teams included.
    pub(crate) async fn teams_of(
        &self,
        workspace: &WorkspaceId,
        person: &PersonId,
    ) -> StoreResult<Vec<TeamId>> {
        let range = Range::of(keys::person_partition(workspace, person)).prefix(keys::MEMBERSHIP_PREFIX);
        let rows = self.all(range).await?;
        Ok(rows.iter().filter_map(|row| id_after(row, keys::MEMBERSHIP_PREFIX)).collect())
    }

    pub(crate) async fn list_user_rows(
        &self,
        connection: &ConnectionId,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<UserRecord>> {
        let (total, items) = self.list(connection, Resource::User, start_index, count).await?;
        Ok(Listing { total, items: items.iter().map(document).collect::<StoreResult<_>>()? })
    }

    pub(crate) async fn existing_user_rows(
        &self,
        connection: &ConnectionId,
        ids: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        let keys: Vec<_> = ids.iter().map(|id| keys::user(connection.workspace(), id)).collect();
        let rows = self.get_many(&keys).await?;
        rows.iter()
            .map(live_user)
            .filter_map(|user| match user {
                Ok(Some(user)) => (user.connection == *connection).then_some(Ok(user.id)),
                Ok(None) => None,
                Err(error) => Some(Err(error)),
            })
            .collect()
    }
}

fn counter_name(resource: Resource) -> &'static str {
    match resource {
        Resource::User => "users",
        Resource::Group => "groups",
    }
}

fn person_change(user: &UserRecord, left: Vec<TeamId>, change: ChangeId, cause: &Cause) -> Change {
    let subject = Subject::Person { person: user.id.clone(), left };
    Change::new(change, user.connection.workspace().clone(), subject, cause.clone())
}

fn user_row(user: &UserRecord) -> StoreResult<Row> {
    let workspace = user.connection.workspace();
    let row =
        Row::new(keys::user(workspace, &user.id), kind::USER, user)?.with("version", number(user.version));
    Ok(match user.deleted_at {
        None => row.in_gsi1(
            keys::listing(&user.connection, Resource::User),
            keys::by_time(user.created_at, user.id.as_str()),
        ),
        Some(at) => row.expiring(days_after(at, TOMBSTONE_DAYS)),
    })
}

/// The user of a row, unless it is deleted.
pub(crate) fn live_user(item: &Item) -> StoreResult<Option<UserRecord>> {
    let user: UserRecord = document(item)?;
    Ok(user.deleted_at.is_none().then_some(user))
}

/// Turns "not there" into an error.
pub(crate) fn found<T>(row: Option<T>, what: &'static str) -> StoreResult<T> {
    row.ok_or(StoreError::Missing { what })
}
