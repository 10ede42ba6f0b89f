//! Goes through the integrations: begins the syncs that are due, and puts those on their way again whose message or worker
//! was lost.

use usher_domain::{
    Timestamp,
    change::{Actor, Cause, Trigger},
    id::WorkspaceId,
    integration::Integration,
    ports::{StoreError, StoreResult},
    sync::{RunKind, SyncRun},
};

use crate::Reconciler;

impl Reconciler {
    /// `before`: open runs that should be looked at by then are put on their way; all of them at the end of time.
    pub(crate) async fn syncs_in(&self, workspace: &WorkspaceId, before: Timestamp) -> StoreResult<u64> {
        let mut count = 0;
        let mut cursor = None;
        loop {
            let page = self.store.integration_page(workspace, cursor.as_deref()).await?;
            for integration in &page.items {
                count += u64::from(self.sync(integration, before).await?);
                if let Some(since) = integration.disconnecting {
                    self.look_whether_empty(integration, since).await?;
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(count);
            }
        }
    }

    async fn sync(&self, integration: &Integration, before: Timestamp) -> StoreResult<bool> {
        let now = self.clock.now();
        let last = self.store.last_run(&integration.workspace, &integration.id).await?;
        let next = match &last {
            Some(run) if run.state.is_open() && (before == Timestamp::MAX || run.is_lost(before)) => {
                run.released(now)
            }
            last if SyncRun::is_due(integration, last.as_ref(), now) => {
                // A workspace that is not served has nothing read on a schedule; what it acknowledged before is done.
                if self.store.tenancy(&integration.workspace).await?.suspension.is_some() {
                    return Ok(false);
                }
                let correlation_id = format!("schedule-{}", now.as_millisecond());
                let cause =
                    Cause { actor: Actor::Usher, trigger: Trigger::Schedule, correlation_id, at: now };
                SyncRun::begin(integration, RunKind::Sync, cause, last.as_ref())
            }
            _ => return Ok(false),
        };
        match self.store.put_run(last.as_ref(), &next, None, &[], None).await {
            Ok(()) => Ok(true),
            // It moved by itself, or the integration is gone.
            Err(StoreError::Conflict { .. } | StoreError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
