//! Users of a directory.

use std::collections::{BTreeSet, HashMap};

use jiff::SignedDuration;
use usher_domain::{
    Timestamp,
    change::{Cause, Change, Subject},
    directory::UserRecord,
    id::{ChangeId, ConnectionId, PersonId, TeamId, WorkspaceId},
    ports::{Listing, Page, StoreError, StoreResult},
};

use super::{
    CHANGE_DAYS, Store, TOMBSTONE_DAYS,
    members::Membership,
    query::Range,
    row::{Item, Row, document, id_after, kind, number, text_of},
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction},
};
use crate::{
    keys::{self, Resource},
    table::{INDEXES, PRIMARY},
};

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

    pub(crate) async fn create_user_row(
        &self,
        user: &UserRecord,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.put_if(self, user_row(user)?, Condition::Absent, Otherwise::Conflict("the user"));
        let values = user.indexed();
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
        let (old, new) = (before.indexed(), after.indexed());
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
        let values = user.indexed();
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

    pub(crate) async fn page_user_rows(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<UserRecord>> {
        let page = self.page_of_list(connection, Resource::User, cursor, limit).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }

    pub(crate) async fn existing_user_rows(
        &self,
        connection: &ConnectionId,
        ids: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        let of_key: HashMap<String, &PersonId> =
            ids.iter().map(|id| (keys::user(connection.workspace(), id).pk, id)).collect();
        let keys: Vec<_> = ids.iter().map(|id| keys::user(connection.workspace(), id)).collect();
        // Where a user is listed tells whose it is, and a deleted one is not: the documents of thousands stay there.
        let rows = self.get_parts(&keys, &[PRIMARY.0, INDEXES[0].1]).await?;
        let listing = keys::listing(connection, Resource::User);
        let listed = rows.iter().filter(|row| text_of(row, INDEXES[0].1) == Some(&listing));
        Ok(listed.filter_map(|row| of_key.get(text_of(row, PRIMARY.0)?).copied().cloned()).collect())
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
