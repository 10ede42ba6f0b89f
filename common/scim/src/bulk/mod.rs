//! Bulk requests (RFC 7644 §3.7): read, put in an order in which every reference can be resolved, answered.

mod order;
mod references;
mod request;
mod response;

pub use order::{Step, order};
pub use references::{Ids, resolved, without};
pub use request::{Limits, Method, Operation, Refused, Request, Target, parse, too_large};
pub use response::{Outcome, response};
