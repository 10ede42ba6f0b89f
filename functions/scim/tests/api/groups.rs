//! `/Groups`.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::{Value, json};

use crate::{BASE, ORIGIN, Service};

fn members(body: &Value) -> BTreeSet<String> {
    let list = body["members"].as_array().cloned().unwrap_or_default();
    list.iter().map(|m| m["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_group_is_created_read_changed_and_deleted() {
    let service = Service::new();
    let (a, b) = (service.user("a").await, service.user("b").await);
    let id = service.group("G", &[&a]).await;
    let path = format!("/Groups/{id}");
    let read = service.get(&path).await;
    assert_eq!(
        read.body["members"],
        json!([{"value": a, "type": "User", "$ref": format!("{ORIGIN}{BASE}/Users/{a}")}])
    );
    let okta = json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"{a}\"]")},
        {"op": "add", "path": "members", "value": [{"value": b, "display": "b"}]}]});
    let changed = service.json("PATCH", &path, okta.clone()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "W/\"2\""));
    assert_eq!(members(&changed.body), BTreeSet::from([b.clone()]));
    let again = service.json("PATCH", &path, okta).await;
    assert_eq!(again.header("etag"), "W/\"2\"", "a membership that is there already is no change");

    let renamed =
        service.patch(&path, json!({"op": "replace", "value": {"id": id, "displayName": "H"}})).await;
    assert_eq!((renamed.status, &renamed.body["displayName"]), (200, &json!("H")));
    let put = service.json("PUT", &path, json!({"displayName": "H", "members": [{"value": a}]})).await;
    assert_eq!(members(&put.body), BTreeSet::from([a]));
    let emptied = service.json("PUT", &path, json!({"displayName": "H"})).await;
    assert_eq!(emptied.body.get("members"), None);
    assert_eq!(service.with("DELETE", &path, &[], Body::empty()).await.status, 204);
    assert_eq!(service.get(&path).await.error().0, 404);
}

#[tokio::test]
async fn bad_input_gets_the_right_error_and_changes_nothing() {
    let service = Service::new();
    let a = service.user("a").await;
    let path = format!("/Groups/{}", service.group("G", &[&a]).await);
    let writes = service.writes();
    for body in [
        json!({"displayName": "H", "members": [{"value": "nobody"}]}),
        json!({"displayName": "H", "members": [{"value": "no id # at all"}]}),
        json!({"displayName": "H", "members": 5}),
        json!({"members": []}),
        json!({"displayName": true}),
    ] {
        assert_eq!(
            service.json("POST", "/Groups", body.clone()).await.error(),
            (400, "invalidValue"),
            "{body}"
        );
        assert_eq!(service.json("PUT", &path, body.clone()).await.error(), (400, "invalidValue"), "{body}");
    }
    assert_eq!(
        service.json("POST", "/Groups", json!({"displayName": "g"})).await.error(),
        (409, "uniqueness")
    );
    let mixed = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "H"},
        {"op": "add", "path": "members", "value": [{"value": a}, {"value": "nobody"}]}]});
    assert_eq!(service.json("PATCH", &path, mixed).await.error(), (400, "invalidValue"));
    let op = json!({"op": "remove", "path": "members[display eq \"a\"]"});
    assert_eq!(service.patch(&path, op).await.error(), (400, "invalidFilter"));
    assert_eq!(service.writes(), writes);
    assert_eq!(service.get(&path).await.body["displayName"], "G");
}

#[tokio::test]
async fn removing_named_members_never_empties_a_group() {
    let service = Service::new();
    let (a, b) = (service.user("a").await, service.user("b").await);
    let path = format!("/Groups/{}", service.group("G", &[&a, &b]).await);
    let op = json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": a}]});
    assert_eq!(members(&service.patch(&path, op).await.body), BTreeSet::from([b.clone()]));
    let op = json!({"op": "Remove", "path": "members", "value": []});
    assert_eq!(members(&service.patch(&path, op).await.body), BTreeSet::from([b]));
    let op = json!({"op": "remove", "path": "members"});
    assert_eq!(members(&service.patch(&path, op).await.body), BTreeSet::new());
}

#[tokio::test]
async fn a_large_group_is_changed_without_being_read_and_answered_without_a_body() {
    let service = Service::new();
    let a = service.user("a").await;
    let id = service.group("G", &[]).await;
    service.directory.with(|s| {
        let rows = s.members.values_mut().next().unwrap();
        rows.extend((0..1_000).map(|n| format!("person-{n}").parse().unwrap()));
    });
    let path = format!("/Groups/{id}");
    let add = json!({"op": "add", "path": "members", "value": [{"value": a}]});
    let slim = format!("{path}?excludedAttributes=members");
    assert_eq!(service.patch(&slim, add.clone()).await.status, 200);
    assert_eq!(service.directory.with(|s| s.lists_of_members), 0);
    let answer = service.patch(&path, add).await;
    assert_eq!((answer.status, answer.header("etag"), &answer.body), (204, "W/\"2\"", &Value::Null));
    let read = service.get(&format!("{path}?excludedAttributes=members")).await;
    assert_eq!((read.status, read.body.get("members")), (200, None));
}

#[tokio::test]
async fn membership_is_asked_without_loading_the_group() {
    let service = Service::new();
    let (a, b) = (service.user("a").await, service.user("b").await);
    let id = service.group("G", &[&a]).await;
    service.group("H", &[&a, &b]).await;
    for (filter, total) in [
        (format!("id eq \"{id}\" and members eq \"{a}\""), 1),
        (format!("id eq \"{id}\" and members eq \"{b}\""), 0),
        (format!("members.value eq \"{a}\""), 2),
        (format!("members[value eq \"{a}\"] and members eq \"{b}\""), 1),
        ("displayName eq \"g\"".to_owned(), 1),
        ("members eq \"nobody\"".to_owned(), 0),
    ] {
        let query = filter.replace(' ', "%20").replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        let answer = service.get(&format!("/Groups?attributes=id&filter={query}")).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(total)), "{filter}");
    }
    assert_eq!(service.directory.with(|s| s.lists_of_members), 0);
    let listed = service.get("/Groups").await.body;
    assert_eq!(members(&listed["Resources"][1]), BTreeSet::from([a, b]));
}
