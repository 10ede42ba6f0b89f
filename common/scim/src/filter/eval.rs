//! Evaluation of a filter on a resource tree. The filter has passed [`super::check`]; what it could not resolve is false.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::ast::{CompareOp, Filter, Literal};
use crate::attr_path::AttrPath;
use crate::compare::{Comparable, folded, instant, is_case_exact};
use crate::schema::{Attribute, DataType, Resolved, ResourceSchema};

/// Whether the resource satisfies the filter.
#[must_use]
pub fn matches(filter: &Filter, schema: &ResourceSchema, tree: &Map<String, Value>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|p| matches(p, schema, tree)),
        Filter::Or(parts) => parts.iter().any(|p| matches(p, schema, tree)),
        Filter::Not(inner) => !matches(inner, schema, tree),
        Filter::Present(path) => match schema.resolve(path) {
            Some(found) => any_value(&found, tree, |_, value| value.is_some_and(present)),
            None => false,
        },
        Filter::Compare(path, op, literal) => match schema.resolve(path) {
            Some(found) => any_value(&found, tree, |leaf, value| compare(leaf, *op, literal, value)),
            // RFC 7644 §3.4.2.1: what a type does not define "is treated as if it had no value".
            None => compare_nothing(*op, literal),
        },
        Filter::ValuePath(path, inner) => {
            let Some(found) = schema.resolve(path) else {
                return false;
            };
            let value = holder(found.container, tree).and_then(|m| m.get(&found.attribute.name));
            elements(value).any(|e| element_matches(inner, found.attribute, e))
        }
    }
}

/// Whether one element of a multi-valued attribute satisfies the filter of a value path.
pub(crate) fn element_matches(filter: &Filter, attribute: &Attribute, element: &Value) -> bool {
    let test = |path: &AttrPath, f: &dyn Fn(&Attribute, Option<&Value>) -> bool| {
        let Some(leaf) = leaf_of_element(attribute, path) else {
            return false;
        };
        let value = match element {
            Value::Object(map) => map.get(&leaf.name),
            simple => Some(simple),
        };
        f(leaf, value)
    };
    match filter {
        Filter::And(parts) => parts.iter().all(|p| element_matches(p, attribute, element)),
        Filter::Or(parts) => parts.iter().any(|p| element_matches(p, attribute, element)),
        Filter::Not(inner) => !element_matches(inner, attribute, element),
        Filter::Present(path) => test(path, &|_, value| value.is_some_and(present)),
        Filter::Compare(path, op, literal) => test(path, &|leaf, value| compare(leaf, *op, literal, value)),
        Filter::ValuePath(..) => false,
    }
}

/// The attribute that a name inside brackets means. In `tags[value eq "x"]` on a simple list, `value` is the element itself.
pub(super) fn leaf_of_element<'a>(attribute: &'a Attribute, path: &AttrPath) -> Option<&'a Attribute> {
    if path.urn.is_some() || path.sub.is_some() {
        return None;
    }
    if attribute.is_complex() {
        attribute.sub(&path.name)
    } else {
        path.name.eq_ignore_ascii_case("value").then_some(attribute)
    }
}

/// What a comparison on this attribute compares: itself, or the `value` of a complex one. RFC 7644 §3.4.2.2: "if a
/// multi-valued attribute is specified without a sub-attribute, 'value' is assumed".
pub(super) fn comparable(attribute: &Attribute) -> Option<&Attribute> {
    if attribute.is_complex() { attribute.sub("value") } else { Some(attribute) }
}

fn holder<'v>(container: Option<&str>, tree: &'v Map<String, Value>) -> Option<&'v Map<String, Value>> {
    match container {
        None => Some(tree),
        Some(urn) => tree.get(urn)?.as_object(),
    }
}

/// Whether the test holds for the value of an attribute, or of its sub-attribute in any element.
fn any_value(
    found: &Resolved<'_>,
    tree: &Map<String, Value>,
    test: impl Fn(&Attribute, Option<&Value>) -> bool,
) -> bool {
    let value = holder(found.container, tree).and_then(|m| m.get(&found.attribute.name));
    let Some(sub) = found.sub else {
        return test(found.attribute, value);
    };
    let mut values = elements(value).filter_map(|e| e.as_object()?.get(&sub.name)).peekable();
    if values.peek().is_none() {
        return test(sub, None);
    }
    values.any(|v| test(sub, Some(v)))
}

fn elements(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
    .iter()
}

/// RFC 7644 §3.4.2.2, pr: "If the attribute has a non-empty or non-null value, or if it contains a non-empty node for
/// complex attributes, there is a match."
fn present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(s) => !s.is_empty(),
        Value::Array(items) => items.iter().any(present),
        Value::Object(map) => map.values().any(present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A comparison with an attribute that has no value.
fn compare_nothing(op: CompareOp, literal: &Literal) -> bool {
    match op {
        CompareOp::Eq => *literal == Literal::Null,
        CompareOp::Ne => *literal != Literal::Null,
        _ => false,
    }
}

fn compare(attribute: &Attribute, op: CompareOp, literal: &Literal, value: Option<&Value>) -> bool {
    if !value.is_some_and(present) {
        return compare_nothing(op, literal);
    }
    if *literal == Literal::Null {
        return op == CompareOp::Ne;
    }
    let Some(leaf) = comparable(attribute) else {
        return false;
    };
    elements(value)
        .filter_map(|v| match v {
            Value::Object(map) => map.get(&leaf.name),
            simple => Some(simple),
        })
        .any(|v| simple(leaf, op, literal, v))
}

fn simple(leaf: &Attribute, op: CompareOp, literal: &Literal, value: &Value) -> bool {
    if let (true, Value::String(left)) = (op.looks_into_text(), value) {
        let exact = is_case_exact(leaf);
        return literal
            .text()
            .is_some_and(|right| looks_into(op, &folded(left, exact), &folded(&right, exact)));
    }
    let (Some(left), Some(right)) = (Comparable::of(leaf, value), wanted(leaf, literal)) else {
        return false;
    };
    left.order(&right).is_some_and(|order| ordered(op, order))
}

/// The literal as a value of the attribute.
fn wanted<'l>(leaf: &Attribute, literal: &'l Literal) -> Option<Comparable<'l>> {
    Some(match leaf.data_type {
        DataType::Boolean => Comparable::Bool(literal.boolean()?),
        DataType::Integer | DataType::Decimal => Comparable::Number(Cow::Owned(literal.number()?)),
        DataType::DateTime => Comparable::Instant(instant(&literal.text()?)?),
        _ => {
            let exact = is_case_exact(leaf);
            Comparable::Text(match literal {
                Literal::String(text) => folded(text, exact),
                other => Cow::Owned(folded(&other.text()?, exact).into_owned()),
            })
        }
    })
}

fn ordered(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}

fn looks_into(op: CompareOp, left: &str, right: &str) -> bool {
    match op {
        CompareOp::Co => left.contains(right),
        CompareOp::Sw => left.starts_with(right),
        CompareOp::Ew => left.ends_with(right),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{check, parse};
    use super::*;
    use crate::Dialect;
    use crate::schema::Registry;
    use serde_json::json;

    fn user_matches(text: &str) -> bool {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("User").unwrap();
        let tree = json!({
            "id": "2819c223", "userName": "BJensen@example.com", "externalId": "Abc", "active": true, "title": "Guide",
            "name": {"givenName": "Barbara", "familyName": "Jensen"},
            "emails": [{"value": "b@work.com", "type": "work", "primary": true}, {"value": "B@Home.com", "type": "home"}],
            "meta": {"lastModified": "2026-05-13T04:42:34Z"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "26118915"}, "department": "Tour"}
        });
        let filter = parse(text, Dialect::Tolerant).unwrap();
        check(&filter, schema).unwrap_or_else(|e| panic!("{text}: {e}"));
        matches(&filter, schema, tree.as_object().unwrap())
    }

    #[test]
    fn typed_comparison() {
        for text in [
            "userName eq \"bjensen@EXAMPLE.com\"",
            "externalId eq \"Abc\"",
            "userName sw \"bj\"",
            "userName ew \".COM\"",
            "userName co \"jensen\"",
            "title gt \"guid\"",
            "active eq true",
            "active eq \"True\"",
            "title pr",
            "name pr",
            "nickName eq null",
            "not (nickName pr)",
            "nickName ne \"x\"",
            "title ne null",
            "meta.lastModified eq \"2026-05-13T06:42:34+02:00\"",
            "meta.lastModified gt \"2026-05-13T04:42:33.9Z\"",
            "meta.lastModified lt \"2026-05-13T04:42:35\"",
            "urn:ietf:params:scim:schemas:core:2.0:User:title eq \"guide\"",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"tour\"",
            "manager eq \"26118915\"",
            "externalId eq \"Abc\" and (title eq \"x\" or active eq true)",
        ] {
            assert!(user_matches(text), "{text}");
        }
        for text in [
            "externalId eq \"abc\"",
            "active eq false",
            "nickName pr",
            "nickName eq \"x\"",
            "title ne \"guide\"",
            "title eq null",
            "meta.lastModified gt \"2026-05-13T06:42:34+02:00\"",
            "userName eq \"x\"",
        ] {
            assert!(!user_matches(text), "{text}");
        }
    }

    #[test]
    fn multi_valued_attributes_match_on_any_element_and_brackets_on_one() {
        for text in [
            "emails eq \"b@home.com\"",
            "emails.value eq \"b@work.com\"",
            "emails.type eq \"home\"",
            "emails pr",
            "emails[type eq \"work\" and value eq \"b@work.com\"]",
            "emails[primary eq \"True\"].value eq \"b@work.com\"",
            "emails[not (primary pr)]",
            "emails.type eq \"home\" and emails.value eq \"b@work.com\"",
        ] {
            assert!(user_matches(text), "{text}");
        }
        for text in
            ["emails[type eq \"home\" and value eq \"b@work.com\"]", "phoneNumbers pr", "ims[value pr]"]
        {
            assert!(!user_matches(text), "{text}");
        }
    }
}
