//! Sorting (RFC 7644 §3.4.2.3).

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::attr_path::AttrPath;
use crate::compare::Comparable;
use crate::error::ScimError;
use crate::schema::{Attribute, DataType, Mutability, ResourceSchema};

/// `sortOrder`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortOrder {
    /// `ascending`: "If a value for "sortBy" is provided and no "sortOrder" is specified, "sortOrder" SHALL default to
    /// ascending."
    #[default]
    Ascending,
    /// `descending`.
    Descending,
}

impl SortOrder {
    /// Reads the parameter, in any case.
    ///
    /// # Errors
    /// 400 `invalidValue` for any other text.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        match text.trim() {
            "" => Ok(Self::default()),
            t if t.eq_ignore_ascii_case("ascending") => Ok(Self::Ascending),
            t if t.eq_ignore_ascii_case("descending") => Ok(Self::Descending),
            _ => Err(ScimError::invalid_value("sortOrder must be ascending or descending")),
        }
    }
}

/// By what resources are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    path: AttrPath,
    order: SortOrder,
}

impl Sort {
    /// Reads the parameters of a search across resource types; the attribute must be one of at least one of them.
    ///
    /// # Errors
    /// 400 `invalidPath` when there is no such attribute, or none that has an order.
    pub fn new(by: &str, order: SortOrder, schemas: &[&ResourceSchema]) -> Result<Self, ScimError> {
        let unknown = || {
            ScimError::invalid_path(
                "sortBy names no attribute of the resource; see the Schemas endpoint for those there are",
            )
        };
        let path = AttrPath::parse(by.trim()).ok_or_else(unknown)?;
        let mut known = false;
        for found in schemas.iter().filter_map(|s| s.resolve(&path)) {
            known = true;
            let target = found.target();
            let Some(leaf) = sortable(target) else {
                // "if the attribute is complex, the attribute name must be a path to a sub-attribute".
                return Err(ScimError::invalid_path(format!(
                    "{} is complex and has no order; sort by one of its sub-attributes",
                    target.name
                )));
            };
            let secret = |a: &Attribute| a.mutability == Mutability::WriteOnly;
            if leaf.data_type == DataType::Binary || secret(leaf) || secret(found.attribute) {
                return Err(ScimError::invalid_path(format!("{} has no order to sort by", target.name)));
            }
        }
        if known { Ok(Self { path, order }) } else { Err(unknown()) }
    }

    /// Sorts items by the keys of their resources; those that compare the same stay in the order they came in.
    pub fn sort<T>(&self, items: Vec<T>, key: impl Fn(&T) -> SortKey) -> Vec<T> {
        let mut keyed: Vec<(SortKey, T)> = items.into_iter().map(|item| (key(&item), item)).collect();
        keyed.sort_by(|(a, _), (b, _)| self.compare(a, b));
        keyed.into_iter().map(|(_, item)| item).collect()
    }

    /// What a resource is sorted by: the value of the attribute, of a list that of "the primary attribute, if any, or else
    /// the first value in the list, if any".
    #[must_use]
    pub fn key(&self, schema: &ResourceSchema, tree: &Map<String, Value>) -> SortKey {
        SortKey(self.value(schema, tree))
    }

    fn value(&self, schema: &ResourceSchema, tree: &Map<String, Value>) -> Option<Comparable<'static>> {
        let found = schema.resolve(&self.path)?;
        let holder = match found.container {
            None => tree,
            Some(urn) => tree.get(urn)?.as_object()?,
        };
        let value = one_of(holder.get(&found.attribute.name)?)?;
        let leaf = sortable(found.target())?;
        let value = match (found.sub, value) {
            (Some(sub), Value::Object(map)) => one_of(map.get(&sub.name)?)?,
            (Some(_), _) => return None,
            (None, Value::Object(map)) => map.get(&leaf.name)?,
            (None, simple) => simple,
        };
        Comparable::of(leaf, value).map(|key| match key {
            Comparable::Bool(b) => Comparable::Bool(b),
            Comparable::Number(n) => Comparable::Number(Cow::Owned(n.into_owned())),
            Comparable::Instant(at) => Comparable::Instant(at),
            Comparable::Text(text) => Comparable::Text(Cow::Owned(text.into_owned())),
        })
    }

    /// The order of two keys. "if there is no data for the specified "sortBy" value, they are sorted via the "sortOrder"
    /// parameter, i.e., they are ordered last if ascending and first if descending."
    #[must_use]
    pub fn compare(&self, a: &SortKey, b: &SortKey) -> Ordering {
        let order = match (&a.0, &b.0) {
            // Types of one search may give an attribute of the same name another data type; those are kept apart.
            (Some(a), Some(b)) => a.order(b).unwrap_or_else(|| rank(a).cmp(&rank(b))),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        match self.order {
            SortOrder::Ascending => order,
            SortOrder::Descending => order.reverse(),
        }
    }
}

/// What one resource is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey(Option<Comparable<'static>>);

fn rank(key: &Comparable<'_>) -> u8 {
    match key {
        Comparable::Bool(_) => 0,
        Comparable::Number(_) => 1,
        Comparable::Instant(_) => 2,
        Comparable::Text(_) => 3,
    }
}

/// The attribute whose values are compared: itself, or the `value` of a complex list.
fn sortable(attr: &Attribute) -> Option<&Attribute> {
    match (attr.is_complex(), attr.multi_valued) {
        (false, _) => Some(attr),
        (true, true) => attr.sub("value"),
        (true, false) => None,
    }
}

fn one_of(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(items) => {
            let primary = items.iter().find(|i| i.get("primary") == Some(&Value::Bool(true)));
            primary.or_else(|| items.first())
        }
        Value::Null => None,
        single => Some(single),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, ScimType};
    use serde_json::json;

    fn sorted(by: &str, order: SortOrder, trees: &[Value]) -> Vec<usize> {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        let sort = Sort::new(by, order, &[user]).unwrap();
        let items: Vec<(usize, Value)> = trees.iter().cloned().enumerate().collect();
        let sorted = sort.sort(items, |(_, tree)| sort.key(user, tree.as_object().unwrap()));
        sorted.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn values_sort_by_type_and_case() {
        use SortOrder::{Ascending, Descending};
        let names = [json!({"title": "b"}), json!({"title": "A"}), json!({}), json!({"title": "C"})];
        assert_eq!(sorted("title", Ascending, &names), [1, 0, 3, 2]);
        assert_eq!(sorted("TITLE", Descending, &names), [2, 3, 0, 1], "missing first when descending");
        let exact = [json!({"externalId": "b"}), json!({"externalId": "A"}), json!({"externalId": "C"})];
        assert_eq!(sorted("externalId", Ascending, &exact), [1, 2, 0]);
        let times: Vec<Value> = ["2026-01-01T12:00:00Z", "2026-01-01T12:30:00+02:00", "2026-01-01T11:00:00Z"]
            .iter()
            .map(|t| json!({"meta": {"lastModified": t}}))
            .collect();
        assert_eq!(sorted("meta.lastModified", Ascending, &times), [1, 2, 0]);
        let flags = [json!({"active": true}), json!({"active": false}), json!({"active": true})];
        assert_eq!(sorted("active", Ascending, &flags), [1, 0, 2], "equal ones keep their order");
    }

    #[test]
    fn a_list_sorts_by_its_primary_value() {
        let emails = [
            json!({"emails": [{"value": "a"}, {"value": "z", "primary": true}]}),
            json!({"emails": [{"value": "m"}, {"value": "b"}]}),
            json!({"emails": []}),
        ];
        assert_eq!(sorted("emails", SortOrder::Ascending, &emails), [1, 0, 2]);
        assert_eq!(sorted("emails.value", SortOrder::Ascending, &emails), [1, 0, 2]);
        let manager: Vec<Value> = ["2", "1"]
            .iter()
            .map(|m| json!({crate::urn::ENTERPRISE_USER: {"manager": {"value": m}}}))
            .collect();
        let path = format!("{}:manager.value", crate::urn::ENTERPRISE_USER);
        assert_eq!(sorted(&path, SortOrder::Ascending, &manager), [1, 0]);
    }

    #[test]
    fn what_has_no_order_is_refused() {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        let group = registry.resource("Group").unwrap();
        for by in ["nope", "name", "name.nope", "", "a b", "password", "x509Certificates", "addresses"] {
            let error = Sort::new(by, SortOrder::Ascending, &[user]).expect_err(by);
            assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{by}");
        }
        assert!(Sort::new("userName", SortOrder::Ascending, &[user, group]).is_ok());
        assert!(Sort::new("userName", SortOrder::Ascending, &[group]).is_err());
        assert!(SortOrder::parse("DESCENDING").is_ok() && SortOrder::parse("down").is_err());
    }
}
