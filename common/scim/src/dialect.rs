//! How far a connection's client may stray from the RFCs.
//!
//! Every relaxation has a name here and is asked for by that name where it is applied, so that a stricter dialect is
//! one more column of this table and no new branch elsewhere.

/// The dialect of one SCIM connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// Accepts what Okta, Entra ID, OneLogin and the others are known to send.
    #[default]
    Tolerant,
}

/// One departure from the RFCs that a dialect may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relaxation {
    /// `"True"` where the schema says boolean.
    BooleanAsString,
    /// `""` clears a single value, as null does.
    EmptyStringClears,
    /// A bare value or a one-element array where a singular complex value belongs, a lone element where an array
    /// belongs.
    LooseArity,
    /// Attributes and schema URIs that no schema defines are dropped.
    UnknownDropped,
    /// A PATCH body without `schemas`.
    PatchWithoutSchemas,
    /// `replace` on an unmatched value path creates the element (within the limits of `patch::value_path`).
    ValuePathCreates,
    /// `remove` of what is not there succeeds.
    RemoveIsIdempotent,
}

impl Dialect {
    /// Whether this dialect allows the departure.
    pub(crate) fn allows(self, _: Relaxation) -> bool {
        match self {
            Self::Tolerant => true,
        }
    }
}
