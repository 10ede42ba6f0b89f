//! The resource tree: what a client may write of a resource, under canonical names, extensions under their URN.
//!
//! It leaves out what the server makes (`id`, `meta`, `schemas`, `groups`); [`document`] adds those for an answer.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::compare;
use crate::error::ScimError;
use crate::etag;
use crate::normalize::simple_identity;
use crate::schema::{Attribute, ResourceSchema, Uniqueness};
use crate::urn;

/// A resource with canonical attribute names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Resource(pub Map<String, Value>);

impl Resource {
    /// The text of a top-level attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The value of an attribute, in an extension's object or at the top.
    #[must_use]
    pub fn get(&self, container: Option<&str>, name: &str) -> Option<&Value> {
        match container {
            None => self.0.get(name),
            Some(urn) => self.0.get(urn)?.get(name),
        }
    }

    /// The value of a boolean at the top.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// The `value`s of a multi-valued attribute at the top, e.g. all e-mail addresses.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter_map(|e| e.get("value")?.as_str())
    }

    /// The `value` of the primary element, or of the first one.
    #[must_use]
    pub fn primary_value(&self, name: &str) -> Option<&str> {
        let items = self.0.get(name)?.as_array()?;
        items
            .iter()
            .find(|e| e.get("primary") == Some(&Value::Bool(true)))
            .or_else(|| items.first())?
            .get("value")?
            .as_str()
    }

    /// Takes the members out of a group: memberships are kept apart, so that a large group is never one value. Absent,
    /// null and `[]` are the same (RFC 7643 §2.5).
    ///
    /// # Errors
    /// 400 `invalidValue` when a member has no id.
    pub fn take_members(&mut self) -> Result<Vec<String>, ScimError> {
        member_ids(&self.0.remove("members").unwrap_or_default())
    }
}

/// Whether a change leaves the resource as it is: lists have no order, dates compare by instant. RFC 7644 §3.5.2: such a
/// PATCH "SHALL NOT" change `lastModified`.
#[must_use]
pub fn equivalent(schema: &ResourceSchema, a: &Resource, b: &Resource) -> bool {
    if a == b {
        return true;
    }
    a.0.len() == b.0.len()
        && a.0.iter().all(|(key, a)| {
            let Some(b) = b.0.get(key) else { return false };
            match (schema.extension(key), a, b) {
                (Some(extension), Value::Object(a), Value::Object(b)) => {
                    compare::same_members(|name| extension.attribute(name), a, b)
                }
                _ => match schema.top_level().find(|attr| attr.name == *key) {
                    Some(attr) => compare::same(attr, a, b),
                    None => a == b,
                },
            }
        })
}

/// The values that must be unique among the resources of this type, beside those that every directory guards (`id`, a user's
/// `userName`, a group's `displayName`). Equal values have equal texts.
#[must_use]
pub fn unique_values(schema: &ResourceSchema, tree: &Resource) -> Vec<String> {
    schema
        .attributes()
        .filter(|(container, attr)| is_unique(schema, *container, attr))
        .filter_map(|(container, attr)| unique_value(container, attr, tree.get(container, &attr.name)?))
        .collect()
}

/// Whether the uniqueness of an attribute is kept by [`unique_values`].
pub(crate) fn is_unique(schema: &ResourceSchema, container: Option<&str>, attr: &Attribute) -> bool {
    let guarded = container.is_none()
        && match attr.name.as_str() {
            "id" => true,
            "userName" => schema.core.id == urn::USER,
            "displayName" => schema.core.id == urn::GROUP,
            _ => false,
        };
    attr.uniqueness != Uniqueness::None && !guarded
}

/// The text of one value of [`unique_values`].
pub(crate) fn unique_value(container: Option<&str>, attr: &Attribute, value: &Value) -> Option<String> {
    if value.is_array() || value.is_object() || value.is_null() {
        return None;
    }
    let at = container.map_or_else(|| attr.name.clone(), |urn| format!("{urn}:{}", attr.name));
    Some(format!("{at}={}", simple_identity(attr, value)))
}

/// Reads member ids out of what a client sent as `members`: a list of `{"value": id, …}` or of ids, or a single one of
/// those. Repeated ids count once.
pub(crate) fn member_ids(value: &Value) -> Result<Vec<String>, ScimError> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        single => std::slice::from_ref(single),
    };
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(items.len());
    for item in items {
        let id = match item {
            Value::Object(map) => {
                map.iter().find(|(k, _)| k.eq_ignore_ascii_case("value")).and_then(|(_, v)| v.as_str())
            }
            other => other.as_str(),
        };
        let id = id.filter(|id| !id.is_empty()).ok_or_else(|| {
            ScimError::invalid_value("a member has no id; send members as [{\"value\": \"<user id>\"}]")
        })?;
        if seen.insert(id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

/// What the server knows about a resource (RFC 7643 §3.1, `meta`).
#[derive(Debug, Clone)]
pub struct Meta {
    /// RFC 3339 time.
    pub created: String,
    /// RFC 3339 time.
    pub last_modified: String,
    /// Absolute URI.
    pub location: String,
    /// Version, where the connection announces ETags.
    pub version: Option<u64>,
}

/// The whole representation: the tree with `schemas`, `id` and `meta`. RFC 7643 §3.1: `schemas` lists exactly the schemas
/// that the representation uses.
#[must_use]
pub fn document(schema: &ResourceSchema, tree: Resource, id: &str, meta: &Meta) -> Map<String, Value> {
    let mut map = tree.0;
    let extensions = schema.extensions.iter().map(|e| e.schema.id.as_str());
    let schemas: Vec<&str> = std::iter::once(schema.core.id.as_str())
        .chain(extensions.filter(|id| map.contains_key(*id)))
        .collect();
    let schemas = json!(schemas);
    map.insert("schemas".into(), schemas);
    map.insert("id".into(), json!(id));
    let mut about = json!({
        "resourceType": schema.name(),
        "created": meta.created,
        "lastModified": meta.last_modified,
        "location": meta.location,
    });
    if let Some(version) = meta.version {
        about["version"] = Value::from(etag::weak(version));
    }
    map.insert("meta".into(), about);
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;

    #[test]
    fn members_are_read_in_every_form() {
        for (value, ids) in [
            (json!([{"value": "a", "$ref": null}, {"VALUE": "b"}, {"value": "a"}]), vec!["a", "b"]),
            (json!(["a"]), vec!["a"]),
            (json!({"value": "a"}), vec!["a"]),
            (json!(null), vec![]),
            (json!([]), vec![]),
        ] {
            assert_eq!(member_ids(&value).unwrap(), ids);
        }
        for value in [json!([{"display": "x"}]), json!([{"value": ""}]), json!([1]), json!([null])] {
            assert!(member_ids(&value).is_err());
        }
    }

    #[test]
    fn the_same_in_another_order_is_no_change() {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        let with = |emails: Value, department: &str| -> Resource {
            serde_json::from_value(json!({"userName": "a", "emails": emails,
                urn::ENTERPRISE_USER: {"department": department}}))
            .unwrap()
        };
        let one = with(json!([{"value": "a"}, {"value": "b", "type": "work"}]), "d");
        assert!(equivalent(user, &one, &with(json!([{"type": "work", "value": "b"}, {"value": "a"}]), "d")));
        assert!(!equivalent(user, &one, &with(json!([{"value": "b", "type": "work"}]), "d")));
        assert!(!equivalent(user, &one, &with(json!([{"value": "a"}, {"value": "b", "type": "work"}]), "D")));
    }

    #[test]
    fn unique_values_are_equal_texts() {
        let custom = serde_json::from_value(json!({
            "schemas": [{"id": "urn:example:badge", "attributes": [
                {"name": "number", "uniqueness": "server"}, {"name": "code", "caseExact": true, "uniqueness": "global"},
                {"name": "size", "type": "decimal", "uniqueness": "server"}, {"name": "colour"}]}],
            "resourceTypes": [{"name": "User", "endpoint": "/Users", "schema": urn::USER,
                "schemaExtensions": [{"schema": "urn:example:badge"}]}]}))
        .unwrap();
        let registry = Registry::core().unwrap().with_custom(&custom).unwrap();
        let user = registry.resource("User").unwrap();
        let tree: Resource = serde_json::from_value(json!({"userName": "A",
            "urn:example:badge": {"number": "Xy", "code": "Xy", "size": 2.0, "colour": "red"}}))
        .unwrap();
        let wanted = ["urn:example:badge:number=xy", "urn:example:badge:code=Xy", "urn:example:badge:size=2"];
        assert_eq!(unique_values(user, &tree), wanted);
    }

    #[test]
    fn a_document_lists_the_schemas_it_uses() {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        let meta = Meta {
            created: "2026-01-01T00:00:00Z".into(),
            last_modified: "2026-01-02T00:00:00Z".into(),
            location: "https://x/Users/1".into(),
            version: Some(3),
        };
        let mut tree = Resource::default();
        tree.0.insert("userName".into(), json!("a"));
        let plain = document(user, tree.clone(), "1", &meta);
        assert_eq!(plain["schemas"], json!([urn::USER]));
        assert_eq!(plain["meta"]["version"], "W/\"3\"");
        tree.0.insert(urn::ENTERPRISE_USER.into(), json!({"department": "d"}));
        assert_eq!(document(user, tree, "1", &meta)["schemas"], json!([urn::USER, urn::ENTERPRISE_USER]));
    }
}
