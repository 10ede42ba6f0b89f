//! Checks a filter against a schema, so that a question that cannot be answered is refused and never answered with an
//! empty list (which makes an identity provider create duplicates).

use super::ast::{CompareOp, Filter, Literal};
use super::eval::{comparable, leaf_of_element};
use crate::attr_path::AttrPath;
use crate::compare::instant;
use crate::dialect::{Dialect, Leeway};
use crate::error::ScimError;
use crate::schema::{Attribute, DataType, Mutability, Resolved, ResourceSchema};

/// Refuses unknown attributes, operators that do not fit the type, and values of another type.
///
/// # Errors
/// 400 `invalidFilter`.
pub fn check(filter: &Filter, schema: &ResourceSchema) -> Result<(), ScimError> {
    check_across(filter, &[schema])
}

/// The same for a search across resource types: an attribute must be one of at least one of them. RFC 7644 §3.4.2.1: "if
/// an attribute is not defined for a resource type, it is treated as if it had no value".
///
/// # Errors
/// 400 `invalidFilter`.
pub fn check_across(filter: &Filter, schemas: &[&ResourceSchema]) -> Result<(), ScimError> {
    let resolved = |path: &AttrPath| {
        let found: Vec<(&ResourceSchema, Resolved<'_>)> =
            schemas.iter().filter_map(|s| Some((*s, s.resolve(path)?))).collect();
        match (found.is_empty(), schemas) {
            (false, _) => Ok(found),
            (true, [one]) => Err(unknown(path, one.name())),
            (true, _) => Err(unknown(path, "no resource type here")),
        }
    };
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|p| check_across(p, schemas)),
        Filter::Not(inner) => check_across(inner, schemas),
        Filter::Present(path) => resolved(path)?.iter().try_for_each(|(_, found)| readable(found.target())),
        Filter::Compare(path, op, value) => resolved(path)?
            .iter()
            .try_for_each(|(schema, found)| comparison(found.target(), *op, value, schema.dialect())),
        Filter::ValuePath(path, inner) => resolved(path)?.iter().try_for_each(|(schema, found)| {
            if found.sub.is_some() {
                return Err(ScimError::invalid_filter(format!(
                    "{path} is a sub-attribute; a filter in brackets belongs behind its attribute"
                )));
            }
            readable(found.attribute)?;
            elements(inner, found.attribute, schema.dialect())
        }),
    }
}

/// Checks the filter of a value path against the attribute whose elements it selects.
pub(crate) fn elements(filter: &Filter, attribute: &Attribute, dialect: Dialect) -> Result<(), ScimError> {
    let leaf =
        |path: &AttrPath| leaf_of_element(attribute, path).ok_or_else(|| unknown(path, &attribute.name));
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().try_for_each(|p| elements(p, attribute, dialect))
        }
        Filter::Not(inner) => elements(inner, attribute, dialect),
        Filter::Present(path) => readable(leaf(path)?),
        Filter::Compare(path, op, value) => comparison(leaf(path)?, *op, value, dialect),
        Filter::ValuePath(..) => {
            Err(ScimError::invalid_filter("a value path may not stand inside another value path"))
        }
    }
}

fn unknown(path: &AttrPath, owner: &str) -> ScimError {
    ScimError::invalid_filter(format!(
        "{owner} has no attribute {path}; see the Schemas endpoint for those there are"
    ))
}

/// RFC 7643 §7, writeOnly: "the attribute value is ... not retrievable"; a filter would find it out letter by letter.
fn readable(attribute: &Attribute) -> Result<(), ScimError> {
    if attribute.mutability == Mutability::WriteOnly {
        return Err(ScimError::sensitive(format!(
            "{} is write-only and cannot be asked for; leave it out of the filter",
            attribute.name
        )));
    }
    Ok(())
}

fn comparison(
    attribute: &Attribute,
    op: CompareOp,
    value: &Literal,
    dialect: Dialect,
) -> Result<(), ScimError> {
    readable(attribute)?;
    let means_value = match (attribute.is_complex(), attribute.multi_valued) {
        (false, _) => true,
        // RFC 7644 §3.4.2.2 says it of multi-valued attributes only.
        (true, true) => dialect.allows(Leeway::ListMeansValue),
        (true, false) => dialect.allows(Leeway::ComplexMeansValue),
    };
    let Some(leaf) = comparable(attribute).filter(|_| means_value) else {
        return Err(ScimError::invalid_filter(format!(
            "{} is complex and cannot be compared; name one of its sub-attributes",
            attribute.name
        )));
    };
    // RFC 7644 §3.4.2.2: "Boolean attributes and Binary attributes SHALL cause a failed response (HTTP status code 400) with
    // "scimType" of "invalidFilter"" for gt, ge, lt and le.
    let unordered = matches!(leaf.data_type, DataType::Boolean | DataType::Binary);
    let textless = matches!(leaf.data_type, DataType::Boolean | DataType::Integer | DataType::Decimal);
    if (op.orders() && unordered) || (op.looks_into_text() && textless) {
        return Err(ScimError::invalid_filter(format!(
            "{} cannot be used on {}, which is {}",
            op.name(),
            attribute.name,
            leaf.data_type.name()
        )));
    }
    let null_fits = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if (*value == Literal::Null && null_fits) || literal_fits(leaf, op, value, dialect) {
        Ok(())
    } else {
        Err(ScimError::invalid_filter(format!(
            "{} is compared with a value that is not {}",
            attribute.name,
            leaf.data_type.name()
        )))
    }
}

/// Whether a literal has the type of the attribute.
pub(crate) fn literal_fits(attribute: &Attribute, op: CompareOp, value: &Literal, dialect: Dialect) -> bool {
    let bare = dialect.allows(Leeway::BareLiterals);
    match (attribute.data_type, value) {
        (DataType::Complex, _) | (_, Literal::Null) => false,
        (DataType::Boolean, Literal::Bool(_)) => true,
        (DataType::Boolean, _) => dialect.allows(Leeway::BooleanAsText) && value.boolean().is_some(),
        (DataType::Integer | DataType::Decimal, Literal::Number(_)) => true,
        (DataType::Integer | DataType::Decimal, _) => bare && value.number().is_some(),
        (_, Literal::Bool(_) | Literal::Number(_)) if !bare => false,
        // `co "2026-11"` looks into the text of a date, which need not be a whole date.
        (DataType::DateTime, _) if !op.looks_into_text() => {
            value.text().is_some_and(|t| instant(&t).is_some())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::ScimType;
    use crate::schema::Registry;

    fn asked(text: &str, dialect: Dialect) -> Result<(), ScimError> {
        let registry = Registry::core().unwrap().in_dialect(dialect);
        check(&parse(text, dialect)?, registry.resource("User").unwrap())
    }

    #[test]
    fn questions_that_make_no_sense_are_refused() {
        for text in [
            "nope eq 1",
            "name.nope pr",
            "active gt true",
            "x509Certificates.value lt \"a\"",
            "x509Certificates ge \"a\"",
            "active eq \"maybe\"",
            "active co \"t\"",
            "name eq \"x\"",
            "emails[nope eq 1]",
            "emails.value[type eq 1]",
            "meta.lastModified gt \"yesterday\"",
            "userName co null",
            "userName gt null",
            "urn:unknown:User:userName eq \"x\"",
        ] {
            let error = asked(text, Dialect::Tolerant).expect_err(text);
            assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        }
        for text in [
            "active eq \"True\"",
            "name pr",
            "emails eq \"x\"",
            "manager eq \"m\"",
            "emails[primary eq \"True\"]",
            "nickName eq null",
            "meta.lastModified gt \"2026-11-01T00:00:00+01:00\"",
            "meta.lastModified co \"2026-11\"",
            "externalId eq 12",
            "userName eq true",
        ] {
            assert!(asked(text, Dialect::Tolerant).is_ok(), "{text}");
        }
    }

    #[test]
    fn write_only_attributes_cannot_be_probed() {
        for text in ["password sw \"a\"", "password pr", "not (password eq \"a\")"] {
            assert_eq!(asked(text, Dialect::Tolerant).unwrap_err().scim_type, Some(ScimType::Sensitive));
        }
    }

    #[test]
    fn strict_dialects_want_the_type_of_the_schema() {
        let qualified = format!("{}:manager", crate::urn::ENTERPRISE_USER);
        for dialect in [Dialect::Rfc, Dialect::InteropStrict] {
            for text in ["active eq \"true\"", "userName eq 12", "userName eq true", "manager.value eq \"m\""]
            {
                assert!(asked(text, dialect).is_err(), "{dialect} {text}");
            }
            assert!(asked(&format!("{qualified} eq \"m\""), dialect).is_err());
            assert!(asked(&format!("{qualified}.value eq \"m\""), dialect).is_ok());
        }
        assert!(asked("emails eq \"x\"", Dialect::Rfc).is_ok());
        assert!(asked("emails eq \"x\"", Dialect::InteropStrict).is_err());
    }

    #[test]
    fn across_types_one_of_them_must_know_the_attribute() {
        let registry = Registry::core().unwrap();
        let all: Vec<_> = registry.resources().collect();
        let check = |text: &str| check_across(&parse(text, Dialect::Tolerant).unwrap(), &all);
        assert!(check("userName eq \"a\" or members.value eq \"b\"").is_ok());
        assert!(check("nope pr").is_err());
        assert!(check("active gt true").is_err());
    }
}
