//! One value at a time: types, arity, duplicates.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::accepts;
use crate::compare::{Comparable, folded, is_case_exact, is_date_time};
use crate::dialect::{Dialect, Leeway};
use crate::error::ScimError;
use crate::resource::member_ids;
use crate::schema::{Attribute, DataType, Mutability};

/// A sub-attribute and its new value; `None` clears it.
pub(crate) type Part<'a> = (&'a Attribute, Option<Value>);

/// Normalises the whole value of an attribute. `None` means unassigned (RFC 7643 §2.5: "Unassigned attributes, the null
/// value, or an empty array ... are considered to be equivalent in "state"").
pub(crate) fn attribute(
    attr: &Attribute,
    value: Value,
    dialect: Dialect,
) -> Result<Option<Value>, ScimError> {
    if !attr.multi_valued {
        return single(attr, value, dialect);
    }
    if is_membership(attr) {
        // A member is its id. One without would be dropped like any empty value, and somebody with it.
        let ids = members(attr, &value, dialect)?;
        let members: Vec<Value> = ids.into_iter().map(|id| json!({ "value": id })).collect();
        return Ok((!members.is_empty()).then_some(Value::Array(members)));
    }
    let items = match value {
        Value::Null => return Ok(None),
        Value::Array(items) => items,
        lone if dialect.allows(Leeway::LooseArity) => vec![lone],
        _ => return Err(wrong(attr, "a list")),
    };
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        kept.extend(single(attr, item, dialect)?);
    }
    dedupe(attr, &mut kept);
    one_primary(attr, &kept)?;
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

/// Whether this is the `members` attribute of the Group schema (RFC 7643 §4.2), which is kept apart from the tree.
pub(crate) fn is_membership(attr: &Attribute) -> bool {
    let immutable = |name: &str| attr.sub(name).is_some_and(|s| s.mutability == Mutability::Immutable);
    attr.name == "members" && immutable("value") && immutable("$ref")
}

/// The ids of members as a client sent them.
pub(crate) fn members(attr: &Attribute, value: &Value, dialect: Dialect) -> Result<Vec<String>, ScimError> {
    if !dialect.allows(Leeway::LooseArity) && !value.is_null() {
        let Some(items) = value.as_array() else {
            return Err(wrong(attr, "a list"));
        };
        for item in items {
            let map = item.as_object().ok_or_else(|| wrong(attr, "a list of objects"))?;
            if let Some(key) = map.keys().find(|k| attr.sub(k).is_none()) {
                return Err(unknown_sub(attr, key));
            }
        }
    }
    member_ids(value)
}

/// Normalises a single value: that of a singular attribute, or one element of a list.
pub(crate) fn single(attr: &Attribute, value: Value, dialect: Dialect) -> Result<Option<Value>, ScimError> {
    let Some(value) = unwrapped(attr, value, dialect)? else {
        return Ok(None);
    };
    if !attr.is_complex() {
        return simple(attr, value, dialect);
    }
    let map: Map<String, Value> = parts(attr, value, dialect)?
        .into_iter()
        .filter_map(|(sub, v)| Some((sub.name.clone(), v?)))
        .collect();
    Ok((!map.is_empty()).then_some(Value::Object(map)))
}

/// The parts of a complex value, cleared ones included: a PATCH merges them one by one.
pub(crate) fn parts<'a>(
    attr: &'a Attribute,
    value: Value,
    dialect: Dialect,
) -> Result<Vec<Part<'a>>, ScimError> {
    let map = match unwrapped(attr, value, dialect)? {
        Some(Value::Object(map)) => map,
        // Entra: `"manager": "271"`. A bare string is the `value`.
        Some(text @ Value::String(_))
            if dialect.allows(Leeway::LooseArity) && attr.sub("value").is_some() =>
        {
            Map::from_iter([("value".to_owned(), text)])
        }
        None => return Ok(attr.sub("value").map(|sub| (sub, None)).into_iter().collect()),
        Some(_) => return Err(wrong(attr, "an object")),
    };
    let mut parts = Vec::with_capacity(map.len());
    for (key, value) in map {
        let Some(sub) = sub_named(attr, &key, dialect) else {
            if dialect.allows(Leeway::UnknownDropped) {
                continue;
            }
            return Err(unknown_sub(attr, &key));
        };
        if accepts(sub) {
            let value =
                if sub.multi_valued { attribute(sub, value, dialect)? } else { single(sub, value, dialect)? };
            parts.push((sub, value));
        }
    }
    if dialect.allows(Leeway::VendorSpellings) {
        expand_role(attr, &mut parts);
    }
    Ok(parts)
}

/// OneLogin, like SCIM 1.1, calls the manager's `value` `managerId`.
fn sub_named<'a>(attr: &'a Attribute, key: &str, dialect: Dialect) -> Option<&'a Attribute> {
    let is_manager_id = dialect.allows(Leeway::VendorSpellings)
        && attr.name == "manager"
        && key.eq_ignore_ascii_case("managerId");
    if is_manager_id { attr.sub("value") } else { attr.sub(key) }
}

fn unknown_sub(attr: &Attribute, key: &str) -> ScimError {
    ScimError::invalid_syntax(format!("{} has no sub-attribute {key}; see the Schemas endpoint", attr.name))
}

/// Entra's `AppRoleAssignmentsComplex` puts the role as JSON text into `value`:
/// `{"value": "{\"id\":\"06b0..\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}`.
fn expand_role<'a>(attr: &'a Attribute, parts: &mut Vec<Part<'a>>) {
    if attr.name != "roles" {
        return;
    }
    for i in 0..parts.len() {
        let Some((sub, Some(Value::String(text)))) = parts.get_mut(i) else {
            continue;
        };
        if sub.name != "value" || !text.starts_with('{') {
            continue;
        }
        let Ok(mut inner) = serde_json::from_str::<Map<String, Value>>(text) else {
            continue;
        };
        if let Some(Value::String(value)) = inner.remove("value")
            && !value.is_empty()
        {
            *text = value;
            let display = inner.remove("displayName").filter(|d| d.as_str().is_some_and(|d| !d.is_empty()));
            if let (Some(sub), Some(display)) = (attr.sub("display"), display) {
                parts.push((sub, Some(display)));
            }
        }
    }
}

/// Null, `""` and `[]` are nothing; a one-element array stands for its element.
fn unwrapped(attr: &Attribute, value: Value, dialect: Dialect) -> Result<Option<Value>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::String(s) if s.is_empty() && dialect.allows(Leeway::EmptyTextClears) => Ok(None),
        // RFC 7643 §2.5: an empty array is equivalent to no value.
        Value::Array(items) if items.is_empty() => Ok(None),
        Value::Array(mut items) if dialect.allows(Leeway::LooseArity) && items.len() == 1 => {
            match items.pop() {
                None => Ok(None),
                Some(Value::Array(_)) => Err(wrong(attr, "a single value")),
                Some(item) => unwrapped(attr, item, dialect),
            }
        }
        Value::Array(_) => Err(wrong(attr, "a single value")),
        other => Ok(Some(other)),
    }
}

fn simple(attr: &Attribute, value: Value, dialect: Dialect) -> Result<Option<Value>, ScimError> {
    let value = match (attr.data_type, value) {
        (DataType::Boolean, Value::String(s)) if dialect.allows(Leeway::BooleanAsText) => {
            if s.eq_ignore_ascii_case("true") {
                Value::Bool(true)
            } else if s.eq_ignore_ascii_case("false") {
                Value::Bool(false)
            } else {
                return Err(wrong(attr, "true or false"));
            }
        }
        // An element of a simple list may come as {"value": x}, as the complex ones do.
        (_, Value::Object(mut map))
            if attr.multi_valued && map.contains_key("value") && dialect.allows(Leeway::LooseArity) =>
        {
            let inner = map.remove("value").unwrap_or_default();
            return match inner {
                Value::Object(_) | Value::Array(_) => Err(wrong(attr, attr.data_type.name())),
                inner => single(attr, inner, dialect),
            };
        }
        (_, other) => other,
    };
    let fits = match (attr.data_type, &value) {
        (DataType::Boolean, v) => v.is_boolean(),
        (DataType::Integer, v) => v.is_i64() || v.is_u64(),
        (DataType::Decimal, v) => v.is_number(),
        (DataType::DateTime, Value::String(s)) => is_date_time(s),
        (DataType::Binary, Value::String(s)) => is_base64(s),
        (DataType::String | DataType::Reference, Value::String(_)) => true,
        _ => false,
    };
    if fits { Ok(Some(value)) } else { Err(wrong(attr, attr.data_type.name())) }
}

/// RFC 7643 §2.3.6 asks for base64 of either alphabet of RFC 4648. Line breaks come with certificates in PEM form.
fn is_base64(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    let padding = digits.iter().rev().take_while(|b| **b == b'=').count();
    let (body, all) = (&digits[..digits.len() - padding], digits.len());
    let alphabet = |more: [u8; 2]| body.iter().all(|b| b.is_ascii_alphanumeric() || more.contains(b));
    let length = match padding {
        0 => body.len() % 4 != 1,
        1 | 2 => all.is_multiple_of(4),
        _ => false,
    };
    length && (alphabet(*b"+/") || alphabet(*b"-_"))
}

fn wrong(attr: &Attribute, wanted: &str) -> ScimError {
    ScimError::invalid_value(format!("{} must be {wanted}; correct the value", attr.name))
}

/// Suppresses repeated elements. RFC 7643 §2.4: "service providers SHOULD NOT return the same (type, value) combination more
/// than once per attribute".
pub(crate) fn dedupe(attr: &Attribute, items: &mut Vec<Value>) {
    let mut seen = HashSet::with_capacity(items.len());
    items.retain(|item| seen.insert(identity(attr, item)));
}

/// What makes an element the same as another: its type and value; all of it where it has no value.
pub(crate) fn identity(attr: &Attribute, item: &Value) -> String {
    let Some(map) = item.as_object() else {
        return simple_identity(attr, item);
    };
    let part = |name: &str| Some(simple_identity(attr.sub(name)?, map.get(name)?));
    match part("value") {
        // A type holds no line break that would matter: the pair is only compared with pairs of the same attribute.
        Some(value) => format!("{}\n{value}", part("type").unwrap_or_default()),
        None => {
            let mut rest = map.clone();
            rest.remove("primary");
            Value::Object(rest).to_string()
        }
    }
}

/// The text under which equal simple values are found, whatever their case, offset or notation.
pub(crate) fn simple_identity(attr: &Attribute, value: &Value) -> String {
    match Comparable::of(attr, value) {
        Some(Comparable::Bool(b)) => b.to_string(),
        Some(Comparable::Number(n)) => match n.as_f64().filter(|f| n.is_f64() && f.fract() == 0.0) {
            Some(whole) => format!("{whole:.0}"),
            None => n.to_string(),
        },
        Some(Comparable::Instant(at)) => at.to_string(),
        Some(Comparable::Text(text)) => text.into_owned(),
        None => match value.as_str() {
            Some(text) => folded(text, is_case_exact(attr)).into_owned(),
            None => value.to_string(),
        },
    }
}

/// RFC 7643 §2.4: "The primary attribute value "true" MUST appear no more than once."
pub(crate) fn one_primary(attr: &Attribute, items: &[Value]) -> Result<(), ScimError> {
    let primaries = items.iter().filter(|i| i.get("primary") == Some(&Value::Bool(true))).count();
    if primaries > 1 {
        return Err(ScimError::invalid_value(format!(
            "{} has {primaries} primary values; mark one",
            attr.name
        )));
    }
    Ok(())
}
