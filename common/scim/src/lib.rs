//! SCIM 2.0 (RFC 7643, RFC 7644) as pure functions.
//!
//! This crate knows the protocol and nothing else: it sees no HTTP, no store, no clock and no
//! randomness. A request body goes through [`normalize`] (the one place where the habits of identity
//! providers are tolerated) into a [`resource::Resource`] with canonical names; [`patch`] changes such a tree
//! or fails as a whole; [`projection`] and [`resource::document`] turn it into an answer.
//!
//! Everything is driven by the [`schema::Registry`], so that schemas registered by a customer are
//! treated like the built-in ones.

pub mod attr_path;
pub mod bulk;
mod compare;
pub mod cursor;
pub mod dialect;
pub mod discovery;
pub mod error;
pub mod etag;
pub mod filter;
pub mod list;
pub mod normalize;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod search;
pub mod sort;
pub mod target;
pub mod urn;

pub use attr_path::AttrPath;
pub use dialect::{Dialect, Leeway};
pub use error::{ScimError, ScimType};
pub use resource::Resource;
pub use schema::{Registry, ResourceSchema};
