//! Property: the patch engine agrees with a naive model on simple and multi-valued attributes.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_scim::patch::{self, MemberDelta, MemberOp};
use usher_scim::{Registry, Resource, resource};

#[derive(Debug, Clone)]
enum Step {
    Set { op: &'static str, name: &'static str, value: Option<String> },
    Unset { name: &'static str },
    List { op: &'static str, values: BTreeSet<String> },
    RemoveValue { value: String, by_path: bool },
    RemoveAll,
}

/// What the attributes should be: the simple ones by name, and the values of `roles`.
#[derive(Debug, Default, PartialEq)]
struct Model {
    simple: BTreeMap<&'static str, String>,
    roles: BTreeSet<String>,
}

impl Model {
    fn apply(&mut self, step: &Step) {
        match step {
            Step::Set { name, value: Some(value), .. } => {
                self.simple.insert(name, value.clone());
            }
            Step::Set { name, value: None, .. } | Step::Unset { name } => {
                self.simple.remove(name);
            }
            Step::List { op: "add", values } => self.roles.extend(values.iter().cloned()),
            Step::List { values, .. } => self.roles.clone_from(values),
            Step::RemoveValue { value, .. } => {
                self.roles.remove(value);
            }
            Step::RemoveAll => self.roles.clear(),
        }
    }

    fn of(tree: &Resource) -> Self {
        let simple = ["title", "nickName", "displayName"]
            .into_iter()
            .filter_map(|n| Some((n, tree.text(n)?.to_owned())))
            .collect();
        let roles: Vec<&str> = tree.values("roles").collect();
        let distinct: BTreeSet<String> = roles.iter().map(|r| (*r).to_owned()).collect();
        assert_eq!(distinct.len(), roles.len(), "a value is there twice");
        Self { simple, roles: distinct }
    }
}

fn operation(step: &Step) -> Value {
    let listed =
        |values: &BTreeSet<String>| -> Value { values.iter().map(|v| json!({"value": v})).collect() };
    match step {
        Step::Set { op, name, value } => json!({"op": op, "path": name, "value": value}),
        Step::Unset { name } => json!({"op": "remove", "path": name}),
        Step::List { op, values } => json!({"op": op, "path": "roles", "value": listed(values)}),
        Step::RemoveValue { value, by_path: true } => {
            json!({"op": "remove", "path": format!("roles[value eq \"{value}\"]")})
        }
        Step::RemoveValue { value, by_path: false } => {
            json!({"op": "remove", "path": "roles", "value": [{"value": value}]})
        }
        Step::RemoveAll => json!({"op": "remove", "path": "roles"}),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let op = || prop::sample::select(vec!["add", "replace"]);
    let name = || prop::sample::select(vec!["title", "nickName", "displayName"]);
    let word = || "[a-d]";
    prop_oneof![
        (op(), name(), prop::option::of(word())).prop_map(|(op, name, value)| Step::Set { op, name, value }),
        name().prop_map(|name| Step::Unset { name }),
        (op(), prop::collection::btree_set(word(), 0..4)).prop_map(|(op, values)| Step::List { op, values }),
        (word(), any::<bool>()).prop_map(|(value, by_path)| Step::RemoveValue { value, by_path }),
        Just(Step::RemoveAll),
    ]
}

proptest! {
    #[test]
    fn the_engine_agrees_with_the_model(steps in prop::collection::vec(step(), 1..20)) {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("User").unwrap();
        let body = json!({"Operations": steps.iter().map(operation).collect::<Vec<_>>()});
        let operations = patch::parse(schema, body).unwrap();
        let start: Resource = serde_json::from_value(json!({"userName": "u"})).unwrap();
        let after = patch::apply(schema, &start, &operations).unwrap();
        let mut model = Model::default();
        steps.iter().for_each(|s| model.apply(s));
        prop_assert_eq!(Model::of(&after), model);
        prop_assert_eq!(after.text("userName"), Some("u"));

        // Applying the operations one request at a time comes to the same. Not to the letter: values have no order, and a
        // request that changes nothing keeps the one there was.
        let one_by_one = operations.iter().fold(start, |tree, op| {
            patch::apply(schema, &tree, std::slice::from_ref(op)).unwrap()
        });
        prop_assert!(resource::equivalent(schema, &one_by_one, &after), "{one_by_one:?} is not {after:?}");
    }

    #[test]
    fn member_operations_fold_to_their_effect(
        before in prop::collection::btree_set("[a-e]", 0..5),
        steps in prop::collection::vec((0..4_u8, prop::collection::btree_set("[a-e]", 0..4)), 0..8),
    ) {
        let mut model = before.clone();
        let mut operations = Vec::new();
        for (kind, ids) in steps {
            let list: Vec<String> = ids.iter().cloned().collect();
            operations.push(match kind {
                0 => MemberOp::Add(list),
                1 => MemberOp::Remove(list),
                2 => MemberOp::Replace(list),
                _ => MemberOp::RemoveAll,
            });
            match kind {
                0 => model.extend(ids),
                1 => model.retain(|id| !ids.contains(id)),
                2 => model = ids,
                _ => model.clear(),
            }
        }
        let delta = MemberDelta::of(&operations);
        prop_assert!(delta.add.is_disjoint(&delta.remove));
        let mut after = if delta.clear { BTreeSet::new() } else { before };
        after.retain(|id| !delta.remove.contains(id));
        after.extend(delta.add);
        prop_assert_eq!(after, model);
    }
}
