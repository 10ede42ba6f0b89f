//! Schemas: what attributes exist and how they behave (RFC 7643 §2, §6, §7).

mod attribute;
mod document;
mod error;
mod register;
mod registry;
mod resource;

pub use attribute::{Attribute, DataType, Mutability, Returned, Uniqueness};
pub use document::{ResourceType, Schema, SchemaExtension};
pub use error::SchemaError;
pub use register::Custom;
pub use registry::Registry;
pub use resource::{Extension, Key, Resolved, ResourceSchema};
