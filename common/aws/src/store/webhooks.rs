//! Webhooks: endpoints, and what is on its way to them. A delivery's row is written by whoever notices its event first; it
//! wakes the stream whenever it is open, as a job's does.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    automation::Automation,
    id::{AutomationId, DeliveryId, EndpointId, WorkspaceId},
    ports::{Delivering, OpenDeliveries, Page, StoreError, StoreResult, Telling, Webhooks},
    webhook::{Delivery, DeliveryMessage, Endpoint, KEPT_DAYS},
};

use super::{
    Store,
    query::Range,
    row::{Row, document, kind, number, text, text_of},
    transaction::{Condition, Otherwise, Transaction},
    users::days_after,
};
use crate::keys::{by_time, webhooks as keys, workspace_partition};

const REVISION: &str = "revision";
const VERSION: &str = "version";
const DELIVERY_MOVED: Otherwise = Otherwise::Conflict("the delivery");
/// How many open deliveries a page of the reconciler has.
const PAGE: u32 = 100;

fn delivery_row(delivery: &Delivery) -> StoreResult<Row> {
    let Delivery { workspace, endpoint, at, id, .. } = delivery;
    let row = Row::lean(keys::delivery(workspace, endpoint, id), kind::DELIVERY, delivery)?
        .with("state", text(delivery.state.name()))
        .with(REVISION, number(delivery.revision))
        .expiring(days_after(*at, KEPT_DAYS));
    Ok(match delivery.state.is_open() {
        true => row.in_gsi2(keys::open_deliveries(workspace), by_time(delivery.look_at, id.as_str())),
        false => row,
    })
}

fn endpoint_row(endpoint: &Endpoint) -> StoreResult<Row> {
    let row = Row::new(keys::endpoint(&endpoint.workspace, &endpoint.id), kind::ENDPOINT, endpoint)?;
    Ok(row.with(VERSION, number(endpoint.version)))
}

fn before(revision: u64) -> Condition {
    Condition::Equals(REVISION, number(revision.saturating_sub(1)))
}

#[async_trait]
impl Telling for Store {
    async fn endpoints(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Endpoint>> {
        let range = Range::of(workspace_partition(workspace)).prefix(keys::ENDPOINT_PREFIX);
        self.all(range).await?.iter().map(document).collect()
    }

    async fn told_automation(
        &self,
        workspace: &WorkspaceId,
        id: &AutomationId,
    ) -> StoreResult<Option<Automation>> {
        self.automation_by_id(workspace, id).await
    }

    async fn add_delivery(&self, delivery: &Delivery) -> StoreResult<()> {
        match self.put(delivery_row(delivery)?, Some((Condition::Absent, "the delivery"))).await {
            // It was noticed before.
            Err(StoreError::Conflict { .. }) => Ok(()),
            other => other,
        }
    }
}

#[async_trait]
impl Delivering for Store {
    async fn delivery(&self, message: &DeliveryMessage) -> StoreResult<Option<(Delivery, Endpoint)>> {
        let DeliveryMessage { workspace, endpoint, delivery } = message;
        let keys = [keys::delivery(workspace, endpoint, delivery), keys::endpoint(workspace, endpoint)];
        let rows = self.get_many(&keys).await?;
        let of_kind = |kind: &str| rows.iter().find(|row| text_of(row, "type") == Some(kind));
        let (Some(delivery), Some(endpoint)) = (of_kind(kind::DELIVERY), of_kind(kind::ENDPOINT)) else {
            return Ok(None);
        };
        Ok(Some((document(delivery)?, document(endpoint)?)))
    }

    async fn record(&self, delivery: &Delivery, endpoint: Option<&Endpoint>) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.put_if(self, delivery_row(delivery)?, before(delivery.revision), DELIVERY_MOVED);
        if let Some(endpoint) = endpoint {
            let read = Condition::Equals(VERSION, number(endpoint.version.saturating_sub(1)));
            transaction.put_if(self, endpoint_row(endpoint)?, read, Otherwise::Conflict("the webhook"));
        }
        transaction.commit(self, "recording a delivery").await
    }
}

#[async_trait]
impl OpenDeliveries for Store {
    async fn open_deliveries(
        &self,
        workspace: &WorkspaceId,
        before: Timestamp,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Delivery>> {
        let range = Range::of_index(1, keys::open_deliveries(workspace));
        let range = range.up_to(by_time(before, "~")).limit(PAGE).starting_at(cursor)?;
        let page = self.page(range).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }

    async fn put_delivery(&self, delivery: &Delivery) -> StoreResult<()> {
        self.put(delivery_row(delivery)?, Some((before(delivery.revision), "the delivery"))).await
    }
}

#[async_trait]
impl Webhooks for Store {
    async fn endpoint(&self, workspace: &WorkspaceId, id: &EndpointId) -> StoreResult<Option<Endpoint>> {
        self.read(&keys::endpoint(workspace, id)).await
    }

    async fn put_endpoint(&self, endpoint: &Endpoint) -> StoreResult<()> {
        let read = match endpoint.version {
            1 => Condition::Absent,
            version => Condition::Equals(VERSION, number(version.saturating_sub(1))),
        };
        self.put(endpoint_row(endpoint)?, Some((read, "the webhook"))).await
    }

    async fn delete_endpoint(&self, workspace: &WorkspaceId, id: &EndpointId) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::endpoint(workspace, id));
        transaction.commit(self, "forgetting a webhook").await
    }

    async fn deliveries(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Delivery>> {
        let range = Range::of(keys::deliveries(workspace, endpoint)).descending();
        let page = self.page(range.limit(limit).starting_at(cursor)?).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }

    async fn sent(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        id: &DeliveryId,
    ) -> StoreResult<Option<Delivery>> {
        self.read(&keys::delivery(workspace, endpoint, id)).await
    }
}
