//! ServiceProviderConfig, Schemas, ResourceTypes.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value};
use usher_domain::directory::Connection;
use usher_scim::bulk::Limits;
use usher_scim::discovery::{self, Features, Schemes};
use usher_scim::{ScimError, list};

use crate::call::absent;
use crate::reply::Reply;
use crate::route::{Endpoint, PREFIX};
use crate::{App, access};

/// Answers a discovery request.
pub(crate) async fn answer(
    app: &App,
    connection: &Arc<Connection>,
    endpoint: &Endpoint,
    query: &str,
) -> Result<Reply, ScimError> {
    let base = format!("{}{PREFIX}/{}", app.origin, connection.id);
    let registry = app.registries.of(connection)?;
    let found = match endpoint {
        Endpoint::ServiceProviderConfig => {
            let schemes = access::schemes(app, connection).await?;
            Some(discovery::service_provider_config(&base, features(connection, schemes)))
        }
        Endpoint::Schemas => return listed(query, discovery::schemas(&base, &registry)),
        Endpoint::ResourceTypes => return listed(query, discovery::resource_types(&base, &registry)),
        Endpoint::Schema(id) => registry.schema(id).map(|s| discovery::schema(&base, s)),
        Endpoint::ResourceType(id) => {
            let found = registry.resource(id);
            found.map(|r| discovery::resource_type(&base, &r.resource_type))
        }
        _ => None,
    };
    let document = found.ok_or_else(|| absent("schema or resource type"))?;
    Ok(Reply::json(StatusCode::OK, Value::Object(document)))
}

/// What is served to this connection.
fn features(connection: &Connection, schemes: Schemes) -> Features {
    Features {
        etag: connection.etags,
        dialect: connection.protocol.dialect,
        bulk: Some(Limits::DEFAULT),
        sort: true,
        cursors: connection.protocol.announces_cursors,
        schemes,
    }
}

/// RFC 7644 §4: "If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403 (Forbidden) to
/// ensure that clients cannot incorrectly assume that any matching conditions ... were applied."
fn listed(query: &str, documents: Vec<Map<String, Value>>) -> Result<Reply, ScimError> {
    let filters =
        form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case("filter"));
    if filters {
        return Err(ScimError::new(403, "discovery endpoints cannot be filtered; read the whole list"));
    }
    let total = documents.len() as u64;
    Ok(Reply::json(StatusCode::OK, list::response(Some(total), list::Place::Index(1), documents)))
}
