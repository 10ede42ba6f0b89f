//! Once a day the meters of every workspace are read: what a month used is the difference of two readings.

use std::sync::PoisonError;

use usher_domain::{
    id::WorkspaceId,
    ports::StoreResult,
    usage::{Reading, day_of},
};

use super::Reconciler;

impl Reconciler {
    /// Reads a workspace's meters, if nobody has done so today. Another process may have: the store keeps the first.
    pub(super) async fn read_meters(&self, workspace: &WorkspaceId) -> StoreResult<()> {
        let at = self.clock.now();
        let day = day_of(at);
        if self.read_on().get(workspace) == Some(&day) {
            return Ok(());
        }
        if !self.store.has_reading(workspace, day).await? {
            let meters = self.store.meters(workspace).await?;
            self.store.keep_reading(workspace, &Reading { day, at, meters }).await?;
        }
        self.read_on().insert(workspace.clone(), day);
        Ok(())
    }

    fn read_on(&self) -> std::sync::MutexGuard<'_, super::ReadOn> {
        // A poisoned lock only means that another run panicked; the map itself is whole.
        self.read_on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
