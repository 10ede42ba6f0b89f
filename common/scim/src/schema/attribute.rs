//! Attribute characteristics, in the form of RFC 7643 §7.

use serde::{Deserialize, Serialize};

/// The data types of RFC 7643 §2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DataType {
    /// Text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// A point in time.
    DateTime,
    /// A URI.
    Reference,
    /// Base64 text.
    Binary,
    /// Sub-attributes.
    Complex,
}

impl DataType {
    /// The name used in messages, the same as in schema documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Binary => "binary",
            Self::Complex => "complex",
        }
    }
}

/// Who may change an attribute, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client, at any time.
    #[default]
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client; nobody reads it back.
    WriteOnly,
}

/// When an attribute is part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer.
    Always,
    /// In no answer.
    Never,
    /// Unless excluded.
    #[default]
    Default,
    /// Only when asked for.
    Request,
}

/// Among which resources a value must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// None.
    #[default]
    None,
    /// Those of this server (here: of this connection).
    Server,
    /// All there are.
    Global,
}

/// One attribute. The defaults are those of RFC 7643 §2.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// Canonical name.
    pub name: String,
    /// Data type.
    #[serde(rename = "type", default)]
    pub data_type: DataType,
    /// Whether the value is a list.
    #[serde(default)]
    pub multi_valued: bool,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Whether a resource must have it.
    #[serde(default)]
    pub required: bool,
    /// Suggested values; others are accepted (RFC 7643 §7: "service providers MAY restrict").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether case matters when values are compared.
    #[serde(default)]
    pub case_exact: bool,
    /// Who may change it.
    #[serde(default)]
    pub mutability: Mutability,
    /// When it is returned.
    #[serde(default)]
    pub returned: Returned,
    /// Among what it is unique.
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// What a reference may point at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// Sub-attributes of a complex attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// Whether the attribute has sub-attributes.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.data_type == DataType::Complex
    }

    /// Finds a sub-attribute. RFC 7643 §2.1: "Attribute names are case insensitive".
    #[must_use]
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }
}

pub(super) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
}
