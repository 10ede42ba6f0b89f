//! PATCH (RFC 7644 §3.5.2): operations are applied in order to a copy, and the whole request fails with the first that does.

mod engine;
mod members;
mod request;
mod value_path;

pub use engine::apply;
pub use members::{GroupPatch, MemberDelta, MemberOp, split_group};
pub use request::{OpKind, Operation, parse};
