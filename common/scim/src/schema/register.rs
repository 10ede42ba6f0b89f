//! Registration of a customer's schemas and resource types, in the form of RFC 7643 §6 and §7.
//!
//! A mistake is found here and named, so that no request ever meets a schema that cannot work.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attribute::{Attribute, DataType, Mutability, Returned, Uniqueness};
use super::document::{ResourceType, Schema};
use super::error::SchemaError;
use super::registry::{Registry, form};
use crate::attr_path::is_name;

/// Schemas of one connection beside the built-in ones.
const SCHEMAS: usize = 50;
/// Resource types of one connection beside the built-in ones, and changes to those.
const TYPES: usize = 50;
/// Attributes of one schema, and sub-attributes of one attribute.
const ATTRIBUTES: usize = 200;

/// Attributes that every resource has (RFC 7643 §3.1); no schema may define them again.
const COMMON: [&str; 4] = ["id", "externalId", "meta", "schemas"];
/// Endpoints of the protocol itself (RFC 7644 §3.2, table 2), and the one below which access tokens are issued.
const ENDPOINTS: [&str; 7] =
    ["Schemas", "ResourceTypes", "ServiceProviderConfig", "Bulk", "Me", ".search", "oauth"];
/// Resource types of the protocol itself.
const TYPES_OF_PROTOCOL: [&str; 3] = ["Schema", "ResourceType", "ServiceProviderConfig"];

/// The documents that a customer registered, as they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Custom {
    /// Schema documents (RFC 7643 §7).
    #[serde(default)]
    pub schemas: Vec<Value>,
    /// Resource type documents (RFC 7643 §6).
    #[serde(default)]
    pub resource_types: Vec<Value>,
}

impl Custom {
    /// Whether nothing is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.schemas.is_empty() && self.resource_types.is_empty()
    }
}

impl Registry {
    /// The registry with a customer's schemas and resource types.
    ///
    /// A document for `User` or `Group` adds extensions to the built-in type; any other name makes a new type.
    ///
    /// # Errors
    /// Of the first document that cannot work, naming the attribute.
    pub fn with_custom(&self, custom: &Custom) -> Result<Self, SchemaError> {
        let mut registry = self.clone();
        limit("schemas", SCHEMAS, custom.schemas.len())?;
        limit("resource types", TYPES, custom.resource_types.len())?;
        for document in &custom.schemas {
            let schema = schema(document.clone())?;
            if registry.schema(&schema.id).is_some() {
                let problem = "a schema with this id is built in or was registered before; choose another id";
                return Err(SchemaError::Schema { schema: schema.id, problem });
            }
            registry.schemas.push(Arc::new(schema));
        }
        let mut named = HashSet::new();
        for document in &custom.resource_types {
            let resource_type: ResourceType = form(document.clone())?;
            let problem = |problem| SchemaError::Type { name: resource_type.name.clone(), problem };
            if !named.insert(resource_type.name.to_lowercase()) {
                return Err(problem("the name is registered twice; keep one"));
            }
            let added = match self.resource(&resource_type.name) {
                Some(built_in) => extended(&built_in.resource_type, resource_type)?,
                None => {
                    new_type(&registry, &resource_type)?;
                    resource_type
                }
            };
            registry.add(added)?;
        }
        Ok(registry)
    }
}

/// A built-in type with more extensions. Those that are built in stay: identity providers rely on them.
fn extended(built_in: &ResourceType, asked: ResourceType) -> Result<ResourceType, SchemaError> {
    let same = asked.endpoint == built_in.endpoint && asked.schema.eq_ignore_ascii_case(&built_in.schema);
    if !same {
        return Err(SchemaError::Type {
            name: asked.name,
            problem: "the type is built in; keep its endpoint and schema, and add schemaExtensions",
        });
    }
    let mut extended = built_in.clone();
    for extension in asked.schema_extensions {
        match extended.schema_extensions.iter_mut().find(|e| e.schema.eq_ignore_ascii_case(&extension.schema))
        {
            Some(known) => known.required = extension.required,
            None => extended.schema_extensions.push(extension),
        }
    }
    Ok(extended)
}

fn new_type(registry: &Registry, asked: &ResourceType) -> Result<(), SchemaError> {
    let problem = |problem| Err(SchemaError::Type { name: asked.name.clone(), problem });
    let named = |list: &[&str], text: &str| list.iter().any(|n| n.eq_ignore_ascii_case(text));
    if !is_name(&asked.name) {
        return problem("use a letter, then letters, digits, '-' or '_' for the name");
    }
    if named(&TYPES_OF_PROTOCOL, &asked.name)
        || registry.resources().any(|r| r.name().eq_ignore_ascii_case(&asked.name))
    {
        return problem("the name is reserved or taken; choose another one");
    }
    let Some(endpoint) = asked.endpoint.strip_prefix('/').filter(|e| is_name(e)) else {
        return problem(
            "the endpoint must be '/' and a letter, then letters, digits, '-' or '_', as in \"/Roles\"",
        );
    };
    if named(&ENDPOINTS, endpoint)
        || registry.resources().any(|r| r.resource_type.endpoint.eq_ignore_ascii_case(&asked.endpoint))
    {
        return problem("the endpoint is reserved or taken; choose another one");
    }
    let mut schemas: Vec<&str> = asked.schema_extensions.iter().map(|e| e.schema.as_str()).collect();
    schemas.push(&asked.schema);
    let distinct: HashSet<String> = schemas.iter().map(|s| s.to_lowercase()).collect();
    if distinct.len() < schemas.len() {
        return problem("a schema is named twice; name each once");
    }
    Ok(())
}

/// Reads and checks one schema document.
pub(super) fn schema(document: Value) -> Result<Schema, SchemaError> {
    let Value::Object(mut map) = document else {
        return Err(SchemaError::Form("a schema is not a JSON object".to_owned()));
    };
    let attributes = match map.insert("attributes".to_owned(), Value::Array(Vec::new())) {
        Some(Value::Array(list)) => list,
        _ => return Err(SchemaError::Form("a schema has no list called attributes".to_owned())),
    };
    let mut schema: Schema = form(Value::Object(map))?;
    let problem = |problem| Err(SchemaError::Schema { schema: schema.id.clone(), problem });
    let is_urn = schema.id.len() <= 200
        && schema.id.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("urn:"))
        && schema.id.split(':').all(|p| !p.is_empty())
        && schema.id.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '[' | ']' | '(' | ')'));
    if !is_urn {
        return problem(
            "the id must be a URN of at most 200 characters, as in \"urn:example:badge:2.0:User\"",
        );
    }
    if schema.id.to_lowercase().starts_with("urn:ietf:params:scim:api:") {
        return problem("the id is one of a protocol message; choose another one");
    }
    if attributes.is_empty() {
        return problem("it has no attributes; define at least one");
    }
    schema.attributes = read_attributes(&schema.id, None, attributes)?;
    Ok(schema)
}

fn read_attributes(
    schema: &str,
    parent: Option<&Attribute>,
    documents: Vec<Value>,
) -> Result<Vec<Attribute>, SchemaError> {
    limit("attributes in one place", ATTRIBUTES, documents.len())?;
    let mut names = HashSet::new();
    documents
        .into_iter()
        .enumerate()
        .map(|(at, document)| {
            let name = document.get("name").and_then(Value::as_str).map(str::to_owned);
            let name = name.unwrap_or_else(|| format!("number {}", at + 1));
            let full = parent.map_or_else(|| name.clone(), |p| format!("{}.{name}", p.name));
            let attribute = read_attribute(schema, parent, document).map_err(|problem| match problem {
                Problem::Here(problem) => {
                    SchemaError::Attribute { schema: schema.to_owned(), attribute: full.clone(), problem }
                }
                Problem::Below(error) => error,
            })?;
            if names.insert(name.to_lowercase()) {
                return Ok(attribute);
            }
            let problem = "the name is used twice; names have no case (RFC 7643 section 2.1)".to_owned();
            Err(SchemaError::Attribute { schema: schema.to_owned(), attribute: full, problem })
        })
        .collect()
}

enum Problem {
    Here(String),
    Below(SchemaError),
}

impl From<&str> for Problem {
    fn from(text: &str) -> Self {
        Self::Here(text.to_owned())
    }
}

fn read_attribute(schema: &str, parent: Option<&Attribute>, document: Value) -> Result<Attribute, Problem> {
    let Value::Object(mut map) = document else {
        return Err("it is not a JSON object".into());
    };
    let subs = match map.remove("subAttributes") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => return Err("subAttributes is not a list".into()),
    };
    map.retain(|_, value| !value.is_null());
    let mut attribute = characteristics(map)?;
    check(parent, &attribute, !subs.is_empty())?;
    attribute.sub_attributes = read_attributes(schema, Some(&attribute), subs).map_err(Problem::Below)?;
    Ok(attribute)
}

fn characteristics(map: Map<String, Value>) -> Result<Attribute, Problem> {
    serde_json::from_value(Value::Object(map)).map_err(|e| {
        Problem::Here(format!("{e}; give each characteristic a value of RFC 7643 section 7, in its spelling"))
    })
}

/// What RFC 7643 §2.2, §2.3 and §7 demand of one attribute, and what this server can keep.
fn check(parent: Option<&Attribute>, attribute: &Attribute, has_subs: bool) -> Result<(), Problem> {
    let complex = attribute.is_complex();
    // `$ref` is the one name outside the ABNF (RFC 7643 §2.4), and a sub-attribute.
    if !is_name(&attribute.name) || (parent.is_none() && attribute.name.starts_with('$')) {
        return Err("the name is not allowed; use a letter, then letters, digits, '-' or '_'".into());
    }
    if parent.is_none() && COMMON.iter().any(|n| n.eq_ignore_ascii_case(&attribute.name)) {
        return Err("every resource has an attribute of this name (RFC 7643 section 3.1); rename it".into());
    }
    // Erratum 8415 to RFC 7643 §2.3.8: "a complex attribute MUST NOT contain sub-attributes that have sub-attributes".
    if parent.is_some() && complex {
        return Err("a complex attribute may not hold a complex attribute; flatten it".into());
    }
    if complex != has_subs {
        return Err(match complex {
            true => "it is complex and has no subAttributes; define them".into(),
            false => "it has subAttributes and is not complex; set its type to complex".into(),
        });
    }
    let is_primary = parent.is_some_and(|p| p.multi_valued) && attribute.name.eq_ignore_ascii_case("primary");
    if is_primary && attribute.data_type != DataType::Boolean {
        return Err("primary marks one element of a list (RFC 7643 section 2.4); make it a boolean".into());
    }
    if !attribute.reference_types.is_empty() && attribute.data_type != DataType::Reference {
        return Err("it has referenceTypes and is not a reference; set its type to reference".into());
    }
    if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
        return Err("it is writeOnly; set returned to never, or it would be shown".into());
    }
    if attribute.uniqueness != Uniqueness::None
        && (parent.is_some()
            || attribute.multi_valued
            || complex
            || matches!(attribute.data_type, DataType::Boolean | DataType::Binary)
            || attribute.mutability == Mutability::WriteOnly)
    {
        return Err(
            "uniqueness is kept for single text, reference, number and dateTime attributes that are not writeOnly; set uniqueness to none"
                .into(),
        );
    }
    Ok(())
}

fn limit(what: &'static str, limit: usize, count: usize) -> Result<(), SchemaError> {
    if count > limit { Err(SchemaError::TooMany { what, limit }) } else { Ok(()) }
}
