//! Resources of the types that a connection registered.

use axum::http::StatusCode;
use usher_domain::directory::CustomRecord;
use usher_domain::id::ResourceId;
use usher_scim::{Resource, ResourceSchema, ScimError, resource};

use super::Edit;
use super::record::{document, shown_custom as shown};
use crate::call::{Attempts, Call, absent, contended};
use crate::limits;
use crate::reply::{Reply, from_store, written};

pub(super) async fn create(
    call: &Call<'_>,
    schema: &ResourceSchema,
    tree: Resource,
) -> Result<Reply, ScimError> {
    let now = call.app.clock.now();
    let projection = call.projection(schema).after_write(schema, None, &tree);
    let mut new = CustomRecord {
        id: call.app.ids.uuid().into(),
        connection: call.connection.id.clone(),
        resource_type: schema.name().to_owned(),
        version: 1,
        created_at: now,
        modified_at: now,
        unique: resource::unique_values(schema, &tree).into_iter().collect(),
        resource: tree.0,
    };
    limits::check(&new.resource, &new.indexed())?;
    call.app.directory.create_custom(&new).await.map_err(|e| from_store(&e))?;
    let tree = std::mem::take(&mut new.resource);
    let document = document(call, schema, tree, &shown(&new));
    Ok(call.answer(StatusCode::CREATED, schema, &shown(&new), &projection, document))
}

pub(super) async fn read(call: &Call<'_>, schema: &ResourceSchema, id: &str) -> Result<Reply, ScimError> {
    let mut found = load(call, schema, &parsed(schema, id)?).await?;
    let tree = std::mem::take(&mut found.resource);
    let shown = shown(&found);
    if let Some(unchanged) = call.unchanged(&shown) {
        return Ok(unchanged);
    }
    let document = document(call, schema, tree, &shown);
    Ok(call.answer(StatusCode::OK, schema, &shown, &call.projection(schema), document))
}

pub(super) async fn delete(call: &Call<'_>, schema: &ResourceSchema, id: &str) -> Result<Reply, ScimError> {
    let id = parsed(schema, id)?;
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let found = load(call, schema, &id).await?;
        call.if_match(found.version)?;
        if written(call.app.directory.delete_custom(&found).await)? {
            return Ok(Reply::empty(StatusCode::NO_CONTENT));
        }
    }
    Err(contended())
}

pub(super) async fn change(
    call: &Call<'_>,
    schema: &ResourceSchema,
    id: &str,
    edit: &Edit,
) -> Result<Reply, ScimError> {
    let id = parsed(schema, id)?;
    let projection = call.projection(schema);
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let mut before = load(call, schema, &id).await?;
        call.if_match(before.version)?;
        let tree = Resource(std::mem::take(&mut before.resource));
        let Some(new) = edit.apply(schema, id.as_str(), &tree)? else {
            let document = document(call, schema, tree.0, &shown(&before));
            return Ok(call.answer(StatusCode::OK, schema, &shown(&before), &projection, document));
        };
        let projection = projection.clone().after_write(schema, Some(&tree), &new);
        before.resource = tree.0;
        let mut after = CustomRecord {
            version: before.version + 1,
            modified_at: call.app.clock.now(),
            unique: resource::unique_values(schema, &new).into_iter().collect(),
            resource: new.0,
            id: before.id.clone(),
            connection: before.connection.clone(),
            resource_type: before.resource_type.clone(),
            created_at: before.created_at,
        };
        limits::check(&after.resource, &after.indexed())?;
        if written(call.app.directory.replace_custom(&before, &after).await)? {
            let tree = std::mem::take(&mut after.resource);
            let document = document(call, schema, tree, &shown(&after));
            return Ok(call.answer(StatusCode::OK, schema, &shown(&after), &projection, document));
        }
    }
    Err(contended())
}

/// An id that cannot be one is nobody's.
fn parsed(schema: &ResourceSchema, id: &str) -> Result<ResourceId, ScimError> {
    id.parse().map_err(|_| absent(schema.name()))
}

async fn load(call: &Call<'_>, schema: &ResourceSchema, id: &ResourceId) -> Result<CustomRecord, ScimError> {
    let found = call.app.directory.custom(&call.connection.id, schema.name(), id).await;
    found.map_err(|e| from_store(&e))?.ok_or_else(|| absent(schema.name()))
}
