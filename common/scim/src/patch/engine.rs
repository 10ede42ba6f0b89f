//! Applies operations to a resource tree.

use serde_json::{Map, Value};

use super::request::{OpKind, Operation};
use super::value_path;
use crate::compare;
use crate::dialect::{Dialect, Leeway};
use crate::error::ScimError;
use crate::filter::Filter;
use crate::normalize::{self, Part};
use crate::path::{AttributePath, Path};
use crate::resource::{self, Resource};
use crate::schema::{Attribute, Key, Mutability, Resolved, ResourceSchema, Schema};

/// Applies the operations in order and returns the new tree; `current` stays as it is. A result equal to `current` means that
/// nothing changed, and RFC 7644 §3.5.2 then wants `lastModified` left alone.
///
/// # Errors
/// Of the first operation that fails: 400 `invalidPath`, `noTarget`, `mutability` or `invalidValue`.
pub fn apply(
    schema: &ResourceSchema,
    current: &Resource,
    operations: &[Operation],
) -> Result<Resource, ScimError> {
    let engine = Engine { schema, dialect: schema.dialect() };
    let mut tree = current.clone();
    for op in operations {
        engine.apply(&mut tree.0, op)?;
    }
    normalize::required(schema, &tree)?;
    // What comes to the same is the same, to the letter: nothing is written then.
    Ok(if resource::equivalent(schema, current, &tree) { current.clone() } else { tree })
}

/// What an operation does once it is known to which attribute.
pub(super) struct Action<'a> {
    pub(super) kind: OpKind,
    pub(super) capitalised: bool,
    /// The sub-attribute that the path names.
    pub(super) sub: Option<&'a Attribute>,
    pub(super) value: Option<Value>,
    pub(super) dialect: Dialect,
}

struct Engine<'a> {
    schema: &'a ResourceSchema,
    dialect: Dialect,
}

impl Engine<'_> {
    fn apply(&self, tree: &mut Map<String, Value>, op: &Operation) -> Result<(), ScimError> {
        match (&op.path, op.kind) {
            (None | Some(Path::Resource), OpKind::Remove) => {
                Err(ScimError::no_target("a remove operation needs a path; name the attribute to remove"))
            }
            (None | Some(Path::Resource), _) => self.assign(tree, op, None, op.value.as_ref()),
            (Some(Path::Extension(id)), OpKind::Remove) => self.remove_extension(tree, id),
            (Some(Path::Extension(id)), _) => {
                self.assign(tree, op, self.schema.extension(id), op.value.as_ref())
            }
            (Some(Path::Attribute(path)), _) => self.at(tree, op, path),
        }
    }

    /// `add` and `replace` without a path, or with that of a schema: the value holds the attributes, under plain, dotted or
    /// URN-qualified names.
    fn assign(
        &self,
        tree: &mut Map<String, Value>,
        op: &Operation,
        within: Option<&Schema>,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let Some(Value::Object(values)) = value else {
            return Err(ScimError::invalid_value(
                "an operation without a path needs an object of attributes as its value",
            ));
        };
        if let Some(extension) = within
            && op.kind == OpKind::Replace
            && !self.dialect.allows(Leeway::ReplaceMerges)
        {
            self.replace_extension(tree, extension)?;
        }
        for (key, value) in values {
            match self.schema.member(within, key) {
                Some(Key::Core) if within.is_none() => self.assign(tree, op, None, Some(value))?,
                Some(Key::Extension(extension)) if within.is_none() => {
                    self.assign(tree, op, Some(extension), Some(value))?;
                }
                // The tolerant dialect lets clients send back what they read: id, meta, groups.
                Some(Key::Attribute(found))
                    if found.attribute.mutability == Mutability::ReadOnly
                        && self.dialect.allows(Leeway::ReadOnlyDropped) => {}
                Some(Key::Attribute(found)) => self.on(tree, op, found, None, Some(value.clone()))?,
                Some(_) => {}
                None if self.dialect.allows(Leeway::UnknownDropped) => {}
                None => {
                    return Err(ScimError::invalid_syntax(format!(
                        "{} has no attribute {key}; see the Schemas endpoint for those it has",
                        self.schema.name()
                    )));
                }
            }
        }
        Ok(())
    }

    fn at(
        &self,
        tree: &mut Map<String, Value>,
        op: &Operation,
        path: &AttributePath,
    ) -> Result<(), ScimError> {
        match self.schema.resolve(&path.attribute) {
            Some(found) => self.on(tree, op, found, path.filter.as_ref(), op.value.clone()),
            // Entra addresses custom attributes by a URN that it never announces; a name without URN, or with that of the
            // core schema, is a mistake that someone should hear of.
            None if path.attribute.urn.as_ref().is_some_and(|u| !self.schema.is_core(u))
                && self.dialect.allows(Leeway::UnknownDropped) =>
            {
                Ok(())
            }
            None => Err(self.unknown(&path.attribute.to_string())),
        }
    }

    fn unknown(&self, name: &str) -> ScimError {
        ScimError::invalid_path(format!(
            "{} has no attribute {name}; see the Schemas endpoint for those it has",
            self.schema.name()
        ))
    }

    fn remove_extension(&self, tree: &mut Map<String, Value>, id: &str) -> Result<(), ScimError> {
        if self.schema.extensions.iter().any(|e| e.required && e.schema.id == id) {
            return Err(ScimError::mutability(format!("{id} is required and cannot be removed")));
        }
        if let Some(extension) = self.schema.extension(id) {
            Self::may_empty(tree, extension)?;
        }
        tree.remove(id);
        Ok(())
    }

    /// The interop profile replaces a complex value as a whole, and an extension with it; what is immutable stays.
    fn replace_extension(&self, tree: &mut Map<String, Value>, extension: &Schema) -> Result<(), ScimError> {
        if let Some(Value::Object(map)) = tree.get_mut(&extension.id) {
            map.retain(|name, _| {
                extension.attribute(name).is_some_and(|a| a.mutability == Mutability::Immutable)
            });
        }
        Ok(())
    }

    /// Removing an extension removes its attributes, which each must allow it.
    fn may_empty(tree: &Map<String, Value>, extension: &Schema) -> Result<(), ScimError> {
        let Some(map) = tree.get(&extension.id).and_then(Value::as_object) else {
            return Ok(());
        };
        extension.attributes.iter().try_for_each(|a| normalize::unchanged(a, map.get(&a.name), None))
    }

    /// One operation on one attribute.
    fn on(
        &self,
        tree: &mut Map<String, Value>,
        op: &Operation,
        found: Resolved<'_>,
        filter: Option<&Filter>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let action = Action {
            kind: op.kind,
            capitalised: op.capitalised,
            sub: found.sub,
            value,
            dialect: self.dialect,
        };
        let Some(id) = found.container else {
            return on_attribute(tree, found.attribute, filter, action);
        };
        let mut holder = match tree.remove(id) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        on_attribute(&mut holder, found.attribute, filter, action)?;
        if !holder.is_empty() {
            tree.insert(id.to_owned(), Value::Object(holder));
        }
        Ok(())
    }
}

fn on_attribute(
    holder: &mut Map<String, Value>,
    attr: &Attribute,
    filter: Option<&Filter>,
    action: Action<'_>,
) -> Result<(), ScimError> {
    if !may_change(holder, attr, filter, &action)? {
        return Ok(());
    }
    let before = (attr.mutability == Mutability::Immutable).then(|| holder.get(&attr.name).cloned());
    let parts_before = immutable_parts(holder, attr);
    if filter.is_some() || (action.sub.is_some() && attr.multi_valued) {
        value_path::on_elements(holder, attr, filter, action)?;
    } else if let Some(sub) = action.sub {
        on_sub_attribute(holder, attr, sub, action)?;
    } else if attr.multi_valued {
        on_list(holder, attr, action)?;
    } else {
        on_single(holder, attr, action)?;
    }
    if let Some(before) = before {
        normalize::unchanged(attr, before.as_ref(), holder.get(&attr.name))?;
    }
    parts_before.into_iter().try_for_each(|(sub, before)| {
        let after = holder.get(&attr.name).and_then(|v| v.get(&sub.name));
        // A complex value that is gone took its parts with it.
        if holder.contains_key(&attr.name) { normalize::unchanged(sub, Some(&before), after) } else { Ok(()) }
    })
}

/// The immutable parts that a singular complex value has; those of elements are looked after where elements are changed.
fn immutable_parts<'a>(holder: &Map<String, Value>, attr: &'a Attribute) -> Vec<(&'a Attribute, Value)> {
    let Some(Value::Object(map)) = holder.get(&attr.name) else {
        return Vec::new();
    };
    attr.sub_attributes
        .iter()
        .filter(|sub| sub.mutability == Mutability::Immutable)
        .filter_map(|sub| Some((sub, map.get(&sub.name)?.clone())))
        .collect()
}

/// Whether there is anything to do. RFC 7644 §3.5.2: "a client MUST NOT modify an attribute that has mutability
/// "readOnly" or "immutable"" unless the value is what it already is.
fn may_change(
    holder: &Map<String, Value>,
    attr: &Attribute,
    filter: Option<&Filter>,
    action: &Action<'_>,
) -> Result<bool, ScimError> {
    if attr.name == "schemas" {
        // Derived from what the resource holds; clients list them out of habit.
        return Ok(false);
    }
    let target = action.sub.unwrap_or(attr);
    if attr.mutability == Mutability::WriteOnly || target.mutability == Mutability::WriteOnly {
        return Ok(false);
    }
    if attr.mutability != Mutability::ReadOnly && target.mutability != Mutability::ReadOnly {
        return Ok(true);
    }
    let current = match action.sub {
        None => holder.get(&attr.name),
        Some(sub) => holder.get(&attr.name).and_then(|v| v.get(&sub.name)),
    };
    let equal = filter.is_none()
        && action.kind != OpKind::Remove
        && action.value.as_ref().zip(current).is_some_and(|(new, old)| compare::same(target, old, new));
    if equal {
        return Ok(false);
    }
    Err(ScimError::mutability(format!("{} is read-only; leave it out of the operation", target.name)))
}

/// A singular attribute, simple or complex.
fn on_single(holder: &mut Map<String, Value>, attr: &Attribute, action: Action<'_>) -> Result<(), ScimError> {
    let value = match (action.kind, action.value) {
        (OpKind::Remove, _) => {
            removable(attr)?;
            holder.remove(&attr.name);
            return Ok(());
        }
        (_, value) => value.unwrap_or_default(),
    };
    let cleared = normalize::single(attr, value.clone(), action.dialect)?.is_none();
    if cleared && (!attr.is_complex() || !value.is_object()) {
        return clear(holder, attr);
    }
    if !attr.is_complex() {
        if let Some(value) = normalize::single(attr, value, action.dialect)? {
            holder.insert(attr.name.clone(), value);
        }
        return Ok(());
    }
    // RFC 7644 §3.5.2.3: "If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified
    // in the "value" parameter that replaces any existing values or adds where an attribute did not previously exist.
    // Sub-attributes that are not specified SHALL be left unchanged."
    // The interop profile has `replace` replace the whole.
    let whole = action.kind == OpKind::Replace && !action.dialect.allows(Leeway::ReplaceMerges);
    let mut map = match holder.remove(&attr.name) {
        Some(Value::Object(map)) if !whole => map,
        _ => Map::new(),
    };
    merge(&mut map, attr, normalize::parts(attr, value, action.dialect)?);
    if map.is_empty() {
        return clear(holder, attr);
    }
    holder.insert(attr.name.clone(), Value::Object(map));
    Ok(())
}

/// One part of a singular complex attribute.
fn on_sub_attribute(
    holder: &mut Map<String, Value>,
    attr: &Attribute,
    sub: &Attribute,
    action: Action<'_>,
) -> Result<(), ScimError> {
    let value = match action.kind {
        OpKind::Remove => {
            removable(sub)?;
            None
        }
        _ => normalize::attribute(sub, action.value.unwrap_or_default(), action.dialect)?,
    };
    let mut map = match holder.remove(&attr.name) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    merge(&mut map, attr, vec![(sub, value)]);
    if !map.is_empty() {
        holder.insert(attr.name.clone(), Value::Object(map));
    }
    Ok(())
}

/// Merges parts into a complex value. A value that loses its `value` is gone: what is left would describe nothing. A changed
/// `value` takes the `$ref` of the old one with it.
pub(super) fn merge(map: &mut Map<String, Value>, attr: &Attribute, parts: Vec<Part<'_>>) {
    let old = map.get("value").cloned();
    let brings_ref = parts.iter().any(|(sub, v)| sub.name == "$ref" && v.is_some());
    for (sub, value) in parts {
        match value {
            Some(value) => map.insert(sub.name.clone(), value),
            None => map.remove(&sub.name),
        };
    }
    if old.is_some() && attr.sub("value").is_some() {
        match map.get("value") {
            None => map.clear(),
            new if new != old.as_ref() && !brings_ref => {
                map.remove("$ref");
            }
            _ => {}
        }
    }
}

/// A multi-valued attribute as a whole.
fn on_list(holder: &mut Map<String, Value>, attr: &Attribute, action: Action<'_>) -> Result<(), ScimError> {
    match (action.kind, action.value) {
        (OpKind::Remove, None | Some(Value::Null)) => {
            removable(attr)?;
            holder.remove(&attr.name);
        }
        (OpKind::Remove, Some(value)) => {
            // Entra and others name what to remove in `value`; taking everything away instead is the most
            // dangerous failure seen in the wild.
            let mut items = value_path::take(holder, attr);
            for gone in listed(attr, value, action.dialect)? {
                items.retain(|item| !value_path::covers(attr, &gone, item));
            }
            if items.is_empty() {
                removable(attr)?;
            }
            value_path::put(holder, attr, items)?;
        }
        (OpKind::Add, value) => {
            let added = listed(attr, value.unwrap_or_default(), action.dialect)?;
            normalize::one_primary(attr, &added)?;
            let mut items = value_path::take(holder, attr);
            for item in added {
                value_path::add(attr, &mut items, item)?;
            }
            value_path::put(holder, attr, items)?;
        }
        (OpKind::Replace, value) => {
            match normalize::attribute(attr, value.unwrap_or_default(), action.dialect)? {
                Some(items) => {
                    holder.insert(attr.name.clone(), items);
                }
                None => clear(holder, attr)?,
            }
        }
    }
    Ok(())
}

fn listed(attr: &Attribute, value: Value, dialect: Dialect) -> Result<Vec<Value>, ScimError> {
    Ok(match normalize::attribute(attr, value, dialect)? {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    })
}

/// RFC 7644 §3.5.2.2: "If an attribute is removed ... and the attribute is required ... the server SHALL return ... a
/// "scimType" error code of "mutability"."
pub(super) fn removable(attr: &Attribute) -> Result<(), ScimError> {
    if attr.required {
        return Err(ScimError::mutability(format!(
            "{} is required and cannot be removed; replace it instead",
            attr.name
        )));
    }
    Ok(())
}

fn clear(holder: &mut Map<String, Value>, attr: &Attribute) -> Result<(), ScimError> {
    if attr.required {
        return Err(ScimError::invalid_value(format!("{} is required; send a value for it", attr.name)));
    }
    holder.remove(&attr.name);
    Ok(())
}
