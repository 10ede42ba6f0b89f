//! Resources of types that a connection registered itself. Nobody's access depends on them: their writes record no
//! change, and what is deleted is gone at once.

use std::collections::BTreeSet;

use usher_domain::{
    directory::CustomRecord,
    id::{ConnectionId, ResourceId},
    ports::{Listing, Page, StoreResult},
};

use super::{
    Store,
    row::{Row, document, kind, number},
    transaction::{Condition, Otherwise, Transaction},
};
use crate::keys::{self, Resource};

const WHAT: &str = "the resource";
const VERSION: &str = "version";

fn resource_row(resource: &CustomRecord) -> StoreResult<Row> {
    let (connection, of_type) = (&resource.connection, Resource::Custom(&resource.resource_type));
    let key = keys::custom::resource(connection, &resource.resource_type, &resource.id);
    Ok(Row::new(key, kind::CUSTOM, resource)?.with(VERSION, number(resource.version)).in_gsi1(
        keys::listing(connection, of_type),
        keys::by_time(resource.created_at, resource.id.as_str()),
    ))
}

impl Store {
    /// Moves what a resource is found under, from one state of it to another.
    fn reindex_custom(
        &self,
        transaction: &mut Transaction,
        before: Option<&CustomRecord>,
        after: Option<&CustomRecord>,
    ) {
        let Some(resource) = after.or(before) else { return };
        let values = |resource: Option<&CustomRecord>| match resource {
            Some(resource) => resource.indexed(),
            None => BTreeSet::new(),
        };
        let of_type = Resource::Custom(&resource.resource_type);
        let (connection, owner) = (&resource.connection, resource.id.as_str());
        self.reindex(transaction, connection, of_type, owner, &values(before), &values(after));
        let count = i8::from(after.is_some()) - i8::from(before.is_some());
        if count != 0 {
            self.count(transaction, connection, of_type, owner, count);
        }
    }

    pub(crate) async fn create_custom_row(&self, resource: &CustomRecord) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let row = resource_row(resource)?;
        transaction.put_if(self, row, Condition::Absent, Otherwise::Conflict(WHAT));
        self.reindex_custom(&mut transaction, None, Some(resource));
        transaction.commit(self, "creating a resource").await
    }

    pub(crate) async fn custom_row(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        id: &ResourceId,
    ) -> StoreResult<Option<CustomRecord>> {
        let key = keys::custom::resource(connection, resource_type, id);
        self.get(&key).await?.as_ref().map(document).transpose()
    }

    pub(crate) async fn replace_custom_row(
        &self,
        before: &CustomRecord,
        after: &CustomRecord,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let unmoved = Condition::Equals(VERSION, number(before.version));
        transaction.put_if(self, resource_row(after)?, unmoved, Otherwise::Conflict(WHAT));
        self.reindex_custom(&mut transaction, Some(before), Some(after));
        transaction.commit(self, "updating a resource").await
    }

    pub(crate) async fn delete_custom_row(&self, resource: &CustomRecord) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let key = keys::custom::resource(&resource.connection, &resource.resource_type, &resource.id);
        let unmoved = Condition::Equals(VERSION, number(resource.version));
        transaction.delete_if(self, &key, unmoved, Otherwise::Conflict(WHAT));
        self.reindex_custom(&mut transaction, Some(resource), None);
        transaction.commit(self, "deleting a resource").await
    }

    pub(crate) async fn list_custom_rows(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        start_index: u64,
        count: u32,
    ) -> StoreResult<Listing<CustomRecord>> {
        let of_type = Resource::Custom(resource_type);
        let (total, items) = self.list(connection, of_type, start_index, count).await?;
        Ok(Listing { total, items: items.iter().map(document).collect::<StoreResult<_>>()? })
    }

    pub(crate) async fn page_custom_rows(
        &self,
        connection: &ConnectionId,
        resource_type: &str,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<CustomRecord>> {
        let page = self.page_of_list(connection, Resource::Custom(resource_type), cursor, limit).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }
}
