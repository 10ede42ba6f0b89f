//! Memberships: one item per (group, member) in each direction, so that both sides are read strongly
//! consistent, and large changes staged so that they are all or nothing.
//!
//! A change of more people than one transaction holds goes in three steps. The people are *staged* in pages
//! beside the group, where nobody looks, many pages in one transaction. One transaction *commits*: it writes the group's next version with
//! the mark `staged`, and the change. Then the pages are *applied*, a transaction each, and the mark goes.
//! Whoever finds the mark applies what is left first (see `group_row`), so a crash in between is never seen.
//! Each page's transaction demands that the mark is still there: a process that was asleep for a while can
//! not undo what came after.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    directory::MemberDelta,
    id::{ChangeId, ConnectionId, PersonId, TeamId, WorkspaceId},
    ports::{Page, StoreError, StoreResult},
};

use super::{
    Store,
    groups::STAGED,
    query::Range,
    row::{Item, Row, document, id_after, kind, number, number_of, text, text_of},
    transaction::{Condition, Otherwise, Transaction, update_of},
    users::days_after,
};
use crate::keys;

/// How many people a staged page holds: both their items, the page and the group's mark in one transaction.
pub(crate) const PEOPLE_PER_PAGE: usize = 49;
/// How many pages are staged at once: 1,225 people. All go to the group's partition, which takes a thousand
/// units a second, and a page costs six.
const PAGES_AT_ONCE: usize = 25;
/// How long a staged page is kept: until its change is planned, and for a stage that never committed.
const STAGED_DAYS: i64 = 2;

/// One membership to be written.
pub(crate) struct Membership<'a> {
    workspace: &'a WorkspaceId,
    team: &'a TeamId,
    person: &'a PersonId,
    /// Through which connection the person joins; `None` for one who leaves.
    joins: Option<&'a ConnectionId>,
}

impl<'a> Membership<'a> {
    pub(crate) fn of_delta(
        connection: &'a ConnectionId,
        team: &'a TeamId,
        delta: &'a MemberDelta,
    ) -> impl Iterator<Item = Self> {
        let workspace = connection.workspace();
        let add = delta.add.iter().map(move |person| (person, Some(connection)));
        let remove = delta.remove.iter().map(|person| (person, None));
        add.chain(remove).map(move |(person, joins)| Self { workspace, team, person, joins })
    }

    /// A membership that ends.
    pub(crate) fn leaving(workspace: &'a WorkspaceId, team: &'a TeamId, person: &'a PersonId) -> Self {
        Self { workspace, team, person, joins: None }
    }

    /// Writes both directions.
    pub(crate) fn write(&self, store: &Store, transaction: &mut Transaction) {
        let keys = [
            keys::member(self.workspace, self.team, self.person),
            keys::membership(self.workspace, self.person, self.team),
        ];
        for key in keys {
            match self.joins {
                Some(connection) => {
                    let row = Row::bare(key, kind::MEMBERSHIP).with("connection", text(connection.as_str()));
                    transaction.put(store, row);
                }
                None => transaction.delete(store, &key),
            }
        }
    }
}

/// A page of a staged change.
#[derive(Debug, Serialize, Deserialize)]
struct StagedPage {
    connection: ConnectionId,
    add: BTreeSet<PersonId>,
    remove: BTreeSet<PersonId>,
    last: bool,
}

impl Store {
    /// Stages the pages of a large change. Nothing is visible yet.
    pub(crate) async fn stage(
        &self,
        connection: &ConnectionId,
        team: &TeamId,
        change: &ChangeId,
        members: &MemberDelta,
        at: Timestamp,
    ) -> StoreResult<()> {
        let workspace = connection.workspace();
        let people: Vec<(&PersonId, bool)> = members
            .add
            .iter()
            .map(|person| (person, true))
            .chain(members.remove.iter().map(|person| (person, false)))
            .collect();
        let pages = people.chunks(PEOPLE_PER_PAGE).count();
        let mut rows = Vec::with_capacity(pages);
        for (number_of_page, chunk) in people.chunks(PEOPLE_PER_PAGE).enumerate() {
            let pick = |joins: bool| {
                let of_kind = chunk.iter().filter(|(_, adds)| *adds == joins);
                of_kind.map(|(person, _)| (*person).clone()).collect()
            };
            let page = StagedPage {
                connection: connection.clone(),
                add: pick(true),
                remove: pick(false),
                last: number_of_page + 1 == pages,
            };
            let index = u32::try_from(number_of_page).unwrap_or(u32::MAX);
            let row = Row::new(keys::staged(workspace, team, change, index), kind::STAGED, &page)?
                .expiring(days_after(at, STAGED_DAYS));
            rows.push(row);
        }
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut transaction = Transaction::new();
            for row in rows.by_ref().take(PAGES_AT_ONCE) {
                transaction.put(self, row);
            }
            transaction.commit(self, "staging a membership change").await?;
        }
        Ok(())
    }

    /// Applies what is left of a committed change, and takes the mark away.
    pub(crate) async fn roll_forward(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        change: &ChangeId,
    ) -> StoreResult<()> {
        let range = Range::of(keys::team_partition(workspace, team)).prefix(&keys::staged_prefix(change));
        for (page, item) in (0..).zip(self.all(range).await?) {
            self.apply_page(workspace, team, change, page, &item).await?;
        }
        let mut transaction = Transaction::new();
        let unmark = update_of(self, &keys::group(workspace, team))
            .update_expression("REMOVE #staged")
            .expression_attribute_names("#staged", STAGED);
        let mine = Condition::Equals(STAGED, text(change.as_str()));
        transaction.update_if(unmark, mine, Otherwise::Conflict("the group"));
        match transaction.commit(self, "finishing a membership change").await {
            // Somebody else finished it.
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Applies one page, once.
    async fn apply_page(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        change: &ChangeId,
        page: u32,
        item: &Item,
    ) -> StoreResult<StagedPage> {
        let staged: StagedPage = document(item)?;
        if number_of(item, "applied") == 1 {
            return Ok(staged);
        }
        let mut transaction = Transaction::new();
        let mine = Condition::Equals(STAGED, text(change.as_str()));
        transaction.check(self, &keys::group(workspace, team), mine, Otherwise::Conflict("the group"));
        let mark = update_of(self, &keys::staged(workspace, team, change, page))
            .update_expression("SET #applied = :one")
            .expression_attribute_names("#applied", "applied")
            .expression_attribute_values(":one", number(1));
        transaction.update(mark);
        let delta = MemberDelta { add: staged.add.clone(), remove: staged.remove.clone() };
        for membership in Membership::of_delta(&staged.connection, team, &delta) {
            membership.write(self, &mut transaction);
        }
        match transaction.commit(self, "applying a membership change").await {
            // The mark is gone only when every page was applied.
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(staged),
            Err(error) => Err(error),
        }
    }

    /// Whether a committed change is still to be applied to its end.
    async fn is_marked(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        change: &ChangeId,
    ) -> StoreResult<bool> {
        let group = self.get(&keys::group(workspace, team)).await?;
        Ok(group.as_ref().and_then(|group| text_of(group, STAGED)) == Some(change.as_str()))
    }

    /// Applies a page of a committed change for the planner, and tells whom it is about.
    pub(crate) async fn apply_staged_page(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        change: &ChangeId,
        page: u32,
    ) -> StoreResult<Option<Page<PersonId>>> {
        let Some(item) = self.get(&keys::staged(workspace, team, change, page)).await? else {
            return Ok(None);
        };
        let staged = self.apply_page(workspace, team, change, page, &item).await?;
        // Mostly whoever committed has applied every page; only a mark that is still there says otherwise.
        if staged.last && self.is_marked(workspace, team, change).await? {
            self.roll_forward(workspace, team, change).await?;
        }
        let next = (!staged.last).then(|| (page + 1).to_string());
        Ok(Some(Page { items: staged.add.into_iter().chain(staged.remove).collect(), next }))
    }

    pub(crate) async fn member_ids(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<Vec<PersonId>> {
        let range = Range::of(keys::team_partition(workspace, team)).prefix(keys::MEMBER_PREFIX);
        let items = self.all(range).await?;
        Ok(items.iter().filter_map(|item| id_after(item, keys::MEMBER_PREFIX)).collect())
    }

    pub(crate) async fn member_page(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        after: Option<&PersonId>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>> {
        let range = Range::of(keys::team_partition(workspace, team));
        let range = match after {
            None => range.prefix(keys::MEMBER_PREFIX),
            // Ids sort before `~`; the sort key after the last member is where the prefix ends. `after` may
            // name a row that is gone, so this is a range and not a cursor.
            Some(person) => {
                let prefix = keys::MEMBER_PREFIX;
                range.between(format!("{prefix}{person}\u{0}"), format!("{prefix}~"))
            }
        };
        let page = self.page(range.limit(limit)).await?;
        let items: Vec<PersonId> =
            page.items.iter().filter_map(|item| id_after(item, keys::MEMBER_PREFIX)).collect();
        let next = page.next.and_then(|_| items.last().map(ToString::to_string));
        Ok(Page { items, next })
    }

    pub(crate) async fn members_among_rows(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        people: &BTreeSet<PersonId>,
    ) -> StoreResult<BTreeSet<PersonId>> {
        let keys: Vec<_> = people.iter().map(|person| keys::member(workspace, team, person)).collect();
        let rows = self.get_many(&keys).await?;
        Ok(rows.iter().filter_map(|row| id_after(row, keys::MEMBER_PREFIX)).collect())
    }
}
