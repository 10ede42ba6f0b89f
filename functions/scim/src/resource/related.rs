//! `groups` of a user and `members` of a group: memberships are rows of their own, read only where an answer shows them.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};
use usher_domain::directory::Membership;
use usher_domain::id::PersonId;
use usher_scim::{ResourceSchema, ScimError};

use super::record::Record;
use crate::call::Call;
use crate::limits;
use crate::reply::from_store;

/// Resources whose memberships are read at the same time.
const READ_AT_ONCE: usize = 8;
/// Above so many members each is shown by its id alone: the rest only repeats it, and an answer must stay below the 6 MB
/// that a function may return.
const SHOWN_WHOLE: usize = 10_000;

/// The whole representations of records of one type, with their memberships where they are wanted.
pub(crate) async fn documents(
    call: &Call<'_>,
    schema: &ResourceSchema,
    records: Vec<Record>,
    with_relation: bool,
) -> Result<Vec<Map<String, Value>>, ScimError> {
    if !with_relation {
        return Ok(records.into_iter().map(|record| record.into_document(call, schema)).collect());
    }
    let read = stream::iter(records).map(|record| with_memberships(call, schema, record));
    let mut documents = Vec::new();
    let mut members = 0;
    let mut read = std::pin::pin!(read.buffered(READ_AT_ONCE));
    while let Some((document, count)) = read.try_next().await? {
        members += count;
        limits::check_members_shown(members)?;
        documents.push(document);
    }
    Ok(documents)
}

/// The representation, and how many members it shows.
async fn with_memberships(
    call: &Call<'_>,
    schema: &ResourceSchema,
    record: Record,
) -> Result<(Map<String, Value>, usize), ScimError> {
    let mut document = record.document(call, schema);
    let directory = &call.app.directory;
    let count = match &record {
        Record::User(user) => {
            let found = directory.user_with_groups(&call.connection.id, &user.id).await;
            let groups = found.map_err(|e| from_store(&e))?.map(|(_, groups)| groups);
            insert_groups(call, &mut document, &groups.unwrap_or_default());
            0
        }
        Record::Group(group) => {
            let members = directory.members(group).await.map_err(|e| from_store(&e))?;
            insert_members(call, &mut document, &members)?;
            members.len()
        }
        Record::Custom(_) => 0,
    };
    Ok((document, count))
}

/// Shows the groups of a user.
pub(super) fn insert_groups(call: &Call<'_>, document: &mut Map<String, Value>, groups: &[Membership]) {
    let groups: Vec<Value> = groups
        .iter()
        .map(|m| {
            json!({"value": m.team.as_str(), "display": m.display_name, "type": "direct",
                "$ref": call.location("/Groups", m.team.as_str())})
        })
        .collect();
    if !groups.is_empty() {
        document.insert("groups".into(), Value::Array(groups));
    }
}

/// Shows the members of a group.
pub(super) fn insert_members(
    call: &Call<'_>,
    document: &mut Map<String, Value>,
    members: &[PersonId],
) -> Result<(), ScimError> {
    limits::check_members_shown(members.len())?;
    let whole = members.len() <= SHOWN_WHOLE;
    let members: Vec<Value> = members
        .iter()
        .map(|person| match whole {
            true => {
                json!({"value": person.as_str(), "type": "User",
                    "$ref": call.location("/Users", person.as_str())})
            }
            false => json!({"value": person.as_str()}),
        })
        .collect();
    if !members.is_empty() {
        document.insert("members".into(), Value::Array(members));
    }
    Ok(())
}
