//! Checks a filter against a schema, so that a question that cannot be answered is refused and never answered with an
//! empty list (which makes an identity provider create duplicates).

use super::ast::{CompareOp, Filter, Literal};
use crate::error::ScimError;
use crate::schema::{Attribute, DataType, ResourceSchema};

/// Refuses unknown attributes, operators that do not fit the type, and values of another type.
///
/// # Errors
/// 400 `invalidFilter`.
pub fn check(filter: &Filter, schema: &ResourceSchema) -> Result<(), ScimError> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|p| check(p, schema)),
        Filter::Not(inner) => check(inner, schema),
        Filter::Present(path) => match schema.resolve(path) {
            Some(_) => Ok(()),
            None => Err(unknown(&path.to_string(), schema.name())),
        },
        Filter::Compare(path, op, value) => {
            let found = schema.resolve(path).ok_or_else(|| unknown(&path.to_string(), schema.name()))?;
            comparison(found.sub.unwrap_or(found.attribute), *op, value)
        }
        Filter::ValuePath(path, inner) => {
            let found = schema.resolve(path).ok_or_else(|| unknown(&path.to_string(), schema.name()))?;
            if found.sub.is_some() {
                return Err(ScimError::invalid_filter(format!(
                    "{path} is a sub-attribute; a filter in brackets belongs behind its attribute"
                )));
            }
            elements(inner, found.attribute)
        }
    }
}

/// Checks the filter of a value path against the attribute whose elements it selects.
pub(crate) fn elements(filter: &Filter, attribute: &Attribute) -> Result<(), ScimError> {
    let leaf = |path: &crate::AttrPath| {
        super::eval::leaf_of_element(attribute, path)
            .ok_or_else(|| unknown(&path.to_string(), &attribute.name))
    };
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|p| elements(p, attribute)),
        Filter::Not(inner) => elements(inner, attribute),
        Filter::Present(path) => leaf(path).map(drop),
        Filter::Compare(path, op, value) => comparison(leaf(path)?, *op, value),
        Filter::ValuePath(..) => {
            Err(ScimError::invalid_filter("a value path may not stand inside another value path"))
        }
    }
}

fn unknown(path: &str, owner: &str) -> ScimError {
    ScimError::invalid_filter(format!(
        "{owner} has no attribute {path}; see the Schemas endpoint for those it has"
    ))
}

fn comparison(attribute: &Attribute, op: CompareOp, value: &Literal) -> Result<(), ScimError> {
    let Some(leaf) = super::eval::comparable(attribute) else {
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
    if (*value == Literal::Null && null_fits) || literal_fits(leaf, op, value) {
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
pub(crate) fn literal_fits(attribute: &Attribute, op: CompareOp, value: &Literal) -> bool {
    match attribute.data_type {
        DataType::Boolean => value.boolean().is_some(),
        DataType::Integer | DataType::Decimal => matches!(value, Literal::Number(_)),
        // `co "2026-11"` looks into the text of a date, which need not be a whole date.
        DataType::DateTime if !op.looks_into_text() => {
            value.text().is_some_and(|t| super::eval::instant(&t).is_some())
        }
        DataType::Complex => false,
        _ => *value != Literal::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn questions_that_make_no_sense_are_refused() {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        for text in [
            "nope eq 1",
            "name.nope pr",
            "active gt true",
            "x509Certificates.value lt \"a\"",
            "active eq \"maybe\"",
            "active co \"t\"",
            "name eq \"x\"",
            "emails[nope eq 1]",
            "emails.value[type eq 1]",
            "meta.lastModified gt \"yesterday\"",
            "userName co null",
            "urn:unknown:User:userName eq \"x\"",
        ] {
            assert!(check(&parse(text).unwrap(), user).is_err(), "{text}");
        }
        for text in [
            "active eq \"True\"",
            "name pr",
            "emails eq \"x\"",
            "manager eq \"m\"",
            "emails[primary eq \"True\"]",
            "nickName eq null",
            "meta.lastModified gt \"2026-11-01T00:00:00+01:00\"",
            "externalId eq 12",
        ] {
            assert!(check(&parse(text).unwrap(), user).is_ok(), "{text}");
        }
    }
}
