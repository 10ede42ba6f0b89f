//! From what clients send to canonical values. This is the one place where their habits are tolerated; what is tolerated is
//! named in [`crate::dialect`].

mod value;

use serde_json::{Map, Value};

pub(crate) use value::{Part, attribute, dedupe, identity, one_primary, parts, single};

use crate::dialect::{Dialect, Relaxation};
use crate::error::ScimError;
use crate::resource::Resource;
use crate::schema::{Attribute, Key, Mutability, ResourceSchema};

/// Normalises the body of a POST or PUT.
///
/// Read-only attributes are ignored (RFC 7644 §3.3, §3.5.1), null, `[]` and `""` mean "unassigned" (RFC 7643 §2.5), unknown
/// attributes are dropped, passwords too.
///
/// # Errors
/// 400 `invalidSyntax` when the body is not an object, 400 `invalidValue` when a value has the wrong type or a required one
/// is missing.
pub fn resource(schema: &ResourceSchema, dialect: Dialect, body: Value) -> Result<Resource, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::invalid_syntax("the body is not a JSON object; send one resource"));
    };
    let mut tree = Map::new();
    let mut work: Vec<(Option<String>, String, Value)> =
        body.into_iter().rev().map(|(k, v)| (None, k, v)).collect();
    while let Some((within, key, value)) = work.pop() {
        let found = match &within {
            None => schema.key(&key),
            // Inside an extension's object the names belong to that extension.
            Some(urn) => {
                schema.key(&format!("{urn}:{key}")).or_else(|| schema.key(&key).filter(|_| key.contains(':')))
            }
        };
        match (found, value) {
            (Some(Key::Core), Value::Object(inner)) => {
                work.extend(inner.into_iter().map(|(k, v)| (None, k, v)));
            }
            (Some(Key::Extension(extension)), Value::Object(inner)) => {
                work.extend(inner.into_iter().map(|(k, v)| (Some(extension.id.clone()), k, v)));
            }
            (Some(Key::Core | Key::Extension(_)), Value::Null) => {}
            (Some(Key::Core | Key::Extension(_)), _) => {
                return Err(ScimError::invalid_value(format!("{key} is not a JSON object")));
            }
            (Some(Key::Attribute(found)), value) => {
                if !accepts(found.attribute) || found.sub.is_some_and(|s| !accepts(s)) {
                    continue;
                }
                let holder = holder(&mut tree, found.container);
                let Some(holder) = holder else { continue };
                let value = match found.sub {
                    None => attribute(found.attribute, value, dialect)?,
                    // "name.givenName": one part of a complex value, beside the parts that are there.
                    Some(sub) => {
                        let part = single(sub, value, dialect)?;
                        let mut map = match holder.remove(&found.attribute.name) {
                            Some(Value::Object(map)) => map,
                            _ => Map::new(),
                        };
                        if let Some(part) = part {
                            map.insert(sub.name.clone(), part);
                        }
                        attribute(found.attribute, Value::Object(map), dialect)?
                    }
                };
                if let Some(value) = value {
                    holder.insert(found.attribute.name.clone(), value);
                }
            }
            (None, _) if dialect.allows(Relaxation::UnknownDropped) => {}
            (None, _) => {
                return Err(ScimError::invalid_syntax(format!(
                    "{} has no attribute {key}; see the Schemas endpoint",
                    schema.name()
                )));
            }
        }
    }
    tree.retain(|_, v| !v.as_object().is_some_and(Map::is_empty));
    let tree = Resource(tree);
    required(schema, &tree)?;
    Ok(tree)
}

/// Whether a client's value for this attribute is kept: the server makes read-only ones itself, and has no use for secrets
/// that nobody reads back.
pub(crate) fn accepts(attribute: &Attribute) -> bool {
    !matches!(attribute.mutability, Mutability::ReadOnly | Mutability::WriteOnly)
}

/// The object that holds the attributes of an extension, or the tree itself.
fn holder<'t>(
    tree: &'t mut Map<String, Value>,
    container: Option<&str>,
) -> Option<&'t mut Map<String, Value>> {
    match container {
        None => Some(tree),
        Some(urn) => tree.entry(urn).or_insert_with(|| Value::Object(Map::new())).as_object_mut(),
    }
}

/// Checks that a PUT leaves what is immutable as it is. RFC 7644 §3.5.1: "If one or more values are already set for the
/// attribute, the input value(s) MUST match, or HTTP status code 400 SHOULD be returned with a "scimType" error code of
/// "mutability"."
///
/// # Errors
/// 400 `mutability`.
pub fn immutable_kept(schema: &ResourceSchema, before: &Resource, after: &Resource) -> Result<(), ScimError> {
    let extensions = schema.extensions.iter().flat_map(|e| {
        let id = e.schema.id.as_str();
        e.schema.attributes.iter().map(move |a| (Some(id), a))
    });
    let value = |tree: &Resource, container: Option<&str>, name: &str| match container {
        None => tree.0.get(name).cloned(),
        Some(urn) => tree.0.get(urn).and_then(|m| m.get(name)).cloned(),
    };
    for (container, attr) in schema.top_level().map(|a| (None, a)).chain(extensions) {
        if attr.mutability != Mutability::Immutable {
            continue;
        }
        let old = value(before, container, &attr.name);
        if old.is_some() && old != value(after, container, &attr.name) {
            return Err(ScimError::mutability(format!("{} cannot be changed once it is set", attr.name)));
        }
    }
    Ok(())
}

/// Checks that everything required is there.
pub(crate) fn required(schema: &ResourceSchema, tree: &Resource) -> Result<(), ScimError> {
    within(schema.top_level(), &tree.0)?;
    for extension in &schema.extensions {
        match tree.0.get(&extension.schema.id).and_then(Value::as_object) {
            Some(map) => within(extension.schema.attributes.iter(), map)?,
            None if extension.required => return Err(missing(&extension.schema.id)),
            None => {}
        }
    }
    Ok(())
}

fn within<'a>(
    mut attributes: impl Iterator<Item = &'a Attribute>,
    map: &Map<String, Value>,
) -> Result<(), ScimError> {
    attributes.try_for_each(|a| match map.get(&a.name) {
        None if a.required && accepts(a) => Err(missing(&a.name)),
        None => Ok(()),
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_object).try_for_each(|m| within(a.sub_attributes.iter(), m))
        }
        Some(Value::Object(m)) => within(a.sub_attributes.iter(), m),
        Some(_) => Ok(()),
    })
}

fn missing(name: &str) -> ScimError {
    ScimError::invalid_value(format!("{name} is required; send a value for it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, ScimType};
    use serde_json::json;

    fn user(body: Value) -> Result<Value, ScimError> {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("User").unwrap();
        resource(schema, Dialect::Tolerant, body).map(|r| Value::Object(r.0))
    }

    #[test]
    fn names_become_canonical_and_server_made_values_are_ignored() {
        let body = json!({"schemas": ["urn:scim:schemas:core:1.0"], "ID": "x", "meta": {}, "groups": [{"value": "g"}],
            "USERNAME": "a", "password": "p", "Name": {"GIVENNAME": "B"}, "unknown": 1, "urn:x:y:User": {"z": 1},
            "urn:ietf:params:scim:schemas:core:2.0:User:title": "T"});
        assert_eq!(user(body).unwrap(), json!({"userName": "a", "name": {"givenName": "B"}, "title": "T"}));
    }

    #[test]
    fn extensions_are_found_under_every_name() {
        let wanted = json!({"userName": "a", crate::urn::ENTERPRISE_USER: {"department": "D", "manager": {"value": "m"}}});
        for body in [
            json!({"userName": "a", crate::urn::ENTERPRISE_USER: {"department": "D", "manager": "m"}}),
            json!({"userName": "a", "urn:scim:schemas:extension:enterprise:1.0": {"department": "D", "manager": {"managerId": "m"}}}),
            json!({"userName": "a", "department": "D", "manager": [{"value": "m"}]}),
            json!({"userName": "a", (format!("{}:department", crate::urn::ENTERPRISE_USER)): "D", "manager.value": "m"}),
        ] {
            assert_eq!(user(body).unwrap(), wanted);
        }
    }

    #[test]
    fn null_empty_text_and_empty_lists_are_unassigned() {
        let body = json!({"userName": "a", "title": null, "nickName": "", "emails": [], "name": {"givenName": null},
            "roles": null, crate::urn::ENTERPRISE_USER: {"department": ""}});
        assert_eq!(user(body).unwrap(), json!({"userName": "a"}));
    }

    #[test]
    fn immutable_values_may_be_set_and_repeated_but_not_changed() {
        let mut registry = Registry::core().unwrap();
        let urn = "urn:example:badge:2.0:User";
        let badge = json!({"id": urn, "attributes": [{"name": "number", "mutability": "immutable"}]});
        registry.register_schema(badge).unwrap();
        let types = json!({"name": "User", "endpoint": "/Users", "schema": crate::urn::USER,
            "schemaExtensions": [{"schema": urn}]});
        registry.register_resource_type(types).unwrap();
        let schema = registry.resource("User").unwrap();
        let with = |number: Value| {
            let body = json!({"userName": "a", urn: {"number": number}});
            resource(schema, Dialect::Tolerant, body).unwrap()
        };
        let (none, one, two) = (with(Value::Null), with(json!("1")), with(json!("2")));
        assert!(immutable_kept(schema, &none, &one).is_ok());
        assert!(immutable_kept(schema, &one, &one).is_ok());
        for after in [none, two] {
            let error = immutable_kept(schema, &one, &after).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::Mutability));
        }
    }

    #[test]
    fn wrong_types_and_missing_values_are_invalid_value() {
        for body in [
            json!({}),
            json!({"userName": ""}),
            json!({"userName": null}),
            json!({"userName": 5}),
            json!({"userName": "a", "active": "maybe"}),
            json!({"userName": "a", "active": 1}),
            json!({"userName": "a", "name": "x"}),
            json!({"userName": "a", "name": 1}),
            json!({"userName": "a", "emails": [1]}),
            json!({"userName": {"a": 1}}),
            json!({"userName": ["a", "b"]}),
            json!({"userName": "a", crate::urn::ENTERPRISE_USER: 1}),
            json!({"userName": "a", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": "true"}]}),
        ] {
            let error = user(body.clone()).expect_err(&body.to_string());
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{body}");
        }
        assert_eq!(user(json!([])).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
    }
}
