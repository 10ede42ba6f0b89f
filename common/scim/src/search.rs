//! Queries by POST to `/.search` (RFC 7644 §3.4.3).

use serde_json::{Map, Value};

use crate::dialect::{Dialect, Leeway};
use crate::error::ScimError;
use crate::list::{Asked, ListQuery, names};
use crate::sort::SortOrder;
use crate::urn;

/// Reads the body of a search.
///
/// # Errors
/// 400 `invalidSyntax` when it is not a search request, and those of [`ListQuery::parse`].
pub fn parse(dialect: Dialect, body: Value) -> Result<ListQuery, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(syntax("the body is not a JSON object"));
    };
    let schemas = take(&mut body, "schemas");
    message(dialect, schemas.as_ref(), urn::SEARCH_REQUEST)?;
    Asked {
        filter: text(&mut body, "filter")?,
        sort_by: text(&mut body, "sortBy")?.filter(|v| !v.trim().is_empty()),
        sort_order: match text(&mut body, "sortOrder")? {
            Some(order) => SortOrder::parse(&order)?,
            None => SortOrder::default(),
        },
        start_index: number(&mut body, "startIndex")?,
        cursor: text(&mut body, "cursor")?,
        count: number(&mut body, "count")?,
        attributes: list(&mut body, "attributes")?,
        excluded_attributes: list(&mut body, "excludedAttributes")?,
    }
    .query()
}

/// Checks that a message names its schema.
pub(crate) fn message(dialect: Dialect, schemas: Option<&Value>, wanted: &str) -> Result<(), ScimError> {
    let list = match schemas {
        None | Some(Value::Null) if dialect.allows(Leeway::MessageWithoutSchemas) => return Ok(()),
        Some(Value::Array(list)) => list.as_slice(),
        _ => &[],
    };
    if list.iter().any(|s| s.as_str().is_some_and(|s| s.eq_ignore_ascii_case(wanted))) {
        return Ok(());
    }
    Err(ScimError::invalid_syntax(format!("schemas does not name the message; send [\"{wanted}\"]")))
}

/// Takes a member out of an object, whatever its case.
pub(crate) fn take(map: &mut Map<String, Value>, name: &str) -> Option<Value> {
    if let Some(value) = map.remove(name) {
        return Some(value);
    }
    let key = map.keys().find(|k| k.eq_ignore_ascii_case(name))?.clone();
    map.remove(&key)
}

fn text(map: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    match take(map, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(syntax(&format!("{name} is not a string"))),
    }
}

fn number(map: &mut Map<String, Value>, name: &str) -> Result<Option<i64>, ScimError> {
    match take(map, name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .map(Some)
            .ok_or_else(|| ScimError::invalid_value(format!("{name} must be a whole number"))),
    }
}

fn list(map: &mut Map<String, Value>, name: &str) -> Result<Vec<String>, ScimError> {
    let not_a_list = || syntax(&format!("{name} is not a list of strings"));
    match take(map, name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(names(&text).collect()),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text.trim().to_owned()),
                _ => Err(not_a_list()),
            })
            .collect(),
        Some(_) => Err(not_a_list()),
    }
}

fn syntax(what: &str) -> ScimError {
    ScimError::invalid_syntax(format!(
        "{what}; send {{\"schemas\": [\"{}\"], \"filter\": …, \"count\": …}}",
        urn::SEARCH_REQUEST
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;
    use crate::list::Page;
    use serde_json::json;

    #[test]
    fn the_example_of_the_rfc_is_read() {
        let query = parse(
            Dialect::Rfc,
            json!({"schemas": [urn::SEARCH_REQUEST], "attributes": ["displayName", "userName"],
                "filter": "displayName sw \"smith\"", "startIndex": 1, "count": 10, "sortBy": "userName"}),
        )
        .unwrap();
        assert_eq!(query.filter.as_deref(), Some("displayName sw \"smith\""));
        assert_eq!((query.page, query.count), (Page::Index(1), 10));
        assert_eq!(query.attributes, ["displayName", "userName"]);
        let cursor =
            parse(Dialect::Tolerant, json!({"Cursor": "", "excludedattributes": "name, emails"})).unwrap();
        assert_eq!(cursor.page, Page::Cursor(String::new()));
        assert_eq!(cursor.excluded_attributes, ["name", "emails"]);
    }

    #[test]
    fn anything_else_is_refused() {
        for (body, kind) in [
            (json!([]), ScimType::InvalidSyntax),
            (json!({"schemas": [urn::PATCH_OP]}), ScimType::InvalidSyntax),
            (json!({"schemas": []}), ScimType::InvalidSyntax),
            (json!({"filter": 1}), ScimType::InvalidSyntax),
            (json!({"attributes": [1]}), ScimType::InvalidSyntax),
            (json!({"count": "ten"}), ScimType::InvalidValue),
            (json!({"cursor": "", "count": 0}), ScimType::InvalidCount),
        ] {
            let error = parse(Dialect::Tolerant, body.clone()).unwrap_err();
            assert_eq!(error.scim_type, Some(kind), "{body}");
        }
        assert!(parse(Dialect::Rfc, json!({})).is_err());
    }
}
