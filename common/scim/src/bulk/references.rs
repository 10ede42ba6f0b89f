//! References by `bulkId` (RFC 7644 §3.7.2).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::request::{Operation, Target};
use crate::error::ScimError;

const PREFIX: &str = "bulkId:";

/// The ids of the resources that were made so far, by `bulkId`.
pub type Ids = HashMap<String, String>;

fn reference(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// The `bulkId`s that an operation refers to, each once.
pub(super) fn of(target: &Target, data: &Value) -> Vec<String> {
    let mut found: Vec<&str> = target.id.iter().filter_map(|id| reference(id)).collect();
    collect(data, &mut found);
    let mut seen = HashSet::new();
    found.into_iter().filter(|id| seen.insert(*id)).map(str::to_owned).collect()
}

fn collect<'v>(value: &'v Value, into: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => into.extend(reference(text)),
        Value::Array(items) => items.iter().for_each(|v| collect(v, into)),
        Value::Object(map) => map.values().for_each(|v| collect(v, into)),
        _ => {}
    }
    // A PATCH may select by it: members[value eq "bulkId:a"].
    if let Value::Object(map) = value {
        let paths =
            map.iter().filter(|(k, _)| k.eq_ignore_ascii_case("path")).filter_map(|(_, v)| v.as_str());
        for path in paths {
            into.extend(path.match_indices("\"bulkId:").filter_map(|(at, quoted)| {
                let rest = path.get(at + quoted.len()..)?;
                rest.get(..rest.find('"')?)
            }));
        }
    }
}

/// The operation with every reference replaced by the id of what was made.
///
/// # Errors
/// 400 `invalidValue` when something that it refers to was not made.
pub fn resolved(operation: &Operation, ids: &Ids) -> Result<Operation, ScimError> {
    if let Some(missing) = operation.references.iter().find(|id| !ids.contains_key(*id)) {
        // The bulkId is the client's own name for an operation, no personal data.
        let shown: String = missing.chars().take(64).collect();
        return Err(ScimError::invalid_value(format!(
            "bulkId:{shown} names no resource that this request has made; correct the reference or its operation"
        )));
    }
    let mut operation = operation.clone();
    if let Some(id) = operation.target.id.as_deref().and_then(reference).and_then(|id| ids.get(id)) {
        operation.target.id = Some(id.clone());
    }
    replace(&mut operation.data, ids);
    Ok(operation)
}

fn replace(value: &mut Value, ids: &Ids) {
    match value {
        Value::String(text) => {
            if let Some(id) = reference(text).and_then(|id| ids.get(id)) {
                text.clone_from(id);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|v| replace(v, ids)),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(path) if key.eq_ignore_ascii_case("path") && path.contains("\"bulkId:") => {
                        for (name, id) in ids {
                            *path = path.replace(&format!("\"bulkId:{name}\""), &format!("\"{id}\""));
                        }
                    }
                    value => replace(value, ids),
                }
            }
        }
        _ => {}
    }
}

/// The operation without what cannot be resolved yet: of a list the element, of a complex attribute the whole value.
#[must_use]
pub fn without(operation: &Operation, ids: &Ids) -> Operation {
    let mut operation = operation.clone();
    if let Value::Object(map) = &mut operation.data {
        strip(map, ids);
    }
    operation.references.retain(|id| ids.contains_key(id));
    operation
}

fn strip(map: &mut Map<String, Value>, ids: &Ids) {
    map.retain(|key, value| match value {
        // The object of an extension holds attributes, as the resource does.
        Value::Object(inner) if key.contains(':') => {
            strip(inner, ids);
            true
        }
        Value::Array(items) => {
            items.retain(|item| !is_open(item, ids));
            true
        }
        other => !is_open(other, ids),
    });
}

/// Whether a value refers to something that is not made yet.
fn is_open(value: &Value, ids: &Ids) -> bool {
    let mut found = Vec::new();
    collect(value, &mut found);
    found.iter().any(|id| !ids.contains_key(*id))
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, parse};
    use super::*;
    use crate::urn;
    use serde_json::json;

    fn operation(item: Value) -> Operation {
        let body = json!({"schemas": [urn::BULK_REQUEST], "Operations": [item]});
        parse(body, Limits::DEFAULT).unwrap().operations.remove(0).unwrap()
    }

    #[test]
    fn references_become_ids_everywhere() {
        let ids = Ids::from([("a".into(), "1".into()), ("b".into(), "2".into())]);
        let patch = operation(json!({"method": "PATCH", "path": "/Groups/bulkId:b", "data": {"Operations": [
            {"op": "remove", "path": "members[value eq \"bulkId:a\"]"},
            {"op": "add", "path": "members", "value": [{"value": "bulkId:a", "display": "bulkId:"}]}]}}));
        assert_eq!(patch.references, ["b", "a", ""]);
        let ids_with_empty = ids.clone().into_iter().chain([(String::new(), "0".into())]).collect();
        let done = resolved(&patch, &ids_with_empty).unwrap();
        assert_eq!(done.target.id.as_deref(), Some("2"));
        assert_eq!(done.data["Operations"][0]["path"], "members[value eq \"1\"]");
        assert_eq!(done.data["Operations"][1]["value"][0]["value"], "1");
        assert!(resolved(&patch, &ids).is_err());
    }

    #[test]
    fn what_is_open_is_left_out() {
        let post = operation(json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": {
            "userName": "a", "roles": [{"value": "bulkId:x"}, {"value": "r"}], "nickName": "bulkId:x",
            urn::ENTERPRISE_USER: {"department": "d", "manager": {"value": "bulkId:x", "displayName": "m"}}}}));
        let partly = without(&post, &Ids::new());
        assert_eq!(
            partly.data,
            json!({"userName": "a", "roles": [{"value": "r"}], urn::ENTERPRISE_USER: {"department": "d"}})
        );
        assert!(partly.references.is_empty());
        assert_eq!(without(&post, &Ids::from([("x".into(), "1".into())])), post);
    }
}
