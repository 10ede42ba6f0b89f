//! A row: its keys, its kind, the document as JSON, and beside it just the attributes that conditions and
//! counters need.
//!
//! Indexes hold the document of a row that seldom changes, so that a list is one query. Rows that are written all the time
//! they are worked on (access, jobs, automations) keep it in [`LEAN`], which no index holds: their index entries are written
//! when a key changes, and lists read the rows themselves.

use std::{
    collections::HashMap,
    io::{Read, Write},
};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Serialize, de::DeserializeOwned};
use usher_domain::{Timestamp, ports::StoreResult};

use super::error::defect;
use crate::{
    keys::Key,
    table::{INDEXES, PRIMARY, TIME_TO_LIVE},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A string attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Kinds of rows. The stream's filters in template.yaml name some of them.
pub(crate) mod kind {
    pub(crate) const WORKSPACE: &str = "workspace";
    pub(crate) const REGISTER: &str = "register";
    pub(crate) const TENANCY: &str = "tenancy";
    pub(crate) const API_KEY: &str = "api_key";
    pub(crate) const MEMBER: &str = "member";
    pub(crate) const OWNER: &str = "owner";
    pub(crate) const CONNECTION: &str = "connection";
    pub(crate) const INTEGRATION: &str = "integration";
    pub(crate) const INTEGRATION_ENTRY: &str = "integration_entry";
    pub(crate) const SHARE: &str = "share";
    pub(crate) const USER: &str = "user";
    pub(crate) const GROUP: &str = "group";
    pub(crate) const CUSTOM: &str = "custom";
    pub(crate) const MEMBERSHIP: &str = "membership";
    pub(crate) const STAGED: &str = "staged";
    pub(crate) const INDEX: &str = "index";
    pub(crate) const PLACE: &str = "place";
    pub(crate) const CHANGE: &str = "change";
    pub(crate) const ACCESS: &str = "access";
    pub(crate) const ACCOUNT: &str = "account";
    pub(crate) const NAME: &str = "name";
    pub(crate) const SYNC: &str = "sync";
    pub(crate) const SYNC_PAGE: &str = "sync_page";
    pub(crate) const STRANGER: &str = "stranger";
    pub(crate) const JOB: &str = "job";
    pub(crate) const AUTOMATION: &str = "automation";
    pub(crate) const TALLY: &str = "tally";
    pub(crate) const COUNTS: &str = "counts";
    pub(crate) const ACTIVITY: &str = "activity";
    pub(crate) const READING: &str = "reading";
    pub(crate) const REQUESTS: &str = "requests";
    pub(crate) const RETIRED: &str = "retired";
    pub(crate) const ENDPOINT: &str = "webhook";
    pub(crate) const DELIVERY: &str = "delivery";
    pub(crate) const TASK: &str = "task";
}

/// Documents up to so many bytes are kept as they are, for people to read: with keys and attributes they fit the first KB.
const LONGEST_PLAIN: usize = 700;
/// The attribute of a document that indexes hold.
pub(crate) const DOCUMENT: &str = "doc";
/// The attribute of a document that no index holds.
pub(crate) const LEAN: &str = "body";

/// Whether this is the index entry of a row that must be read itself.
pub(crate) fn is_lean_entry(item: &Item) -> bool {
    let kind = text_of(item, "type");
    matches!(kind, Some(kind::ACCESS | kind::JOB | kind::AUTOMATION | kind::DELIVERY))
}

/// A row to be written whole.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    item: Item,
}

impl Row {
    /// A row that holds a document.
    pub(crate) fn new(key: Key, kind: &'static str, document: &impl Serialize) -> StoreResult<Self> {
        Ok(Self::bare(key, kind).with(DOCUMENT, compact(document)?))
    }

    /// A row whose index entries hold keys only.
    pub(crate) fn lean(key: Key, kind: &'static str, document: &impl Serialize) -> StoreResult<Self> {
        Ok(Self::bare(key, kind).with(LEAN, compact(document)?))
    }

    /// A row that is nothing but its keys.
    pub(crate) fn bare(key: Key, kind: &'static str) -> Self {
        Self { item: key_item(&key).into_iter().chain([("type".to_owned(), text(kind))]).collect() }
    }

    /// With an attribute beside the document.
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.item.insert(name.to_owned(), value);
        self
    }

    /// Listed in `gsi1`.
    pub(crate) fn in_gsi1(self, partition: String, sort: String) -> Self {
        self.with(INDEXES[0].1, text(partition)).with(INDEXES[0].2, text(sort))
    }

    /// Listed in `gsi2`.
    pub(crate) fn in_gsi2(self, partition: String, sort: String) -> Self {
        self.with(INDEXES[1].1, text(partition)).with(INDEXES[1].2, text(sort))
    }

    /// Dropped after a time.
    pub(crate) fn expiring(self, at: Timestamp) -> Self {
        self.with(TIME_TO_LIVE, number(at.as_second()))
    }

    /// The item to put.
    pub(crate) fn into_item(self) -> Item {
        self.item
    }
}

/// The key as an item.
pub(crate) fn key_item(key: &Key) -> Item {
    [(PRIMARY.0.to_owned(), text(&key.pk)), (PRIMARY.1.to_owned(), text(&key.sk))].into()
}

/// The key of an item.
pub(crate) fn key_of(item: &Item) -> StoreResult<Key> {
    let part = |name| text_of(item, name).map(str::to_owned);
    let key = part(PRIMARY.0).zip(part(PRIMARY.1)).map(|(pk, sk)| Key { pk, sk });
    key.ok_or_else(|| defect("reading a row", "it has no key"))
}

/// A string attribute of an item.
pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A number attribute of an item; absent counts as 0.
pub(crate) fn number_of(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The document of an item.
pub(crate) fn document<T: DeserializeOwned>(item: &Item) -> StoreResult<T> {
    match item.get(DOCUMENT).or_else(|| item.get(LEAN)) {
        Some(AttributeValue::S(json)) => parsed(json.as_bytes()),
        Some(AttributeValue::B(packed)) => unpacked(packed.as_ref()),
        _ => Err(defect("reading a row", "it has no document")),
    }
}

/// A document as an attribute. A row is billed by the KB, and JSON says most things twice.
fn compact(document: &impl Serialize) -> StoreResult<AttributeValue> {
    let json = serde_json::to_string(document).map_err(|error| defect("writing a row", error))?;
    if json.len() <= LONGEST_PLAIN {
        return Ok(text(json));
    }
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(json.as_bytes()).map_err(|error| defect("writing a row", error))?;
    let packed = packer.finish().map_err(|error| defect("writing a row", error))?;
    Ok(AttributeValue::B(Blob::new(packed)))
}

fn parsed<T: DeserializeOwned>(json: &[u8]) -> StoreResult<T> {
    serde_json::from_slice(json).map_err(|error| defect("reading a row", error))
}

/// What [`compact`] packed.
pub(crate) fn unpacked<T: DeserializeOwned>(packed: &[u8]) -> StoreResult<T> {
    let mut json = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut json).map_err(|error| defect("reading a row", error))?;
    parsed(&json)
}

/// The part of a sort key after its prefix, as an id.
pub(crate) fn id_after<T: std::str::FromStr>(item: &Item, prefix: &str) -> Option<T> {
    text_of(item, PRIMARY.1)?.strip_prefix(prefix)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_document_is_packed_and_read_again() {
        let key = Key { pk: "W#main".into(), sk: "X".into() };
        for (length, is_packed) in [(10, false), (LONGEST_PLAIN + 6, true), (100_000, true)] {
            let long = "usher ".repeat(length / 6);
            for row in [
                Row::new(key.clone(), kind::CHANGE, &long).unwrap(),
                Row::lean(key.clone(), kind::JOB, &long).unwrap(),
            ] {
                let item = row.into_item();
                assert_eq!(document::<String>(&item).unwrap(), long);
                let value = item.get(DOCUMENT).or_else(|| item.get(LEAN)).unwrap();
                assert_eq!(value.is_b(), is_packed, "{length}");
            }
        }
    }
}
