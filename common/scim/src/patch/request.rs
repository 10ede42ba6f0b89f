//! The body of a PATCH request.

use serde_json::{Map, Value};

use crate::dialect::Leeway;
use crate::error::ScimError;
use crate::path::Path;
use crate::schema::ResourceSchema;
use crate::urn;

/// More operations than any client sends in one request; Entra's verbose ones have about 40.
const MAX_OPERATIONS: usize = 1_000;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpKind {
    /// Adds a value, or sets it.
    Add,
    /// Sets a value.
    Replace,
    /// Takes a value away.
    Remove,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub kind: OpKind,
    /// Whether the client wrote `Replace` rather than `replace`: that is how Entra ID's older dialect gives itself away.
    pub capitalised: bool,
    /// What it is done to; the resource itself when absent.
    pub path: Option<Path>,
    /// With what; absent and null are told apart only by `remove`, and not even there.
    pub value: Option<Value>,
}

/// Reads a PATCH body. Member names of the envelope are matched in any case, as attribute names are.
///
/// # Errors
/// 400 `invalidSyntax` when it is not a PATCH body, 400 `invalidPath` when a path is malformed, 400 `noTarget` for a `remove`
/// without a path, 400 `invalidValue` for an `add` or `replace` without a value.
pub fn parse(schema: &ResourceSchema, body: Value) -> Result<Vec<Operation>, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(syntax("the body is not a JSON object"));
    };
    let schemas = take(&mut body, "schemas");
    let announced = schemas.as_ref().and_then(Value::as_array).is_some_and(|list| {
        list.iter().any(|s| s.as_str().is_some_and(|s| s.eq_ignore_ascii_case(urn::PATCH_OP)))
    });
    if !announced && !schema.allows(Leeway::MessageWithoutSchemas) {
        return Err(syntax("schemas does not name the PatchOp message"));
    }
    let Some(Value::Array(items)) = take(&mut body, "Operations") else {
        return Err(syntax("there is no list called Operations"));
    };
    if items.is_empty() {
        return Err(syntax("Operations is empty"));
    }
    if items.len() > MAX_OPERATIONS {
        return Err(ScimError::new(
            413,
            format!("the request has more than {MAX_OPERATIONS} operations; split it"),
        ));
    }
    items.into_iter().map(|item| operation(schema, item)).collect()
}

fn operation(schema: &ResourceSchema, item: Value) -> Result<Operation, ScimError> {
    let Value::Object(mut item) = item else {
        return Err(syntax("an operation is not a JSON object"));
    };
    let Some(Value::String(op)) = take(&mut item, "op") else {
        return Err(syntax("an operation has no op"));
    };
    // RFC 7644 §3.5.2 lists the values in lower case; Entra ID capitalises them.
    let kind = match op.to_ascii_lowercase().as_str() {
        "add" => OpKind::Add,
        "replace" => OpKind::Replace,
        "remove" => OpKind::Remove,
        _ => return Err(syntax("op must be add, replace or remove")),
    };
    let capitalised = op.starts_with(|c: char| c.is_ascii_uppercase());
    if op.contains(|c: char| c.is_ascii_uppercase()) && !schema.allows(Leeway::OpInAnyCase) {
        return Err(syntax("op must be add, replace or remove, in lower case"));
    }
    let path = match take(&mut item, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(Path::parse(&text, schema)?),
        Some(_) => return Err(ScimError::invalid_path("path must be a string")),
    };
    let value = take(&mut item, "value");
    if kind != OpKind::Remove && path.is_none() && !schema.allows(Leeway::PathlessPatch) {
        return Err(ScimError::invalid_path("an operation has no path; name the attribute in it"));
    }
    if kind == OpKind::Remove
        && value.as_ref().is_some_and(|v| !v.is_null())
        && !schema.allows(Leeway::RemoveByValue)
    {
        // RFC 7644 §3.5.2.2 knows no value here, and would have everything removed.
        return Err(syntax(
            "a remove operation takes no value; select what to remove by a filter in its path",
        ));
    }
    if kind != OpKind::Remove && value.is_none() {
        return Err(ScimError::invalid_value(
            "an add or replace operation has no value; send one, or null to clear the attribute",
        ));
    }
    Ok(Operation { kind, capitalised, path, value })
}

fn take(map: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = map.keys().find(|k| k.eq_ignore_ascii_case(name))?.clone();
    map.remove(&key)
}

fn syntax(what: &str) -> ScimError {
    ScimError::invalid_syntax(format!(
        "{what}; send {{\"schemas\": [\"{}\"], \"Operations\": [{{\"op\": …, \"path\": …, \"value\": …}}]}}",
        urn::PATCH_OP
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, ScimType};
    use serde_json::json;

    fn read(body: Value) -> Result<Vec<Operation>, ScimError> {
        let registry = Registry::core().unwrap();
        parse(registry.resource("User").unwrap(), body)
    }

    #[test]
    fn op_in_any_case_and_no_schemas() {
        let ops = read(json!({"operations": [{"OP": "Replace", "Path": "active", "Value": false}]})).unwrap();
        assert_eq!((ops[0].kind, ops[0].capitalised), (OpKind::Replace, true));
        assert!(ops[0].path.is_some());
    }

    #[test]
    fn malformed_bodies_say_which_way() {
        for (body, kind) in [
            (json!([]), ScimType::InvalidSyntax),
            (json!({}), ScimType::InvalidSyntax),
            (json!({"Operations": {}}), ScimType::InvalidSyntax),
            (json!({"Operations": []}), ScimType::InvalidSyntax),
            (json!({"Operations": [1]}), ScimType::InvalidSyntax),
            (json!({"Operations": [{"path": "active"}]}), ScimType::InvalidSyntax),
            (json!({"Operations": [{"op": "move", "path": "active"}]}), ScimType::InvalidSyntax),
            (json!({"Operations": [{"op": "add", "path": "a[", "value": 1}]}), ScimType::InvalidPath),
            (json!({"Operations": [{"op": "add", "path": 1, "value": 1}]}), ScimType::InvalidPath),
            (json!({"Operations": [{"op": "add", "path": "title"}]}), ScimType::InvalidValue),
        ] {
            assert_eq!(read(body.clone()).unwrap_err().scim_type, Some(kind), "{body}");
        }
        let many = vec![json!({"op": "add", "path": "title", "value": "x"}); 1001];
        assert_eq!(read(json!({"Operations": many})).unwrap_err().status, 413);
    }
}
