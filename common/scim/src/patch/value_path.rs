//! Operations on elements of a multi-valued attribute: those a filter selects, or all of them.

use serde_json::{Map, Value};

use super::engine::{Action, merge, removable};
use super::request::OpKind;
use crate::dialect::{Dialect, Leeway};
use crate::error::ScimError;
use crate::filter::{self, CompareOp, Filter};
use crate::normalize;
use crate::schema::Attribute;

/// Takes the list out of its holder; [`put`] puts it back.
pub(super) fn take(holder: &mut Map<String, Value>, attr: &Attribute) -> Vec<Value> {
    match holder.remove(&attr.name) {
        Some(Value::Array(items)) => items,
        Some(single) => vec![single],
        None => Vec::new(),
    }
}

/// Puts the list back, unless nothing is left of it.
pub(super) fn put(
    holder: &mut Map<String, Value>,
    attr: &Attribute,
    mut items: Vec<Value>,
) -> Result<(), ScimError> {
    items.retain(|i| !i.as_object().is_some_and(Map::is_empty));
    normalize::dedupe(attr, &mut items);
    if attr.multi_valued {
        normalize::one_primary(attr, &items)?;
    }
    let value =
        if attr.multi_valued { (!items.is_empty()).then_some(Value::Array(items)) } else { items.pop() };
    if let Some(value) = value {
        holder.insert(attr.name.clone(), value);
    }
    Ok(())
}

/// Adds an element, or completes the one that has its type and value. RFC 7644 §3.5.2.1: "If the value already exists, no
/// changes SHOULD be made to the resource".
pub(super) fn add(attr: &Attribute, items: &mut Vec<Value>, item: Value) -> Result<(), ScimError> {
    let same = normalize::identity(attr, &item);
    let at = match items.iter().position(|i| normalize::identity(attr, i) == same) {
        Some(at) => {
            if let (Some(Value::Object(old)), Value::Object(new)) = (items.get_mut(at), item) {
                complete(attr, old, new)?;
            }
            at
        }
        None => {
            items.push(item);
            items.len() - 1
        }
    };
    yield_primary(items, &[at]);
    Ok(())
}

fn complete(
    attr: &Attribute,
    old: &mut Map<String, Value>,
    new: Map<String, Value>,
) -> Result<(), ScimError> {
    for (name, value) in new {
        if let Some(sub) = attr.sub(&name) {
            normalize::unchanged(sub, old.get(&name), Some(&value))?;
        }
        old.insert(name, value);
    }
    Ok(())
}

/// RFC 7644 §3.5.2: "If the "primary" attribute is set to true on one value, the server SHALL set it to false on all others."
fn yield_primary(items: &mut [Value], touched: &[usize]) {
    let is_primary = |item: &Value| item.get("primary") == Some(&Value::Bool(true));
    if !touched.iter().any(|&i| items.get(i).is_some_and(is_primary)) {
        return;
    }
    for (i, item) in items.iter_mut().enumerate() {
        if !touched.contains(&i) && is_primary(item) {
            item["primary"] = Value::Bool(false);
        }
    }
}

/// Whether `item` is what a client names with `wanted`: everything that `wanted` says is so. Its display text and reference
/// say nothing about which one it is.
pub(super) fn covers(attr: &Attribute, wanted: &Value, item: &Value) -> bool {
    let (Value::Object(wanted), Value::Object(item)) = (wanted, item) else {
        return normalize::identity(attr, wanted) == normalize::identity(attr, item);
    };
    let has_value = wanted.contains_key("value");
    wanted.iter().filter(|(name, _)| !has_value || matches!(name.as_str(), "value" | "type")).all(
        |(name, v)| match (v, item.get(name), attr.sub(name)) {
            (a, Some(b), Some(sub)) => {
                normalize::simple_identity(sub, a) == normalize::simple_identity(sub, b)
            }
            (a, Some(b), _) => a == b,
            _ => false,
        },
    )
}

/// Applies an operation to the selected elements; without a filter, to all of them.
pub(super) fn on_elements(
    holder: &mut Map<String, Value>,
    attr: &Attribute,
    filter: Option<&Filter>,
    action: Action<'_>,
) -> Result<(), ScimError> {
    if let Some(filter) = filter {
        if !attr.multi_valued {
            return Err(ScimError::invalid_path(format!(
                "{} is not multi-valued; leave the filter in brackets out of the path",
                attr.name
            )));
        }
        filter::check_elements(filter, attr, action.dialect)?;
    }
    let mut items = take(holder, attr);
    let mut selected: Vec<usize> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| filter.is_none_or(|f| filter::element_matches(f, attr, item)))
        .map(|(i, _)| i)
        .collect();
    if action.kind == OpKind::Remove {
        remove(attr, &mut items, &selected, &action)?;
        return put(holder, attr, items);
    }
    let seed = filter.map_or_else(|| Some(Map::new()), |f| seed(attr, f, action.dialect));
    let mut created = false;
    if selected.is_empty() {
        if nothing_to_set(attr, &action)? {
            return put(holder, attr, items);
        }
        let Some(seed) = seed.as_ref().filter(|_| may_create(attr, filter, &action)) else {
            return Err(ScimError::no_target(format!(
                "no element of {} is selected by the path; add one first",
                attr.name
            )));
        };
        selected.push(items.len());
        items.push(Value::Object(seed.clone()));
        created = true;
    }
    for &i in &selected {
        let Some(item) = items.get_mut(i) else { continue };
        let before = (!created).then(|| item.clone());
        set(attr, item, seed.as_ref(), created, &action)?;
        if let Some(before) = before {
            parts_kept(attr, &before, item)?;
        }
    }
    yield_primary(&mut items, &selected);
    put(holder, attr, items)
}

/// Checks that what is immutable in an element is as it was, unless the element is gone as a whole.
fn parts_kept(attr: &Attribute, before: &Value, after: &Value) -> Result<(), ScimError> {
    if after.as_object().is_none_or(Map::is_empty) {
        return Ok(());
    }
    attr.sub_attributes
        .iter()
        .try_for_each(|sub| normalize::unchanged(sub, before.get(&sub.name), after.get(&sub.name)))
}

fn remove(
    attr: &Attribute,
    items: &mut Vec<Value>,
    selected: &[usize],
    action: &Action<'_>,
) -> Result<(), ScimError> {
    if selected.is_empty() {
        if action.dialect.allows(Leeway::RemoveIsIdempotent) {
            return Ok(());
        }
        return Err(ScimError::no_target(format!("no element of {} is selected by the path", attr.name)));
    }
    if let Some(sub) = action.sub {
        removable(sub)?;
        for &i in selected {
            if let Some(Value::Object(map)) = items.get_mut(i) {
                normalize::unchanged(sub, map.get(&sub.name), None)?;
                merge(map, attr, vec![(sub, None)]);
            }
        }
        return Ok(());
    }
    let mut index = 0;
    items.retain(|_| {
        index += 1;
        !selected.contains(&(index - 1))
    });
    if items.is_empty() {
        removable(attr)?;
    }
    Ok(())
}

/// Clearing what is not there needs no element to be made for it.
fn nothing_to_set(attr: &Attribute, action: &Action<'_>) -> Result<bool, ScimError> {
    let value = action.value.clone().unwrap_or_default();
    let cleared = match action.sub {
        Some(sub) => normalize::attribute(sub, value, action.dialect)?.is_none(),
        None => normalize::single(attr, value, action.dialect)?.is_none(),
    };
    Ok(cleared)
}

fn set(
    attr: &Attribute,
    item: &mut Value,
    seed: Option<&Map<String, Value>>,
    created: bool,
    action: &Action<'_>,
) -> Result<(), ScimError> {
    let value = action.value.clone().unwrap_or_default();
    if !attr.is_complex() {
        *item = normalize::single(attr, value, action.dialect)?.unwrap_or_else(|| Value::Object(Map::new()));
        return Ok(());
    }
    let Value::Object(map) = item else {
        return Ok(());
    };
    match action.sub {
        Some(sub) => {
            let whole = Value::Object(Map::from_iter([(sub.name.clone(), value)]));
            merge(map, attr, normalize::parts(attr, whole, action.dialect)?);
        }
        None => {
            let parts = normalize::parts(attr, value, action.dialect)?;
            // RFC 7644 §3.5.2.3: "... then all matching record values SHALL be replaced." What the filter says stays
            // true of the new element unless the value says otherwise.
            if action.kind == OpKind::Replace && !created {
                *map = seed.cloned().unwrap_or_default();
            }
            merge(map, attr, parts);
        }
    }
    Ok(())
}

/// Whether an unmatched path makes a new element. RFC 7644 §3.5.2.3 answers `replace` with `noTarget`; Entra ID relies on an
/// element being made. Entra is told from a mistake by what it asks for: a well-known `type`, the `primary` element, or an
/// operation spelled with a capital.
fn may_create(attr: &Attribute, filter: Option<&Filter>, action: &Action<'_>) -> bool {
    if action.kind == OpKind::Add {
        return true;
    }
    if !action.dialect.allows(Leeway::ValuePathCreates) || action.sub.is_none() {
        return false;
    }
    action.capitalised || filter.is_some_and(|f| names_well_known(attr, f))
}

fn names_well_known(attr: &Attribute, filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().any(|p| names_well_known(attr, p)),
        Filter::Compare(path, CompareOp::Eq, literal) => {
            path.name.eq_ignore_ascii_case("primary")
                || (path.name.eq_ignore_ascii_case("type")
                    && attr.sub("type").zip(literal.text()).is_some_and(|(sub, text)| {
                        sub.canonical_values.iter().any(|c| c.eq_ignore_ascii_case(&text))
                    }))
        }
        _ => false,
    }
}

/// The element that a pure conjunction of `eq` describes; `None` for any other filter.
fn seed(attr: &Attribute, filter: &Filter, dialect: Dialect) -> Option<Map<String, Value>> {
    let parts = match filter {
        Filter::And(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut map = Map::new();
    for part in parts {
        let Filter::Compare(path, CompareOp::Eq, literal) = part else {
            return None;
        };
        let sub = attr.sub(&path.name)?;
        if !filter::literal_fits(sub, CompareOp::Eq, literal, dialect) {
            return None;
        }
        map.insert(sub.name.clone(), normalize::single(sub, literal.to_value_of(sub)?, dialect).ok()??);
    }
    Some(map)
}
