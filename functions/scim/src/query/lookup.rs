//! What the directory is asked, whatever the kind of resource.

use usher_domain::directory::{IndexedAttribute, IndexedValue};
use usher_domain::ports::{Listing, Page, StoreError};
use usher_scim::filter::{EqTerm, Indexed};
use usher_scim::{ResourceSchema, ScimError};

use crate::call::Call;
use crate::reply::from_store;
use crate::resource::{Kind, Record};

/// One resource, if it is there.
pub(super) async fn load(
    call: &Call<'_>,
    schema: &ResourceSchema,
    id: &str,
) -> Result<Option<Record>, ScimError> {
    let (directory, connection) = (&call.app.directory, &call.connection.id);
    // An id that cannot be one is nobody's.
    let found = match Kind::of(schema) {
        Kind::User => match id.parse() {
            Ok(id) => directory.user(connection, &id).await.map(|found| found.map(Record::User)),
            Err(_) => Ok(None),
        },
        Kind::Group => match id.parse() {
            Ok(id) => directory.group(connection, &id).await.map(|found| found.map(Record::Group)),
            Err(_) => Ok(None),
        },
        Kind::Custom => match id.parse() {
            Ok(id) => {
                let found = directory.custom(connection, schema.name(), &id).await;
                found.map(|found| found.map(Record::Custom))
            }
            Err(_) => Ok(None),
        },
    };
    found.map_err(|e| from_store(&e))
}

/// The ids that an index has for a term.
pub(super) async fn ids(
    call: &Call<'_>,
    schema: &ResourceSchema,
    term: &EqTerm,
) -> Result<Vec<String>, ScimError> {
    let (directory, connection) = (&call.app.directory, &call.connection.id);
    let attribute = match term.on {
        Indexed::Id => return Ok(vec![term.value.clone()]),
        Indexed::Member => {
            let Ok(person) = term.value.parse() else { return Ok(Vec::new()) };
            return texts(directory.groups_of(connection, &person).await);
        }
        Indexed::Group => return members_of(call, &term.value).await,
        Indexed::UserName => IndexedAttribute::UserName,
        Indexed::ExternalId => IndexedAttribute::ExternalId,
        Indexed::DisplayName => IndexedAttribute::DisplayName,
        Indexed::Email => IndexedAttribute::Email,
        Indexed::Unique => IndexedAttribute::Unique,
    };
    let value = IndexedValue::new(attribute, &term.value);
    match Kind::of(schema) {
        Kind::User => texts(directory.find_users(connection, &value).await),
        Kind::Group => texts(directory.find_groups(connection, &value).await),
        Kind::Custom => texts(directory.find_custom(connection, schema.name(), &value).await),
    }
}

async fn members_of(call: &Call<'_>, group: &str) -> Result<Vec<String>, ScimError> {
    let directory = &call.app.directory;
    let Ok(id) = group.parse() else { return Ok(Vec::new()) };
    let found = directory.group(&call.connection.id, &id).await.map_err(|e| from_store(&e))?;
    match found {
        Some(group) => texts(directory.members(&group).await),
        None => Ok(Vec::new()),
    }
}

fn texts<T: Into<String>>(ids: Result<Vec<T>, StoreError>) -> Result<Vec<String>, ScimError> {
    Ok(ids.map_err(|e| from_store(&e))?.into_iter().map(Into::into).collect())
}

/// Resources in order of creation, from a cursor of the store.
pub(super) async fn page(
    call: &Call<'_>,
    schema: &ResourceSchema,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Record>, ScimError> {
    let (directory, connection) = (&call.app.directory, &call.connection.id);
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let page = match Kind::of(schema) {
        Kind::User => directory.page_users(connection, cursor, limit).await.map(|p| records(p, Record::User)),
        Kind::Group => {
            directory.page_groups(connection, cursor, limit).await.map(|p| records(p, Record::Group))
        }
        Kind::Custom => {
            let page = directory.page_custom(connection, schema.name(), cursor, limit).await;
            page.map(|p| records(p, Record::Custom))
        }
    };
    page.map_err(|error| match error {
        StoreError::Missing { .. } => foreign_cursor(),
        other => from_store(&other),
    })
}

fn records<T>(page: Page<T>, record: fn(T) -> Record) -> Page<Record> {
    Page { items: page.items.into_iter().map(record).collect(), next: page.next }
}

/// The refusal of a cursor that points nowhere.
pub(super) fn foreign_cursor() -> ScimError {
    ScimError::invalid_cursor("the cursor points to no page of this list; start again with an empty cursor")
}

/// Resources in order of creation, from a 1-based index.
pub(super) async fn list(
    call: &Call<'_>,
    schema: &ResourceSchema,
    start: u64,
    count: usize,
) -> Result<Listing<Record>, ScimError> {
    let (directory, connection) = (&call.app.directory, &call.connection.id);
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let listing = match Kind::of(schema) {
        Kind::User => directory.list_users(connection, start, count).await.map(|l| listed(l, Record::User)),
        Kind::Group => {
            directory.list_groups(connection, start, count).await.map(|l| listed(l, Record::Group))
        }
        Kind::Custom => {
            let listing = directory.list_custom(connection, schema.name(), start, count).await;
            listing.map(|l| listed(l, Record::Custom))
        }
    };
    listing.map_err(|e| from_store(&e))
}

fn listed<T>(listing: Listing<T>, record: fn(T) -> Record) -> Listing<Record> {
    Listing { total: listing.total, items: listing.items.into_iter().map(record).collect() }
}
