//! Applies operations to a resource tree.

use serde_json::{Map, Value};

use super::request::{OpKind, Operation};
use super::value_path;
use crate::dialect::{Dialect, Relaxation};
use crate::error::ScimError;
use crate::filter::Filter;
use crate::normalize::{self, Part};
use crate::path::{AttributePath, Path};
use crate::resource::Resource;
use crate::schema::{Attribute, Key, Mutability, Resolved, ResourceSchema, Schema};
use crate::urn;

/// Applies the operations in order and returns the new tree; `current` stays as it is. A result equal to `current` means that
/// nothing changed, and RFC 7644 §3.5.2 then wants `lastModified` left alone.
///
/// # Errors
/// Of the first operation that fails: 400 `invalidPath`, `noTarget`, `mutability` or `invalidValue`.
pub fn apply(
    schema: &ResourceSchema,
    dialect: Dialect,
    current: &Resource,
    operations: &[Operation],
) -> Result<Resource, ScimError> {
    let engine = Engine { schema, dialect };
    let mut tree = current.clone();
    for op in operations {
        engine.apply(&mut tree.0, op)?;
    }
    normalize::required(schema, &tree)?;
    Ok(tree)
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
        for (key, value) in values {
            let found = match within {
                None => self.schema.key(key),
                Some(schema) => {
                    self.schema.key(&format!("{}:{key}", schema.id)).or_else(|| self.schema.key(key))
                }
            };
            match found {
                Some(Key::Core) if within.is_none() => self.assign(tree, op, None, Some(value))?,
                Some(Key::Extension(extension)) if within.is_none() => {
                    self.assign(tree, op, Some(extension), Some(value))?;
                }
                // The tolerant dialect lets clients send back what they read: id, meta, groups, schemas.
                Some(Key::Attribute(found)) if normalize::accepts(found.attribute) => {
                    self.on(tree, op, found, None, Some(value.clone()))?;
                }
                Some(_) => {}
                None if self.dialect.allows(Relaxation::UnknownDropped) => {}
                None => return Err(self.unknown(key)),
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
            None if path.attribute.urn.as_ref().is_some_and(|u| !urn::means(u, &self.schema.core.id))
                && self.dialect.allows(Relaxation::UnknownDropped) =>
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
        tree.remove(id);
        Ok(())
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
    if filter.is_some() || (action.sub.is_some() && attr.multi_valued) {
        value_path::on_elements(holder, attr, filter, action)?;
    } else if let Some(sub) = action.sub {
        on_sub_attribute(holder, attr, sub, action)?;
    } else if attr.multi_valued {
        on_list(holder, attr, action)?;
    } else {
        on_single(holder, attr, action)?;
    }
    match before {
        Some(Some(before)) if holder.get(&attr.name) != Some(&before) => {
            Err(ScimError::mutability(format!("{} cannot be changed once it is set", attr.name)))
        }
        _ => Ok(()),
    }
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
    let equal = filter.is_none() && action.kind != OpKind::Remove && current == action.value.as_ref();
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
    let mut map = match holder.remove(&attr.name) {
        Some(Value::Object(map)) => map,
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
                value_path::add(attr, &mut items, item);
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
