//! The row of an access. Every write of it is conditional on the evaluation that was read and moves it on:
//! planners and executors can not overwrite each other.

use usher_domain::{access::Access, activity::Activity, ports::StoreResult};

use super::{
    ACTIVITY_DAYS, Store,
    row::{Row, kind, number},
    transaction::{Condition, Otherwise, Transaction, put_alone},
    users::days_after,
};
use crate::keys;

fn access_row(access: &Access) -> StoreResult<Row> {
    let key = keys::access(&access.workspace, &access.person, &access.integration);
    let row = Row::lean(key, kind::ACCESS, access)?.with("evaluation", number(access.evaluation));
    // People for whom nothing was ever decided are not listed.
    let row = match &access.drift {
        Some(_) => row.in_gsi2(
            keys::sync::drift(&access.workspace, &access.integration),
            keys::sync::drift_of_person(access.person.as_str()),
        ),
        None => row,
    };
    Ok(if access.desired.is_some() || access.observed.is_some() {
        row.in_gsi1(keys::access_listing(&access.workspace, &access.integration), access.person.to_string())
    } else {
        row
    })
}

const MOVED: Otherwise = Otherwise::Conflict("the access");

/// The row with the evaluation after the one that was read (0: none), and that nobody wrote it since.
fn next_row(read: u64, access: &Access) -> StoreResult<(Row, Condition)> {
    let condition = match read {
        0 => Condition::Absent,
        read => Condition::Equals("evaluation", number(read)),
    };
    Ok((access_row(&Access { evaluation: read + 1, ..access.clone() })?, condition))
}

impl Store {
    /// Writes an access over the one with the evaluation that was read (0: none), with the next evaluation.
    pub(crate) fn put_access(
        &self,
        transaction: &mut Transaction,
        read: u64,
        access: &Access,
    ) -> StoreResult<()> {
        let (row, condition) = next_row(read, access)?;
        transaction.put_if(self, row, condition, MOVED);
        Ok(())
    }

    /// Records that an access was evaluated and nothing is to change: as [`Store::put_access`], alone.
    pub(crate) async fn touch_access(&self, access: &Access) -> StoreResult<()> {
        let (row, condition) = next_row(access.evaluation, access)?;
        put_alone(self, row, condition, MOVED, "recording an evaluation").await
    }

    /// Adds a row to an integration's Activity tab.
    pub(crate) fn put_activity(&self, transaction: &mut Transaction, activity: &Activity) -> StoreResult<()> {
        let key = keys::activity(&activity.workspace, &activity.integration, activity.at, &activity.id);
        let row = Row::new(key, kind::ACTIVITY, activity)?.expiring(days_after(activity.at, ACTIVITY_DAYS));
        transaction.put(self, row);
        Ok(())
    }
}
