//! A customer's schemas and resource types: what is registered works everywhere, and what cannot work is refused by name.

use serde_json::{Map, Value, json};
use usher_scim::filter::{self, EqTerm, Indexed, Plan, Source};
use usher_scim::projection::Projection;
use usher_scim::schema::{Custom, Key, SchemaError};
use usher_scim::sort::{Sort, SortOrder};
use usher_scim::{Dialect, Registry, Resource, ScimType, discovery, normalize, patch, urn};

const BADGE: &str = "urn:example:scim:badge:2.0:User";

fn registered(text: &str) -> Registry {
    let custom: Custom = serde_json::from_str(text).unwrap();
    Registry::core().unwrap().with_custom(&custom).unwrap()
}

fn badge() -> Registry {
    registered(include_str!("../fixtures/custom/badge.json"))
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("{value} is no object") };
    map
}

#[test]
fn okta_finds_its_roles_and_entitlements() {
    let registry = registered(include_str!("../fixtures/custom/okta_roles_and_entitlements.json"));
    let types = discovery::resource_types("https://x/c", &registry);
    let role = types.iter().find(|t| t["name"] == "Role").unwrap();
    assert_eq!(role["schema"], "urn:okta:scim:schemas:core:1.0:Role");
    assert_eq!((role["id"].clone(), role["endpoint"].clone()), (json!("Role"), json!("/Roles")));
    let entitlement = "urn:okta:scim:schemas:core:1.0:Entitlement";
    assert_eq!(types.iter().filter(|t| t["schema"] == entitlement).count(), 2, "one schema, two endpoints");
    let licenses = registry.at_endpoint("Licenses").unwrap();
    let tree = normalize::resource(
        licenses,
        json!({"schemas": [entitlement], "displayName": "Pro", "type": "License"}),
    );
    assert_eq!(tree.unwrap().0.len(), 2);
}

#[test]
fn the_ietf_draft_of_roles_and_entitlements_can_be_registered() {
    let registry = registered(include_str!("../fixtures/custom/ietf_roles_and_entitlements.json"));
    let role = registry.at_endpoint("Roles").unwrap();
    assert_eq!(role.core.id, "urn:ietf:params:scim:schemas:core:2.0:Role");
    let tree = normalize::resource(
        role,
        json!({"value": "admin", "supported": true, "contains": [{"value": "reader"}]}),
    );
    assert_eq!(tree.unwrap().0.get("supported"), None, "read-only");
}

#[test]
fn both_catalogues_fit_side_by_side() {
    let read = |text| serde_json::from_str::<Custom>(text).unwrap();
    let mut both = read(include_str!("../fixtures/custom/okta_roles_and_entitlements.json"));
    let mut ietf = read(include_str!("../fixtures/custom/ietf_roles_and_entitlements.json"));
    ietf.resource_types[0] = json!({"name": "StandardRole", "endpoint": "/StandardRoles",
        "schema": "urn:ietf:params:scim:schemas:core:2.0:Role"});
    both.schemas.extend(ietf.schemas);
    both.resource_types.extend(ietf.resource_types);
    assert_eq!(Registry::core().unwrap().with_custom(&both).unwrap().resources().count(), 7);
}

#[test]
fn documents_read_back_as_they_were_registered() {
    let registry = badge();
    let shown = discovery::schema("https://x/c", registry.schema(BADGE).unwrap());
    let sent: Value = serde_json::from_str(include_str!("../fixtures/custom/badge.json")).unwrap();
    fn holds(shown: &Value, sent: &Value) -> bool {
        match (shown, sent) {
            (Value::Object(shown), Value::Object(sent)) => {
                sent.iter().all(|(k, v)| shown.get(k).is_some_and(|s| holds(s, v)))
            }
            (Value::Array(shown), Value::Array(sent)) => {
                shown.len() == sent.len() && shown.iter().zip(sent).all(|(a, b)| holds(a, b))
            }
            (shown, sent) => shown == sent,
        }
    }
    assert!(holds(&Value::Object(shown.clone()), &sent["schemas"][0]), "{shown:?}");
    assert_eq!(
        shown["attributes"][0]["returned"], "default",
        "what was left out has the default of RFC 7643 section 2.2"
    );
    let types = discovery::resource_types("https://x/c", &registry);
    let extensions = types[0]["schemaExtensions"].as_array().unwrap();
    assert_eq!(extensions.len(), 2, "Enterprise User stays");
    assert_eq!(types.len(), 2);
}

fn badged() -> Resource {
    serde_json::from_value(json!({"userName": "a", BADGE: {"number": "N1", "level": 3, "weight": 1.5,
        "issued": "2026-01-01T00:00:00Z", "key": "YWI=", "doors": ["a", "B"],
        "zones": [{"value": "z1", "type": "inner", "primary": true}, {"value": "z2"}], "desk": {"floor": 2, "seat": "x"}}}))
    .unwrap()
}

#[test]
fn extension_attributes_can_be_asked_for() {
    let registry = badge();
    let user = registry.resource("User").unwrap();
    let tree = badged().0;
    for (text, wanted) in [
        ("number eq \"n1\"", true),
        ("level gt 2", true),
        ("level ge 3.0", true),
        ("level lt 3", false),
        ("weight eq 1.50", true),
        ("weight gt 1", true),
        ("issued eq \"2026-01-01T01:00:00+01:00\"", true),
        ("issued lt \"2026-01-01T00:00:00.001Z\"", true),
        ("key eq \"YWI=\"", true),
        ("key eq \"ywi=\"", false),
        ("doors eq \"b\"", true),
        ("doors co \"x\"", false),
        ("doors[value eq \"A\"]", true),
        ("zones[type eq \"inner\" and primary eq true]", true),
        ("zones[value eq \"z2\" and primary eq true]", false),
        ("zones.value eq \"Z1\"", false),
        ("desk.floor le 2", true),
        ("desk[seat eq \"x\"]", true),
    ] {
        let text = format!("{BADGE}:{text}");
        let filter = filter::parse(&text, Dialect::Tolerant).unwrap();
        filter::check(&filter, user).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(filter::matches(&filter, user, &tree), wanted, "{text}");
        assert_eq!(filter::parse(&filter.to_string(), Dialect::Tolerant).unwrap(), filter);
    }
    for text in ["key gt \"a\"", "level eq \"x\"", "level co 3", "zones[nope pr]", "desk eq 1", "nope pr"] {
        let text = format!("{BADGE}:{text}");
        let filter = filter::parse(&text, Dialect::Tolerant).unwrap();
        assert_eq!(
            filter::check(&filter, user).unwrap_err().scim_type,
            Some(ScimType::InvalidFilter),
            "{text}"
        );
    }
    let filter = filter::parse(&format!("{BADGE}:number eq \"N1\""), Dialect::Tolerant).unwrap();
    let term = EqTerm { on: Indexed::Unique, value: format!("{BADGE}:number=n1") };
    assert_eq!(Plan::of(&filter, user).source, Source::All(vec![term]));
}

#[test]
fn extension_attributes_can_be_changed_sorted_by_and_shown() {
    let registry = badge();
    let user = registry.resource("User").unwrap();
    let change = |operation: Value| -> Result<Value, ScimType> {
        let operations =
            patch::parse(user, json!({"Operations": [operation]})).map_err(|e| e.scim_type.unwrap())?;
        let after = patch::apply(user, &badged(), &operations).map_err(|e| e.scim_type.unwrap())?;
        Ok(after.0.get(BADGE).cloned().unwrap_or_default())
    };
    let at = |path: &str| format!("{BADGE}:{path}");
    assert_eq!(change(json!({"op": "replace", "path": at("level"), "value": 4})).unwrap()["level"], 4);
    assert_eq!(
        change(json!({"op": "add", "path": at("doors"), "value": ["A", "c"]})).unwrap()["doors"],
        json!(["a", "B", "c"])
    );
    assert_eq!(
        change(json!({"op": "remove", "path": at("zones[type eq \"inner\"]")})).unwrap()["zones"],
        json!([{"value": "z2"}])
    );
    assert_eq!(
        change(json!({"op": "add", "path": at("zones[value eq \"z2\"].primary"), "value": true})).unwrap()["zones"],
        json!([{"value": "z1", "type": "inner", "primary": false}, {"value": "z2", "primary": true}])
    );
    for (operation, kind) in [
        (json!({"op": "replace", "path": at("number"), "value": "N2"}), ScimType::Mutability),
        (json!({"op": "remove", "path": at("number")}), ScimType::Mutability),
        (json!({"op": "remove", "path": BADGE}), ScimType::Mutability),
        (
            json!({"op": "replace", "path": at("zones[type eq \"inner\"].value"), "value": "z9"}),
            ScimType::Mutability,
        ),
        (
            json!({"op": "replace", "path": at("zones[type eq \"inner\"]"), "value": {"value": "z9"}}),
            ScimType::Mutability,
        ),
        (json!({"op": "remove", "path": at("zones[type eq \"inner\"].value")}), ScimType::Mutability),
        (json!({"op": "remove", "path": at("desk.floor")}), ScimType::Mutability),
        (json!({"op": "replace", "path": at("level"), "value": "4"}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": at("issued"), "value": "today"}), ScimType::InvalidValue),
    ] {
        assert_eq!(change(operation.clone()).unwrap_err(), kind, "{operation}");
    }
    let same = json!({"op": "replace", "path": at("issued"), "value": "2026-01-01T01:00:00+01:00"});
    assert_eq!(change(same).unwrap(), badged().0[BADGE], "the same instant is no change");

    let sort = Sort::new(&at("zones"), SortOrder::Ascending, &[user]).unwrap();
    let other: Resource = serde_json::from_value(json!({BADGE: {"zones": [{"value": "a"}]}})).unwrap();
    let order = sort.compare(&sort.key(user, &badged().0), &sort.key(user, &other.0));
    assert!(order.is_gt());
    assert!(Sort::new(&at("key"), SortOrder::Ascending, &[user]).is_err());

    let show = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|n| at(n)).collect();
        Value::Object(Projection::new(user, &names, &[]).apply(user, badged().0))
    };
    assert_eq!(show(&["key", "desk.seat"]), json!({BADGE: {"key": "YWI=", "desk": {"seat": "x"}}}));
    let whole = Projection::default().apply(user, badged().0);
    assert_eq!(whole[BADGE].get("key"), None, "returned on request");
    assert!(matches!(user.key(&at("level")), Some(Key::Attribute(_))));
    assert!(matches!(user.key(BADGE), Some(Key::Extension(_))));
}

#[test]
fn what_cannot_work_is_refused_by_name() {
    let attribute =
        |a: Value| json!({"schemas": [{"id": "urn:example:x", "attributes": [{"name": "good"}, a]}]});
    let schema = |id: &str| json!({"schemas": [{"id": id, "attributes": [{"name": "a"}]}]});
    let kind = |t: Value| {
        let mut whole = object(schema("urn:example:x"));
        whole.insert("resourceTypes".into(), json!([t]));
        Value::Object(whole)
    };
    let long = format!("urn:{}", "x".repeat(200));
    for (documents, wanted) in [
        (attribute(json!({"name": "a.b"})), "\"a.b\""),
        (attribute(json!({"name": "$ref"})), "\"$ref\""),
        (attribute(json!({"type": "string"})), "number 2"),
        (attribute(json!({"name": "id"})), "\"id\""),
        (attribute(json!({"name": "GOOD"})), "\"GOOD\""),
        (attribute(json!({"name": "a", "type": "text"})), "\"a\""),
        (attribute(json!({"name": "a", "mutability": "sometimes"})), "\"a\""),
        (attribute(json!({"name": "a", "returned": true})), "\"a\""),
        (attribute(json!({"name": "a", "type": "complex"})), "\"a\""),
        (attribute(json!({"name": "a", "subAttributes": [{"name": "b"}]})), "\"a\""),
        (attribute(json!({"name": "a", "type": "complex", "subAttributes": [{"name": "b c"}]})), "\"a.b c\""),
        (
            attribute(json!({"name": "a", "type": "complex", "subAttributes": [
                {"name": "b", "type": "complex", "subAttributes": [{"name": "c"}]}]})),
            "\"a.b\"",
        ),
        (
            attribute(json!({"name": "a", "type": "complex", "multiValued": true,
                "subAttributes": [{"name": "primary"}]})),
            "\"a.primary\"",
        ),
        (attribute(json!({"name": "a", "referenceTypes": ["User"]})), "\"a\""),
        (attribute(json!({"name": "a", "mutability": "writeOnly"})), "\"a\""),
        (attribute(json!({"name": "a", "multiValued": true, "uniqueness": "server"})), "\"a\""),
        (attribute(json!(1)), "number 2"),
        (schema("example"), "example"),
        (schema("urn:a b"), "urn:a b"),
        (schema("urn:x:"), "urn:x:"),
        (schema(&long), "200 characters"),
        (schema(urn::USER), urn::USER),
        (schema("URN:ietf:params:scim:schemas:core:2.0:group"), "built in"),
        (schema(urn::PATCH_OP), "message"),
        (json!({"schemas": [{"id": "urn:example:x", "attributes": []}]}), "no attributes"),
        (json!({"schemas": [{"id": "urn:example:x"}]}), "attributes"),
        (json!({"schemas": [1]}), "object"),
        (json!({"schemas": vec![json!({}); 51]}), "50"),
        (kind(json!({"name": "X", "endpoint": "/Xs", "schema": "urn:none"})), "urn:none"),
        (kind(json!({"name": "X", "endpoint": "/Users", "schema": "urn:example:x"})), "endpoint"),
        (kind(json!({"name": "X", "endpoint": "/bulk", "schema": "urn:example:x"})), "reserved"),
        (kind(json!({"name": "X", "endpoint": "Xs", "schema": "urn:example:x"})), "endpoint"),
        (kind(json!({"name": "X", "endpoint": "/a/b", "schema": "urn:example:x"})), "endpoint"),
        (kind(json!({"name": "schema", "endpoint": "/Xs", "schema": "urn:example:x"})), "reserved"),
        (kind(json!({"name": "user", "endpoint": "/Xs", "schema": "urn:example:x"})), "taken"),
        (kind(json!({"name": "X Y", "endpoint": "/Xs", "schema": "urn:example:x"})), "name"),
        (kind(json!({"name": "User", "endpoint": "/People", "schema": urn::USER})), "built in"),
        (
            kind(json!({"name": "X", "endpoint": "/Xs", "schema": "urn:example:x",
                "schemaExtensions": [{"schema": "urn:example:x"}]})),
            "twice",
        ),
        (kind(json!({"name": "X"})), "endpoint"),
    ] {
        let custom: Custom = serde_json::from_value(documents.clone()).unwrap();
        let error: SchemaError =
            Registry::core().unwrap().with_custom(&custom).expect_err(&documents.to_string());
        assert!(error.to_string().contains(wanted), "{error} does not say {wanted}");
    }
}
