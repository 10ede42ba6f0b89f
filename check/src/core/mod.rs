//! What every check is made of: the wire, the session of one check, its verdict.

mod check;
mod exchange;
mod server;
mod session;
mod support;
mod target;
mod wire;

pub(crate) use check::{Check, Need, check, group};
pub use check::{Level, Outcome};
pub(crate) use exchange::{Exchange, Stop};
pub use exchange::{Failure, Sent};
pub(crate) use server::{Cast, Server};
pub(crate) use session::{Made, Session, merged};
pub(crate) use support::Support;
pub use target::{Target, TargetError};
pub(crate) use wire::{Request, encode};

/// The URNs of RFC 7643 and RFC 7644.
pub(crate) mod urn {
    pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    pub(crate) const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    pub(crate) const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    pub(crate) const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
    pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    pub(crate) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    pub(crate) const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    pub(crate) const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
}
