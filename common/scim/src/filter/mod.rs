//! Filters (RFC 7644 §3.4.2.2): parsing, printing, checking against a schema, evaluation, and the extraction of indexed
//! look-ups.

mod ast;
mod check;
mod eval;
mod lookup;
mod parse;

pub use ast::{CompareOp, Filter, Literal};
pub use check::check;
pub(crate) use check::{elements as check_elements, literal_fits};
pub use eval::matches;
pub(crate) use eval::{element_matches, folded as folded_text, is_instant};
pub use lookup::{EqTerm, Indexed, Lookup};
pub(crate) use parse::Parser;
pub use parse::{Limits, parse};
