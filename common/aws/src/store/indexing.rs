//! What the resources of a directory have in common: the values they are found under, those among them that are
//! unique, and how many there are.

use std::{borrow::Cow, collections::BTreeSet};

use usher_domain::{
    directory::{IndexedAttribute, IndexedValue},
    id::ConnectionId,
    ports::StoreResult,
};

use super::{
    Store,
    query::Range,
    row::{Row, kind, number, number_of, text, text_of},
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::keys::{self, Resource};

/// Whether a value belongs to one resource of its type.
fn is_unique(resource: Resource<'_>, attribute: IndexedAttribute) -> bool {
    match attribute {
        IndexedAttribute::Unique => true,
        IndexedAttribute::UserName => resource == Resource::User,
        IndexedAttribute::DisplayName => resource == Resource::Group,
        IndexedAttribute::ExternalId | IndexedAttribute::Email => false,
    }
}

/// The attribute of a unique value, as its schema names it.
fn attribute_of(value: &IndexedValue) -> Cow<'static, str> {
    match value.attribute {
        IndexedAttribute::Unique => {
            let attribute = value.value.split_once('=').map_or(value.value.as_str(), |(name, _)| name);
            Cow::Owned(attribute.to_owned())
        }
        attribute => Cow::Borrowed(attribute.name()),
    }
}

fn counter_name(resource: Resource<'_>) -> Cow<'static, str> {
    match resource {
        Resource::User => Cow::Borrowed("users"),
        Resource::Group => Cow::Borrowed("groups"),
        Resource::Custom(name) => Cow::Owned(format!("of#{name}")),
    }
}

impl Store {
    /// Moves what a resource is found under from one set of values to another: an action for each value that comes or
    /// goes. One that must be unique and is another's is `Taken`.
    pub(crate) fn reindex(
        &self,
        transaction: &mut Transaction,
        connection: &ConnectionId,
        resource: Resource<'_>,
        owner: &str,
        before: &BTreeSet<IndexedValue>,
        after: &BTreeSet<IndexedValue>,
    ) {
        let key = |value: &IndexedValue| {
            if is_unique(resource, value.attribute) {
                keys::guard(connection, resource, value)
            } else {
                keys::index_entry(connection, resource, value, owner)
            }
        };
        for value in before.difference(after) {
            transaction.delete(self, &key(value));
        }
        for value in after.difference(before) {
            let row = Row::bare(key(value), kind::INDEX).with("owner", text(owner));
            if is_unique(resource, value.attribute) {
                let otherwise = Otherwise::Taken(attribute_of(value));
                transaction.put_if(self, row, Condition::Absent, otherwise);
            } else {
                transaction.put(self, row);
            }
        }
    }

    /// Counts a resource in or out.
    pub(crate) fn count(
        &self,
        transaction: &mut Transaction,
        connection: &ConnectionId,
        resource: Resource<'_>,
        owner: &str,
        by: i8,
    ) {
        let update = update_of(self, &keys::counter(connection, owner))
            .update_expression("ADD #n :by")
            .expression_attribute_names("#n", counter_name(resource))
            .expression_attribute_values(":by", number(by));
        transaction.update(update);
    }

    /// How many resources of a type a directory has.
    pub(crate) async fn total(&self, connection: &ConnectionId, resource: Resource<'_>) -> StoreResult<u64> {
        let shards = self.all(Range::of(keys::counters_partition(connection))).await?;
        Ok(shards.iter().map(|shard| number_of(shard, &counter_name(resource))).sum())
    }

    /// Who is found under a value, strongly consistent.
    pub(crate) async fn owners<T: std::str::FromStr>(
        &self,
        connection: &ConnectionId,
        resource: Resource<'_>,
        by: &IndexedValue,
    ) -> StoreResult<Vec<T>> {
        // A unique value has one row, whose key is known: to get it is less work than to search its partition.
        let entries = if is_unique(resource, by.attribute) {
            self.get(&keys::guard(connection, resource, by)).await?.into_iter().collect()
        } else {
            self.all(Range::of(keys::index_partition(connection, resource, by))).await?
        };
        Ok(entries.iter().filter_map(|entry| text_of(entry, "owner")?.parse().ok()).collect())
    }
}
