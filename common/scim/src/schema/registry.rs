//! The registry: every schema and resource type of one connection.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::document::{ResourceType, Schema};
use super::error::SchemaError;
use super::register;
use super::resource::{Extension, ResourceSchema};
use crate::dialect::Dialect;

/// All schemas and resource types of one connection, in its dialect.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(super) common: Arc<Schema>,
    pub(super) schemas: Vec<Arc<Schema>>,
    pub(super) resources: Vec<ResourceSchema>,
    dialect: Dialect,
}

impl Registry {
    /// The registry with User, Group and Enterprise User, in the tolerant dialect.
    ///
    /// # Errors
    /// When the embedded documents are damaged, which a test rules out.
    pub fn core() -> Result<Self, SchemaError> {
        let common: Schema = form(parse(include_str!("data/common.json"))?)?;
        let mut registry = Self {
            common: Arc::new(common),
            schemas: Vec::new(),
            resources: Vec::new(),
            dialect: Dialect::default(),
        };
        for text in [
            include_str!("data/user.json"),
            include_str!("data/group.json"),
            include_str!("data/enterprise_user.json"),
        ] {
            let schema = register::schema(parse(text)?)?;
            registry.schemas.push(Arc::new(schema));
        }
        if let Value::Array(types) = parse(include_str!("data/resource_types.json"))? {
            for document in types {
                registry.add(form(document)?)?;
            }
        }
        Ok(registry)
    }

    /// The same registry in another dialect.
    #[must_use]
    pub fn in_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        for resource in &mut self.resources {
            resource.dialect = dialect;
        }
        self
    }

    /// The dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds a resource type, or replaces the one with the same name.
    pub(super) fn add(&mut self, mut resource_type: ResourceType) -> Result<(), SchemaError> {
        resource_type.id.clone_from(&resource_type.name);
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
        let common = Arc::clone(&self.common);
        let added = ResourceSchema { resource_type, core, extensions, common, dialect: self.dialect };
        match self.resources.iter_mut().find(|known| known.name() == added.name()) {
            Some(known) => *known = added,
            None => self.resources.push(added),
        }
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

    /// Finds the resource type with an endpoint, which is given without its slash.
    #[must_use]
    pub fn at_endpoint(&self, endpoint: &str) -> Option<&ResourceSchema> {
        self.resources.iter().find(|r| r.resource_type.endpoint.strip_prefix('/') == Some(endpoint))
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

pub(super) fn form<T: for<'de> Deserialize<'de>>(document: Value) -> Result<T, SchemaError> {
    serde_json::from_value(document).map_err(|e| SchemaError::Form(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::{Mutability, Resolved, Returned, Uniqueness};
    use super::*;
    use crate::attr_path::AttrPath;
    use crate::urn;

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
            assert_eq!(found.target().name, "value");
        }
        assert!(resolve(&registry, "Group", "userName").is_none());
        assert!(resolve(&registry, "User", "name.nope").is_none());
    }

    #[test]
    fn strict_dialects_want_names_as_the_rfc_writes_them() {
        for dialect in [Dialect::Rfc, Dialect::InteropStrict] {
            let registry = Registry::core().unwrap().in_dialect(dialect);
            assert!(resolve(&registry, "User", "manager").is_none());
            assert!(resolve(&registry, "User", &format!("{}:manager", urn::ENTERPRISE_USER)).is_some());
            let user = registry.resource("User").unwrap();
            assert!(user.key("urn:scim:schemas:core:1.0").is_none());
            assert!(user.member(None, "name.givenName").is_none());
            assert!(user.member(None, "NAME").is_some(), "names have no case in any dialect");
            assert!(user.member(None, urn::USER).is_none());
        }
    }

    #[test]
    fn the_errata_and_our_own_choices_are_in_the_data() {
        let registry = Registry::core().unwrap();
        let name = resolve(&registry, "Group", "displayName").unwrap().attribute;
        assert!(name.required && !name.case_exact && name.uniqueness == Uniqueness::Server, "5368");
        assert!(resolve(&registry, "User", "manager.value").unwrap().target().case_exact, "8472");
        let groups = resolve(&registry, "User", "groups.$ref").unwrap();
        assert_eq!(groups.target().reference_types, ["Group"], "8471");
        assert_eq!(groups.attribute.mutability, Mutability::ReadOnly);
        assert!(resolve(&registry, "User", "profileUrl").unwrap().attribute.case_exact, "6001");
        let password = resolve(&registry, "User", "password").unwrap().attribute;
        assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
        assert_eq!(registry.at_endpoint("Groups").unwrap().name(), "Group");
        assert!(registry.at_endpoint("/Groups").is_none() && registry.at_endpoint("").is_none());
    }
}
