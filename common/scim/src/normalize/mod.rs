//! From what clients send to canonical values. This is the one place where their habits are tolerated; what is tolerated is
//! named in [`crate::dialect`].

mod value;

use serde_json::{Map, Value};

pub(crate) use value::{
    Part, attribute, dedupe, identity, is_membership, members, one_primary, parts, simple_identity, single,
};

use crate::compare;
use crate::dialect::Leeway;
use crate::error::ScimError;
use crate::resource::Resource;
use crate::schema::{Attribute, Key, Mutability, ResourceSchema, Schema};

/// Normalises the body of a POST or PUT.
///
/// Read-only attributes are ignored (RFC 7644 §3.3, §3.5.1), null and `[]` mean "unassigned" (RFC 7643 §2.5), and write-only
/// values are checked and not kept. What else is tolerated depends on the dialect.
///
/// # Errors
/// 400 `invalidSyntax` when the body is not such a resource, 400 `invalidValue` when a value has the wrong type or a required
/// one is missing.
pub fn resource(schema: &ResourceSchema, body: Value) -> Result<Resource, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::invalid_syntax("the body is not a JSON object; send one resource"));
    };
    if !schema.allows(Leeway::ResourceWithoutSchemas) {
        announced(schema, &body)?;
    }
    let mut reader = Reader { schema, tree: Map::new(), write_only: Vec::new() };
    reader.object(None, body)?;
    let Reader { mut tree, write_only, .. } = reader;
    tree.retain(|_, v| !v.as_object().is_some_and(Map::is_empty));
    let tree = Resource(tree);
    required(schema, &tree)?;
    let unsent = schema.attributes().find(|(container, a)| {
        a.required
            && a.mutability == Mutability::WriteOnly
            && container.is_none_or(|c| tree.0.contains_key(c))
            && !write_only.contains(&(container.map(str::to_owned), a.name.clone()))
    });
    match unsent {
        Some((_, attribute)) => Err(missing(&attribute.name)),
        None => Ok(tree),
    }
}

/// RFC 7643 §3: "schemas ... MUST be ... values [that] ... indicate the namespaces of the SCIM schemas that define the
/// attributes present in the current JSON structure".
fn announced(schema: &ResourceSchema, body: &Map<String, Value>) -> Result<(), ScimError> {
    let list = body.iter().find(|(k, _)| k.eq_ignore_ascii_case("schemas")).and_then(|(_, v)| v.as_array());
    let list: Vec<&str> = list.into_iter().flatten().filter_map(Value::as_str).collect();
    let unknown = |uri: &&&str| !schema.is_core(uri) && schema.extension(uri).is_none();
    if !list.iter().any(|uri| schema.is_core(uri)) || list.iter().any(|uri| unknown(&uri)) {
        return Err(ScimError::invalid_syntax(format!(
            "schemas must list {} and the extensions in use, and nothing else",
            schema.core.id
        )));
    }
    let silent = body.keys().filter_map(|k| schema.extension(k)).find(|e| {
        let lists = |uri: &&str| uri.eq_ignore_ascii_case(&e.id);
        !list.iter().any(lists)
    });
    match silent {
        Some(extension) => Err(ScimError::invalid_syntax(format!(
            "schemas does not list {}, which the resource uses; add it",
            extension.id
        ))),
        None => Ok(()),
    }
}

struct Reader<'a> {
    schema: &'a ResourceSchema,
    tree: Map<String, Value>,
    /// The write-only attributes that were sent.
    write_only: Vec<(Option<String>, String)>,
}

impl<'a> Reader<'a> {
    /// Reads the members of the body, or, `within` an extension, those of its object.
    fn object(&mut self, within: Option<&'a Schema>, map: Map<String, Value>) -> Result<(), ScimError> {
        for (key, value) in map {
            match (self.schema.member(within, &key), value) {
                (Some(Key::Core), Value::Object(inner)) if within.is_none() => self.object(None, inner)?,
                (Some(Key::Extension(extension)), Value::Object(inner)) if within.is_none() => {
                    self.object(Some(extension), inner)?;
                }
                (Some(Key::Core | Key::Extension(_)), Value::Null) => {}
                (Some(Key::Core | Key::Extension(_)), _) => {
                    return Err(ScimError::invalid_value(format!("{key} is not a JSON object")));
                }
                (Some(Key::Attribute(found)), value) => {
                    self.attribute(found.container, found.attribute, found.sub, value)?;
                }
                (None, _) if self.schema.allows(Leeway::UnknownDropped) => {}
                (None, _) => {
                    return Err(ScimError::invalid_syntax(format!(
                        "{} has no attribute {key}; see the Schemas endpoint",
                        self.schema.name()
                    )));
                }
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        container: Option<&str>,
        attr: &Attribute,
        sub: Option<&Attribute>,
        value: Value,
    ) -> Result<(), ScimError> {
        let dialect = self.schema.dialect();
        if attr.mutability == Mutability::WriteOnly {
            if attribute(attr, value, dialect)?.is_some() {
                self.write_only.push((container.map(str::to_owned), attr.name.clone()));
            }
            return Ok(());
        }
        if !accepts(attr) || sub.is_some_and(|s| !accepts(s)) {
            return Ok(());
        }
        let Some(holder) = holder(&mut self.tree, container) else {
            return Ok(());
        };
        let value = match sub {
            None => attribute(attr, value, dialect)?,
            // "name.givenName": one part of a complex value, beside the parts that are there.
            Some(sub) => {
                let part = single(sub, value, dialect)?;
                let mut map = match holder.remove(&attr.name) {
                    Some(Value::Object(map)) => map,
                    _ => Map::new(),
                };
                if let Some(part) = part {
                    map.insert(sub.name.clone(), part);
                }
                attribute(attr, Value::Object(map), dialect)?
            }
        };
        if let Some(value) = value {
            holder.insert(attr.name.clone(), value);
        }
        Ok(())
    }
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
    for (container, attr) in schema.attributes() {
        let old = before.get(container, &attr.name);
        let new = after.get(container, &attr.name);
        unchanged(attr, old, new)?;
        // Elements of a list have no identity that a PUT would keep; those of a PATCH do.
        if !attr.multi_valued {
            for sub in &attr.sub_attributes {
                let part = |v: Option<&Value>| v.and_then(|v| v.get(&sub.name)).cloned();
                unchanged(sub, part(old).as_ref(), part(new).as_ref())?;
            }
        }
    }
    Ok(())
}

/// Refuses another value for an immutable attribute that has one.
pub(crate) fn unchanged(attr: &Attribute, old: Option<&Value>, new: Option<&Value>) -> Result<(), ScimError> {
    let (Mutability::Immutable, Some(old)) = (attr.mutability, old) else {
        return Ok(());
    };
    if new.is_some_and(|new| compare::same(attr, old, new)) {
        return Ok(());
    }
    Err(ScimError::mutability(format!("{} cannot be changed once it is set", attr.name)))
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
        // RFC 7643 §4.1.1 wants userName "non-empty"; an empty text is no value for anything that is required.
        Some(Value::String(s)) if a.required && s.is_empty() => Err(missing(&a.name)),
        Some(_) => Ok(()),
    })
}

fn missing(name: &str) -> ScimError {
    ScimError::invalid_value(format!("{name} is required; send a value for it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, Registry, ScimType};
    use serde_json::json;

    fn user(body: Value) -> Result<Value, ScimError> {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("User").unwrap();
        resource(schema, body).map(|r| Value::Object(r.0))
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
        let urn = "urn:example:badge:2.0:User";
        let custom = serde_json::from_value(json!({
            "schemas": [{"id": urn, "attributes": [{"name": "number", "mutability": "immutable"},
                {"name": "issued", "type": "dateTime", "mutability": "immutable"},
                {"name": "desk", "type": "complex", "subAttributes": [{"name": "floor", "mutability": "immutable"},
                    {"name": "seat"}]}]}],
            "resourceTypes": [{"name": "User", "endpoint": "/Users", "schema": crate::urn::USER,
                "schemaExtensions": [{"schema": urn}]}]}))
        .unwrap();
        let registry = Registry::core().unwrap().with_custom(&custom).unwrap();
        let schema = registry.resource("User").unwrap();
        let with = |number: Value| {
            let body = json!({"userName": "a", urn: {"number": number}});
            resource(schema, body).unwrap()
        };
        let (none, one, two) = (with(Value::Null), with(json!("1")), with(json!("2")));
        assert!(immutable_kept(schema, &none, &one).is_ok());
        assert!(immutable_kept(schema, &one, &one).is_ok());
        for after in [none, two] {
            let error = immutable_kept(schema, &one, &after).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::Mutability));
        }
        let body = |badge: Value| resource(schema, json!({"userName": "a", urn: badge})).unwrap();
        let issued = body(json!({"issued": "2026-01-01T00:00:00Z", "desk": {"floor": "1", "seat": "a"}}));
        for (badge, ok) in [
            (json!({"issued": "2026-01-01T01:00:00+01:00", "desk": {"floor": "1", "seat": "b"}}), true),
            (json!({"issued": "2026-01-01T00:00:00Z", "desk": {"floor": "2"}}), false),
            (json!({"issued": "2026-01-02T00:00:00Z", "desk": {"floor": "1"}}), false),
        ] {
            assert_eq!(immutable_kept(schema, &issued, &body(badge.clone())).is_ok(), ok, "{badge}");
        }
    }

    #[test]
    fn types_are_those_of_the_schema() {
        let kinds = ["decimal", "integer", "binary", "reference", "dateTime", "boolean"];
        let attributes: Vec<Value> = kinds.iter().map(|k| json!({"name": k, "type": k})).collect();
        let custom = serde_json::from_value(json!({
            "schemas": [{"id": "urn:example:kinds", "attributes": attributes}],
            "resourceTypes": [{"name": "Kind", "endpoint": "/Kinds", "schema": "urn:example:kinds"}]}))
        .unwrap();
        let registry = Registry::core().unwrap().with_custom(&custom).unwrap();
        let schema = registry.resource("Kind").unwrap();
        for (name, value, ok) in [
            ("decimal", json!(1.5), true),
            ("decimal", json!(1), true),
            ("decimal", json!("1.5"), false),
            ("integer", json!(-3), true),
            ("integer", json!(18446744073709551615u64), true),
            ("integer", json!(1.0), false),
            ("integer", json!("1"), false),
            ("binary", json!("YQ=="), true),
            ("binary", json!("YQ"), true),
            ("binary", json!("_-8="), true),
            ("binary", json!("YWJj\nZGVm"), true),
            ("binary", json!("Y"), false),
            ("binary", json!("YQ="), false),
            ("binary", json!("+_8="), false),
            ("binary", json!("Y=Q="), false),
            ("reference", json!("https://example.com/x"), true),
            ("reference", json!(1), false),
            ("dateTime", json!("2026-01-01T00:00:00Z"), true),
            ("dateTime", json!("2026-01-01"), false),
            ("boolean", json!(true), true),
            ("boolean", json!(0), false),
        ] {
            assert_eq!(resource(schema, json!({name: value.clone()})).is_ok(), ok, "{name} {value}");
        }
    }

    #[test]
    fn what_is_required_is_required_also_when_it_is_not_kept() {
        let custom = serde_json::from_value(json!({
            "schemas": [{"id": "urn:example:lock", "attributes": [{"name": "colour"},
                {"name": "pin", "required": true, "mutability": "writeOnly", "returned": "never"}]}],
            "resourceTypes": [
                {"name": "Lock", "endpoint": "/Locks", "schema": "urn:example:lock"},
                {"name": "User", "endpoint": "/Users", "schema": crate::urn::USER,
                    "schemaExtensions": [{"schema": "urn:example:lock", "required": true}]}]}))
        .unwrap();
        let registry = Registry::core().unwrap().with_custom(&custom).unwrap();
        let lock = registry.resource("Lock").unwrap();
        assert_eq!(resource(lock, json!({"colour": "red", "pin": "1"})).unwrap().0.len(), 1);
        assert!(resource(lock, json!({"colour": "red"})).is_err());
        assert!(resource(lock, json!({"colour": "red", "pin": 1})).is_err());
        let user = registry.resource("User").unwrap();
        assert!(resource(user, json!({"userName": "a"})).is_err(), "a required extension");
        let with = json!({"userName": "a", "urn:example:lock": {"colour": "red", "pin": "1"}});
        assert!(resource(user, with).is_ok());
    }

    #[test]
    fn strict_dialects_want_schemas_that_tell_the_truth() {
        let registry = Registry::core().unwrap().in_dialect(Dialect::Rfc);
        let schema = registry.resource("User").unwrap();
        let enterprise = crate::urn::ENTERPRISE_USER;
        for (body, ok) in [
            (json!({"schemas": [crate::urn::USER], "userName": "a"}), true),
            (
                json!({"schemas": [crate::urn::USER, enterprise], "userName": "a", enterprise: {"department": "d"}}),
                true,
            ),
            (json!({"userName": "a"}), false),
            (json!({"schemas": [enterprise], "userName": "a"}), false),
            (json!({"schemas": [crate::urn::USER], "userName": "a", enterprise: {"department": "d"}}), false),
            (json!({"schemas": [crate::urn::USER, "urn:x:y"], "userName": "a"}), false),
            (json!({"schemas": [crate::urn::USER], "userName": ""}), false),
            (json!({"schemas": [crate::urn::USER], "userName": "a", "zzz": 1}), false),
        ] {
            assert_eq!(resource(schema, body.clone()).is_ok(), ok, "{body}");
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
