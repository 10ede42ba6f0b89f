//! Discovery documents (RFC 7644 §4, RFC 7643 §5 to §7).

use serde_json::{Map, Value, json};

use crate::bulk::Limits;
use crate::cursor::TIMEOUT_SECONDS;
use crate::dialect::Dialect;
use crate::list::{DEFAULT_COUNT, MAX_COUNT};
use crate::schema::{Registry, ResourceType, Schema};
use crate::urn;

/// Features that differ between connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Whether ETags are announced and honoured.
    pub etag: bool,
    /// The dialect.
    pub dialect: Dialect,
    /// What one bulk request may hold; `None` where bulk is not served.
    pub bulk: Option<Limits>,
    /// Whether lists are sorted.
    pub sort: bool,
    /// Whether cursors are served and told of. Clients that know only RFC 7643 reject the unknown member (scim2-models 0.7,
    /// so Canaille 0.3), so it is for connections whose client asked for RFC 9865.
    pub cursors: bool,
    /// How callers may prove who they are, beside the connection's own tokens.
    pub schemes: Schemes,
}

/// How callers may prove who they are, beside a connection's own bearer tokens. Those are always accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Schemes {
    /// OAuth clients exchange their credentials for access tokens at the connection's token endpoint.
    pub clients: bool,
    /// Tokens of an Entra ID tenant are accepted.
    pub entra: bool,
}

impl Schemes {
    /// The `authenticationSchemes` of RFC 7643 §5, with its types.
    fn documents(self, base: &str) -> Vec<Value> {
        let mut documents = vec![json!({
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "Send the connection's token in the Authorization header.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        })];
        if self.clients {
            documents.push(json!({
                "type": "oauth2",
                "name": "OAuth 2.0 Client Credentials",
                "description": format!(
                    "Exchange the client's credentials for an access token at {base}/oauth/token, and send that as a bearer token."
                ),
                "specUri": "https://www.rfc-editor.org/rfc/rfc6749#section-4.4",
            }));
        }
        if self.entra {
            documents.push(json!({
                "type": "oauthbearertoken",
                "name": "Microsoft Entra ID Token",
                "description": "Leave the secret blank in Entra ID: its provisioning service then sends a token of the tenant.",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            }));
        }
        documents
    }
}

/// The service provider configuration. `base` is the connection's base URL, without a slash at its end.
///
/// It says what is served and nothing else. Beside the members of RFC 7643 §5 it may have `pagination` (RFC 9865 §4), and in
/// the dialect of the interop profile the profile's own flag.
#[must_use]
pub fn service_provider_config(base: &str, features: Features) -> Map<String, Value> {
    let mut config = object(json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": features.bulk.is_some(),
            "maxOperations": features.bulk.map_or(0, |bulk| bulk.operations),
            "maxPayloadSize": features.bulk.map_or(0, |bulk| bulk.payload),
        },
        "filter": {"supported": true, "maxResults": MAX_COUNT},
        "changePassword": {"supported": false},
        "sort": {"supported": features.sort},
        "etag": {"supported": features.etag},
        "authenticationSchemes": features.schemes.documents(base),
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    }));
    if features.cursors {
        config.insert(
            "pagination".into(),
            json!({
                "cursor": true,
                "index": true,
                "defaultPaginationMethod": "index",
                "defaultPageSize": DEFAULT_COUNT,
                "maxPageSize": MAX_COUNT,
                "cursorTimeout": TIMEOUT_SECONDS,
            }),
        );
    }
    if features.dialect == Dialect::InteropStrict {
        config.insert("interopProfileConformant".into(), true.into());
    }
    config
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
    fn schemes_are_announced_where_they_are_offered() {
        let types = |schemes: Schemes| -> Vec<(String, bool)> {
            let documents = schemes.documents("https://usher.example/scim/v2/c1");
            let primary = |d: &Value| d["primary"] == true;
            documents.iter().map(|d| (d["type"].as_str().unwrap().to_owned(), primary(d))).collect()
        };
        // To the letter: what clients have accepted for long.
        assert_eq!(
            Schemes::default().documents("https://usher.example/scim/v2/c1"),
            [json!({
                "type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": true,
                "description": "Send the connection's token in the Authorization header.",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            })]
        );
        let bearer = ("oauthbearertoken".to_owned(), true);
        assert_eq!(types(Schemes::default()), std::slice::from_ref(&bearer));
        let clients = ("oauth2".to_owned(), false);
        assert_eq!(types(Schemes { clients: true, entra: false }), [bearer.clone(), clients.clone()]);
        let entra = ("oauthbearertoken".to_owned(), false);
        assert_eq!(types(Schemes { clients: true, entra: true }), [bearer, clients, entra]);
        let shown = Schemes { clients: true, entra: false }.documents("https://usher.example/scim/v2/c1");
        let said = shown[1]["description"].as_str().unwrap();
        assert!(said.contains("https://usher.example/scim/v2/c1/oauth/token"), "{said}");
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
        let features = |dialect| Features {
            etag: true,
            dialect,
            bulk: Some(crate::bulk::Limits::DEFAULT),
            sort: true,
            cursors: true,
            schemes: Schemes { clients: true, entra: true },
        };
        let plain = service_provider_config(base, features(Dialect::Tolerant));
        let least = Features { bulk: None, sort: false, cursors: false, ..features(Dialect::Tolerant) };
        let least = service_provider_config(base, least);
        assert_eq!(least.get("pagination"), None, "clients that know only RFC 7643 reject it");
        assert_eq!(
            (&least["bulk"]["supported"], &least["sort"]["supported"]),
            (&false.into(), &false.into())
        );
        assert_eq!(plain.get("interopProfileConformant"), None);
        let strict = service_provider_config(base, features(Dialect::InteropStrict));
        assert_eq!(strict["interopProfileConformant"], true);
        all.push(plain);
        assert!(!all.into_iter().any(|d| has_null(&Value::Object(d))));
    }
}
