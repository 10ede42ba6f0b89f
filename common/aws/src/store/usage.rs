//! The ports of metering. Running totals stand in each integration's tally, where the write that they belong to counts
//! them; here they are read.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use usher_domain::{
    Timestamp,
    id::{IntegrationId, WorkspaceId},
    integration::Integration,
    ports::{Readings, RequestMeter, StoreError, StoreResult},
    usage::{Meter, Month, Reading, Retired},
};

use super::{
    ACTIVITY_DAYS, Store,
    query::Range,
    row::{Item, Row, document, kind, number, number_of, text_of},
    transaction::{Condition, Otherwise, put_alone},
    users::days_after,
};
use crate::{
    keys::{self, usage},
    table::PRIMARY,
};

/// How many integrations' tallies are read at the same time.
const TALLIES_AT_ONCE: usize = 8;

#[async_trait]
impl RequestMeter for Store {
    async fn put_requests(
        &self,
        workspace: &WorkspaceId,
        day: Date,
        process: &str,
        requests: u64,
        now: Timestamp,
    ) -> StoreResult<()> {
        let row = Row::bare(usage::requests(workspace, day, process), kind::REQUESTS)
            .with("requests", number(requests))
            .expiring(days_after(now, ACTIVITY_DAYS));
        // Of two writes of a process that overtake each other, the larger number is the later one.
        let later = Condition::UnsetOrUpTo("requests", number(requests));
        let counted = Otherwise::Conflict("the count");
        unless_kept(put_alone(self, row, later, counted, "counting SCIM requests").await)
    }
}

#[async_trait]
impl Readings for Store {
    async fn retired(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Retired>> {
        let range = Range::of(keys::workspace_partition(workspace)).prefix(keys::RETIRED_PREFIX);
        self.all(range).await?.iter().map(document).collect()
    }

    async fn meters(&self, workspace: &WorkspaceId) -> StoreResult<BTreeMap<IntegrationId, Meter>> {
        let range = Range::of(keys::workspace_partition(workspace));
        let end = format!("{}~", keys::RETIRED_PREFIX);
        let rows = self.all(range.between(keys::INTEGRATION_PREFIX, end)).await?;
        let of_kind = |kind: &'static str| rows.iter().filter(move |row| text_of(row, "type") == Some(kind));
        let integrations: Vec<Integration> =
            of_kind(kind::INTEGRATION_ENTRY).map(document).collect::<StoreResult<_>>()?;
        let reading = integrations.into_iter().map(|integration| self.meter(workspace, integration.id));
        let reading = stream::iter(reading.collect::<Vec<_>>()).buffered(TALLIES_AT_ONCE);
        let mut meters: BTreeMap<_, _> = reading.try_collect().await?;
        for retired in of_kind(kind::RETIRED).map(document) {
            let Retired { integration, meter, .. } = retired?;
            let meter = match meter {
                Some(meter) => meter,
                None => self.last_meter(workspace, &integration).await?,
            };
            meters.insert(integration, meter);
        }
        Ok(meters)
    }

    async fn keep_reading(&self, workspace: &WorkspaceId, reading: &Reading) -> StoreResult<()> {
        let row = Row::new(usage::reading(workspace, reading.day), kind::READING, reading)?;
        let row = row.expiring(days_after(reading.at, ACTIVITY_DAYS));
        let there = Otherwise::Conflict("the day's reading");
        unless_kept(put_alone(self, row, Condition::Absent, there, "keeping a day's reading").await)
    }

    async fn has_reading(&self, workspace: &WorkspaceId, day: Date) -> StoreResult<bool> {
        Ok(self.get(&usage::reading(workspace, day)).await?.is_some())
    }

    async fn readings(&self, workspace: &WorkspaceId, month: Month) -> StoreResult<Vec<Reading>> {
        let day = |day: Date| usage::reading(workspace, day).sk;
        let all = || Range::of(usage::usage_partition(workspace));
        let (first, end) = (day(month.first_day()), day(month.next().first_day()));
        let before = all().between("DAY#", first.clone()).descending().limit(1);
        let (before, rest) = futures::try_join!(self.page(before), self.all(all().between(first, end)))?;
        let key = |row: &Item| text_of(row, PRIMARY.1).map(str::to_owned);
        let began = before.items.first().and_then(key);
        let rest = rest.iter().filter(|row| key(row) != began);
        before.items.iter().chain(rest).map(document).collect()
    }

    async fn requests(&self, workspace: &WorkspaceId, month: Month) -> StoreResult<u64> {
        let range = Range::of(usage::usage_partition(workspace)).prefix(&usage::requests_prefix(month));
        Ok(self.all(range).await?.iter().map(|row| number_of(row, "requests")).sum())
    }
}

impl Store {
    /// What an integration used whose tally is about to go: the tally first, because it goes when the row has it.
    async fn last_meter(&self, workspace: &WorkspaceId, id: &IntegrationId) -> StoreResult<Meter> {
        let (_, tally) = self.meter(workspace, id.clone()).await?;
        let row = self.get(&keys::retired(workspace, id)).await?;
        let retired: Option<Retired> = row.as_ref().map(document).transpose()?;
        Ok(retired.and_then(|retired| retired.meter).unwrap_or(Meter { seats: 0, ..tally }))
    }

    pub(crate) async fn meter(
        &self,
        workspace: &WorkspaceId,
        id: IntegrationId,
    ) -> StoreResult<(IntegrationId, Meter)> {
        let rows = self.tally_rows(workspace, &id).await?;
        Ok((id, meter_of(&rows)))
    }
}

/// What is stored already is as good.
fn unless_kept(put: StoreResult<()>) -> StoreResult<()> {
    match put {
        Err(StoreError::Conflict { .. }) => Ok(()),
        put => put,
    }
}

fn meter_of(tally: &[Item]) -> Meter {
    let total = |name| tally.iter().map(|row| number_of(row, name)).sum();
    Meter { seats: total("seats"), jobs: total("jobs"), app_calls: total("app_calls") }
}
