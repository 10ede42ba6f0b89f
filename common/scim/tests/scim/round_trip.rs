//! Property: a filter prints in a form that parses back to itself, and no text makes a parser panic.

use proptest::prelude::*;
use usher_scim::filter::{self, CompareOp, Filter, Literal};
use usher_scim::path::Path;
use usher_scim::{AttrPath, Dialect, Registry};

fn attribute() -> impl Strategy<Value = AttrPath> {
    let urn = prop_oneof![
        3 => Just(None),
        1 => Just(Some("urn:ietf:params:scim:schemas:core:2.0:User".to_owned())),
    ];
    let name = "[a-zA-Z][a-zA-Z0-9_-]{0,8}";
    let sub = prop_oneof![2 => Just(None), 1 => "(\\$ref|[a-z][a-zA-Z0-9]{0,5})".prop_map(Some)];
    (urn, name, sub).prop_map(|(urn, name, sub)| AttrPath { urn, name, sub })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|n| Literal::Number(n.into())),
        (-1e9..1e9_f64).prop_filter_map("finite", |n| serde_json::Number::from_f64(n).map(Literal::Number)),
        ".{0,12}".prop_map(Literal::String),
    ]
}

fn test() -> impl Strategy<Value = Filter> {
    use CompareOp::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    let op = prop::sample::select(vec![Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le]);
    prop_oneof![
        attribute().prop_map(Filter::Present),
        (attribute(), op, literal()).prop_map(|(a, o, l)| Filter::Compare(a, o, l)),
    ]
}

fn combined(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|f| Filter::Not(Box::new(f))),
        ]
    })
    .boxed()
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let brackets =
        (attribute(), combined(test().boxed())).prop_map(|(a, f)| Filter::ValuePath(a, Box::new(f)));
    combined(prop_oneof![3 => test(), 1 => brackets].boxed())
}

proptest! {
    #[test]
    fn a_printed_filter_parses_back(original in any_filter()) {
        let text = original.to_string();
        let parsed = filter::parse(&text, Dialect::Tolerant);
        prop_assert_eq!(parsed.as_ref(), Ok(&original), "{}", text);
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "[a-z:.$0-9 \\[\\]()\"\\\\é\u{1F600}]{0,60}") {
        let _ = filter::parse(&text, Dialect::Tolerant);
        let registry = Registry::core().unwrap();
        let _ = Path::parse(&text, registry.resource("User").unwrap());
    }

    #[test]
    fn a_parsed_filter_prints_and_parses_the_same(text in "(not )?(\\()?[a-z]{1,4}(\\[[a-z]{1,3} pr\\])?(\\.[a-z]+)? (eq|PR|co) (\"[a-z]*\"|[0-9a-z.]{1,5})?(\\))?( and| OR)? (a pr)?") {
        if let Ok(parsed) = filter::parse(&text, Dialect::Tolerant) {
            let printed = parsed.to_string();
            prop_assert_eq!(filter::parse(&printed, Dialect::Tolerant), Ok(parsed), "{}", printed);
        }
    }
}
