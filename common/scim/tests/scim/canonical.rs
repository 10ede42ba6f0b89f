//! Property: whatever operations a client sends, the result is refused or canonical: the same tree that a PUT of it would store.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_scim::projection::Projection;
use usher_scim::{Registry, Resource, ResourceSchema, normalize, patch};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn path() -> impl Strategy<Value = Option<String>> {
    let fixed = prop::sample::select(vec![
        "userName",
        "USERNAME",
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails.primary",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[type eq \"odd\"].value",
        "emails[primary eq true].type",
        "emails[not (type pr)].display",
        "emails[value sw \"a\"].primary",
        "addresses[type eq \"home\"].locality",
        "addresses",
        "roles",
        "roles[primary eq \"True\"].value",
        "manager",
        "manager.value",
        "x509Certificates",
        "photos",
        "title",
        "groups",
        "id",
        "meta.created",
        "password",
        "nope",
        "name[givenName eq \"a\"]",
    ]);
    let qualified = prop::sample::select(vec!["", ":manager", ":manager.value", ":department", ":nope"]);
    prop_oneof![
        1 => Just(None),
        8 => fixed.prop_map(|p| Some(p.to_owned())),
        2 => qualified.prop_map(|p| Some(format!("{ENTERPRISE}{p}"))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!(null),
        json!(""),
        json!("a"),
        json!("A"),
        json!("b"),
        json!("work"),
        json!("True"),
        json!(true),
        json!(false),
        json!(1),
        json!(1.5),
        json!("{\"value\":\"r\"}"),
    ]);
    let key = prop::sample::select(vec![
        "value",
        "VALUE",
        "type",
        "primary",
        "display",
        "$ref",
        "givenName",
        "name.familyName",
        "emails",
        "userName",
        "active",
        "manager",
        "managerId",
        "roles",
        "locality",
        ENTERPRISE,
        "department",
        "zzz",
        "schemas",
        "password",
    ]);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

fn operations() -> impl Strategy<Value = Vec<Value>> {
    let op = prop::sample::select(vec!["add", "replace", "remove", "Add", "Replace"]);
    let one = (op, path(), value()).prop_map(|(op, path, value)| match path {
        Some(path) => json!({"op": op, "path": path, "value": value}),
        None => json!({"op": op, "value": value}),
    });
    prop::collection::vec(one, 1..6)
}

fn assert_canonical(schema: &ResourceSchema, tree: &Resource) -> Result<(), TestCaseError> {
    let again = normalize::resource(schema, Value::Object(tree.0.clone()));
    prop_assert_eq!(again.as_ref(), Ok(tree));
    // Nothing but what the schema knows is stored, so showing all of it loses nothing.
    prop_assert_eq!(&Projection::default().apply(schema, tree.0.clone()), &tree.0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_patched_tree_is_canonical(operations in operations()) {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("User").unwrap();
        let mut tree: Resource = serde_json::from_value(json!({
            "userName": "u", "name": {"givenName": "a"}, "roles": [{"value": "b"}],
            "emails": [{"value": "a", "type": "work", "primary": true}, {"value": "b"}],
            ENTERPRISE: {"manager": {"value": "m", "$ref": "r"}},
        })).unwrap();
        for operation in operations {
            let Ok(parsed) = patch::parse(schema, json!({"Operations": [operation]})) else {
                continue;
            };
            if let Ok(after) = patch::apply(schema, &tree, &parsed) {
                assert_canonical(schema, &after)?;
                tree = after;
            }
        }
    }

    #[test]
    fn a_created_tree_is_canonical(body in value()) {
        let registry = Registry::core().unwrap();
        let schema = registry.resource("User").unwrap();
        let mut body = body;
        if let Some(map) = body.as_object_mut() {
            map.entry("userName").or_insert(json!("u"));
        }
        if let Ok(tree) = normalize::resource(schema, body) {
            assert_canonical(schema, &tree)?;
        }
    }
}
