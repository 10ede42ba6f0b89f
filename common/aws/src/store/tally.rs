//! The tally of an integration: how many seats it has, and what began lately that its guards care about. Two
//! writers meet in its row and must not fence each other: seats are added to without a condition, what begins is
//! counted on the version that was read.

use usher_domain::{
    access::Access,
    guard::Tally,
    id::{IntegrationId, WorkspaceId},
    ports::StoreResult,
};

use super::{
    Store,
    error::defect,
    row::{document, kind, number, number_of, text},
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::keys;

impl Store {
    pub(crate) async fn read_tally(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Tally> {
        let Some(row) = self.get(&keys::tally(workspace, integration)).await? else {
            return Ok(Tally::default());
        };
        let version = number_of(&row, "version");
        // Seats alone leave no document.
        let lately = if version == 0 { Vec::new() } else { document(&row)? };
        Ok(Tally { seats: number_of(&row, "seats"), lately, version })
    }

    /// Counts what begins in this transaction.
    pub(crate) fn put_tally(
        &self,
        transaction: &mut Transaction,
        access: &Access,
        tally: &Tally,
    ) -> StoreResult<()> {
        let lately =
            serde_json::to_string(&tally.lately).map_err(|error| defect("writing the tally", error))?;
        let update = update_of(self, &keys::tally(&access.workspace, &access.integration))
            .update_expression("SET #type = :type, #doc = :doc, #version = :version")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#doc", "doc")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":type", text(kind::TALLY))
            .expression_attribute_values(":doc", text(lately))
            .expression_attribute_values(":version", number(tally.version));
        let unmoved = match tally.version {
            0 | 1 => Condition::Without("version"),
            version => Condition::Equals("version", number(version - 1)),
        };
        transaction.update_if(update, unmoved, Otherwise::Conflict("the tally"));
        Ok(())
    }

    /// Moves the seats with an access that is written in this transaction: everybody who has one is counted.
    pub(crate) fn move_seats(&self, transaction: &mut Transaction, before: &Access, after: &Access) {
        let seats =
            |access: &Access| i64::from(access.observed.as_ref().is_some_and(|observed| observed.has_seat()));
        let change = seats(after) - seats(before);
        if change == 0 {
            return;
        }
        let update = update_of(self, &keys::tally(&after.workspace, &after.integration))
            .update_expression("SET #type = :type ADD #seats :change")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#seats", "seats")
            .expression_attribute_values(":type", text(kind::TALLY))
            .expression_attribute_values(":change", number(change));
        transaction.update(update);
    }
}
