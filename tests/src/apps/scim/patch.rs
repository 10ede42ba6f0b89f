//! PATCH (RFC 7644 §3.5.2): operations on a copy of the attributes; the caller stores the copy or nothing.

use serde_json::Value;

use super::{
    error::{Answer, ScimError},
    filter::Filter,
    schema::{Attributes, ENTERPRISE, Kind, Shape},
};

const MESSAGE: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// `attribute[filter].sub`.
struct Path {
    attribute: &'static str,
    shape: Shape,
    filter: Option<Filter>,
    sub: Option<String>,
}

pub(super) fn apply(kind: Kind, mut attributes: Attributes, body: &Value) -> Answer<Attributes> {
    let is_patch =
        body["schemas"].as_array().is_some_and(|schemas| schemas.iter().any(|schema| schema == MESSAGE));
    let operations = body["Operations"].as_array().filter(|operations| is_patch && !operations.is_empty());
    let Some(operations) = operations else {
        return Err(ScimError::bad("invalidSyntax", "The body must be a PatchOp message with Operations."));
    };
    for operation in operations {
        let op = match operation["op"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
            "add" => Op::Add,
            "replace" => Op::Replace,
            "remove" => Op::Remove,
            other => return Err(ScimError::bad("invalidSyntax", format!("Unknown op {other:?}."))),
        };
        match operation["path"].as_str() {
            Some(path) => apply_at(&mut attributes, op, &Path::parse(kind, path)?, operation.get("value"))?,
            None => apply_all(kind, &mut attributes, op, &operation["value"])?,
        }
    }
    Ok(attributes)
}

/// Without a path, the value is an object of paths.
fn apply_all(kind: Kind, attributes: &mut Attributes, op: Op, value: &Value) -> Answer<()> {
    let Some(values) = value.as_object().filter(|_| op != Op::Remove) else {
        return Err(ScimError::bad("noTarget", "This operation needs a path."));
    };
    for (path, value) in values {
        // What the app does not know it ignores, as in POST and PUT.
        if let Ok(path) = Path::parse(kind, path) {
            apply_at(attributes, op, &path, Some(value))?;
        }
    }
    Ok(())
}

fn apply_at(attributes: &mut Attributes, op: Op, path: &Path, value: Option<&Value>) -> Answer<()> {
    let value = match (op, value) {
        (Op::Remove, value) => value,
        (_, Some(value)) => Some(value),
        _ => return Err(ScimError::bad("invalidValue", format!("{} needs a value.", path.attribute))),
    };
    match (&path.filter, path.shape) {
        (Some(filter), Shape::Values) => apply_to_matching(attributes, op, path, filter, value),
        (Some(_), _) => {
            Err(ScimError::bad("invalidPath", format!("{} has no parts to filter.", path.attribute)))
        }
        (None, _) => {
            match &path.sub {
                Some(sub) => apply_to_sub(attributes, path, sub, value.filter(|_| op != Op::Remove)),
                None => apply_to_whole(attributes, op, path, value),
            }
            Ok(())
        }
    }
}

fn apply_to_whole(attributes: &mut Attributes, op: Op, path: &Path, value: Option<&Value>) {
    let current = attributes.entry(path.attribute).or_insert(Value::Null);
    match (op, path.shape, value) {
        (Op::Add, Shape::Values, Some(value)) => {
            let mut items = items_of(current);
            for item in items_of(value) {
                if !items.iter().any(|known| same_item(known, &item)) {
                    items.push(item);
                }
            }
            *current = items.into();
        }
        // Some clients name the members to remove in the value instead of the path.
        (Op::Remove, Shape::Values, Some(value)) if !value.is_null() => {
            let gone = items_of(value);
            let mut items = items_of(current);
            items.retain(|item| !gone.iter().any(|gone| same_item(gone, item)));
            *current = items.into();
        }
        (Op::Remove, ..) => *current = Value::Null,
        (_, Shape::Values, Some(value)) => *current = items_of(value).into(),
        (_, Shape::Complex, Some(Value::Object(value))) if current.is_object() => {
            if let Some(current) = current.as_object_mut() {
                current.extend(value.clone());
            }
        }
        (.., value) => *current = value.cloned().unwrap_or_default(),
    }
}

/// `name.givenName`, or `emails.value` for every item.
fn apply_to_sub(attributes: &mut Attributes, path: &Path, sub: &str, value: Option<&Value>) {
    let current = attributes.entry(path.attribute).or_insert(Value::Null);
    match current {
        Value::Array(items) => items.iter_mut().for_each(|item| set_sub(item, sub, value)),
        _ if path.shape == Shape::Complex => {
            if !current.is_object() {
                *current = Attributes::new().into();
            }
            set_sub(current, sub, value);
        }
        _ => {}
    }
}

fn apply_to_matching(
    attributes: &mut Attributes,
    op: Op,
    path: &Path,
    filter: &Filter,
    value: Option<&Value>,
) -> Answer<()> {
    let current = attributes.entry(path.attribute).or_insert(Value::Null);
    let mut items = items_of(current);
    let matches = |item: &Value| item.as_object().is_some_and(|item| filter.matches(item));
    if !items.iter().any(matches) {
        // Removing what is not there is done; changing it is an error (RFC 7644 §3.5.2.3).
        return match op {
            Op::Remove => Ok(()),
            _ => Err(ScimError::bad("noTarget", format!("No {} matches the path.", path.attribute))),
        };
    }
    match (op, &path.sub, value) {
        (Op::Remove, None, _) => items.retain(|item| !matches(item)),
        (_, Some(sub), value) => {
            let value = value.filter(|_| op != Op::Remove);
            items.iter_mut().filter(|item| matches(item)).for_each(|item| set_sub(item, sub, value));
        }
        (_, None, Some(Value::Object(value))) => {
            items.iter_mut().filter(|item| matches(item)).filter_map(Value::as_object_mut).for_each(|item| {
                item.extend(value.clone());
            });
        }
        _ => return Err(ScimError::bad("invalidValue", format!("{} needs an object.", path.attribute))),
    }
    *current = items.into();
    Ok(())
}

fn set_sub(item: &mut Value, sub: &str, value: Option<&Value>) {
    if let Some(item) = item.as_object_mut() {
        match value {
            Some(value) => item.insert(sub.to_owned(), value.clone()),
            None => item.remove(sub),
        };
    }
}

fn items_of(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        single => vec![single.clone()],
    }
}

/// Two values are the same item when their `value` is, unless both state a `type` and the types differ.
fn same_item(left: &Value, right: &Value) -> bool {
    let types = (&left["type"], &right["type"]);
    left == right
        || (left["value"].is_string()
            && left["value"] == right["value"]
            && (types.0.is_null() || types.1.is_null() || types.0 == types.1))
}

impl Path {
    fn parse(kind: Kind, text: &str) -> Answer<Self> {
        let invalid = || ScimError::bad("invalidPath", format!("This app has no attribute {text}."));
        let core = format!("{}:", kind.schema());
        let text = text.strip_prefix(core.as_str()).unwrap_or(text);
        if let Some(rest) = text.strip_prefix(ENTERPRISE).filter(|_| kind == Kind::User) {
            let sub = rest.strip_prefix([':', '.']).map(str::to_owned);
            return Ok(Self { attribute: ENTERPRISE, shape: Shape::Complex, filter: None, sub });
        }
        let (name, filter, rest) = match text.split_once('[') {
            Some((name, rest)) => {
                let (filter, rest) = rest.rsplit_once(']').ok_or_else(invalid)?;
                (name, Some(Filter::parse(filter)?), rest)
            }
            None => {
                text.split_once('.').map_or((text, None, ""), |(name, _)| (name, None, &text[name.len()..]))
            }
        };
        let (attribute, shape) = kind.attribute(name).ok_or_else(invalid)?;
        let sub = rest.strip_prefix('.').map(str::to_owned);
        Ok(Self { attribute, shape, filter, sub })
    }
}
