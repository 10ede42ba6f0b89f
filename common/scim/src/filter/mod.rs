//! Filters (RFC 7644 §3.4.2.2): parsing, printing, checking against a schema, evaluation, and the plan that answers one.

mod ast;
mod check;
mod eval;
mod parse;
mod plan;

pub use ast::{CompareOp, Filter, Literal};
pub use check::{check, check_across};
pub(crate) use check::{elements as check_elements, literal_fits};
pub(crate) use eval::element_matches;
pub use eval::matches;
pub(crate) use parse::Parser;
pub use parse::{Limits, parse};
pub use plan::{EqTerm, Indexed, Plan, Source};
