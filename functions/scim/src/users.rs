//! `/Users`.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};
use usher_domain::directory::{Membership, UserRecord};
use usher_domain::id::PersonId;
use usher_domain::ports::StoreError;
use usher_scim::patch::Operation;
use usher_scim::{Resource, ResourceSchema, ScimError, filter, list, normalize, patch, resource};

use crate::call::{Attempts, Call, Shown, absent, contended};
use crate::limits;
use crate::lookup::{self, Source};
use crate::reply::{Reply, from_store};
use crate::request;

/// Users read at the same time for a filter that finds many.
const READ_AT_ONCE: usize = 8;

/// `/Users`.
pub(crate) async fn collection(call: &Call<'_>, method: &Method, body: Body) -> Result<Reply, ScimError> {
    if *method == Method::POST {
        create(call, request::json(call.headers, body).await?).await
    } else {
        search(call).await
    }
}

/// `/Users/{id}`.
pub(crate) async fn resource(
    call: &Call<'_>,
    method: &Method,
    id: &str,
    body: Body,
) -> Result<Reply, ScimError> {
    // An id that cannot be one is nobody's.
    let id: PersonId = id.parse().map_err(|_| absent("user"))?;
    let schema = call.schema("User")?;
    if *method == Method::GET {
        return read(call, &id).await;
    }
    if *method == Method::DELETE {
        return delete(call, &id).await;
    }
    let body = request::json(call.headers, body).await?;
    if *method == Method::PUT {
        let new = normalize::resource(schema, body)?;
        return change(call, &id, &Edit::Replace(new)).await;
    }
    let operations = patch::parse(schema, body)?;
    change(call, &id, &Edit::Patch(operations)).await
}

async fn create(call: &Call<'_>, body: Value) -> Result<Reply, ScimError> {
    let schema = call.schema("User")?;
    let tree = normalize::resource(schema, body)?;
    limits::check(&tree.0)?;
    let now = call.app.clock.now();
    let user = UserRecord {
        id: call.app.ids.uuid().into(),
        connection: call.connection.id.clone(),
        version: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
        resource: tree.0,
        unique: BTreeSet::new(),
    };
    let created = call.app.directory.create_user(&user, call.change_id(), &call.cause(now)).await;
    created.map_err(|e| from_store(&e))?;
    Ok(call.answer(StatusCode::CREATED, schema, &shown(&user), document(call, schema, &user, None)))
}

async fn read(call: &Call<'_>, id: &PersonId) -> Result<Reply, ScimError> {
    let schema = call.schema("User")?;
    let (user, groups) =
        load(call, id, call.projection(schema).wants("groups")).await?.ok_or_else(|| absent("user"))?;
    if let Some(unchanged) = call.unchanged(&shown(&user)) {
        return Ok(unchanged);
    }
    let document = document(call, schema, &user, groups.as_deref());
    Ok(call.answer(StatusCode::OK, schema, &shown(&user), document))
}

async fn delete(call: &Call<'_>, id: &PersonId) -> Result<Reply, ScimError> {
    let directory = &call.app.directory;
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let user = directory.user(&call.connection.id, id).await.map_err(|e| from_store(&e))?;
        let user = user.ok_or_else(|| absent("user"))?;
        call.if_match(user.version)?;
        let cause = call.cause(call.app.clock.now());
        match directory.delete_user(&user, call.change_id(), &cause).await {
            Ok(()) => return Ok(Reply::empty(StatusCode::NO_CONTENT)),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(from_store(&error)),
        }
    }
    Err(contended())
}

/// A pure change, so that it can be applied again to what somebody else wrote meanwhile.
enum Edit {
    Replace(Resource),
    Patch(Vec<Operation>),
}

impl Edit {
    fn apply(&self, schema: &ResourceSchema, user: &UserRecord) -> Result<Resource, ScimError> {
        match self {
            Self::Replace(new) => {
                normalize::immutable_kept(schema, &Resource(user.resource.clone()), new)?;
                Ok(new.clone())
            }
            Self::Patch(operations) => {
                // A client may send the id back; the engine compares it with what is there.
                let mut tree = Resource(user.resource.clone());
                tree.0.insert("id".into(), json!(user.id.as_str()));
                let mut tree = patch::apply(schema, &tree, operations)?;
                tree.0.remove("id");
                Ok(tree)
            }
        }
    }
}

async fn change(call: &Call<'_>, id: &PersonId, edit: &Edit) -> Result<Reply, ScimError> {
    let schema = call.schema("User")?;
    let with_groups = call.projection(schema).asks_for("groups");
    let mut attempts = Attempts::new(call);
    while attempts.next().await {
        let (before, groups) = load(call, id, with_groups).await?.ok_or_else(|| absent("user"))?;
        call.if_match(before.version)?;
        let new = edit.apply(schema, &before)?;
        if new.0 == before.resource {
            let document = document(call, schema, &before, groups.as_deref());
            return Ok(call.answer(StatusCode::OK, schema, &shown(&before), document));
        }
        limits::check(&new.0)?;
        let now = call.app.clock.now();
        let after =
            UserRecord { version: before.version + 1, modified_at: now, resource: new.0, ..before.clone() };
        let directory = &call.app.directory;
        match directory.replace_user(&before, &after, call.change_id(), &call.cause(now)).await {
            Ok(()) => {
                let document = document(call, schema, &after, groups.as_deref());
                return Ok(call.answer(StatusCode::OK, schema, &shown(&after), document));
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(from_store(&error)),
        }
    }
    Err(contended())
}

async fn search(call: &Call<'_>) -> Result<Reply, ScimError> {
    let schema = call.schema("User")?;
    let query = &call.query;
    let start_index = lookup::start_index(query)?;
    let projection = call.projection(schema);
    // Groups cost reads of their own for every user: lists have them for those who ask.
    let with_groups = projection.asks_for("groups");
    let (total, users) = match &query.filter {
        Some(text) => {
            let found = filtered(call, schema, text).await?;
            (found.len() as u64, lookup::page(found, start_index, query.count))
        }
        None => {
            let count = u32::try_from(query.count).unwrap_or(u32::MAX);
            let directory = &call.app.directory;
            let listing = directory.list_users(&call.connection.id, start_index as u64, count).await;
            let listing = listing.map_err(|e| from_store(&e))?;
            (listing.total, listing.items)
        }
    };
    let mut documents = Vec::with_capacity(users.len());
    for user in users {
        let groups = match with_groups {
            true => load(call, &user.id, true).await?.and_then(|(_, groups)| groups),
            false => None,
        };
        documents.push(projection.apply(schema, document(call, schema, &user, groups.as_deref())));
    }
    Ok(Reply::json(StatusCode::OK, list::response(Some(total), list::Place::Index(start_index), documents)))
}

async fn filtered(
    call: &Call<'_>,
    schema: &ResourceSchema,
    text: &str,
) -> Result<Vec<UserRecord>, ScimError> {
    let plan = lookup::plan(text, schema)?;
    let ids = match lookup::source(&plan) {
        Some(Source::Id(id)) => id.parse().into_iter().collect(),
        Some(Source::Index(value)) => {
            let found = call.app.directory.find_users(&call.connection.id, &value).await;
            found.map_err(|e| from_store(&e))?
        }
        Some(Source::Member(_)) | None => Vec::new(),
    };
    limits::check_candidates(ids.len())?;
    let found =
        stream::iter(ids).map(|id| async move { load(call, &id, false).await }).buffered(READ_AT_ONCE);
    let matches = |user: &UserRecord| {
        plan.residual.as_ref().is_none_or(|f| filter::matches(f, schema, &document(call, schema, user, None)))
    };
    found
        .try_filter_map(async |found| Ok(found.map(|(user, _)| user).filter(|user| matches(user))))
        .try_collect()
        .await
}

async fn load(
    call: &Call<'_>,
    id: &PersonId,
    with_groups: bool,
) -> Result<Option<(UserRecord, Option<Vec<Membership>>)>, ScimError> {
    let directory = &call.app.directory;
    let connection = &call.connection.id;
    let found = if with_groups {
        let found = directory.user_with_groups(connection, id).await.map_err(|e| from_store(&e))?;
        found.map(|(user, groups)| (user, Some(groups)))
    } else {
        directory.user(connection, id).await.map_err(|e| from_store(&e))?.map(|user| (user, None))
    };
    Ok(found)
}

fn shown(user: &UserRecord) -> Shown<'_> {
    Shown {
        id: user.id.as_str(),
        version: user.version,
        created_at: user.created_at,
        modified_at: user.modified_at,
    }
}

fn document(
    call: &Call<'_>,
    schema: &ResourceSchema,
    user: &UserRecord,
    groups: Option<&[Membership]>,
) -> Map<String, Value> {
    let tree = Resource(user.resource.clone());
    let mut document = resource::document(schema, tree, user.id.as_str(), &call.meta(schema, &shown(user)));
    let groups: Vec<Value> = groups
        .unwrap_or_default()
        .iter()
        .map(|m| {
            json!({"value": m.team.as_str(), "display": m.display_name, "type": "direct",
                "$ref": call.location("/Groups", m.team.as_str())})
        })
        .collect();
    if !groups.is_empty() {
        document.insert("groups".into(), Value::Array(groups));
    }
    document
}
