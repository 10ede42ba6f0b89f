//! Changes that are to be planned again: an operator's last step, where the stream no longer has what the planner gave up.

use usher_domain::{
    Timestamp,
    change::Change,
    id::WorkspaceId,
    ports::{StoreError, StoreResult},
};

use super::{
    Found, Place, Store,
    row::{document, kind, number, text},
    transaction::{Condition, Otherwise, Transaction, update_of},
    whole::Filter,
};
use crate::{keys, table::PRIMARY};

/// When a change was last to be planned again. It is kept no longer for that: what it is planned by is not either.
const AGAIN: &str = "planned_again_at";

impl Store {
    /// The next changes that are kept, of one workspace or of all, in no order; a row that cannot be read is an error among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changes(
        &self,
        workspace: Option<&WorkspaceId>,
        from: Option<Place>,
    ) -> StoreResult<Found<Vec<StoreResult<Change>>>> {
        let mut filter = Filter {
            expression: "#t = :t",
            names: vec![("#t", "type")],
            values: vec![(":t", text(kind::CHANGE))],
        };
        if let Some(workspace) = workspace {
            filter.expression = "#t = :t AND begins_with(#p, :p)";
            filter.names.push(("#p", PRIMARY.0));
            filter.values.push((":p", text(keys::changes_prefix(workspace))));
        }
        let found = self.scan(filter, from, "reading changes").await?;
        Ok(Found { rows: found.rows.iter().map(document).collect(), next: found.next })
    }

    /// Has the planner woken for a change once more. Answers whether the change was still there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn plan_again(&self, change: &Change, now: Timestamp) -> StoreResult<bool> {
        let key = keys::change(&change.workspace, &change.id);
        // A write that changes nothing leaves no record in the stream:
        // <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>
        let update = update_of(self, &key)
            .update_expression("SET #a = :a")
            .expression_attribute_names("#a", AGAIN)
            .expression_attribute_values(":a", number(now.as_millisecond()));
        let mut transaction = Transaction::new();
        transaction.update_if(update, Condition::Present, Otherwise::Missing("the change"));
        match transaction.commit(self, "planning a change again").await {
            Ok(()) => Ok(true),
            Err(StoreError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
