//! Discovery documents (RFC 7644 §4, RFC 7643 §5 to §7).

use serde_json::{Map, Value, json};

use crate::list::MAX_COUNT;
use crate::schema::{Registry, ResourceType, Schema};
use crate::urn;

/// Features that differ between connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Whether ETags are announced and honoured.
    pub etag: bool,
}

/// The service provider configuration. `base` is the connection's base URL, without a slash at its end.
///
/// It has no members beyond the RFC's: strict clients reject those they do not know.
#[must_use]
pub fn service_provider_config(base: &str, features: Features) -> Map<String, Value> {
    object(json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MAX_COUNT},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": features.etag},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "Send the connection's token in the Authorization header.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    }))
}

/// The document of one resource type.
#[must_use]
pub fn resource_type(base: &str, resource_type: &ResourceType) -> Map<String, Value> {
    described(
        serde_json::to_value(resource_type).unwrap_or_default(),
        urn::RESOURCE_TYPE,
        "ResourceType",
        format!("{base}/ResourceTypes/{}", resource_type.id),
    )
}

/// The document of one schema.
#[must_use]
pub fn schema(base: &str, schema: &Schema) -> Map<String, Value> {
    described(
        serde_json::to_value(schema).unwrap_or_default(),
        urn::SCHEMA,
        "Schema",
        format!("{base}/Schemas/{}", schema.id),
    )
}

/// The documents of all resource types.
#[must_use]
pub fn resource_types(base: &str, registry: &Registry) -> Vec<Map<String, Value>> {
    registry.resources().map(|r| resource_type(base, &r.resource_type)).collect()
}

/// The documents of all schemas.
#[must_use]
pub fn schemas(base: &str, registry: &Registry) -> Vec<Map<String, Value>> {
    registry.schemas().map(|s| schema(base, s)).collect()
}

fn described(document: Value, urn: &str, kind: &str, location: String) -> Map<String, Value> {
    let mut map = object(document);
    map.insert("schemas".into(), json!([urn]));
    map.insert("meta".into(), json!({"resourceType": kind, "location": location}));
    map
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(has_null),
            Value::Object(map) => map.values().any(has_null),
            _ => false,
        }
    }

    #[test]
    fn documents_have_locations_and_no_nulls() {
        let registry = Registry::core().unwrap();
        let base = "https://usher.example/scim/v2/c1";
        let mut all = schemas(base, &registry);
        assert_eq!(all.len(), 3);
        assert_eq!(all[0]["meta"]["location"], format!("{base}/Schemas/{}", urn::USER));
        assert_eq!(all[0]["attributes"][0]["mutability"], "readWrite");
        let types = resource_types(base, &registry);
        assert_eq!(types[0]["schemaExtensions"][0]["required"], false);
        assert_eq!(types[1]["meta"]["location"], format!("{base}/ResourceTypes/Group"));
        all.extend(types);
        all.push(service_provider_config(base, Features { etag: true }));
        assert!(!all.into_iter().any(|d| has_null(&Value::Object(d))));
    }
}
