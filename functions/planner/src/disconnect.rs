//! Disconnecting an integration: showing everybody out first, and taking what is left of it away.

use usher_domain::{
    access::{Access, Presence},
    change::{Change, Subject},
    id::{ConnectionId, IntegrationId, PersonId},
    ports::{Erased, StoreError, StoreResult},
    webhook::Event,
};

use crate::{PEOPLE_PER_PAGE, Planner};

impl Planner {
    /// Decides anew for everybody who should still be in, and disconnects the integration once nobody is left. Begun with
    /// the wish and then again by the reconciler: whoever got in at the moment of the wish is found the next time.
    pub(crate) async fn plan_disconnecting(
        &self,
        change: &Change,
        integration: &IntegrationId,
        cursor: Option<&str>,
        busy: bool,
    ) -> StoreResult<()> {
        let workspace = &change.workspace;
        let Some((found, _)) = self.store.integration(workspace, integration).await? else { return Ok(()) };
        if found.disconnecting.is_none() {
            return Ok(());
        }
        let page = self.store.all_access(workspace, integration, cursor, PEOPLE_PER_PAGE).await?;
        let to_decide = page.items.iter().filter(|access| is_still_wanted(access));
        let to_decide: Vec<PersonId> = to_decide.map(|access| access.person.clone()).collect();
        self.evaluate(change, integration, &to_decide).await?;
        let busy = busy || !to_decide.is_empty() || page.items.iter().any(is_busy);
        if let Some(cursor) = page.next {
            let next =
                Subject::Disconnecting { integration: integration.clone(), cursor: Some(cursor), busy };
            return self.store.continue_change(&change.next_page(next)).await;
        }
        if busy || self.store.counted(workspace, integration).await?.seats > 0 {
            return Ok(());
        }
        let change = change.next_page(found.disconnected());
        match self.store.disconnect(&found, &change).await {
            // Somebody changed it at the same moment, or was faster; the reconciler comes again.
            Err(StoreError::Conflict { .. }) => Ok(()),
            done => done,
        }
    }

    pub(crate) async fn plan_disconnected(
        &self,
        change: &Change,
        integration: &IntegrationId,
        name: &str,
        connection: Option<&ConnectionId>,
        after: Option<&PersonId>,
    ) -> StoreResult<()> {
        self.tell(&change.workspace, Some(Event::of_disconnection(change, integration, name))).await?;
        let now = self.clock.now();
        let erased = self.store.erase_page(change, integration, connection, after, now).await?;
        let Erased::Some { after } = erased else { return Ok(()) };
        let next = Subject::Disconnected {
            integration: integration.clone(),
            name: name.to_owned(),
            connection: connection.cloned(),
            after,
        };
        self.store.continue_change(&change.next_page(next)).await
    }
}

/// Whether the person was to have a seat when it was last decided. Whoever is left alone keeps it.
fn is_still_wanted(access: &Access) -> bool {
    let wanted = access.desired.as_ref().is_some_and(|desired| desired.presence != Presence::Absent);
    wanted && !access.is_exempt()
}

/// Whether somebody acts for the person, or is to.
fn is_busy(access: &Access) -> bool {
    access.job.is_some() || access.lease.is_some()
}
