//! Credentials that an app replaces when they are used: who uses them, so that nobody else uses them up, and the new ones.

use usher_domain::{
    Timestamp,
    id::{IntegrationId, WorkspaceId},
    integration::Integration,
    ports::StoreResult,
};

use super::{
    Store,
    admin::integration_rows,
    row::{kind, number, text},
    tally::unless_refused,
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::keys;

/// Until when somebody uses the credentials, in the row of the integration's tally.
const USED_UNTIL: &str = "credentials_until";

impl Store {
    /// Takes the right to use an integration's credentials up. It ends by itself, should its holder die.
    pub(crate) async fn take_credentials(
        &self,
        (workspace, integration): (&WorkspaceId, &IntegrationId),
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        let update = update_of(self, &keys::tally(workspace, integration))
            .update_expression("SET #type = :type, #until = :until")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#until", USED_UNTIL)
            .expression_attribute_values(":type", text(kind::TALLY))
            .expression_attribute_values(":until", number(until.as_millisecond()));
        let free = Condition::UnsetOrUpTo(USED_UNTIL, number(now.as_millisecond()));
        let mut transaction = Transaction::new();
        // Nothing late brings back what was disconnected.
        transaction.check(
            self,
            &keys::integration(workspace, integration),
            Condition::Present,
            Otherwise::Missing("the integration"),
        );
        transaction.update_if(update, free, Otherwise::Conflict("the app's credentials"));
        unless_refused(transaction.commit(self, "taking an app's credentials").await)
    }

    /// Gives that right back, if it is still the one that ends then.
    pub(crate) async fn return_credentials(
        &self,
        (workspace, integration): (&WorkspaceId, &IntegrationId),
        until: Timestamp,
    ) -> StoreResult<()> {
        let update = update_of(self, &keys::tally(workspace, integration))
            .update_expression("REMOVE #until")
            .expression_attribute_names("#until", USED_UNTIL);
        let own = Condition::Equals(USED_UNTIL, number(until.as_millisecond()));
        let mut transaction = Transaction::new();
        transaction.update_if(update, own, Otherwise::Conflict("the app's credentials"));
        unless_refused(transaction.commit(self, "giving an app's credentials back").await).map(|_| ())
    }

    /// Writes an integration with other credentials over the version before.
    pub(crate) async fn write_credentials(&self, integration: &Integration) -> StoreResult<()> {
        let [row, entry] = integration_rows(integration)?;
        let unmoved = Condition::Equals("version", number(integration.version.saturating_sub(1)));
        let mut transaction = Transaction::new();
        transaction.put_if(self, row, unmoved, Otherwise::Conflict("the integration"));
        transaction.put(self, entry);
        transaction.commit(self, "storing an app's credentials").await
    }
}
