//! Marks of people in an integration. A mark is part of the access's row, so that whoever decides or acts reads it
//! with what it is about.

use usher_domain::{
    Timestamp,
    access::{Access, Mark},
    change::Change,
    id::{IntegrationId, PersonId, WorkspaceId},
    ports::StoreResult,
};

use super::{Store, row::document, transaction::Transaction};
use crate::keys;

impl Store {
    pub(crate) async fn write_mark(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        person: &PersonId,
        mark: Option<&Mark>,
        change: &Change,
    ) -> StoreResult<Access> {
        let row = self.get(&keys::access(workspace, person, integration)).await?;
        let stored: Option<Access> = row.as_ref().map(document).transpose()?;
        let now: Timestamp = change.cause.at;
        let before = stored
            .unwrap_or_else(|| Access::none(workspace.clone(), integration.clone(), person.clone(), now));
        let evaluation = before.evaluation;
        let marked = Access { updated_at: now, ..before.with_mark(mark.cloned()) };
        let mut transaction = Transaction::new();
        self.put_access(&mut transaction, evaluation, &marked)?;
        self.put_change(&mut transaction, change)?;
        transaction.commit(self, "marking a person").await?;
        Ok(marked)
    }
}
