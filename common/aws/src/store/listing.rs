//! Pages of a directory by `startIndex`. DynamoDB counts to an offset only by reading what lies before it, so a
//! walk would cost its square. Up to an offset of a thousand that is cheap, and it is exact: it is done.
//!
//! Further on, each full page leaves a *place*: "so many were passed, the last one was this". The page that
//! begins there, or behind it, goes on from the nearest place, and a walk reads every row once. A place counts
//! for five minutes and is then forgotten, so nothing rests on an old one.
//!
//! What a place says is exact until somebody before it is deleted (new people come at the end). A walk then goes
//! on after the last person that it was shown, and neither skips nor repeats anybody who is there all the time;
//! counting anew would skip one for each who is gone. RFC 7644 §3.4.2.4 asks for neither. Another client that
//! jumps to the same offset meanwhile is shown the page as it was at most five minutes ago; and where two walk
//! with pages of the same size, each goes on where one of them was, at worst as if it had counted.

use usher_domain::{
    id::ConnectionId,
    ports::{Clock, Page, StoreResult},
};

use super::{
    Store,
    query::Range,
    row::{Item, Row, kind, number, number_of, text, text_of},
    transaction::Transaction,
};
use crate::{
    keys::{self, Resource},
    system::SystemClock,
    table::{INDEXES, TIME_TO_LIVE},
};

/// How a directory is listed by offset.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    /// Offsets up to this one are counted to.
    pub counted: u64,
    /// How long a place counts, in seconds.
    pub remembered: u64,
}

impl Default for Paging {
    fn default() -> Self {
        Self { counted: 1_000, remembered: 300 }
    }
}

/// Where a page ended.
struct Place {
    /// How many rows lie before it.
    passed: u64,
    /// The sort key of the last one.
    last: String,
}

impl Store {
    /// The rows of a directory from a 1-based index, and how many there are in all.
    pub(crate) async fn list(
        &self,
        connection: &ConnectionId,
        resource: Resource<'_>,
        start_index: u64,
        count: u32,
    ) -> StoreResult<(u64, Vec<Item>)> {
        if count == 0 {
            return Ok((self.total(connection, resource).await?, Vec::new()));
        }
        let offset = start_index.saturating_sub(1);
        let place = self.place_before(connection, resource, offset);
        let (total, place) = futures::try_join!(self.total(connection, resource), place)?;
        let whole = Range::of_index(0, keys::listing(connection, resource));
        let (range, left) = match place {
            Some(place) => (whole.after(place.last), offset - place.passed),
            None => (whole, offset),
        };
        let items = self.slice(range, left, count).await?;
        let passed = offset.saturating_add(items.len() as u64);
        if items.len() == count as usize && passed > self.paging.counted {
            self.remember(connection, resource, passed, items.last()).await;
        }
        // The list may lag behind the counters; what is shown is there.
        let total = if items.is_empty() { total } else { total.max(passed) };
        Ok((total, items))
    }

    /// The rows of a directory from a cursor, at most `limit`, with the cursor of the next page if there is one.
    pub(crate) async fn page_of_list(
        &self,
        connection: &ConnectionId,
        resource: Resource<'_>,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Item>> {
        let range = Range::of_index(0, keys::listing(connection, resource)).starting_at(cursor)?;
        if limit == 0 {
            return Ok(Page { items: Vec::new(), next: cursor.map(str::to_owned) });
        }
        self.exact_page(range, limit).await
    }

    /// The nearest place that still counts.
    async fn place_before(
        &self,
        connection: &ConnectionId,
        resource: Resource<'_>,
        offset: u64,
    ) -> StoreResult<Option<Place>> {
        if offset <= self.paging.counted {
            return Ok(None);
        }
        let [first, last] = [0, offset].map(|passed| keys::place(connection, resource, passed));
        let range = Range::of(first.pk).between(first.sk, last.sk).descending().limit(1);
        let page = self.page(range).await?;
        let Some(row) = page.items.first().filter(|row| number_of(row, TIME_TO_LIVE) > now()) else {
            return Ok(None);
        };
        let last = text_of(row, "last").map(str::to_owned);
        Ok(last.map(|last| Place { passed: number_of(row, "passed"), last }))
    }

    /// Leaves a place for the next page. Without it the next page only costs more.
    async fn remember(
        &self,
        connection: &ConnectionId,
        resource: Resource<'_>,
        passed: u64,
        last: Option<&Item>,
    ) {
        let Some(last) = last.and_then(|last| text_of(last, INDEXES[0].2)) else { return };
        let row = Row::bare(keys::place(connection, resource, passed), kind::PLACE)
            .with("passed", number(passed))
            .with("last", text(last))
            .with(TIME_TO_LIVE, number(now() + self.paging.remembered));
        let mut transaction = Transaction::new();
        transaction.put(self, row);
        if let Err(error) = transaction.commit(self, "remembering a place in a list").await {
            tracing::warn!(%error, %connection, "the next page of a list will be counted to");
        }
    }
}

/// Seconds since 1970. Places concern nobody but this file, and what they say is checked by no other clock.
fn now() -> u64 {
    SystemClock.now().as_second().unsigned_abs()
}
