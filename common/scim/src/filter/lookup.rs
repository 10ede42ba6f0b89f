//! Which index answers a filter.
//!
//! Identity providers look resources up by equality. A filter that no index answers is refused rather than scanned for, and
//! never answered with an empty list.

use super::ast::{CompareOp, Filter};
use crate::attr_path::AttrPath;
use crate::error::ScimError;
use crate::schema::{Resolved, ResourceSchema};

/// Attributes with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// `id`.
    Id,
    /// `userName`.
    UserName,
    /// `externalId`.
    ExternalId,
    /// `displayName`.
    DisplayName,
    /// `emails.value`.
    Email,
    /// `members.value`.
    Member,
}

/// One equality on an indexed attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqTerm {
    /// What is compared.
    pub on: Indexed,
    /// With what, as written.
    pub value: String,
}

/// A filter that indexes can answer: look one term up, then test `residual` on what was found. Terms on [`Indexed::Member`]
/// are not part of the residual, because a group's tree does not hold its members: ask the membership itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// At least one.
    pub terms: Vec<EqTerm>,
    /// Everything but the terms on members, to be tested on what was found.
    pub residual: Option<Filter>,
}

const OFFER: &str = "filter with 'eq' on userName, externalId, displayName, id, emails.value or members.value, joined by 'and'";

impl Lookup {
    /// Reads the indexed equalities out of a filter that has passed [`super::check`].
    ///
    /// # Errors
    /// 400 `invalidFilter` when it is not a conjunction of them.
    pub fn plan(filter: &Filter, schema: &ResourceSchema) -> Result<Self, ScimError> {
        let parts = match filter {
            Filter::And(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut flat = Vec::new();
        flatten(parts, &mut flat);
        let mut terms = Vec::new();
        let mut residual = Vec::new();
        for part in flat {
            let term = term(part, schema)?;
            if term.as_ref().is_none_or(|t| t.on != Indexed::Member) {
                residual.push(part.clone());
            }
            terms.extend(term);
        }
        if terms.is_empty() {
            return Err(unsupported());
        }
        let residual = match residual.len() {
            0 => None,
            1 => residual.pop(),
            _ => Some(Filter::And(residual)),
        };
        Ok(Self { terms, residual })
    }
}

fn flatten<'a>(parts: &'a [Filter], into: &mut Vec<&'a Filter>) {
    for part in parts {
        match part {
            Filter::And(inner) => flatten(inner, into),
            other => into.push(other),
        }
    }
}

fn unsupported() -> ScimError {
    ScimError::invalid_filter(format!("this filter is not supported; {OFFER}"))
}

/// The term of one conjunct; `None` for one that may stand beside a term but is not indexed itself.
fn term(part: &Filter, schema: &ResourceSchema) -> Result<Option<EqTerm>, ScimError> {
    match part {
        Filter::Compare(path, CompareOp::Eq, literal) => {
            let found = schema.resolve(path).ok_or_else(unsupported)?;
            let value = literal.text().ok_or_else(unsupported)?;
            if let Some(on) = indexed(&found) {
                return Ok(Some(EqTerm { on, value }));
            }
            // Entra's reference check: `id eq "u" and manager eq "m"`.
            if found.attribute.name == "manager" && found.container.is_some() {
                return Ok(None);
            }
            Err(unsupported())
        }
        Filter::ValuePath(path, inner) => {
            let found = schema.resolve(path).ok_or_else(unsupported)?;
            let on = indexed(&found).ok_or_else(unsupported)?;
            let value = value_in_brackets(inner).ok_or_else(unsupported)?;
            // The other tests in the brackets (`type eq "work"`) are left to the residual, which members do not have.
            if on == Indexed::Member && matches!(**inner, Filter::And(_)) {
                return Err(unsupported());
            }
            Ok(Some(EqTerm { on, value }))
        }
        _ => Err(unsupported()),
    }
}

fn indexed(found: &Resolved<'_>) -> Option<Indexed> {
    if found.container.is_some() {
        return None;
    }
    let sub = found.sub.map(|s| s.name.as_str());
    match (found.attribute.name.as_str(), sub) {
        ("id", None) => Some(Indexed::Id),
        ("userName", None) => Some(Indexed::UserName),
        ("externalId", None) => Some(Indexed::ExternalId),
        ("displayName", None) => Some(Indexed::DisplayName),
        ("emails", None | Some("value")) => Some(Indexed::Email),
        ("members", None | Some("value")) => Some(Indexed::Member),
        _ => None,
    }
}

fn value_in_brackets(inner: &Filter) -> Option<String> {
    let parts = match inner {
        Filter::And(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut found = None;
    for part in parts {
        let Filter::Compare(AttrPath { name, .. }, CompareOp::Eq, literal) = part else {
            return None;
        };
        if name.eq_ignore_ascii_case("value") {
            found = Some(literal.text()?);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{check, parse};
    use super::*;
    use crate::schema::Registry;

    fn plan(name: &str, text: &str) -> Result<Lookup, ScimError> {
        let registry = Registry::core().unwrap();
        let schema = registry.resource(name).unwrap();
        let filter = parse(text)?;
        check(&filter, schema)?;
        Lookup::plan(&filter, schema)
    }

    #[test]
    fn what_identity_providers_ask_is_answered_by_an_index() {
        for (text, on) in [
            ("userName eq \"a\"", Indexed::UserName),
            ("USERNAME Eq \"a\"", Indexed::UserName),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"a\"", Indexed::UserName),
            ("externalId eq a", Indexed::ExternalId),
            ("emails eq \"a\"", Indexed::Email),
            ("emails.value eq \"a\"", Indexed::Email),
            ("emails[type eq \"work\"].value eq \"a\"", Indexed::Email),
            ("emails[type eq \"work\" and value eq \"a\"]", Indexed::Email),
            ("id eq \"a\" and manager eq \"m\"", Indexed::Id),
        ] {
            let lookup = plan("User", text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(lookup.terms, [EqTerm { on, value: "a".into() }], "{text}");
            assert!(lookup.residual.is_some());
        }
        let lookup = plan("Group", "id eq \"g\" and members eq \"u\"").unwrap();
        assert_eq!(lookup.terms.len(), 2);
        assert_eq!(lookup.residual.unwrap().to_string(), "id eq \"g\"");
        assert_eq!(plan("Group", "members[value eq \"u\"]").unwrap().residual, None);
    }

    #[test]
    fn everything_else_is_refused() {
        for (name, text) in [
            ("User", "userName sw \"a\""),
            ("User", "title eq \"a\""),
            ("User", "userName eq \"a\" or id eq \"b\""),
            ("User", "not (userName eq \"a\")"),
            ("User", "manager eq \"m\""),
            ("User", "userName eq null"),
            ("User", "emails[type eq \"work\"]"),
            ("User", "emails[value eq \"a\" or type eq \"b\"]"),
            ("User", "userName eq \"a\" and title eq \"b\""),
            ("Group", "userName eq \"a\""),
            ("User", "userName pr"),
            ("Group", "members[value eq \"a\" and type eq \"User\"]"),
        ] {
            let error = plan(name, text).expect_err(text);
            assert_eq!(error.scim_type, Some(crate::ScimType::InvalidFilter), "{text}");
        }
    }
}
