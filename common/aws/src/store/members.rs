//! Memberships: one item per (group, member) in each direction, so that both sides are read strongly
//! consistent. Changes of more people than one transaction holds are in `staging.rs`.

use usher_domain::{
    directory::MemberDelta,
    id::{ConnectionId, PersonId, TeamId, WorkspaceId},
    ports::{Page, StoreResult},
};

use super::{
    Store,
    query::Range,
    row::{Row, id_after, kind, text},
    transaction::Transaction,
};
use crate::keys;

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

impl Store {
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
}
