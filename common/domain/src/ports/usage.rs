//! Metering: who counts, who reads the counters once a day, and who asks what a month used.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::civil::Date;

use super::StoreResult;
use crate::{
    Timestamp,
    id::{IntegrationId, WorkspaceId},
    usage::{Meter, Month, Reading, Retired},
};

/// Where SCIM requests are counted.
#[async_trait]
pub trait RequestMeter: Send + Sync {
    /// Records how many requests of a workspace one process has let in on a day so far. Each process has a number of its
    /// own and overwrites it, so recording it twice is recording it once.
    async fn put_requests(
        &self,
        workspace: &WorkspaceId,
        day: Date,
        process: &str,
        requests: u64,
        now: Timestamp,
    ) -> StoreResult<()>;
}

/// Readings of a workspace's meters.
#[async_trait]
pub trait Readings: Send + Sync {
    /// The integrations that were disconnected, and what they had used.
    async fn retired(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Retired>>;

    /// The meters of all integrations as they are, those that were disconnected included.
    async fn meters(&self, workspace: &WorkspaceId) -> StoreResult<BTreeMap<IntegrationId, Meter>>;

    /// Keeps a day's reading. One that is there stays.
    async fn keep_reading(&self, workspace: &WorkspaceId, reading: &Reading) -> StoreResult<()>;

    /// Whether a day was read.
    async fn has_reading(&self, workspace: &WorkspaceId, day: Date) -> StoreResult<bool>;

    /// The readings that a month's usage is worked out from, in order: the last one up to its first day, and all others up
    /// to the first day of the next month.
    async fn readings(&self, workspace: &WorkspaceId, month: Month) -> StoreResult<Vec<Reading>>;

    /// How many SCIM requests were let in in a month.
    async fn requests(&self, workspace: &WorkspaceId, month: Month) -> StoreResult<u64>;
}
