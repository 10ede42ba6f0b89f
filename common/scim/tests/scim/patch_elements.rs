//! Property: operations on elements of a list, and on parts of a complex value, agree with a naive model in every dialect.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_scim::patch;
use usher_scim::{Dialect, Registry, Resource, ScimType, urn};

#[derive(Debug, Clone)]
enum Step {
    Add { kind: &'static str, value: String, primary: Option<bool> },
    SetValue { kind: &'static str, value: String },
    SetPrimary { kind: &'static str },
    RemoveKind { kind: &'static str },
    Name { op: &'static str, parts: BTreeMap<&'static str, Option<String>> },
    NamePart { op: &'static str, part: &'static str, value: String },
}

#[derive(Debug, Clone, PartialEq)]
struct Element {
    kind: &'static str,
    value: String,
    primary: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Model {
    emails: Vec<Element>,
    name: BTreeMap<&'static str, String>,
}

impl Model {
    fn yield_primary(&mut self, to: usize) {
        for (i, element) in self.emails.iter_mut().enumerate() {
            if i != to && element.primary == Some(true) {
                element.primary = Some(false);
            }
        }
    }

    /// The model after a step, or what the server says to it.
    fn apply(&mut self, step: &Step, dialect: Dialect) -> Result<(), ScimType> {
        let strict = dialect != Dialect::Tolerant;
        match step {
            Step::Add { kind, value, primary } => {
                let at = match self.emails.iter().position(|e| e.kind == *kind && e.value == *value) {
                    Some(at) => {
                        self.emails[at].primary = primary.or(self.emails[at].primary);
                        at
                    }
                    None => {
                        self.emails.push(Element { kind, value: value.clone(), primary: *primary });
                        self.emails.len() - 1
                    }
                };
                // Touched and primary, it is the one primary.
                if self.emails[at].primary == Some(true) {
                    self.yield_primary(at);
                }
            }
            Step::SetValue { kind, value } => {
                let selected: Vec<usize> =
                    (0..self.emails.len()).filter(|i| self.emails[*i].kind == *kind).collect();
                if selected.is_empty() && strict {
                    return Err(ScimType::NoTarget);
                }
                if selected.is_empty() {
                    self.emails.push(Element { kind, value: value.clone(), primary: None });
                    return Ok(());
                }
                for i in &selected {
                    self.emails[*i].value.clone_from(value);
                }
                // All of a kind are the same now; the first one stays.
                let first = selected[0];
                let mut i = 0;
                self.emails.retain(|e| {
                    i += 1;
                    e.kind != *kind || i - 1 == first
                });
            }
            Step::SetPrimary { kind } => {
                let selected: Vec<usize> =
                    (0..self.emails.len()).filter(|i| self.emails[*i].kind == *kind).collect();
                match selected[..] {
                    [] => return Err(ScimType::NoTarget),
                    [one] => {
                        self.emails[one].primary = Some(true);
                        self.yield_primary(one);
                    }
                    _ => return Err(ScimType::InvalidValue),
                }
            }
            Step::RemoveKind { kind } => {
                let before = self.emails.len();
                self.emails.retain(|e| e.kind != *kind);
                if self.emails.len() == before && strict {
                    return Err(ScimType::NoTarget);
                }
            }
            Step::Name { op, parts } => {
                if *op == "replace" && dialect == Dialect::InteropStrict {
                    self.name.clear();
                }
                for (part, value) in parts {
                    match value {
                        Some(value) => drop(self.name.insert(part, value.clone())),
                        None => drop(self.name.remove(part)),
                    }
                }
            }
            Step::NamePart { op: "remove", part, .. } => drop(self.name.remove(part)),
            Step::NamePart { part, value, .. } => drop(self.name.insert(part, value.clone())),
        }
        Ok(())
    }

    fn tree(&self) -> Value {
        let emails: Vec<Value> = self
            .emails
            .iter()
            .map(|e| {
                let mut item = json!({"type": e.kind, "value": e.value});
                if let Some(primary) = e.primary {
                    item["primary"] = primary.into();
                }
                item
            })
            .collect();
        let mut tree = json!({"userName": "u"});
        if !emails.is_empty() {
            tree["emails"] = emails.into();
        }
        if !self.name.is_empty() {
            tree["name"] = json!(self.name);
        }
        tree
    }
}

fn operation(step: &Step) -> Value {
    match step {
        Step::Add { kind, value, primary } => {
            let mut item = json!({"type": kind, "value": value});
            if let Some(primary) = primary {
                item["primary"] = (*primary).into();
            }
            json!({"op": "add", "path": "emails", "value": [item]})
        }
        Step::SetValue { kind, value } => {
            json!({"op": "replace", "path": format!("emails[type eq \"{kind}\"].value"), "value": value})
        }
        Step::SetPrimary { kind } => {
            json!({"op": "replace", "path": format!("emails[not (type ne \"{kind}\")].primary"), "value": true})
        }
        Step::RemoveKind { kind } => json!({"op": "remove", "path": format!("emails[type eq \"{kind}\"]")}),
        Step::Name { op, parts } => json!({"op": op, "path": "name", "value": parts}),
        Step::NamePart { op: "remove", part, .. } => json!({"op": "remove", "path": format!("name.{part}")}),
        Step::NamePart { op, part, value } => {
            json!({"op": op, "path": format!("name.{part}"), "value": value})
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let kind = || prop::sample::select(vec!["work", "home"]);
    let part = || prop::sample::select(vec!["givenName", "familyName", "middleName"]);
    let parts = prop::collection::btree_map(part(), prop::option::of("[a-c]"), 1..3);
    prop_oneof![
        3 => (kind(), "[a-c]", prop::option::of(any::<bool>()))
            .prop_map(|(kind, value, primary)| Step::Add { kind, value, primary }),
        2 => (kind(), "[a-c]").prop_map(|(kind, value)| Step::SetValue { kind, value }),
        1 => kind().prop_map(|kind| Step::SetPrimary { kind }),
        1 => kind().prop_map(|kind| Step::RemoveKind { kind }),
        2 => (prop::sample::select(vec!["add", "replace"]), parts).prop_map(|(op, parts)| Step::Name { op, parts }),
        2 => (prop::sample::select(vec!["add", "replace", "remove"]), part(), "[a-c]")
            .prop_map(|(op, part, value)| Step::NamePart { op, part, value }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn elements_and_parts_agree_with_the_model(
        steps in prop::collection::vec(step(), 1..16), dialect in prop::sample::select(Dialect::ALL.to_vec()),
    ) {
        let registry = Registry::core().unwrap().in_dialect(dialect);
        let schema = registry.resource("User").unwrap();
        let mut model = Model::default();
        let mut tree: Resource = serde_json::from_value(model.tree()).unwrap();
        for step in &steps {
            let body = json!({"schemas": [urn::PATCH_OP], "Operations": [operation(step)]});
            let operations = patch::parse(schema, body).unwrap();
            let mut next = model.clone();
            match (patch::apply(schema, &tree, &operations), next.apply(step, dialect)) {
                (Ok(after), Ok(())) => {
                    prop_assert_eq!(Value::Object(after.0.clone()), next.tree(), "{} {:?}", dialect, step);
                    (tree, model) = (after, next);
                }
                (Err(error), Err(kind)) => prop_assert_eq!(error.scim_type, Some(kind), "{} {:?}", dialect, step),
                (after, expected) => prop_assert!(false, "{dialect} {step:?}: {after:?}, not {expected:?}"),
            }
        }
    }
}
