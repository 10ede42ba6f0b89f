//! Requests under their idempotency keys: one row for each, which ends with its answer.

use async_trait::async_trait;
use usher_domain::{
    idempotency::KeyedRequest,
    ports::{Idempotency, StoreError, StoreResult},
};

use super::{
    Store,
    row::{Row, number},
    transaction::{Condition, Transaction},
};
use crate::{keys, table::TIME_TO_LIVE};

const REQUEST: &str = "keyed_request";
const WHAT: &str = "the request with this idempotency key";

fn request_row(request: &KeyedRequest) -> StoreResult<Row> {
    let key = keys::keyed_request(&request.workspace, &request.id);
    Ok(Row::new(key, REQUEST, request)?.expiring(request.kept_until))
}

#[async_trait]
impl Idempotency for Store {
    async fn claim_request(&self, request: &KeyedRequest) -> StoreResult<Option<KeyedRequest>> {
        // The database drops a row up to days after its end.
        let free = Condition::UnsetOrUpTo(TIME_TO_LIVE, number(request.begun_at.as_second()));
        match self.put(request_row(request)?, Some((free, WHAT))).await {
            Ok(()) => Ok(None),
            Err(StoreError::Conflict { .. }) => {
                let before = self.read(&keys::keyed_request(&request.workspace, &request.id)).await?;
                before.map(Some).ok_or(StoreError::Conflict { what: WHAT })
            }
            Err(error) => Err(error),
        }
    }

    async fn answer_request(&self, request: &KeyedRequest) -> StoreResult<()> {
        self.put(request_row(request)?, None).await
    }

    async fn release_request(&self, request: &KeyedRequest) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::keyed_request(&request.workspace, &request.id));
        transaction.commit(self, "letting an idempotency key go").await
    }
}
