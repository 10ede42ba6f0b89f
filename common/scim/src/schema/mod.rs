//! Schemas: what attributes exist and how they behave (RFC 7643 §2, §6, §7).

mod attribute;
mod registry;

pub use attribute::{Attribute, DataType, Mutability, Returned, Uniqueness};
pub use registry::{
    Extension, Key, Registry, Resolved, ResourceSchema, ResourceType, Schema, SchemaError, SchemaExtension,
};
