//! The registry: every schema and resource type of one connection, and the resolution of names against them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attribute::{Attribute, DataType, find};
use crate::attr_path::{AttrPath, is_name};
use crate::urn;

/// A schema document (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// URN.
    pub id: String,
    /// Short name.
    #[serde(default)]
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// The attributes it defines.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// Finds an attribute of this schema, in any case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

/// An extension that a resource type names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaExtension {
    /// URN of the extension schema.
    pub schema: String,
    /// Whether every resource must carry it.
    #[serde(default)]
    pub required: bool,
}

/// A resource type document (RFC 7643 §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// Identifier; the name where a document leaves it out.
    #[serde(default)]
    pub id: String,
    /// Name, as in `meta.resourceType`.
    pub name: String,
    /// Endpoint relative to the base URL, with its leading slash.
    pub endpoint: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// URN of the core schema.
    pub schema: String,
    /// Extensions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schema_extensions: Vec<SchemaExtension>,
}

/// Why a schema or resource type document was not registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not in the form of RFC 7643 §6 or §7.
    #[error(
        "the document is not in the form of RFC 7643 section 6 or 7: {0}; correct it and register it again"
    )]
    Form(String),
    /// A name that no filter or path could ever address.
    #[error(
        "the attribute name {0:?} of schema {1} is not allowed; use a letter, then letters, digits, '-' or '_'"
    )]
    Name(String, String),
    /// RFC 7643 §2.3.8, erratum 8415.
    #[error("attribute {0} of schema {1} nests a complex attribute in a complex attribute; flatten it")]
    Nested(String, String),
    /// A resource type that names an unknown schema.
    #[error("resource type {0} names schema {1}, which is not registered; register the schema first")]
    UnknownSchema(String, String),
}

/// A resource type with its schemas: all that is needed to read or change such a resource.
#[derive(Debug, Clone)]
pub struct ResourceSchema {
    /// The resource type.
    pub resource_type: ResourceType,
    /// The core schema.
    pub core: Arc<Schema>,
    /// The extensions.
    pub extensions: Vec<Extension>,
    common: Arc<Schema>,
}

/// An extension of a resource type.
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its schema.
    pub schema: Arc<Schema>,
    /// Whether every resource must carry it.
    pub required: bool,
}

/// An attribute found in a schema.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// URN of the extension whose object holds the attribute; `None` at the top of the resource.
    pub container: Option<&'a str>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, when the name had one.
    pub sub: Option<&'a Attribute>,
}

/// What a key of a JSON object, or a whole PATCH path, stands for.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// The URN of the core schema: the resource itself.
    Core,
    /// The URN of an extension: its object.
    Extension(&'a Schema),
    /// An attribute or sub-attribute.
    Attribute(Resolved<'a>),
}

impl ResourceSchema {
    /// Looks a name up: in the schema its URN names, or, without a URN, in the common attributes, the core schema and then
    /// the extensions.
    ///
    /// RFC 7644 §3.10 asks clients to qualify extension attributes; Entra's own documentation does not
    /// (`"path":"manager"`, `filter=manager eq "m"`).
    #[must_use]
    pub fn resolve(&self, path: &AttrPath) -> Option<Resolved<'_>> {
        let (container, attribute) = match &path.urn {
            None => self.unqualified(&path.name)?,
            Some(written) if urn::means(written, &self.core.id) => self.of_core(&path.name)?,
            Some(written) => {
                let schema = self.extension(written)?;
                (Some(schema.id.as_str()), schema.attribute(&path.name)?)
            }
        };
        let sub = match &path.sub {
            None => None,
            Some(name) => Some(attribute.sub(name)?),
        };
        Some(Resolved { container, attribute, sub })
    }

    /// Looks up a key of a body, which may be a schema URN, and may be dotted or URN-qualified.
    #[must_use]
    pub fn key(&self, text: &str) -> Option<Key<'_>> {
        if urn::means(text, &self.core.id) {
            return Some(Key::Core);
        }
        if let Some(schema) = self.extension(text) {
            return Some(Key::Extension(schema));
        }
        self.resolve(&AttrPath::parse(text)?).map(Key::Attribute)
    }

    /// Finds an extension by its URN.
    #[must_use]
    pub fn extension(&self, written: &str) -> Option<&Schema> {
        self.extensions.iter().map(|e| e.schema.as_ref()).find(|s| urn::means(written, &s.id))
    }

    /// Every attribute at the top of the resource: common ones first, then those of the core schema.
    pub fn top_level(&self) -> impl Iterator<Item = &Attribute> {
        self.common.attributes.iter().chain(&self.core.attributes)
    }

    /// The name of the resource type.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.resource_type.name
    }

    fn of_core(&self, name: &str) -> Option<(Option<&str>, &Attribute)> {
        let found = self.common.attribute(name).or_else(|| self.core.attribute(name))?;
        Some((None, found))
    }

    fn unqualified(&self, name: &str) -> Option<(Option<&str>, &Attribute)> {
        self.of_core(name).or_else(|| {
            self.extensions.iter().find_map(|e| Some((Some(e.schema.id.as_str()), e.schema.attribute(name)?)))
        })
    }
}

/// All schemas and resource types of one connection.
#[derive(Debug, Clone)]
pub struct Registry {
    common: Arc<Schema>,
    schemas: Vec<Arc<Schema>>,
    resources: Vec<ResourceSchema>,
}

impl Registry {
    /// The registry with User, Group and Enterprise User.
    ///
    /// # Errors
    /// When the embedded documents are damaged, which a test rules out.
    pub fn core() -> Result<Self, SchemaError> {
        let common: Schema = form(parse(include_str!("data/common.json"))?)?;
        let mut registry = Self { common: Arc::new(common), schemas: Vec::new(), resources: Vec::new() };
        for text in [
            include_str!("data/user.json"),
            include_str!("data/group.json"),
            include_str!("data/enterprise_user.json"),
        ] {
            registry.register_schema(parse(text)?)?;
        }
        if let Value::Array(types) = parse(include_str!("data/resource_types.json"))? {
            for document in types {
                registry.register_resource_type(document)?;
            }
        }
        Ok(registry)
    }

    /// Adds a schema document, or replaces the one with the same URN.
    ///
    /// # Errors
    /// When the document is not a usable schema.
    pub fn register_schema(&mut self, document: Value) -> Result<(), SchemaError> {
        let schema: Schema = form(document)?;
        check(&schema)?;
        self.schemas.retain(|known| !known.id.eq_ignore_ascii_case(&schema.id));
        self.schemas.push(Arc::new(schema));
        // Resource types hold the schemas they were built with.
        let types: Vec<ResourceType> = self.resources.drain(..).map(|r| r.resource_type).collect();
        types.into_iter().try_for_each(|t| self.add(t))
    }

    /// Adds a resource type document, or replaces the one with the same name. Its schemas must be registered.
    ///
    /// # Errors
    /// When the document is not a resource type, or names an unknown schema.
    pub fn register_resource_type(&mut self, document: Value) -> Result<(), SchemaError> {
        self.add(form(document)?)
    }

    fn add(&mut self, mut resource_type: ResourceType) -> Result<(), SchemaError> {
        if resource_type.id.is_empty() {
            resource_type.id.clone_from(&resource_type.name);
        }
        let find = |id: &str| {
            self.schema(id)
                .cloned()
                .ok_or_else(|| SchemaError::UnknownSchema(resource_type.name.clone(), id.to_owned()))
        };
        let core = find(&resource_type.schema)?;
        let extensions = resource_type
            .schema_extensions
            .iter()
            .map(|e| Ok(Extension { schema: find(&e.schema)?, required: e.required }))
            .collect::<Result<_, SchemaError>>()?;
        let added = ResourceSchema { resource_type, core, extensions, common: Arc::clone(&self.common) };
        self.resources.retain(|known| known.name() != added.name());
        self.resources.push(added);
        Ok(())
    }

    /// Finds a schema by URN.
    #[must_use]
    pub fn schema(&self, id: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|s| s.id.eq_ignore_ascii_case(id))
    }

    /// Finds a resource type by name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&ResourceSchema> {
        self.resources.iter().find(|r| r.name() == name)
    }

    /// All schemas, in order of registration.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter().map(AsRef::as_ref)
    }

    /// All resource types, in order of registration.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceSchema> {
        self.resources.iter()
    }
}

fn parse(text: &str) -> Result<Value, SchemaError> {
    serde_json::from_str(text).map_err(|e| SchemaError::Form(e.to_string()))
}

fn form<T: for<'de> Deserialize<'de>>(document: Value) -> Result<T, SchemaError> {
    serde_json::from_value(document).map_err(|e| SchemaError::Form(e.to_string()))
}

fn check(schema: &Schema) -> Result<(), SchemaError> {
    for attribute in &schema.attributes {
        let subs = &attribute.sub_attributes;
        if let Some(bad) = std::iter::once(attribute).chain(subs).find(|a| !is_name(&a.name)) {
            return Err(SchemaError::Name(bad.name.clone(), schema.id.clone()));
        }
        if subs.iter().any(|s| s.data_type == DataType::Complex) {
            return Err(SchemaError::Nested(attribute.name.clone(), schema.id.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Mutability, Returned, Uniqueness};
    use super::*;
    use serde_json::json;

    fn resolve<'a>(registry: &'a Registry, name: &str, text: &str) -> Option<Resolved<'a>> {
        let path = AttrPath::parse(text)?;
        registry.resource(name)?.resolve(&path)
    }

    #[test]
    fn names_resolve_in_any_case_with_and_without_urn() {
        let registry = Registry::core().unwrap();
        for text in ["userName", "USERNAME", "urn:ietf:params:scim:schemas:core:2.0:User:username"] {
            assert_eq!(resolve(&registry, "User", text).unwrap().attribute.name, "userName");
        }
        for text in
            ["manager.value", "urn:IETF:params:scim:schemas:extension:enterprise:2.0:User:manager.value"]
        {
            let found = resolve(&registry, "User", text).unwrap();
            assert_eq!(found.container, Some(urn::ENTERPRISE_USER));
            assert_eq!(found.sub.unwrap().name, "value");
        }
        assert!(resolve(&registry, "Group", "userName").is_none());
        assert!(resolve(&registry, "User", "name.nope").is_none());
    }

    #[test]
    fn the_errata_and_our_own_choices_are_in_the_data() {
        let registry = Registry::core().unwrap();
        let name = resolve(&registry, "Group", "displayName").unwrap().attribute;
        assert!(name.required && !name.case_exact && name.uniqueness == Uniqueness::Server, "5368");
        assert!(resolve(&registry, "User", "manager.value").unwrap().sub.unwrap().case_exact, "8472");
        let groups = resolve(&registry, "User", "groups.$ref").unwrap();
        assert_eq!(groups.sub.unwrap().reference_types, ["Group"], "8471");
        assert_eq!(groups.attribute.mutability, Mutability::ReadOnly);
        assert!(resolve(&registry, "User", "profileUrl").unwrap().attribute.case_exact, "6001");
        let password = resolve(&registry, "User", "password").unwrap().attribute;
        assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
    }

    #[test]
    fn a_custom_schema_extends_users_and_a_custom_type_can_be_added() {
        let mut registry = Registry::core().unwrap();
        let urn = "urn:example:scim:badge:2.0";
        registry
            .register_schema(json!({"id": urn, "name": "Badge", "attributes": [{"name": "colour"}]}))
            .unwrap();
        registry
            .register_resource_type(json!({"name": "User", "endpoint": "/Users", "schema": crate::urn::USER,
                "schemaExtensions": [{"schema": urn, "required": true}]}))
            .unwrap();
        let user = registry.resource("User").unwrap();
        assert!(matches!(user.key(urn), Some(Key::Extension(_))), "a URN may end in a number");
        assert!(matches!(user.key(&format!("{urn}:colour")), Some(Key::Attribute(_))));
        assert_eq!(registry.resources().count(), 2);
        let unknown = json!({"name": "X", "endpoint": "/X", "schema": "urn:none"});
        assert!(matches!(registry.register_resource_type(unknown), Err(SchemaError::UnknownSchema(..))));
        let bad = json!({"id": "urn:x:y", "attributes": [{"name": "a.b"}]});
        assert!(matches!(registry.register_schema(bad), Err(SchemaError::Name(..))));
        let nested = json!({"id": "urn:x:y", "attributes": [{"name": "a", "type": "complex",
            "subAttributes": [{"name": "b", "type": "complex"}]}]});
        assert!(matches!(registry.register_schema(nested), Err(SchemaError::Nested(..))));
    }
}
