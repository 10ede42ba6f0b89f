//! `/Groups`. A group's members are rows of their own: they are read only where an answer shows them, and changed without
//! being read.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};
use usher_domain::directory::GroupRecord;
use usher_domain::id::{PersonId, TeamId};
use usher_domain::ports::StoreError;
use usher_scim::filter::{self, Plan};
use usher_scim::patch::{self, Operation};
use usher_scim::{Resource, ResourceSchema, ScimError, list, normalize, resource};

use crate::call::{Attempts, Call, Shown, absent, contended};
use crate::limits;
use crate::lookup::{self, Source};
use crate::members::{self, Few};
use crate::reply::{Reply, from_store};
use crate::request;

/// Above this many members a PATCH is answered without a body, as Microsoft advises: the answer would cost more than the
/// change.
const SHOWN_MEMBERS: u32 = 1_000;
/// Groups, or their member lists, read at the same time.
const READ_AT_ONCE: usize = 8;

/// `/Groups`.
pub(crate) async fn collection(call: &Call<'_>, method: &Method, body: Body) -> Result<Reply, ScimError> {
    if *method == Method::POST {
        create(call, request::json(call.headers, body).await?).await
    } else {
        search(call).await
    }
}

/// `/Groups/{id}`.
pub(crate) async fn resource(
    call: &Call<'_>,
    method: &Method,
    id: &str,
    body: Body,
) -> Result<Reply, ScimError> {
    let id: TeamId = id.parse().map_err(|_| absent("group"))?;
    let schema = call.schema("Group")?;
    if *method == Method::GET {
        return read(call, &id).await;
    }
    if *method == Method::DELETE {
        return delete(call, &id).await;
    }
    let body = request::json(call.headers, body).await?;
    if *method == Method::PUT {
        let mut tree = normalize::resource(schema, body)?;
        let ids = tree.take_members()?;
        let members = patch::MemberDelta::of(&[patch::MemberOp::Replace(ids)]);
        return change(call, &id, &Edit { tree: Tree::Replace(tree), members }).await;
    }
    let split = patch::split_group(schema, patch::parse(schema, body)?)?;
    let members = patch::MemberDelta::of(&split.members);
    change(call, &id, &Edit { tree: Tree::Patch(split.tree), members }).await
}

async fn create(call: &Call<'_>, body: Value) -> Result<Reply, ScimError> {
    let schema = call.schema("Group")?;
    let mut tree = normalize::resource(schema, body)?;
    let ids = tree.take_members()?;
    limits::check(&tree.0)?;
    let members = members::existing(call, &ids).await?;
    let now = call.app.clock.now();
    let group = GroupRecord {
        id: call.app.ids.uuid().into(),
        connection: call.connection.id.clone(),
        version: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
        resource: tree.0,
        unique: BTreeSet::new(),
    };
    let created = call.app.directory.create_group(&group, &members, call.change_id(), &call.cause(now)).await;
    created.map_err(|e| from_store(&e))?;
    let document = document(call, schema, &group, Some(members.iter()));
    Ok(call.answer(StatusCode::CREATED, schema, &shown(&group), document))
}

async fn read(call: &Call<'_>, id: &TeamId) -> Result<Reply, ScimError> {
    let schema = call.schema("Group")?;
    let wants_members = call.projection(schema).wants("members");
    // Who may have this version already is not sent the members, and they are not read.
    if !wants_members || call.headers.contains_key(header::IF_NONE_MATCH) {
        let group = load(call, id).await?.ok_or_else(|| absent("group"))?;
        if let Some(unchanged) = call.unchanged(&shown(&group)) {
            return Ok(unchanged);
        }
        if !wants_members {
            let document = document(call, schema, &group, None::<std::iter::Empty<_>>);
            return Ok(call.answer(StatusCode::OK, schema, &shown(&group), document));
        }
    }
    let found = call.app.directory.group_with_members(&call.connection.id, id, None).await;
    let (group, members) = found.map_err(|e| from_store(&e))?.ok_or_else(|| absent("group"))?;
    let members = members.unwrap_or_default();
    let document = document(call, schema, &group, Some(members.iter()));
    Ok(call.answer(StatusCode::OK, schema, &shown(&group), document))
}

async fn delete(call: &Call<'_>, id: &TeamId) -> Result<Reply, ScimError> {
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let group = load(call, id).await?.ok_or_else(|| absent("group"))?;
        call.if_match(group.version)?;
        let cause = call.cause(call.app.clock.now());
        match call.app.directory.delete_group(&group, call.change_id(), &cause).await {
            Ok(()) => return Ok(Reply::empty(StatusCode::NO_CONTENT)),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(from_store(&error)),
        }
    }
    Err(contended())
}

/// A pure change, so that it can be applied again to what somebody else wrote meanwhile.
struct Edit {
    tree: Tree,
    members: patch::MemberDelta,
}

enum Tree {
    Replace(Resource),
    Patch(Vec<Operation>),
}

impl Edit {
    /// The members alone, when nothing else is changed and any version of the group will do.
    fn of_few(&self, call: &Call<'_>) -> Option<Few> {
        let attributes = !matches!(&self.tree, Tree::Patch(operations) if operations.is_empty());
        if attributes || call.headers.contains_key(header::IF_MATCH) { None } else { Few::of(&self.members) }
    }

    fn apply(&self, schema: &ResourceSchema, group: &GroupRecord) -> Result<Resource, ScimError> {
        match &self.tree {
            Tree::Replace(new) => {
                normalize::immutable_kept(schema, &Resource(group.resource.clone()), new)?;
                Ok(new.clone())
            }
            Tree::Patch(operations) => {
                // A client may send the id back; the engine compares it with what is there.
                let mut tree = Resource(group.resource.clone());
                tree.0.insert("id".into(), json!(group.id.as_str()));
                let mut tree = patch::apply(schema, &tree, operations)?;
                tree.0.remove("id");
                Ok(tree)
            }
        }
    }
}

async fn change(call: &Call<'_>, id: &TeamId, edit: &Edit) -> Result<Reply, ScimError> {
    let schema = call.schema("Group")?;
    if let Some(few) = edit.of_few(call) {
        let group = few.change(call, id).await?;
        return changed(call, schema, group).await;
    }
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let before = load(call, id).await?.ok_or_else(|| absent("group"))?;
        call.if_match(before.version)?;
        let new = edit.apply(schema, &before)?;
        limits::check(&new.0)?;
        let members = members::changes(call, &before, &edit.members).await?;
        if new.0 == before.resource && members.is_empty() {
            return changed(call, schema, before).await;
        }
        let now = call.app.clock.now();
        let after =
            GroupRecord { version: before.version + 1, modified_at: now, resource: new.0, ..before.clone() };
        let cause = call.cause(now);
        match call.app.directory.replace_group(&before, &after, &members, call.change_id(), &cause).await {
            Ok(()) => return changed(call, schema, after).await,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(from_store(&error)),
        }
    }
    Err(contended())
}

/// The answer to a change: the group as it is now, or 204 when it is large.
async fn changed(call: &Call<'_>, schema: &ResourceSchema, group: GroupRecord) -> Result<Reply, ScimError> {
    let without_body =
        |group: &GroupRecord| call.tagged(Reply::empty(StatusCode::NO_CONTENT), schema, &shown(group));
    let (group, members) = if call.projection(schema).wants("members") {
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
    let document = document(call, schema, &group, Some(members.iter()));
    Ok(call.answer(StatusCode::OK, schema, &shown(&group), document))
}

async fn search(call: &Call<'_>) -> Result<Reply, ScimError> {
    let schema = call.schema("Group")?;
    let query = &call.query;
    let start_index = lookup::start_index(query)?;
    let (total, groups) = match &query.filter {
        Some(text) => {
            let found = filtered(call, schema, text).await?;
            (found.len() as u64, lookup::page(found, start_index, query.count))
        }
        None => {
            let count = u32::try_from(query.count).unwrap_or(u32::MAX);
            let directory = &call.app.directory;
            let listing = directory.list_groups(&call.connection.id, start_index as u64, count).await;
            let listing = listing.map_err(|e| from_store(&e))?;
            (listing.total, listing.items)
        }
    };
    let projection = call.projection(schema);
    let with_members = projection.wants("members");
    let documents: Vec<Map<String, Value>> = stream::iter(groups)
        .map(|group| async move {
            let members = match with_members {
                true => call.app.directory.members(&group).await.map_err(|e| from_store(&e))?,
                false => Vec::new(),
            };
            Ok::<_, ScimError>(document(call, schema, &group, Some(members.iter())))
        })
        .buffered(READ_AT_ONCE)
        .map_ok(|document| projection.apply(schema, document))
        .try_collect()
        .await?;
    Ok(Reply::json(StatusCode::OK, list::response(Some(total), list::Place::Index(start_index), documents)))
}

async fn filtered(
    call: &Call<'_>,
    schema: &ResourceSchema,
    text: &str,
) -> Result<Vec<GroupRecord>, ScimError> {
    let plan = lookup::plan(text, schema)?;
    let directory = &call.app.directory;
    let connection = &call.connection.id;
    let ids = match lookup::source(&plan) {
        Some(Source::Id(id)) => id.parse().into_iter().collect(),
        Some(Source::Index(value)) => {
            directory.find_groups(connection, &value).await.map_err(|e| from_store(&e))?
        }
        Some(Source::Member(id)) => match id.parse() {
            Ok(person) => directory.groups_of(connection, &person).await.map_err(|e| from_store(&e))?,
            // An id that cannot be one is nobody's.
            Err(_) => Vec::new(),
        },
        None => Vec::new(),
    };
    limits::check_candidates(ids.len())?;
    stream::iter(ids)
        .map(|id| async move { load(call, &id).await })
        .buffered(READ_AT_ONCE)
        .try_filter_map(async |found| match found {
            Some(group) if satisfies(call, schema, &plan, &group).await? => Ok(Some(group)),
            _ => Ok(None),
        })
        .try_collect()
        .await
}

async fn satisfies(
    call: &Call<'_>,
    schema: &ResourceSchema,
    plan: &Plan,
    group: &GroupRecord,
) -> Result<bool, ScimError> {
    if let Some(residual) = &plan.residual
        && !filter::matches(residual, schema, &document(call, schema, group, None::<std::iter::Empty<_>>))
    {
        return Ok(false);
    }
    let asked: Result<BTreeSet<PersonId>, _> = lookup::members(plan).map(str::parse).collect();
    let Ok(asked) = asked else {
        return Ok(false);
    };
    if asked.is_empty() {
        return Ok(true);
    }
    let found = call.app.directory.members_among(group, &asked).await.map_err(|e| from_store(&e))?;
    Ok(found.len() == asked.len())
}

async fn load(call: &Call<'_>, id: &TeamId) -> Result<Option<GroupRecord>, ScimError> {
    call.app.directory.group(&call.connection.id, id).await.map_err(|e| from_store(&e))
}

fn shown(group: &GroupRecord) -> Shown<'_> {
    Shown {
        id: group.id.as_str(),
        version: group.version,
        created_at: group.created_at,
        modified_at: group.modified_at,
    }
}

fn document<'p>(
    call: &Call<'_>,
    schema: &ResourceSchema,
    group: &GroupRecord,
    members: Option<impl Iterator<Item = &'p PersonId>>,
) -> Map<String, Value> {
    let tree = Resource(group.resource.clone());
    let mut document = resource::document(schema, tree, group.id.as_str(), &call.meta(schema, &shown(group)));
    let members: Vec<Value> = members
        .into_iter()
        .flatten()
        .map(|person| {
            json!({"value": person.as_str(), "type": "User", "$ref": call.location("/Users", person.as_str())})
        })
        .collect();
    if !members.is_empty() {
        document.insert("members".into(), Value::Array(members));
    }
    document
}
