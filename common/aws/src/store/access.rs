//! The row of an access. Every write of it is conditional on the evaluation that was read and moves it on:
//! planners and executors can not overwrite each other.

use usher_domain::{access::Access, activity::Activity, ports::StoreResult};

use super::{
    ACTIVITY_DAYS, Store,
    row::{Row, kind, number},
    transaction::{Condition, Otherwise, Transaction},
    users::days_after,
};
use crate::keys;

fn access_row(access: &Access) -> StoreResult<Row> {
    let key = keys::access(&access.workspace, &access.person, &access.integration);
    let row = Row::new(key, kind::ACCESS, access)?.with("evaluation", number(access.evaluation));
    // People for whom nothing was ever decided are not listed.
    Ok(if access.desired.is_some() || access.observed.is_some() {
        row.in_gsi1(keys::access_listing(&access.workspace, &access.integration), access.person.to_string())
    } else {
        row
    })
}

impl Store {
    /// Writes an access over the one with the evaluation that was read (0: none), with the next evaluation.
    pub(crate) fn put_access(
        &self,
        transaction: &mut Transaction,
        read: u64,
        access: &Access,
    ) -> StoreResult<()> {
        let access = Access { evaluation: read + 1, ..access.clone() };
        let condition = match read {
            0 => Condition::Absent,
            read => Condition::Equals("evaluation", number(read)),
        };
        transaction.put_if(self, access_row(&access)?, condition, Otherwise::Conflict("the access"));
        Ok(())
    }

    /// Adds a row to an integration's Activity tab.
    pub(crate) fn put_activity(&self, transaction: &mut Transaction, activity: &Activity) -> StoreResult<()> {
        let key = keys::activity(&activity.workspace, &activity.integration, activity.at, &activity.id);
        let row = Row::new(key, kind::ACTIVITY, activity)?.expiring(days_after(activity.at, ACTIVITY_DAYS));
        transaction.put(self, row);
        Ok(())
    }
}
