//! What an operator decided about workspaces.

use async_trait::async_trait;
use usher_domain::{
    id::WorkspaceId,
    ports::{Operating, Readings, StoreResult, Tenancies},
    tenancy::Tenancy,
};

use super::{
    Store,
    row::{Item, Row, document, kind, number},
    transaction::{Condition, Otherwise, Transaction},
};
use crate::keys;

/// The version beside the document.
const VERSION: &str = "version";

/// What a row says, or that nothing was decided.
pub(crate) fn tenancy_of(row: Option<&Item>) -> StoreResult<Tenancy> {
    row.map_or_else(|| Ok(Tenancy::default()), document)
}

#[async_trait]
impl Tenancies for Store {
    async fn tenancy(&self, workspace: &WorkspaceId) -> StoreResult<Tenancy> {
        tenancy_of(self.get(&keys::tenancy(workspace)).await?.as_ref())
    }
}

#[async_trait]
impl Operating for Store {
    async fn put_tenancy(&self, workspace: &WorkspaceId, tenancy: &Tenancy) -> StoreResult<()> {
        let read = match tenancy.version {
            0 => Condition::Absent,
            version => Condition::Equals(VERSION, number(version)),
        };
        let next = Tenancy { version: tenancy.version + 1, ..tenancy.clone() };
        let row = Row::new(keys::tenancy(workspace), kind::TENANCY, &next)?;
        let mut transaction = Transaction::new();
        let conflict = Otherwise::Conflict("what was decided about the workspace");
        transaction.put_if(self, row.with(VERSION, number(next.version)), read, conflict);
        let missing = Otherwise::Missing("the workspace");
        transaction.check(self, &keys::workspace(workspace), Condition::Present, missing);
        transaction.commit(self, "deciding about a workspace").await
    }
}

impl Store {
    /// How many seats a workspace has.
    pub(crate) async fn count_seats(&self, workspace: &WorkspaceId) -> StoreResult<u64> {
        Ok(self.meters(workspace).await?.values().map(|meter| meter.seats).sum())
    }
}
