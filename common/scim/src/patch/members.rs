//! Member operations of a Group PATCH, split from the rest, so that a group of any size is never loaded to be changed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::request::{OpKind, Operation};
use crate::attr_path::AttrPath;
use crate::dialect::Leeway;
use crate::error::ScimError;
use crate::filter::{CompareOp, Filter};
use crate::normalize;
use crate::path::Path;
use crate::schema::{Attribute, Key, ResourceSchema};

/// One change of a group's membership. Ids are in the order sent, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberOp {
    /// These become members; those who are already stay.
    Add(Vec<String>),
    /// These are no longer members; who is none stays out.
    Remove(Vec<String>),
    /// Nobody is a member any more.
    RemoveAll,
    /// Exactly these are members.
    Replace(Vec<String>),
}

/// A Group PATCH in two parts that do not touch each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupPatch {
    /// For [`super::apply`].
    pub tree: Vec<Operation>,
    /// In order.
    pub members: Vec<MemberOp>,
}

/// The effect of a sequence of member operations: clear if asked, take `remove` away, put `add` in. No id is in both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberDelta {
    /// Whether the former members are gone, save those in `add`.
    pub clear: bool,
    /// New members.
    pub add: BTreeSet<String>,
    /// Former members; empty when `clear` is set.
    pub remove: BTreeSet<String>,
}

impl MemberDelta {
    /// Folds operations, in order, into their effect.
    #[must_use]
    pub fn of(operations: &[MemberOp]) -> Self {
        let mut delta = Self::default();
        for op in operations {
            match op {
                MemberOp::Add(ids) => delta.add(ids),
                MemberOp::Remove(ids) => {
                    for id in ids {
                        delta.add.remove(id);
                        if !delta.clear {
                            delta.remove.insert(id.clone());
                        }
                    }
                }
                MemberOp::RemoveAll => delta = Self::cleared(),
                MemberOp::Replace(ids) => {
                    delta = Self::cleared();
                    delta.add(ids);
                }
            }
        }
        delta
    }

    fn cleared() -> Self {
        Self { clear: true, ..Self::default() }
    }

    fn add(&mut self, ids: &[String]) {
        for id in ids {
            self.remove.remove(id);
            self.add.insert(id.clone());
        }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.clear && self.add.is_empty() && self.remove.is_empty()
    }
}

/// Splits a Group PATCH.
///
/// # Errors
/// 400 `invalidValue` when a member has no id, `invalidFilter` when a path selects members by anything but their
/// id, `mutability` when it would change a membership in place.
pub fn split_group(schema: &ResourceSchema, operations: Vec<Operation>) -> Result<GroupPatch, ScimError> {
    let mut split = GroupPatch::default();
    let Some(attr) = schema.top_level().find(|a| normalize::is_membership(a)) else {
        return Ok(GroupPatch { tree: operations, members: Vec::new() });
    };
    let reader = Reader { schema, attr };
    for op in operations {
        match &op.path {
            None | Some(Path::Resource) => reader.without_path(op, &mut split)?,
            Some(Path::Attribute(path)) if is_members(schema, &path.attribute) => {
                let sub = path.attribute.sub.as_deref();
                let member = match &path.filter {
                    None => None,
                    Some(filter) => Some(ids_in_filter(filter).ok_or_else(|| {
                        ScimError::invalid_filter(
                            "members can only be selected by id; use members[value eq \"<id>\"]",
                        )
                    })?),
                };
                split.members.extend(reader.member_op(&op, member, sub)?);
            }
            Some(_) => split.tree.push(op),
        }
    }
    Ok(split)
}

fn is_members(schema: &ResourceSchema, path: &AttrPath) -> bool {
    schema.resolve(path).is_some_and(|f| f.container.is_none() && f.attribute.name == "members")
}

struct Reader<'a> {
    schema: &'a ResourceSchema,
    attr: &'a Attribute,
}

impl Reader<'_> {
    fn ids(&self, value: &Value) -> Result<Vec<String>, ScimError> {
        normalize::members(self.attr, value, self.schema.dialect())
    }

    /// `{"op": "add", "value": {"members": […], "displayName": …}}`: members appended or replaced, the rest left to the tree.
    fn without_path(&self, op: Operation, split: &mut GroupPatch) -> Result<(), ScimError> {
        let Some(Value::Object(values)) = op.value else {
            split.tree.push(op);
            return Ok(());
        };
        let mut rest = Map::new();
        let mut members = None;
        for (key, value) in values {
            match self.schema.member(None, &key) {
                Some(Key::Attribute(f)) if f.container.is_none() && f.attribute.name == "members" => {
                    members = Some(value);
                }
                _ => {
                    rest.insert(key, value);
                }
            }
        }
        let had_members = members.is_some();
        if let Some(value) = members {
            let members_only =
                Operation { kind: op.kind, capitalised: op.capitalised, path: None, value: Some(value) };
            split.members.extend(self.member_op(&members_only, None, None)?);
        }
        if !rest.is_empty() || !had_members {
            split.tree.push(Operation { value: Some(Value::Object(rest)), ..op });
        }
        Ok(())
    }

    fn member_op(
        &self,
        op: &Operation,
        selected: Option<Vec<String>>,
        sub: Option<&str>,
    ) -> Result<Option<MemberOp>, ScimError> {
        let value = op.value.as_ref().map(|v| self.unnested(v));
        Ok(match (op.kind, selected) {
            (OpKind::Remove, Some(ids)) => Some(MemberOp::Remove(ids)),
            (OpKind::Remove, None) => Some(match value {
                None | Some(Value::Null) => MemberOp::RemoveAll,
                // Never everybody: Entra, JumpCloud, authentik and Salesforce name here whom to remove.
                Some(list) => MemberOp::Remove(self.ids(list)?),
            }),
            (OpKind::Add, Some(ids)) => Some(MemberOp::Add(ids)),
            (OpKind::Add, None) => Some(MemberOp::Add(self.ids(value.unwrap_or(&Value::Null))?)),
            (OpKind::Replace, None) => Some(MemberOp::Replace(self.ids(value.unwrap_or(&Value::Null))?)),
            // A membership has nothing to change: its display text is ours, its id is the membership.
            (OpKind::Replace, Some(ids)) => {
                let same = match sub.map(str::to_ascii_lowercase).as_deref() {
                    Some("value") => value.and_then(Value::as_str).is_some_and(|v| ids == [v]),
                    Some(_) => true,
                    None => value.is_some_and(|v| self.ids(v).is_ok_and(|new| new == ids)),
                };
                if !same {
                    return Err(ScimError::mutability(
                        "a member's id cannot be changed; remove the member and add the other one",
                    ));
                }
                None
            }
        })
    }

    /// Salesforce wraps the list once more: `{"path": "members", "value": {"members": [{"value": …}]}}`.
    fn unnested<'v>(&self, value: &'v Value) -> &'v Value {
        if !self.schema.allows(Leeway::VendorSpellings) {
            return value;
        }
        value
            .as_object()
            .and_then(|map| map.iter().find(|(k, _)| k.eq_ignore_ascii_case("members")))
            .map_or(value, |(_, inner)| inner)
    }
}

/// The ids in `value eq "a"` or `value eq "a" or value eq "b"`.
fn ids_in_filter(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare(path, CompareOp::Eq, literal)
            if path.urn.is_none() && path.sub.is_none() && path.name.eq_ignore_ascii_case("value") =>
        {
            Some(vec![literal.text()?])
        }
        Filter::Or(parts) => {
            let nested: Option<Vec<_>> = parts.iter().map(ids_in_filter).collect();
            nested.map(|ids| ids.concat())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::parse;
    use crate::{Registry, ScimType};
    use serde_json::json;

    fn split(operations: Value) -> Result<GroupPatch, ScimError> {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("Group").unwrap();
        split_group(schema, parse(schema, json!({"Operations": operations}))?)
    }

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn every_shape_becomes_a_member_operation() {
        for (op, wanted) in [
            (json!({"op": "remove", "path": "members[value eq \"a\"]"}), MemberOp::Remove(ids(&["a"]))),
            (
                json!({"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}),
                MemberOp::Remove(ids(&["a", "b"])),
            ),
            (
                json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}),
                MemberOp::Remove(ids(&["a"])),
            ),
            (
                json!({"op": "remove", "path": "members", "value": {"members": [{"value": "a"}]}}),
                MemberOp::Remove(ids(&["a"])),
            ),
            (json!({"op": "remove", "value": {"members": [{"value": "a"}]}}), MemberOp::Remove(ids(&["a"]))),
            (json!({"op": "remove", "path": "members", "value": []}), MemberOp::Remove(vec![])),
            (json!({"op": "remove", "path": "members"}), MemberOp::RemoveAll),
            (json!({"op": "remove", "path": "members", "value": null}), MemberOp::RemoveAll),
            (
                json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": "a"}, {"value": "a"}]}),
                MemberOp::Add(ids(&["a"])),
            ),
            (
                json!({"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:members", "value": {"value": "a"}}),
                MemberOp::Add(ids(&["a"])),
            ),
            (json!({"op": "add", "value": {"Members": [{"value": "a"}]}}), MemberOp::Add(ids(&["a"]))),
            (
                json!({"op": "replace", "value": {"members": [{"value": "a"}]}}),
                MemberOp::Replace(ids(&["a"])),
            ),
            (json!({"op": "replace", "path": "members", "value": []}), MemberOp::Replace(vec![])),
            (json!({"op": "replace", "path": "members", "value": null}), MemberOp::Replace(vec![])),
        ] {
            let found = split(json!([op])).unwrap();
            assert_eq!(found, GroupPatch { tree: vec![], members: vec![wanted] }, "{op}");
        }
    }

    #[test]
    fn the_rest_goes_to_the_tree() {
        let found = split(
            json!([{"op": "replace", "value": {"id": "x", "displayName": "D", "members": [{"value": "a"}]}}]),
        )
        .unwrap();
        assert_eq!(found.members, [MemberOp::Replace(ids(&["a"]))]);
        assert_eq!(found.tree[0].value, Some(json!({"id": "x", "displayName": "D"})));
        assert_eq!(
            split(json!([{"op": "replace", "path": "displayName", "value": "D"}])).unwrap().tree.len(),
            1
        );
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for (op, kind) in [
            (json!({"op": "remove", "path": "members[display eq \"a\"]"}), ScimType::InvalidFilter),
            (
                json!({"op": "replace", "path": "members[value eq \"a\"].value", "value": "b"}),
                ScimType::Mutability,
            ),
            (json!({"op": "add", "path": "members", "value": [{"display": "a"}]}), ScimType::InvalidValue),
        ] {
            assert_eq!(split(json!([op])).unwrap_err().scim_type, Some(kind), "{op}");
        }
    }

    #[test]
    fn operations_fold_in_order() {
        let (a, b) = (ids(&["a"]), ids(&["a", "b"]));
        let add_last = MemberDelta::of(&[MemberOp::Remove(a.clone()), MemberOp::Add(a.clone())]);
        assert_eq!((add_last.add.len(), add_last.remove.len()), (1, 0));
        let remove_last = MemberDelta::of(&[MemberOp::Add(b.clone()), MemberOp::Remove(a.clone())]);
        assert_eq!((remove_last.add.len(), remove_last.remove.len()), (1, 1));
        let replaced =
            MemberDelta::of(&[MemberOp::Add(a.clone()), MemberOp::Replace(b), MemberOp::Remove(a)]);
        assert!(replaced.clear && replaced.remove.is_empty());
        assert_eq!(replaced.add.into_iter().collect::<Vec<_>>(), ["b"]);
        assert!(MemberDelta::of(&[MemberOp::Remove(vec![])]).is_empty());
    }
}
