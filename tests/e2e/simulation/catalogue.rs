//! What the planner is woken by, with a break in what it does about catalogues.

use usher_domain::{
    change::{Change, Subject},
    id::{IntegrationId, PersonId, WorkspaceId},
    ports::{Facts, StoreResult},
    wake::Wake,
};
use usher_fn_planner::Planner;

use super::{broken::Broken, mutation::Mutation};

/// Has the planner handle it, unless it is a change of a catalogue that something is broken about.
pub(super) async fn handle(planner: &Planner, store: &Broken, wake: Wake) -> StoreResult<()> {
    let Wake::Change(change) = &wake else { return planner.handle(wake).await };
    let Subject::Catalogue { integration, .. } = &change.subject else { return planner.handle(wake).await };
    match store.mutation {
        Mutation::DeafToCatalogue => Ok(()),
        Mutation::CatalogueByIndex => {
            let people = listed(store, &change.workspace, integration).await?;
            let subject = Subject::Drift { integration: integration.clone(), people };
            planner.handle(Wake::Change(Box::new(Change { subject, ..(**change).clone() }))).await
        }
        _ => planner.handle(wake).await,
    }
}

/// Everybody with access whom the index shows.
async fn listed(
    store: &Broken,
    workspace: &WorkspaceId,
    integration: &IntegrationId,
) -> StoreResult<Vec<PersonId>> {
    let (mut people, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.people_with_access(workspace, integration, cursor.as_deref(), 100).await?;
        people.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(people);
        }
    }
}
