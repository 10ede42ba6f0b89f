//! Reads: one row, many rows by key, a range of a partition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Select};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};
use usher_domain::ports::{Page, StoreError, StoreResult};

use super::{
    Store,
    error::{defect, from_sdk},
    row::{Item, is_lean_entry, key_item, key_of, text, text_of},
};
use crate::{
    keys::Key,
    table::{INDEXES, PRIMARY},
};

/// DynamoDB's limit of keys in one batch read.
pub(crate) const MAX_BATCH: usize = 100;
/// Longest text of a key that a cursor may hold: DynamoDB refuses a sort key that is longer.
const LONGEST_KEY: usize = 1_024;
/// How many batches are read at the same time.
const BATCHES_AT_ONCE: usize = 8;
/// How often the rest of a batch that was only partly answered is asked for again.
const BATCH_ATTEMPTS: u32 = 8;

/// A range of one partition, of the table or of an index.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    index: Option<usize>,
    partition: String,
    sort: Sort,
    descending: bool,
    limit: Option<u32>,
    start: Option<Item>,
}

#[derive(Debug, Clone)]
enum Sort {
    All,
    Prefix(String),
    After(String),
    UpTo(String),
    Between(String, String),
}

impl Range {
    /// A whole partition of the table.
    pub(crate) fn of(partition: String) -> Self {
        Self { index: None, partition, sort: Sort::All, descending: false, limit: None, start: None }
    }

    /// A whole partition of an index (0 is `gsi1`). Indexes are eventually consistent.
    pub(crate) fn of_index(index: usize, partition: String) -> Self {
        Self { index: Some(index), ..Self::of(partition) }
    }

    /// Only sort keys with this prefix.
    pub(crate) fn prefix(self, prefix: &str) -> Self {
        Self { sort: Sort::Prefix(prefix.to_owned()), ..self }
    }

    /// Only sort keys greater than this one.
    pub(crate) fn after(self, sort: impl Into<String>) -> Self {
        Self { sort: Sort::After(sort.into()), ..self }
    }

    /// Only sort keys up to this one.
    pub(crate) fn up_to(self, sort: impl Into<String>) -> Self {
        Self { sort: Sort::UpTo(sort.into()), ..self }
    }

    /// Only sort keys from one to another.
    pub(crate) fn between(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { sort: Sort::Between(from.into(), to.into()), ..self }
    }

    /// From the end.
    pub(crate) fn descending(self) -> Self {
        Self { descending: true, ..self }
    }

    /// At most so many rows.
    pub(crate) fn limit(self, limit: u32) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// From where an earlier page ended.
    pub(crate) fn starting_at(self, cursor: Option<&str>) -> StoreResult<Self> {
        let start = cursor.map(|cursor| self.open_cursor(cursor)).transpose()?;
        Ok(Self { start, ..self })
    }

    fn names(&self) -> (&'static str, &'static str) {
        self.index.map_or(PRIMARY, |index| (INDEXES[index].1, INDEXES[index].2))
    }

    /// The attributes of a key in this range: the table's, and the index's.
    fn key_names(&self) -> impl Iterator<Item = &'static str> {
        let index = self.index.map(|index| [INDEXES[index].1, INDEXES[index].2]);
        [PRIMARY.0, PRIMARY.1].into_iter().chain(index.into_iter().flatten())
    }

    /// A cursor is the key where the page ended. It is only taken for the partition that it came from, so
    /// that nobody reads another one by making up a cursor.
    fn open_cursor(&self, cursor: &str) -> StoreResult<Item> {
        let invalid = || StoreError::Missing { what: "the page that this cursor points to" };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let map: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        let of_key = |name: &'static str| {
            let value = map.get(name)?.as_str().filter(|value| (1..=LONGEST_KEY).contains(&value.len()))?;
            Some((name.to_owned(), text(value)))
        };
        let item: Item = self.key_names().map(of_key).collect::<Option<_>>().ok_or_else(invalid)?;
        if item.len() != map.len() || text_of(&item, self.names().0) != Some(&self.partition) {
            return Err(invalid());
        }
        // DynamoDB refuses to begin outside of the range.
        let outside =
            |from: &str, to: &str| text_of(&item, self.names().1).is_none_or(|at| at < from || at > to);
        if matches!(&self.sort, Sort::Between(from, to) if outside(from, to)) {
            return Err(invalid());
        }
        Ok(item)
    }
}

fn close_cursor(key: &Item) -> Option<String> {
    let map: Map<String, Value> = key
        .iter()
        .map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone().into())))
        .collect::<Option<_>>()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(Value::Object(map).to_string()))
}

impl Store {
    /// One row, strongly consistent.
    pub(crate) async fn get(&self, key: &Key) -> StoreResult<Option<Item>> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key_item(key)));
        let answer = request.consistent_read(true).send().await;
        Ok(answer.map_err(|error| from_sdk("reading a row", error))?.item)
    }

    /// Many rows by key, strongly consistent; in no order, without those that are not there.
    pub(crate) async fn get_many(&self, keys: &[Key]) -> StoreResult<Vec<Item>> {
        self.get_parts(keys, &[]).await
    }

    /// As [`Store::get_many`], but of each row just these attributes; all where none is named.
    pub(crate) async fn get_parts(&self, keys: &[Key], attributes: &[&str]) -> StoreResult<Vec<Item>> {
        let batches = keys.chunks(MAX_BATCH).map(|chunk| self.get_batch(chunk, attributes));
        stream::iter(batches.collect::<Vec<_>>()).buffer_unordered(BATCHES_AT_ONCE).try_concat().await
    }

    async fn get_batch(&self, keys: &[Key], attributes: &[&str]) -> StoreResult<Vec<Item>> {
        const DURING: &str = "reading rows";
        // Names that DynamoDB reserves would be refused as they are.
        let names = attributes.iter().enumerate().map(|(n, name)| (format!("#a{n}"), (*name).to_owned()));
        let names: HashMap<String, String> = names.collect();
        let shown = (!names.is_empty()).then(|| names.keys().cloned().collect::<Vec<_>>().join(", "));
        let mut found = Vec::with_capacity(keys.len());
        let mut rest: Vec<Item> = keys.iter().map(key_item).collect();
        let mut attempt = 0;
        while !rest.is_empty() {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(rest))
                .consistent_read(true)
                .set_projection_expression(shown.clone())
                .set_expression_attribute_names(shown.is_some().then(|| names.clone()));
            let wanted = wanted.build().map_err(|error| defect(DURING, error))?;
            let answer = self.client.batch_get_item().request_items(&self.table, wanted).send().await;
            let answer = answer.map_err(|error| from_sdk(DURING, error))?;
            found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            rest = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, keys)| keys.keys).collect();
            if !rest.is_empty() {
                attempt += 1;
                if attempt == BATCH_ATTEMPTS {
                    // A partial read is never taken for "not there".
                    let source = "the database kept answering only a part of a batch".into();
                    return Err(StoreError::Unavailable { during: DURING, source });
                }
                tokio::time::sleep(std::time::Duration::from_millis(5 << attempt)).await;
            }
        }
        Ok(found)
    }

    fn query(&self, range: &Range) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        let (partition, sort) = range.names();
        let condition = match &range.sort {
            Sort::All => "#p = :p",
            Sort::Prefix(_) => "#p = :p AND begins_with(#s, :s)",
            Sort::After(_) => "#p = :p AND #s > :s",
            Sort::UpTo(_) => "#p = :p AND #s <= :s",
            Sort::Between(..) => "#p = :p AND #s BETWEEN :s AND :t",
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(range.index.map(|index| INDEXES[index].0.to_owned()))
            .key_condition_expression(condition)
            .expression_attribute_names("#p", partition)
            .expression_attribute_values(":p", text(&range.partition))
            .scan_index_forward(!range.descending)
            .set_limit(range.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(range.start.clone());
        if range.index.is_none() {
            query = query.consistent_read(true);
        }
        if !matches!(range.sort, Sort::All) {
            query = query.expression_attribute_names("#s", sort);
        }
        match &range.sort {
            Sort::All => query,
            Sort::Prefix(text) | Sort::After(text) | Sort::UpTo(text) => {
                query.expression_attribute_values(":s", AttributeValue::S(text.clone()))
            }
            Sort::Between(from, to) => query
                .expression_attribute_values(":s", AttributeValue::S(from.clone()))
                .expression_attribute_values(":t", AttributeValue::S(to.clone())),
        }
    }

    /// One page of a range, with the cursor of the next.
    pub(crate) async fn page(&self, range: Range) -> StoreResult<Page<Item>> {
        let answer = self.query(&range).send().await.map_err(|error| from_sdk("reading a page", error))?;
        let next = answer.last_evaluated_key.as_ref().and_then(close_cursor);
        Ok(Page { items: self.whole(&range, answer.items.unwrap_or_default()).await?, next })
    }

    /// The rows of index entries that hold keys only, in their order; what is not in the range any more is left out.
    async fn whole(&self, range: &Range, items: Vec<Item>) -> StoreResult<Vec<Item>> {
        if range.index.is_none() || !items.iter().any(is_lean_entry) {
            return Ok(items);
        }
        let keys = items.iter().filter(|item| is_lean_entry(item)).map(key_of);
        let rows = self.get_many(&keys.collect::<StoreResult<Vec<_>>>()?).await?;
        let mut rows: HashMap<Key, Item> =
            rows.into_iter().map(|row| Ok((key_of(&row)?, row))).collect::<StoreResult<_>>()?;
        let partition = range.names().0;
        let mut whole = Vec::with_capacity(items.len());
        for item in items {
            if !is_lean_entry(&item) {
                whole.push(item);
            } else if let Some(row) = rows.remove(&key_of(&item)?)
                && text_of(&row, partition) == Some(&range.partition)
            {
                whole.push(row);
            }
        }
        Ok(whole)
    }

    /// As [`Store::page`], with a cursor only where something follows: one row more than is wanted is read.
    pub(crate) async fn exact_page(&self, range: Range, limit: u32) -> StoreResult<Page<Item>> {
        let names: Vec<&str> = range.key_names().collect();
        let mut page = self.page(range.limit(limit.saturating_add(1))).await?;
        let wanted = limit as usize;
        if page.items.len() > wanted {
            page.items.truncate(wanted);
            let key_of = |item: &Item| {
                names.iter().map(|name| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect()
            };
            let key: Option<Item> = page.items.last().and_then(key_of);
            page.next = key.as_ref().and_then(close_cursor);
        }
        Ok(page)
    }

    /// A whole range; for ranges that are small by their nature.
    pub(crate) async fn all(&self, mut range: Range) -> StoreResult<Vec<Item>> {
        let mut items = Vec::new();
        loop {
            let answer =
                self.query(&range).send().await.map_err(|error| from_sdk("reading a range", error))?;
            items.extend(answer.items.unwrap_or_default());
            match answer.last_evaluated_key {
                Some(key) => range.start = Some(key),
                None => return Ok(items),
            }
        }
    }

    /// The rows of a range from a 0-based offset. What is passed over is counted by the database and not
    /// sent.
    pub(crate) async fn slice(&self, mut range: Range, offset: u64, count: u32) -> StoreResult<Vec<Item>> {
        const DURING: &str = "reading a list";
        let mut left = offset;
        while left > 0 {
            range.limit = Some(u32::try_from(left).unwrap_or(u32::MAX));
            let answer = self.query(&range).select(Select::Count).send().await;
            let answer = answer.map_err(|error| from_sdk(DURING, error))?;
            left = left.saturating_sub(answer.count.max(0).unsigned_abs().into());
            match answer.last_evaluated_key {
                Some(key) => range.start = Some(key),
                None => return Ok(Vec::new()),
            }
        }
        let mut items = Vec::new();
        let wanted = count as usize;
        while items.len() < wanted {
            range.limit = Some(u32::try_from(wanted - items.len()).unwrap_or(u32::MAX));
            let answer = self.query(&range).send().await.map_err(|error| from_sdk(DURING, error))?;
            items.extend(answer.items.unwrap_or_default());
            match answer.last_evaluated_key {
                Some(key) => range.start = Some(key),
                None => break,
            }
        }
        Ok(items)
    }
}
