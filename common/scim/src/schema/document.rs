//! Schema and resource type documents, in the form of RFC 7643 §6 and §7.

use serde::{Deserialize, Serialize};

use super::attribute::{Attribute, find};

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
    /// Identifier. It is the name, as the interop profile asks.
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
