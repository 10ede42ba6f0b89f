//! A row: its keys, its kind, the document as JSON, and beside it just the attributes that conditions and
//! counters need.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
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

/// Kinds of rows. The stream's filter in template.yaml names two of them.
pub(crate) mod kind {
    pub(crate) const WORKSPACE: &str = "workspace";
    pub(crate) const REGISTER: &str = "register";
    pub(crate) const API_KEY: &str = "api_key";
    pub(crate) const MEMBER: &str = "member";
    pub(crate) const OWNER: &str = "owner";
    pub(crate) const SIGN_IN: &str = "sign_in";
    pub(crate) const SESSION: &str = "session";
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
    pub(crate) const JOB: &str = "job";
    pub(crate) const AUTOMATION: &str = "automation";
    pub(crate) const TALLY: &str = "tally";
    pub(crate) const ACTIVITY: &str = "activity";
}

/// A row to be written whole.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    item: Item,
}

impl Row {
    /// A row that holds a document.
    pub(crate) fn new(key: Key, kind: &'static str, document: &impl Serialize) -> StoreResult<Self> {
        let json = serde_json::to_string(document).map_err(|error| defect("writing a row", error))?;
        Ok(Self::bare(key, kind).with("doc", text(json)))
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
    let json = text_of(item, "doc").ok_or_else(|| defect("reading a row", "it has no document"))?;
    serde_json::from_str(json).map_err(|error| defect("reading a row", error))
}

/// The part of a sort key after its prefix, as an id.
pub(crate) fn id_after<T: std::str::FromStr>(item: &Item, prefix: &str) -> Option<T> {
    text_of(item, PRIMARY.1)?.strip_prefix(prefix)?.parse().ok()
}
