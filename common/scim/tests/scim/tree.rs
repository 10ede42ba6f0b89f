//! Random resources of a type that has every kind of attribute, and random filters about them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use usher_scim::Registry;

pub(crate) const URN: &str = "urn:example:thing:2.0:Thing";
pub(crate) const MORE: &str = "urn:example:more:2.0:Thing";

/// The names of simple attributes and their types; `parts` is complex, `items` a list of the same.
pub(crate) const SIMPLE: [(&str, &str); 6] = [
    ("text", "string"),
    ("exact", "exact"),
    ("count", "integer"),
    ("ratio", "decimal"),
    ("flag", "boolean"),
    ("at", "dateTime"),
];

fn attributes() -> Vec<Value> {
    SIMPLE
        .iter()
        .map(|(name, kind)| match *kind {
            "exact" => json!({"name": name, "type": "string", "caseExact": true}),
            kind => json!({"name": name, "type": kind}),
        })
        .collect()
}

pub(crate) fn registry() -> Registry {
    let mut elements = attributes();
    elements.extend([json!({"name": "value"}), json!({"name": "primary", "type": "boolean"})]);
    let complex = |name: &str, many: bool| json!({"name": name, "type": "complex", "multiValued": many, "subAttributes": elements});
    let mut all = attributes();
    all.extend([
        complex("parts", false),
        complex("items", true),
        json!({"name": "tags", "multiValued": true}),
    ]);
    let custom = json!({
        "schemas": [{"id": URN, "attributes": all}, {"id": MORE, "attributes": all}],
        "resourceTypes": [{"name": "Thing", "endpoint": "/Things", "schema": URN, "schemaExtensions": [{"schema": MORE}]}]});
    Registry::core().unwrap().with_custom(&serde_json::from_value(custom).unwrap()).unwrap()
}

pub(crate) fn value(kind: &str) -> BoxedStrategy<Value> {
    match kind {
        "integer" => (-2..3_i64).prop_map(Value::from).boxed(),
        "decimal" => {
            prop::sample::select(vec![json!(-1.5), json!(0), json!(0.5), json!(1.0), json!(2)]).boxed()
        }
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "dateTime" => prop::sample::select(vec![
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-01T01:00:00+01:00"),
            json!("2026-01-01T00:00:00.5Z"),
            json!("2025-12-31T23:00:00-02:00"),
        ])
        .boxed(),
        _ => "[aAbB]{1,2}".prop_map(Value::from).boxed(),
    }
}

fn simple(extra: &'static [&'static str]) -> BoxedStrategy<Map<String, Value>> {
    let named: Vec<_> = SIMPLE
        .iter()
        .map(|(name, kind)| (*name, *kind))
        .chain(extra.iter().map(|name| (*name, if *name == "primary" { "boolean" } else { "string" })))
        .map(|(name, kind)| prop::option::of(value(kind)).prop_map(move |v| v.map(|v| (name.to_owned(), v))))
        .collect();
    named.prop_map(|pairs| pairs.into_iter().flatten().collect()).boxed()
}

fn one_primary(items: Vec<Map<String, Value>>) -> Vec<Value> {
    let mut seen = false;
    let mut kept = Vec::new();
    for mut item in items {
        if item.get("primary") == Some(&json!(true)) && std::mem::replace(&mut seen, true) {
            item.remove("primary");
        }
        if !item.is_empty() && !kept.contains(&Value::Object(item.clone())) {
            kept.push(Value::Object(item));
        }
    }
    kept
}

fn container() -> BoxedStrategy<Map<String, Value>> {
    let element = simple(&["value", "primary"]);
    (
        simple(&[]),
        element.clone(),
        prop::collection::vec(element, 0..3),
        prop::collection::btree_set("[ab]", 0..3),
    )
        .prop_map(|(mut map, parts, items, tags)| {
            let lists =
                [("items", one_primary(items)), ("tags", tags.into_iter().map(Value::from).collect())];
            if !parts.is_empty() {
                map.insert("parts".into(), Value::Object(parts));
            }
            for (name, list) in lists {
                if !list.is_empty() {
                    map.insert(name.into(), Value::Array(list));
                }
            }
            map
        })
        .boxed()
}

pub(crate) fn tree() -> impl Strategy<Value = Map<String, Value>> {
    (container(), container()).prop_map(|(mut map, more)| {
        if !more.is_empty() {
            map.insert(MORE.into(), Value::Object(more));
        }
        map
    })
}

/// Where a leaf of such a resource is: extension, attribute, sub-attribute.
pub(crate) type At = (Option<&'static str>, &'static str, Option<&'static str>);

/// A leaf and its kind.
pub(crate) fn leaf() -> impl Strategy<Value = (At, &'static str)> {
    let holder = prop::sample::select(vec![None, Some(MORE)]);
    let simple = prop::sample::select(SIMPLE.to_vec());
    let sub =
        prop::sample::select([SIMPLE.as_slice(), &[("value", "string"), ("primary", "boolean")]].concat());
    prop_oneof![
        3 => (holder.clone(), simple).prop_map(|(h, (name, kind))| ((h, name, None), kind)),
        3 => (holder.clone(), prop::sample::select(vec!["parts", "items"]), sub)
            .prop_map(|(h, name, (sub, kind))| ((h, name, Some(sub)), kind)),
        1 => holder.prop_map(|h| ((h, "tags", None), "string")),
    ]
}

/// The leaf's name as a client writes it.
pub(crate) fn written((holder, name, sub): At) -> String {
    let urn = holder.map(|h| format!("{h}:")).unwrap_or_default();
    let sub = sub.map(|s| format!(".{s}")).unwrap_or_default();
    format!("{urn}{name}{sub}")
}
