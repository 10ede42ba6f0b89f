//! ServiceProviderConfig, Schemas, ResourceTypes.

use axum::http::StatusCode;
use serde_json::{Map, Value};
use usher_domain::directory::Connection;
use usher_scim::discovery::{self, Features};
use usher_scim::{Dialect, ScimError, list};

use crate::App;
use crate::call::absent;
use crate::reply::Reply;
use crate::route::{Endpoint, PREFIX};

/// Answers a discovery request.
pub(crate) fn answer(
    app: &App,
    connection: &Connection,
    endpoint: &Endpoint,
    query: &str,
) -> Result<Reply, ScimError> {
    let base = format!("{}{PREFIX}/{}", app.origin, connection.id);
    let found = match endpoint {
        Endpoint::ServiceProviderConfig => Some(discovery::service_provider_config(
            &base,
            Features {
                etag: connection.etags,
                dialect: Dialect::Tolerant,
                bulk: None,
                sort: false,
                cursors: false,
            },
        )),
        Endpoint::Schemas => return listed(query, discovery::schemas(&base, &app.registry)),
        Endpoint::ResourceTypes => return listed(query, discovery::resource_types(&base, &app.registry)),
        Endpoint::Schema(id) => app.registry.schema(id).map(|s| discovery::schema(&base, s)),
        Endpoint::ResourceType(id) => {
            let found = app.registry.resource(id);
            found.map(|r| discovery::resource_type(&base, &r.resource_type))
        }
        _ => None,
    };
    let document = found.ok_or_else(|| absent("schema or resource type"))?;
    Ok(Reply::json(StatusCode::OK, Value::Object(document)))
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
