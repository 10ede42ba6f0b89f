//! Property: a projection keeps exactly the leaves that a naive reading of RFC 7644 §3.9 keeps.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value};
use usher_scim::projection::Projection;

use super::tree::{At, MORE, leaf, registry, tree, written};

/// The names of all leaves of a resource, elements of a list taken together.
fn leaves(map: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut holder = |prefix: &str, map: &Map<String, Value>| {
        for (name, value) in map.iter().filter(|(n, _)| *n != MORE) {
            let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
            for item in items {
                match item.as_object() {
                    Some(inner) => found.extend(inner.keys().map(|sub| format!("{prefix}{name}.{sub}"))),
                    None => drop(found.insert(format!("{prefix}{name}"))),
                }
            }
        }
    };
    holder("", map);
    if let Some(more) = map.get(MORE).and_then(Value::as_object) {
        holder(&format!("{MORE}:"), more);
    }
    found
}

/// A name to project by: a leaf, its whole attribute, or the whole extension.
fn name() -> impl Strategy<Value = String> {
    (leaf(), 0..8_u8).prop_map(|((at, _), how): ((At, _), u8)| match how {
        0 => MORE.to_owned(),
        1 | 2 => written((at.0, at.1, None)),
        _ => written(at),
    })
}

fn named(names: &[String], leaf: &str) -> bool {
    names
        .iter()
        .any(|n| leaf == n || leaf.strip_prefix(n.as_str()).is_some_and(|rest| rest.starts_with(['.', ':'])))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_projection_keeps_what_is_asked_for(
        tree in tree(), names in prop::collection::vec(name(), 1..4), upper in any::<bool>(),
    ) {
        let registry = registry();
        let schema = registry.resource("Thing").unwrap();
        let sent: Vec<String> = names.iter().map(|n| if upper { n.to_uppercase() } else { n.clone() }).collect();
        let all = leaves(&tree);
        prop_assert_eq!(&leaves(&Projection::default().apply(schema, tree.clone())), &all);

        let only = Projection::new(schema, &sent, &[]).apply(schema, tree.clone());
        let wanted: BTreeSet<String> = all.iter().filter(|l| named(&names, l)).cloned().collect();
        prop_assert_eq!(leaves(&only), wanted);

        let without = Projection::new(schema, &[], &sent).apply(schema, tree);
        let wanted: BTreeSet<String> = all.into_iter().filter(|l| !named(&names, l)).collect();
        prop_assert_eq!(leaves(&without), wanted);
    }
}
