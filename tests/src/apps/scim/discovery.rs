//! What the app tells about itself (RFC 7644 §4), derived from the attributes it knows.

use serde_json::{Value, json};

use super::schema::{ENTERPRISE, Kind, Shape};

pub(super) fn service_provider_config() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 100},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of this app",
            "primary": true,
        }],
    })
}

pub(super) fn resource_types() -> Value {
    let types = [Kind::User, Kind::Group].map(|kind| {
        let mut resource_type = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": kind.name(),
            "name": kind.name(),
            "endpoint": format!("/{}s", kind.name()),
            "schema": kind.schema(),
        });
        if kind == Kind::User {
            resource_type["schemaExtensions"] = json!([{"schema": ENTERPRISE, "required": false}]);
        }
        resource_type
    });
    listed(&types)
}

/// Complete, `groups` included: strict clients build their model of a user from this list and send nothing else.
pub(super) fn schemas() -> Value {
    let [mut user, group] = [Kind::User, Kind::Group].map(|kind| {
        let known = kind.attributes().iter().filter(|(name, _)| *name != ENTERPRISE);
        known
            .map(|&(name, shape)| {
                let mut attribute = attribute(name, shape);
                attribute["required"] = (name == kind.required()).into();
                attribute
            })
            .collect::<Vec<_>>()
    });
    let mut groups = attribute("groups", Shape::Values);
    groups["mutability"] = "readOnly".into();
    user.push(groups);
    let enterprise = ["employeeNumber", "costCenter", "organization", "division", "department"];
    let enterprise = enterprise.map(|name| attribute(name, Shape::Text)).to_vec();
    listed(&[
        schema(Kind::User.schema(), "User", user),
        schema(Kind::Group.schema(), "Group", group),
        schema(ENTERPRISE, "EnterpriseUser", enterprise),
    ])
}

fn schema(id: &str, name: &str, attributes: Vec<Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": id,
        "name": name,
        "attributes": attributes,
    })
}

fn attribute(name: &str, shape: Shape) -> Value {
    let kind = match shape {
        Shape::Text if matches!(name, "$ref" | "profileUrl") => "reference",
        Shape::Text => "string",
        Shape::Boolean => "boolean",
        Shape::Complex | Shape::Values => "complex",
    };
    let unique = name == "userName";
    let secret = name == "password";
    let mut attribute = json!({
        "name": name,
        "type": kind,
        "multiValued": shape == Shape::Values,
        "required": false,
        "caseExact": name == "externalId",
        "mutability": if secret { "writeOnly" } else { "readWrite" },
        "returned": if secret { "never" } else { "default" },
        "uniqueness": if unique { "server" } else { "none" },
    });
    let parts: &[&str] = match (name, shape) {
        ("name", _) => &["formatted", "familyName", "givenName", "middleName"],
        ("members" | "groups", _) => &["value", "$ref", "type", "display"],
        ("addresses", _) => {
            &["formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"]
        }
        (_, Shape::Values) => &["value", "display", "type"],
        _ => &[],
    };
    if kind == "reference" {
        attribute["referenceTypes"] =
            json!(if name == "$ref" { ["User", "Group"].as_slice() } else { &["external"] });
    }
    if !parts.is_empty() {
        let mut parts: Vec<_> = parts.iter().map(|part| self::attribute(part, Shape::Text)).collect();
        if shape == Shape::Values && !matches!(name, "members" | "groups") {
            parts.push(self::attribute("primary", Shape::Boolean));
        }
        attribute["subAttributes"] = parts.into();
    }
    attribute
}

/// One of a list, by its `id`.
pub(super) fn one(list: &Value, id: &str) -> Option<Value> {
    list["Resources"].as_array()?.iter().find(|resource| resource["id"] == id).cloned()
}

fn listed(resources: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
