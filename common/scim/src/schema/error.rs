//! Why a schema or resource type document was not registered.

/// Why a schema or resource type document was not registered. Each says which part, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not in the form of RFC 7643 §6 or §7.
    #[error(
        "the document is not in the form of RFC 7643 section 6 or 7: {0}; correct it and register it again"
    )]
    Form(String),
    /// Something about one attribute.
    #[error("attribute {attribute:?} of schema {schema}: {problem}")]
    Attribute {
        /// URN of the schema.
        schema: String,
        /// The attribute, with its parent before a dot.
        attribute: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Something about a schema as a whole.
    #[error("schema {schema:?}: {problem}")]
    Schema {
        /// URN of the schema.
        schema: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// Something about a resource type.
    #[error("resource type {name:?}: {problem}")]
    Type {
        /// The resource type.
        name: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// A resource type that names an unknown schema.
    #[error("resource type {0} names schema {1}, which is not registered; register the schema first")]
    UnknownSchema(String, String),
    /// More than one connection may have.
    #[error("there are more than {limit} {what}; leave out those that are not in use")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
}
