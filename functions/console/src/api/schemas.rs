//! Schemas and resource types that a SCIM connection has beside the built-in ones.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_domain::{activity::Event, id::ConnectionId};
use usher_scim::{
    Registry,
    schema::{Custom, SchemaError},
};
use utoipa::ToSchema;

use super::{
    change::change,
    connections::read,
    extract::{Json, Path},
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// How large the documents of one connection may be, as compact JSON: they are part of its row, which is read for its
/// requests and may not pass 400 KB.
const MOST_BYTES: usize = 128 * 1024;

/// Schemas and resource types of a connection's own, in the form of RFC 7643 §6 and §7.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CustomSchemas)]
pub(crate) struct SchemasBody {
    /// Schemas (RFC 7643 §7).
    #[schema(value_type = Vec<Object>)]
    schemas: Vec<Value>,
    /// Resource types (RFC 7643 §6). One named `User` or `Group` adds `schemaExtensions` to the built-in type; any other
    /// is served at its own endpoint.
    #[schema(value_type = Vec<Object>)]
    resource_types: Vec<Value>,
}

impl From<Custom> for SchemasBody {
    fn from(custom: Custom) -> Self {
        Self { schemas: custom.schemas, resource_types: custom.resource_types }
    }
}

/// Schemas of a connection's own
#[utoipa::path(get, path = "/connections/{connection}/schemas", tag = "Connections", operation_id = "getSchemas",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 200, description = "The documents as they were registered.", body = SchemasBody)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Reply<SchemasBody>, Problem> {
    caller.may(Action::ManageConnections)?;
    Ok(Reply(read(&app, &caller, &id).await?.protocol.custom.into()))
}

/// Register schemas and resource types
///
/// Replaces all that were registered before. Stored resources are not looked at: those of a type that is no longer
/// registered stay stored and are not reachable, and are there again when a type of the same name is registered again.
/// Attributes of a schema that is no longer registered stay stored in the same way until their resource is replaced.
#[utoipa::path(put, path = "/connections/{connection}/schemas", tag = "Connections", operation_id = "putSchemas",
    params(("connection" = String, Path, description = "The connection's id.")),
    request_body = SchemasBody,
    responses((status = 200, description = "The documents as they are registered.", body = SchemasBody)))]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    Json(body): Json<SchemasBody>,
) -> Result<Reply<SchemasBody>, Problem> {
    caller.may(Action::ManageConnections)?;
    let custom = Custom { schemas: body.schemas, resource_types: body.resource_types };
    check(&custom)?;
    Ok(Reply(store(&app, &caller, &id, custom).await?.into()))
}

/// Withdraw all schemas and resource types of a connection's own
///
/// Resources of the withdrawn types stay stored and are not reachable. They are there again when a type of the same name is
/// registered again.
#[utoipa::path(delete, path = "/connections/{connection}/schemas", tag = "Connections", operation_id = "deleteSchemas",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 204, description = "Only the built-in schemas and types are left.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageConnections)?;
    store(&app, &caller, &id, Custom::default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn store(app: &App, caller: &Caller, id: &ConnectionId, custom: Custom) -> Result<Custom, Problem> {
    let event = if custom.is_empty() { Event::SchemasRemoved } else { Event::SchemasRegistered };
    let connection = change(app, caller, id, event, |connection| {
        connection.protocol.custom = custom.clone();
        Ok(())
    });
    Ok(connection.await?.protocol.custom)
}

/// Refuses documents with which no request could be served.
fn check(custom: &Custom) -> Result<(), Problem> {
    let size = serde_json::to_vec(custom).map_or(0, |json| json.len());
    if size > MOST_BYTES {
        return Err(Problem::too_much(format!(
            "the schemas and resource types are {size} bytes as compact JSON, and a connection holds at most {MOST_BYTES}; \
             shorten their descriptions, or leave out what is not in use"
        )));
    }
    let checked = Registry::core().and_then(|core| core.with_custom(custom));
    checked.map(drop).map_err(|error| Problem::schema(place(custom, &error), error.to_string()))
}

/// The document that an error is about, as a JSON Pointer.
fn place(custom: &Custom, error: &SchemaError) -> String {
    let (list, documents, member, wanted) = match error {
        SchemaError::Attribute { schema, .. } | SchemaError::Schema { schema, .. } => {
            ("/schemas", &custom.schemas, "id", schema)
        }
        SchemaError::Type { name, .. } | SchemaError::UnknownSchema(name, _) => {
            ("/resourceTypes", &custom.resource_types, "name", name)
        }
        SchemaError::Form(_) | SchemaError::TooMany { .. } => return "/".to_owned(),
    };
    // The last one: where two have one name, the second is too much.
    match documents.iter().rposition(|document| document[member] == **wanted) {
        Some(at) => format!("{list}/{at}"),
        None => list.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn badge() -> Value {
        json!({"id": "urn:example:badge:2.0:Badge", "name": "Badge",
            "attributes": [{"name": "number", "type": "string", "required": true}]})
    }

    fn badges() -> Value {
        json!({"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:badge:2.0:Badge"})
    }

    fn checked(custom: Value) -> Result<(), (u16, String, String)> {
        check(&serde_json::from_value(custom).unwrap()).map_err(|problem| {
            let field = problem.errors.first().map(|error| error.field.clone()).unwrap_or_default();
            (problem.status.as_u16(), field, problem.detail)
        })
    }

    #[test]
    fn what_cannot_work_is_refused_with_its_place() {
        assert_eq!(checked(json!({"schemas": [badge()], "resourceTypes": [badges()]})), Ok(()));
        assert_eq!(checked(json!({})), Ok(()));
        let mut typo = badge();
        typo["attributes"][0]["type"] = json!("text");
        let mut reserved = badges();
        reserved["endpoint"] = json!("/oauth");
        for (custom, field, said) in [
            (json!({"schemas": [typo]}), "/schemas/0", "\"number\" of schema urn:example:badge:2.0:Badge"),
            (json!({"schemas": [badge(), badge()]}), "/schemas/1", "registered before"),
            (json!({"resourceTypes": [badges()]}), "/resourceTypes/0", "register the schema first"),
            (json!({"schemas": [badge()], "resourceTypes": [reserved]}), "/resourceTypes/0", "reserved"),
            (json!({"schemas": [{}]}), "/", "attributes"),
        ] {
            let (status, place, detail) = checked(custom.clone()).unwrap_err();
            assert_eq!((status, place.as_str()), (400, field), "{custom} {detail}");
            assert!(detail.contains(said), "{detail}");
        }
    }

    #[test]
    fn a_row_has_room_for_them() {
        let mut large = badge();
        large["description"] = json!("x".repeat(MOST_BYTES));
        let (status, _, detail) = checked(json!({"schemas": [large]})).unwrap_err();
        assert_eq!(status, 413);
        assert!(detail.contains("at most 131072"), "{detail}");
    }
}
