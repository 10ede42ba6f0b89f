//! Puts deliveries to webhooks on their way again that are due, or whose message was lost.

use std::collections::BTreeSet;

use usher_domain::{
    Timestamp,
    id::WorkspaceId,
    ports::{StoreError, StoreResult},
};

use crate::Reconciler;

impl Reconciler {
    /// `before`: open deliveries that should be looked at by then; all of them at the end of time.
    pub(crate) async fn deliveries_in(&self, workspace: &WorkspaceId, before: Timestamp) -> StoreResult<u64> {
        let now = self.clock.now();
        // A released one moves on in the list: it is not released again in the same walk.
        let mut looked_at = BTreeSet::new();
        let mut count = 0;
        let mut cursor = None;
        loop {
            let page = self.store.open_deliveries(workspace, before, cursor.as_deref()).await?;
            for delivery in &page.items {
                if !looked_at.insert((delivery.endpoint.clone(), delivery.id.clone())) {
                    continue;
                }
                match self.store.put_delivery(&delivery.released(now)).await {
                    Ok(()) => count += 1,
                    // It moved by itself.
                    Err(StoreError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(count);
            }
        }
    }
}
