//! Webhooks, which nothing breaks here.

use async_trait::async_trait;
use usher_domain::{
    automation::Automation,
    id::{AutomationId, WorkspaceId},
    ports::{StoreResult, Telling},
    webhook::{Delivery, Endpoint},
};

use super::broken::Broken;

#[async_trait]
impl Telling for Broken {
    async fn endpoints(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Endpoint>> {
        self.store.endpoints(workspace).await
    }

    async fn told_automation(
        &self,
        workspace: &WorkspaceId,
        id: &AutomationId,
    ) -> StoreResult<Option<Automation>> {
        self.store.told_automation(workspace, id).await
    }

    async fn add_delivery(&self, delivery: &Delivery) -> StoreResult<()> {
        self.store.add_delivery(delivery).await
    }
}
