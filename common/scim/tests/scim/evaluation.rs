//! Property: a filter holds for a resource exactly when a naive reading of RFC 7644 §3.4.2.2 says so.

use proptest::prelude::*;
use serde_json::{Map, Value};
use usher_scim::Dialect;
use usher_scim::filter::{self, Plan};

use super::tree::{At, leaf, registry, tree, value, written};

#[derive(Debug, Clone)]
enum Ask {
    Present(At),
    Compare(At, &'static str, &'static str, Value),
    Element(Option<&'static str>, Box<Ask>),
    Not(Box<Ask>),
    And(Vec<Ask>),
    Or(Vec<Ask>),
}

const OPS: [&str; 9] = ["eq", "ne", "gt", "ge", "lt", "le", "co", "sw", "ew"];

fn comparison() -> impl Strategy<Value = Ask> {
    (leaf(), prop::sample::select(OPS.to_vec())).prop_flat_map(|((at, kind), op)| {
        let op = match kind {
            "boolean" if op != "ne" => "eq",
            "integer" | "decimal" if matches!(op, "co" | "sw" | "ew") => "le",
            // `co` on a date looks into its text; the model compares instants only.
            "dateTime" if matches!(op, "co" | "sw" | "ew") => "ge",
            _ => op,
        };
        let null = prop::bool::weighted(if matches!(op, "eq" | "ne") { 0.2 } else { 0.0 });
        (value(kind), null)
            .prop_map(move |(v, null)| Ask::Compare(at, kind, op, if null { Value::Null } else { v }))
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let test = prop_oneof![3 => comparison(), 1 => leaf().prop_map(|(at, _)| Ask::Present(at))];
    // In brackets only sub-attributes of `items` make sense.
    let inside = prop_oneof![3 => comparison(), 1 => leaf().prop_map(|(at, _)| Ask::Present(at))]
        .prop_filter("of items", |ask| match ask {
            Ask::Present(at) | Ask::Compare(at, ..) => at.1 == "items",
            _ => false,
        });
    let holder = |ask: &Ask| match ask {
        Ask::Present(at) | Ask::Compare(at, ..) => at.0,
        _ => None,
    };
    let both = (inside.clone(), inside, 0..3_u8).prop_map(move |(a, b, how)| {
        let h = holder(&a);
        Ask::Element(
            h,
            Box::new(match how {
                0 => a,
                1 => Ask::And(vec![a, Ask::Not(Box::new(b))]),
                _ => Ask::Or(vec![a, b]),
            }),
        )
    });
    prop_oneof![5 => test, 2 => both].prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Ask::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Ask::Or),
            inner.prop_map(|a| Ask::Not(Box::new(a))),
        ]
    })
}

fn text(ask: &Ask, in_brackets: bool) -> String {
    let name = |at: &At| match (in_brackets, at.2) {
        (true, Some(sub)) => sub.to_owned(),
        _ => written(*at),
    };
    let list = |parts: &[Ask], word: &str| {
        parts.iter().map(|p| format!("({})", text(p, in_brackets))).collect::<Vec<_>>().join(word)
    };
    match ask {
        Ask::Present(at) => format!("{} pr", name(at)),
        Ask::Compare(at, _, op, value) => format!("{} {op} {value}", name(at)),
        Ask::Element(holder, inner) => {
            format!("{}[{}]", written((*holder, "items", None)), text(inner, true))
        }
        Ask::Not(inner) => format!("not ({})", text(inner, in_brackets)),
        Ask::And(parts) => list(parts, " and "),
        Ask::Or(parts) => list(parts, " or "),
    }
}

/// Every value at a place, of all elements.
fn values(map: &Map<String, Value>, (holder, name, sub): At) -> Vec<&Value> {
    let map = match holder {
        None => Some(map),
        Some(urn) => map.get(urn).and_then(Value::as_object),
    };
    let found = match map.and_then(|m| m.get(name)) {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(single) => vec![single],
    };
    match sub {
        None => found,
        Some(sub) => found.into_iter().filter_map(|v| v.get(sub)).collect(),
    }
}

fn holds(kind: &str, op: &str, wanted: &Value, found: &Value) -> bool {
    let order = match kind {
        "boolean" => found.as_bool().cmp(&wanted.as_bool()),
        "integer" | "decimal" => found.as_f64().partial_cmp(&wanted.as_f64()).unwrap(),
        "dateTime" => {
            let at = |v: &Value| v.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            at(found).cmp(&at(wanted))
        }
        _ => {
            let fold = |v: &Value| {
                let text = v.as_str().unwrap().to_owned();
                if kind == "exact" { text } else { text.to_lowercase() }
            };
            let (found, wanted) = (fold(found), fold(wanted));
            match op {
                "co" => return found.contains(&wanted),
                "sw" => return found.starts_with(&wanted),
                "ew" => return found.ends_with(&wanted),
                _ => found.cmp(&wanted),
            }
        }
    };
    match op {
        "eq" => order.is_eq(),
        "ne" => order.is_ne(),
        "gt" => order.is_gt(),
        "ge" => order.is_ge(),
        "lt" => order.is_lt(),
        _ => order.is_le(),
    }
}

fn compare(kind: &str, op: &str, wanted: &Value, found: &[&Value]) -> bool {
    match (op, wanted, found) {
        ("eq", Value::Null, found) => found.is_empty(),
        ("ne", Value::Null, found) => !found.is_empty(),
        ("ne", _, []) => true,
        (op, wanted, found) => found.iter().any(|v| holds(kind, op, wanted, v)),
    }
}

fn naive(ask: &Ask, map: &Map<String, Value>) -> bool {
    match ask {
        Ask::Present(at) => !values(map, *at).is_empty(),
        Ask::Compare(at, kind, op, wanted) => compare(kind, op, wanted, &values(map, *at)),
        Ask::Element(holder, inner) => {
            values(map, (*holder, "items", None)).iter().any(|e| element(inner, e))
        }
        Ask::Not(inner) => !naive(inner, map),
        Ask::And(parts) => parts.iter().all(|p| naive(p, map)),
        Ask::Or(parts) => parts.iter().any(|p| naive(p, map)),
    }
}

fn element(ask: &Ask, item: &Value) -> bool {
    let at = |at: &At| -> Vec<&Value> { item.get(at.2.unwrap()).into_iter().collect() };
    match ask {
        Ask::Present(place) => !at(place).is_empty(),
        Ask::Compare(place, kind, op, wanted) => compare(kind, op, wanted, &at(place)),
        Ask::Not(inner) => !element(inner, item),
        Ask::And(parts) => parts.iter().all(|p| element(p, item)),
        Ask::Or(parts) => parts.iter().any(|p| element(p, item)),
        Ask::Element(..) => unreachable!("no brackets inside brackets"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn evaluation_agrees_with_a_naive_reading(tree in tree(), ask in ask()) {
        let registry = registry();
        let schema = registry.resource("Thing").unwrap();
        let text = text(&ask, false);
        let parsed = filter::parse(&text, Dialect::Tolerant).unwrap();
        prop_assert_eq!(filter::check(&parsed, schema), Ok(()), "{}", text);
        let found = filter::matches(&parsed, schema, &tree);
        prop_assert_eq!(found, naive(&ask, &tree), "{}", text);

        // Printed and parsed again, in any dialect, it asks the same.
        let printed = parsed.to_string();
        for dialect in Dialect::ALL {
            let again = filter::parse(&printed, dialect);
            prop_assert_eq!(again.as_ref(), Ok(&parsed), "{}", printed);
        }
        // What an index leaves to be tested is true of everything that is found.
        let plan = Plan::of(&parsed, schema);
        if let (true, Some(residual)) = (found, &plan.residual) {
            prop_assert!(filter::matches(residual, schema, &tree));
        }
    }
}
