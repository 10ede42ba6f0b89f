//! What webhooks need: of whom they are told, by whom they are delivered, and by whom they are looked after.

use async_trait::async_trait;

use super::{Page, StoreResult};
use crate::{
    Timestamp,
    automation::Automation,
    id::{AutomationId, DeliveryId, EndpointId, WorkspaceId},
    webhook::{Delivery, DeliveryMessage, Endpoint},
};

/// What the planner needs to write down for whom an event is.
#[async_trait]
pub trait Telling: Send + Sync {
    /// The endpoints of a workspace.
    async fn endpoints(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Endpoint>>;

    /// An automation with its counts.
    async fn told_automation(
        &self,
        workspace: &WorkspaceId,
        id: &AutomationId,
    ) -> StoreResult<Option<Automation>>;

    /// Writes a delivery down, if it is not there yet.
    async fn add_delivery(&self, delivery: &Delivery) -> StoreResult<()>;
}

/// What is needed to deliver.
#[async_trait]
pub trait Delivering: Send + Sync {
    /// A delivery and its endpoint; `None` when one of them is gone.
    async fn delivery(&self, message: &DeliveryMessage) -> StoreResult<Option<(Delivery, Endpoint)>>;

    /// Records what an attempt came to, and what it means for the endpoint.
    ///
    /// # Errors
    /// `Conflict` when the delivery moved since it was read.
    async fn record(&self, delivery: &Delivery, endpoint: Option<&Endpoint>) -> StoreResult<()>;
}

/// What the reconciler needs.
#[async_trait]
pub trait OpenDeliveries: Send + Sync {
    /// Deliveries that somebody should look at by `before`, oldest first.
    async fn open_deliveries(
        &self,
        workspace: &WorkspaceId,
        before: Timestamp,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Delivery>>;

    /// Replaces a delivery with its next revision, which puts an open one on its way.
    ///
    /// # Errors
    /// `Conflict` when it moved since it was read.
    async fn put_delivery(&self, delivery: &Delivery) -> StoreResult<()>;
}

/// What the console needs.
#[async_trait]
pub trait Webhooks: Telling + OpenDeliveries {
    /// An endpoint.
    async fn endpoint(&self, workspace: &WorkspaceId, id: &EndpointId) -> StoreResult<Option<Endpoint>>;

    /// Stores an endpoint; the store moves nothing: `endpoint` has its next version.
    ///
    /// # Errors
    /// `Conflict` when the stored version is not the one before it (0: there is none).
    async fn put_endpoint(&self, endpoint: &Endpoint) -> StoreResult<()>;

    /// Forgets an endpoint. What is on its way to it is not sent any more.
    async fn delete_endpoint(&self, workspace: &WorkspaceId, id: &EndpointId) -> StoreResult<()>;

    /// What was sent to an endpoint, newest event first.
    async fn deliveries(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Delivery>>;

    /// A delivery.
    async fn sent(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        id: &DeliveryId,
    ) -> StoreResult<Option<Delivery>>;
}
