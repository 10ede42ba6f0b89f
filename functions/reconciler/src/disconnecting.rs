//! Looks again at integrations that are to be disconnected when everybody is out: the last one may have gone since, and
//! whoever got in at the moment of the wish was not on the list yet.

use jiff::SignedDuration;
use usher_domain::{
    Timestamp,
    change::{Actor, Cause, Change, Subject, Trigger},
    id::InvalidId,
    integration::Integration,
    ports::{StoreError, StoreResult},
};

use crate::Reconciler;

/// For how long after the wish it is looked for people who were not on the list yet. Later only when no seat is left.
const LATECOMERS: SignedDuration = SignedDuration::from_hours(1);

impl Reconciler {
    pub(crate) async fn look_whether_empty(
        &self,
        integration: &Integration,
        since: Timestamp,
    ) -> StoreResult<()> {
        let now = self.clock.now();
        let (workspace, id) = (&integration.workspace, &integration.id);
        if now.duration_since(since) > LATECOMERS && self.store.recorded_seats(workspace, id).await? > 0 {
            return Ok(());
        }
        let change = format!("{id}.out.{}", now.as_millisecond()).parse().map_err(|error: InvalidId| {
            StoreError::Defect { during: "looking whether an integration is empty", source: Box::new(error) }
        })?;
        let subject = Subject::Disconnecting { integration: id.clone(), cursor: None, busy: false };
        let correlation_id = format!("schedule-{}", now.as_millisecond());
        let cause = Cause { actor: Actor::Usher, trigger: Trigger::Schedule, correlation_id, at: now };
        self.store.look_again(&Change::new(change, workspace.clone(), subject, cause)).await
    }
}
