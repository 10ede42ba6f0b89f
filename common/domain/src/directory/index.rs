//! By what users and groups are found at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::values_of;

/// Attributes by which a directory is searched with strong consistency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IndexedAttribute {
    /// `userName`; unique in the directory, case-insensitive.
    UserName,
    /// `externalId`; case-sensitive.
    ExternalId,
    /// `displayName`, case-insensitive; unique among groups.
    DisplayName,
    /// `emails.value`, case-insensitive.
    Email,
    /// What a schema of the connection declares unique, as `attribute=value`.
    Unique,
}

impl IndexedAttribute {
    /// Its name in keys and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::DisplayName => "displayName",
            Self::Email => "emails.value",
            Self::Unique => "unique",
        }
    }
}

/// One value under which a user or group is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexedValue {
    /// Of which attribute.
    pub attribute: IndexedAttribute,
    /// The value, folded to lower case where the attribute is case-insensitive.
    pub value: String,
}

impl IndexedValue {
    /// The entry for a value as it was given.
    pub fn new(attribute: IndexedAttribute, value: &str) -> Self {
        let value = match attribute {
            // RFC 7643 §3.1: externalId is caseExact.
            IndexedAttribute::ExternalId | IndexedAttribute::Unique => value.to_owned(),
            _ => value.to_lowercase(),
        };
        Self { attribute, value }
    }

    /// Everything under which a user is found.
    pub fn of_user(user: &Map<String, Value>, unique: &BTreeSet<String>) -> BTreeSet<Self> {
        let single = [
            (IndexedAttribute::UserName, "userName"),
            (IndexedAttribute::ExternalId, "externalId"),
            (IndexedAttribute::DisplayName, "displayName"),
        ];
        let emails = values_of(user, "emails");
        let emails = emails.iter().map(|value| Self::new(IndexedAttribute::Email, value));
        Self::of(user, &single, unique).into_iter().chain(emails).collect()
    }

    /// The values of single attributes, and the unique ones.
    pub(super) fn of(
        resource: &Map<String, Value>,
        single: &[(IndexedAttribute, &str)],
        unique: &BTreeSet<String>,
    ) -> BTreeSet<Self> {
        let single = single
            .iter()
            .filter_map(|(attribute, name)| Some(Self::new(*attribute, resource.get(*name)?.as_str()?)));
        let unique = unique.iter().map(|value| Self::new(IndexedAttribute::Unique, value));
        single.chain(unique).collect()
    }
}
