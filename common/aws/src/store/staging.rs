//! Changes of more members than one transaction holds: all or nothing all the same.
//!
//! The people are *staged* in pages beside the group, where nobody looks, many pages in one transaction. One transaction
//! *commits*: it writes the last pages, the group's next version with the mark `staged`, and the change. Then the pages
//! are *applied*, a transaction each, and the mark goes. Whoever finds the mark applies what is left first, so a crash in
//! between is never seen; the planner does too, so that nothing waits for a reader.
//!
//! A page is applied once: its transaction demands that the page's own row does not say so yet. A process that was asleep
//! for a while can therefore not undo what came after, and pages have no row in common over which they would meet.
//!
//! Many may find the mark at the same moment. Each begins at another page and looks again before every few, so that they
//! share the work instead of all doing all of it: a refused transaction is billed like one that is done.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    directory::MemberDelta,
    id::{ChangeId, ConnectionId, PersonId, TeamId, WorkspaceId},
    ports::{Page, StoreError, StoreResult},
};

use super::{
    CHANGE_DAYS, Store,
    groups::STAGED,
    members::Membership,
    query::Range,
    row::{Item, Row, document, key_of, kind, number, number_of, text, text_of},
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction, update_of},
    users::days_after,
};
use crate::keys;

/// How many people a staged page holds: both their items, and the page, in one transaction.
pub(crate) const PEOPLE_PER_PAGE: usize = 49;
/// What a commit is given beside pages and index rows: the group's row and the change.
pub(crate) const ACTIONS_OF_COMMIT: usize = 2;
/// How many pages are staged in one transaction: 1,225 people.
const PAGES_STAGED_TOGETHER: usize = 25;
/// How many transactions stage at the same time. All go to the group's partition, which takes a thousand units a
/// second; a page costs six.
const STAGED_AT_ONCE: usize = 4;
/// How many pages are applied at the same time; each costs the group's partition about a hundred units.
const APPLIED_AT_ONCE: usize = 4;
/// After so many pages it is looked again which are left.
const LOOKED_AT: u32 = 8;
/// How many pages one call applies: 6,272 people. At the pace that a group's partition keeps up for long (ten pages a
/// second), half of the time that a request has. The rest is left to who comes next, and to the planner.
const APPLIED_PER_CALL: usize = 128;
/// Tells that a page is applied.
const APPLIED: &str = "applied";

/// A page of a staged change.
#[derive(Debug, Serialize, Deserialize)]
struct StagedPage {
    connection: ConnectionId,
    add: BTreeSet<PersonId>,
    remove: BTreeSet<PersonId>,
    /// How many pages the change has.
    pages: u32,
}

/// How far a committed change is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// To its end.
    Finished,
    /// Not yet to its end, and this call has done its share.
    Underway,
}

impl Progress {
    /// Demands that the change is applied, where half of it must not be seen.
    ///
    /// # Errors
    /// `Unavailable` when it is not: the next call finds more of it done.
    pub(crate) fn finished(self) -> StoreResult<()> {
        match self {
            Self::Finished => Ok(()),
            Self::Underway => Err(underway()),
        }
    }
}

/// The refusal to show half of a change.
pub(crate) fn underway() -> StoreError {
    StoreError::Unavailable {
        during: "applying a large change of a group's members",
        source: "it takes more than one call".into(),
    }
}

impl Store {
    /// Stages a large change. Nothing is visible until the transaction commits, which is given the last pages itself: a
    /// change of up to a thousand people needs no other.
    pub(crate) async fn stage(
        &self,
        transaction: &mut Transaction,
        connection: &ConnectionId,
        team: &TeamId,
        change: &ChangeId,
        members: &MemberDelta,
        at: Timestamp,
    ) -> StoreResult<()> {
        let add = members.add.iter().map(|person| (person, true));
        let people: Vec<(&PersonId, bool)> =
            add.chain(members.remove.iter().map(|person| (person, false))).collect();
        let pages = u32::try_from(people.len().div_ceil(PEOPLE_PER_PAGE)).unwrap_or(u32::MAX);
        let mut rows = Vec::new();
        for (number, chunk) in (0..).zip(people.chunks(PEOPLE_PER_PAGE)) {
            let pick = |joins: bool| {
                let of_kind = chunk.iter().filter(|(_, adds)| *adds == joins);
                of_kind.map(|(person, _)| (*person).clone()).collect()
            };
            let page =
                StagedPage { connection: connection.clone(), add: pick(true), remove: pick(false), pages };
            let key = keys::staged(connection.workspace(), team, change, number);
            rows.push(Row::new(key, kind::STAGED, &page)?.expiring(days_after(at, CHANGE_DAYS)));
        }
        let room =
            MAX_ACTIONS.saturating_sub(transaction.len() + ACTIONS_OF_COMMIT).min(PAGES_STAGED_TOGETHER);
        for row in rows.split_off(rows.len().saturating_sub(room)) {
            transaction.put(self, row);
        }
        let transactions: Vec<_> = rows
            .chunks(PAGES_STAGED_TOGETHER)
            .map(|rows| {
                let mut transaction = Transaction::new();
                for row in rows {
                    transaction.put(self, row.clone());
                }
                transaction.commit(self, "staging a membership change")
            })
            .collect();
        stream::iter(transactions).buffer_unordered(STAGED_AT_ONCE).try_collect().await
    }

    /// Applies what is left of a committed change, as much as one call does, and at the end takes the mark away.
    pub(crate) async fn roll_forward(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        change: &ChangeId,
    ) -> StoreResult<Progress> {
        let read = async |from: u32, to: u32| {
            let key = |page: u32| keys::staged(workspace, team, change, page);
            let range = Range::of(key(from).pk).between(key(from).sk, key(to).sk);
            self.all(range).await
        };
        let first = read(0, LOOKED_AT - 1).await?;
        let pages = first.first().map(document::<StagedPage>).transpose()?.map_or(0, |page| page.pages);
        let small = pages <= LOOKED_AT;
        // Where there is little to share, all begin at the front.
        let start = if small { 0 } else { rand::random_range(0..pages) };
        let mut first = small.then_some(first);
        let mut left = APPLIED_PER_CALL;
        let ahead = (start..pages).step_by(LOOKED_AT as usize).map(|from| (from, pages));
        let behind = (0..start).step_by(LOOKED_AT as usize).map(|from| (from, start));
        for (from, end) in ahead.chain(behind) {
            let items = match first.take() {
                Some(items) => items,
                None => read(from, (from + LOOKED_AT).min(end) - 1).await?,
            };
            let open: Vec<&Item> = items.iter().filter(|item| number_of(item, APPLIED) == 0).collect();
            let share: Vec<_> = open.iter().take(left).map(|item| self.apply_page(team, item)).collect();
            let done = share.len();
            stream::iter(share).buffer_unordered(APPLIED_AT_ONCE).try_collect::<()>().await?;
            if done < open.len() {
                return Ok(Progress::Underway);
            }
            left -= done;
        }
        self.unmark(workspace, team, change).await?;
        Ok(Progress::Finished)
    }

    /// Takes the mark of a change away, all of whose pages are applied.
    async fn unmark(&self, workspace: &WorkspaceId, team: &TeamId, change: &ChangeId) -> StoreResult<()> {
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
    async fn apply_page(&self, team: &TeamId, item: &Item) -> StoreResult<()> {
        let page: StagedPage = document(item)?;
        let mut transaction = Transaction::new();
        let mark = update_of(self, &key_of(item)?)
            .update_expression("SET #applied = :one")
            .expression_attribute_names("#applied", APPLIED)
            .expression_attribute_values(":one", number(1));
        let once = Condition::HasWithout("doc", APPLIED);
        transaction.update_if(mark, once, Otherwise::Conflict("the staged page"));
        let delta = MemberDelta { add: page.add, remove: page.remove };
        for membership in Membership::of_delta(&page.connection, team, &delta) {
            membership.write(self, &mut transaction);
        }
        match transaction.commit(self, "applying a membership change").await {
            // Somebody else applied it.
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
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
        let staged: StagedPage = document(&item)?;
        let last = page + 1 >= staged.pages;
        if number_of(&item, APPLIED) == 0 {
            self.apply_page(team, &item).await?;
            // Who committed is behind, or dead: the group is not left to wait until the planner is through.
            if !last && let Err(error) = self.roll_forward(workspace, team, change).await {
                tracing::warn!(%error, group = %team, "a membership change is applied page by page");
            }
        }
        // Mostly whoever committed has applied every page; only a mark that is still there says otherwise.
        if last {
            let group = self.get(&keys::group(workspace, team)).await?;
            if group.as_ref().and_then(|group| text_of(group, STAGED)) == Some(change.as_str()) {
                self.roll_forward(workspace, team, change).await?.finished()?;
            }
        }
        let next = (!last).then(|| (page + 1).to_string());
        Ok(Some(Page { items: staged.add.into_iter().chain(staged.remove).collect(), next }))
    }
}

// A staged page must fit one transaction with its own row.
const _: () = assert!(PEOPLE_PER_PAGE * 2 < MAX_ACTIONS);
