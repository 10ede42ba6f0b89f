//! Groups. A group's members are rows of their own: they are read only where an answer shows them, and changed without
//! being read.

use axum::http::StatusCode;
use serde_json::{Map, Value};
use usher_domain::directory::GroupRecord;
use usher_domain::id::{PersonId, TeamId};
use usher_scim::patch::{self, MemberDelta};
use usher_scim::projection::Projection;
use usher_scim::{Resource, ResourceSchema, ScimError, resource};

use super::Edit;
use super::members::{self, Few};
use super::record::{self, shown_group as shown};
use super::related::insert_members;
use crate::call::{Attempts, Call, absent, contended};
use crate::limits;
use crate::reply::{Reply, from_store, written};

/// Above this many members a PATCH is answered without a body, as Microsoft advises: the answer would cost more than the
/// change.
const SHOWN_MEMBERS: u32 = 1_000;

pub(super) async fn create(
    call: &Call<'_>,
    schema: &ResourceSchema,
    mut tree: Resource,
) -> Result<Reply, ScimError> {
    let ids = tree.take_members()?;
    let projection = call.projection(schema).after_write(schema, None, &tree);
    let now = call.app.clock.now();
    let mut group = GroupRecord {
        id: call.app.ids.uuid().into(),
        connection: call.connection.id.clone(),
        version: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
        unique: resource::unique_values(schema, &tree).into_iter().collect(),
        resource: tree.0,
    };
    limits::check(&group.resource, &group.indexed())?;
    let members = members::existing(call, &ids).await?;
    let created = call.app.directory.create_group(&group, &members, call.change_id(), &call.cause(now)).await;
    created.map_err(|e| from_store(&e))?;
    let members: Vec<PersonId> = members.into_iter().collect();
    let document = document(call, schema, &mut group, &members)?;
    Ok(call.answer(StatusCode::CREATED, schema, &shown(&group), &projection, document))
}

pub(super) async fn read(call: &Call<'_>, schema: &ResourceSchema, id: &str) -> Result<Reply, ScimError> {
    let id = team(id)?;
    let projection = call.projection(schema);
    let wants_members = projection.wants("members");
    // Who may have this version already is not sent the members, and they are not read.
    if !wants_members || call.has_if_none_match() {
        let mut group = load(call, &id).await?;
        if let Some(unchanged) = call.unchanged(&shown(&group)) {
            return Ok(unchanged);
        }
        if !wants_members {
            let document = document(call, schema, &mut group, &[])?;
            return Ok(call.answer(StatusCode::OK, schema, &shown(&group), &projection, document));
        }
    }
    let limit = Some(limits::MEMBERS_SHOWN as u32);
    let found = call.app.directory.group_with_members(&call.connection.id, &id, limit).await;
    let (mut group, members) = found.map_err(|e| from_store(&e))?.ok_or_else(|| absent("group"))?;
    let Some(members) = members else {
        // Too many, or so many are coming and going just now that the group is not to be read: then this says so.
        load(call, &id).await?;
        return Err(limits::too_many_members());
    };
    let document = document(call, schema, &mut group, &members)?;
    Ok(call.answer(StatusCode::OK, schema, &shown(&group), &projection, document))
}

pub(super) async fn delete(call: &Call<'_>, id: &str) -> Result<Reply, ScimError> {
    let id = team(id)?;
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let group = load(call, &id).await?;
        call.if_match(group.version)?;
        let cause = call.cause(call.app.clock.now());
        if written(call.app.directory.delete_group(&group, call.change_id(), &cause).await)? {
            return Ok(Reply::empty(StatusCode::NO_CONTENT));
        }
    }
    Err(contended())
}

pub(super) async fn change(
    call: &Call<'_>,
    schema: &ResourceSchema,
    id: &str,
    edit: Edit,
) -> Result<Reply, ScimError> {
    let id = team(id)?;
    let (edit, asked) = split(schema, edit)?;
    let projection = call.projection(schema);
    let attributes = !matches!(&edit, Edit::Patch(operations) if operations.is_empty());
    // The members alone, where any version of the group will do.
    if !attributes
        && !call.has_if_match()
        && let Some(few) = Few::of(call, &asked)
    {
        let group = few.change(call, &id).await?;
        return changed(call, schema, group, &projection).await;
    }
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let mut before = load(call, &id).await?;
        call.if_match(before.version)?;
        let tree = Resource(std::mem::take(&mut before.resource));
        let new = edit.apply(schema, id.as_str(), &tree)?;
        let projection = match &new {
            Some(new) => projection.clone().after_write(schema, Some(&tree), new),
            None => projection.clone(),
        };
        let same = new.is_none();
        let new = new.unwrap_or_else(|| tree.clone());
        before.resource = tree.0;
        let members = members::changes(call, &before, &asked).await?;
        if same && members.is_empty() {
            return changed(call, schema, before, &projection).await;
        }
        let now = call.app.clock.now();
        let after = GroupRecord {
            version: before.version + 1,
            modified_at: now,
            unique: resource::unique_values(schema, &new).into_iter().collect(),
            resource: new.0,
            ..before.clone()
        };
        limits::check(&after.resource, &after.indexed())?;
        let cause = call.cause(now);
        let directory = &call.app.directory;
        if written(directory.replace_group(&before, &after, &members, call.change_id(), &cause).await)? {
            return changed(call, schema, after, &projection).await;
        }
    }
    Err(contended())
}

/// Tells the members that are asked for from the attributes.
fn split(schema: &ResourceSchema, edit: Edit) -> Result<(Edit, MemberDelta), ScimError> {
    match edit {
        Edit::Replace(mut tree) => {
            let ids = tree.take_members()?;
            Ok((Edit::Replace(tree), MemberDelta::of(&[patch::MemberOp::Replace(ids)])))
        }
        Edit::Patch(operations) => {
            let split = patch::split_group(schema, operations)?;
            Ok((Edit::Patch(split.tree), MemberDelta::of(&split.members)))
        }
    }
}

/// The answer to a change: the group as it is now, or 204 when it is large.
async fn changed(
    call: &Call<'_>,
    schema: &ResourceSchema,
    group: GroupRecord,
    projection: &Projection,
) -> Result<Reply, ScimError> {
    let without_body =
        |group: &GroupRecord| call.tagged(Reply::empty(StatusCode::NO_CONTENT), schema, &shown(group));
    let (mut group, members) = if projection.wants("members") {
        let id = &call.connection.id;
        let now = call.app.directory.group_with_members(id, &group.id, Some(SHOWN_MEMBERS)).await;
        match now.map_err(|e| from_store(&e))? {
            Some((group, Some(members))) => (group, members),
            Some((group, None)) => return Ok(without_body(&group)),
            // Somebody deleted it since.
            None => return Ok(without_body(&group)),
        }
    } else {
        (group, Vec::new())
    };
    let document = document(call, schema, &mut group, &members)?;
    Ok(call.answer(StatusCode::OK, schema, &shown(&group), projection, document))
}

/// An id that cannot be one is no group's.
fn team(id: &str) -> Result<TeamId, ScimError> {
    id.parse().map_err(|_| absent("group"))
}

async fn load(call: &Call<'_>, id: &TeamId) -> Result<GroupRecord, ScimError> {
    let found = call.app.directory.group(&call.connection.id, id).await;
    found.map_err(|e| from_store(&e))?.ok_or_else(|| absent("group"))
}

/// The whole representation of a group whose attributes are not needed any more.
fn document(
    call: &Call<'_>,
    schema: &ResourceSchema,
    group: &mut GroupRecord,
    members: &[PersonId],
) -> Result<Map<String, Value>, ScimError> {
    let tree = std::mem::take(&mut group.resource);
    let mut document = record::document(call, schema, tree, &shown(group));
    insert_members(call, &mut document, members)?;
    Ok(document)
}
