//! What idempotency keys need.

use async_trait::async_trait;

use super::StoreResult;
use crate::idempotency::KeyedRequest;

/// Requests under their idempotency keys.
#[async_trait]
pub trait Idempotency: Send + Sync {
    /// Claims a request's key for it. `None` when it is claimed; otherwise the request that has it.
    ///
    /// # Errors
    /// `Conflict` when the one that had it let it go at this moment.
    async fn claim_request(&self, request: &KeyedRequest) -> StoreResult<Option<KeyedRequest>>;

    /// Keeps what was answered.
    async fn answer_request(&self, request: &KeyedRequest) -> StoreResult<()>;

    /// Lets the key go: nothing was done under it.
    async fn release_request(&self, request: &KeyedRequest) -> StoreResult<()>;
}
