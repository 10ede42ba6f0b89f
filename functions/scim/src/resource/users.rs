//! Users.

use axum::http::StatusCode;
use usher_domain::directory::{Membership, UserRecord};
use usher_domain::id::PersonId;
use usher_scim::{Resource, ResourceSchema, ScimError, resource};

use super::Edit;
use super::record::{document, shown_user as shown};
use super::related::insert_groups;
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
    let mut user = UserRecord {
        id: call.app.ids.uuid().into(),
        connection: call.connection.id.clone(),
        version: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
        unique: resource::unique_values(schema, &tree).into_iter().collect(),
        resource: tree.0,
    };
    limits::check(&user.resource, &user.indexed())?;
    let created = call.app.directory.create_user(&user, call.change_id(), &call.cause(now)).await;
    created.map_err(|e| from_store(&e))?;
    let tree = std::mem::take(&mut user.resource);
    let document = document(call, schema, tree, &shown(&user));
    Ok(call.answer(StatusCode::CREATED, schema, &shown(&user), &projection, document))
}

pub(super) async fn read(call: &Call<'_>, schema: &ResourceSchema, id: &str) -> Result<Reply, ScimError> {
    let projection = call.projection(schema);
    let (mut user, groups) = load(call, &person(id)?, projection.wants("groups")).await?;
    let tree = std::mem::take(&mut user.resource);
    let shown = shown(&user);
    if let Some(unchanged) = call.unchanged(&shown) {
        return Ok(unchanged);
    }
    let mut document = document(call, schema, tree, &shown);
    insert_groups(call, &mut document, &groups);
    Ok(call.answer(StatusCode::OK, schema, &shown, &projection, document))
}

pub(super) async fn delete(call: &Call<'_>, id: &str) -> Result<Reply, ScimError> {
    let id = person(id)?;
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let (user, _) = load(call, &id, false).await?;
        call.if_match(user.version)?;
        let cause = call.cause(call.app.clock.now());
        if written(call.app.directory.delete_user(&user, call.change_id(), &cause).await)? {
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
    let id = person(id)?;
    let projection = call.projection(schema);
    let with_groups = projection.asks_for("groups");
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let (mut before, groups) = load(call, &id, with_groups).await?;
        call.if_match(before.version)?;
        let tree = Resource(std::mem::take(&mut before.resource));
        let Some(new) = edit.apply(schema, id.as_str(), &tree)? else {
            let mut document = document(call, schema, tree.0, &shown(&before));
            insert_groups(call, &mut document, &groups);
            return Ok(call.answer(StatusCode::OK, schema, &shown(&before), &projection, document));
        };
        let projection = projection.clone().after_write(schema, Some(&tree), &new);
        before.resource = tree.0;
        let now = call.app.clock.now();
        let mut after = UserRecord {
            version: before.version + 1,
            modified_at: now,
            unique: resource::unique_values(schema, &new).into_iter().collect(),
            resource: new.0,
            id: before.id.clone(),
            connection: before.connection.clone(),
            created_at: before.created_at,
            deleted_at: None,
        };
        limits::check(&after.resource, &after.indexed())?;
        let directory = &call.app.directory;
        if written(directory.replace_user(&before, &after, call.change_id(), &call.cause(now)).await)? {
            let tree = std::mem::take(&mut after.resource);
            let mut document = document(call, schema, tree, &shown(&after));
            insert_groups(call, &mut document, &groups);
            return Ok(call.answer(StatusCode::OK, schema, &shown(&after), &projection, document));
        }
    }
    Err(contended())
}

/// An id that cannot be one is nobody's.
fn person(id: &str) -> Result<PersonId, ScimError> {
    id.parse().map_err(|_| absent("user"))
}

async fn load(
    call: &Call<'_>,
    id: &PersonId,
    with_groups: bool,
) -> Result<(UserRecord, Vec<Membership>), ScimError> {
    let directory = &call.app.directory;
    let connection = &call.connection.id;
    let found = if with_groups {
        directory.user_with_groups(connection, id).await
    } else {
        directory.user(connection, id).await.map(|user| user.map(|user| (user, Vec::new())))
    };
    found.map_err(|e| from_store(&e))?.ok_or_else(|| absent("user"))
}
