//! Once a day the meters of every workspace are read: what a month used is the difference of two readings.

use std::sync::PoisonError;

use jiff::civil::Date;
use usher_domain::{
    id::WorkspaceId,
    ports::StoreResult,
    usage::{Reading, day_of},
};

use super::Reconciler;

impl Reconciler {
    /// The day that is to be read in this run, unless this process has read it. Others may have: the store keeps the first.
    pub(super) fn day_to_read(&self) -> Option<Date> {
        let today = day_of(self.clock.now());
        // A poisoned lock only means that another run panicked.
        let read = *self.read.lock().unwrap_or_else(PoisonError::into_inner);
        (read != Some(today)).then_some(today)
    }

    /// Every workspace was read.
    pub(super) fn was_read(&self, day: Date) {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(day);
    }

    /// Reads a workspace's meters, if nobody did so on that day.
    pub(super) async fn read_in(&self, workspace: &WorkspaceId, day: Date) -> StoreResult<()> {
        if self.store.has_reading(workspace, day).await? {
            return Ok(());
        }
        let meters = self.store.meters(workspace).await?;
        self.store.keep_reading(workspace, &Reading { day, at: self.clock.now(), meters }).await
    }
}
