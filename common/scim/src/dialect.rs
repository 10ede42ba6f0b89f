//! How far a connection's client may stray from the RFCs.
//!
//! Every departure has a name and one row in [`TABLE`], and is asked for by that name where it is applied: a dialect is a
//! column of the table and never a branch elsewhere. What each row means is shown by a fixture of the same name under
//! `tests/fixtures/tolerance`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The dialect of one SCIM connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Dialect {
    /// Accepts what Okta, Entra ID, OneLogin and the others are known to send.
    #[default]
    Tolerant,
    /// RFC 7643 and RFC 7644 to the letter.
    Rfc,
    /// draft-zollner-scim-interop-profile: the RFCs without what their implementers read differently.
    InteropStrict,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tolerant, Self::Rfc, Self::InteropStrict];

    /// The name, as in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tolerant => "tolerant",
            Self::Rfc => "rfc",
            Self::InteropStrict => "interop-strict",
        }
    }

    /// Whether this dialect has the leeway.
    #[must_use]
    pub fn allows(self, leeway: Leeway) -> bool {
        let (_, tolerant, rfc, interop) = TABLE[leeway as usize];
        match self {
            Self::Tolerant => tolerant,
            Self::Rfc => rfc,
            Self::InteropStrict => interop,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|d| d.name() == text).ok_or(())
    }
}

/// One thing that a dialect may let a client do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leeway {
    /// `"True"` where the schema says boolean: in bodies, PATCH values and filters.
    BooleanAsText,
    /// `""` clears a single value, as null does.
    EmptyTextClears,
    /// A bare value or a one-element array where a singular complex value belongs, a lone element where an array belongs.
    LooseArity,
    /// Attributes and schema URIs that no schema defines are dropped.
    UnknownDropped,
    /// `id`, `meta`, `groups` and other read-only attributes in a PATCH are dropped when no path names them.
    ReadOnlyDropped,
    /// Dotted and URN-qualified names as keys of a body or of a PATCH value.
    QualifiedKeys,
    /// Attributes of an extension named without its URN.
    ExtensionUnqualified,
    /// The schema URIs of SCIM 1.x.
    Scim1Uris,
    /// A resource without `schemas`, or with some of them only.
    ResourceWithoutSchemas,
    /// A PATCH or search message without `schemas`.
    MessageWithoutSchemas,
    /// `Replace` for `replace`.
    OpInAnyCase,
    /// `add` and `replace` without a path.
    PathlessPatch,
    /// `remove` with a `value` removes what it lists.
    RemoveByValue,
    /// `remove` of what is not there succeeds.
    RemoveIsIdempotent,
    /// `replace` on an unmatched value path creates the element (within the limits of `patch::value_path`).
    ValuePathCreates,
    /// `replace` of a complex value merges the sub-attributes; without it they replace the whole.
    ReplaceMerges,
    /// Spellings of single vendors: `managerId`, a role as JSON text, members inside members.
    VendorSpellings,
    /// Filter values without quotation marks, `True` for `true`, numbers for text.
    BareLiterals,
    /// A sub-attribute behind the brackets of a filter: `emails[type eq "work"].value eq "x"`.
    SubAttributeAfterBrackets,
    /// A complex singular attribute in a comparison means its `value`.
    ComplexMeansValue,
    /// A complex multi-valued attribute in a comparison means its `value`.
    ListMeansValue,
    /// A token without the word `Bearer`.
    BareToken,
}

/// Which dialect has which leeway: tolerant, rfc, interop-strict.
const TABLE: [(Leeway, bool, bool, bool); 22] = [
    (Leeway::BooleanAsText, true, false, false),
    (Leeway::EmptyTextClears, true, false, false),
    (Leeway::LooseArity, true, false, false),
    // RFC 7644 §3.12, invalidSyntax: "did not conform to the request schema".
    (Leeway::UnknownDropped, true, false, false),
    (Leeway::ReadOnlyDropped, true, false, false),
    (Leeway::QualifiedKeys, true, false, false),
    // RFC 7644 §3.10: extension attributes "MUST be" prefixed with their URN.
    (Leeway::ExtensionUnqualified, true, false, false),
    (Leeway::Scim1Uris, true, false, false),
    // RFC 7643 §3: "The "schemas" attribute is a REQUIRED attribute".
    (Leeway::ResourceWithoutSchemas, true, false, false),
    (Leeway::MessageWithoutSchemas, true, false, false),
    (Leeway::OpInAnyCase, true, false, false),
    // RFC 7644 §3.5.2.1 describes it; the interop profile makes the path mandatory.
    (Leeway::PathlessPatch, true, true, false),
    (Leeway::RemoveByValue, true, false, false),
    (Leeway::RemoveIsIdempotent, true, false, false),
    (Leeway::ValuePathCreates, true, false, false),
    // RFC 7644 §3.5.2.3: "Sub-attributes that are not specified SHALL be left unchanged"; the interop profile replaces.
    (Leeway::ReplaceMerges, true, true, false),
    (Leeway::VendorSpellings, true, false, false),
    (Leeway::BareLiterals, true, false, false),
    (Leeway::SubAttributeAfterBrackets, true, false, false),
    (Leeway::ComplexMeansValue, true, false, false),
    // RFC 7644 §3.4.2.2: "'value' is assumed"; the interop profile wants the sub-attribute named.
    (Leeway::ListMeansValue, true, true, false),
    // RFC 6750 §2.1.
    (Leeway::BareToken, true, false, false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, (leeway, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*leeway as usize, at, "{leeway:?}");
        }
    }

    #[test]
    fn a_stricter_dialect_allows_nothing_that_a_looser_one_does_not() {
        for (leeway, tolerant, rfc, interop) in TABLE {
            assert!(tolerant && (rfc || !interop), "{leeway:?}");
        }
    }

    #[test]
    fn names_read_back() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.name());
        }
        assert_eq!("strict".parse::<Dialect>(), Err(()));
    }
}
