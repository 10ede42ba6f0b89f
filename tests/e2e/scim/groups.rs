//! `/Groups`.

use serde_json::{Value, json};

use super::{BASE, ORIGIN, Service, set};

#[tokio::test]
async fn a_group_is_created_read_changed_and_deleted() {
    let service = Service::new().await;
    let (a, b) = (service.user("a").await, service.user("b").await);
    let id = service.group("G", &[&a]).await;
    let path = format!("/Groups/{id}");
    let read = service.get(&path).await;
    let shown = json!([{"value": a, "type": "User", "$ref": format!("{ORIGIN}{BASE}/Users/{a}")}]);
    assert_eq!(read.body["members"], shown);
    let okta = json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"{a}\"]")},
        {"op": "add", "path": "members", "value": [{"value": b, "display": "b"}]}]});
    let changed = service.json("PATCH", &path, okta.clone()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "W/\"2\""));
    assert_eq!(changed.members(), set(&[&b]));
    let before = service.everything().await;
    let again = service.json("PATCH", &path, okta).await;
    assert_eq!(again.header("etag"), "W/\"2\"", "a membership that is there already is no change");
    assert_eq!(service.everything().await, before);

    let renamed =
        service.patch(&path, json!({"op": "replace", "value": {"id": id, "displayName": "H"}})).await;
    assert_eq!((renamed.status, &renamed.body["displayName"]), (200, &json!("H")));
    let put = service.json("PUT", &path, json!({"displayName": "H", "members": [{"value": a}]})).await;
    assert_eq!(put.members(), set(&[&a]));
    let emptied = service.json("PUT", &path, json!({"displayName": "H"})).await;
    assert_eq!(emptied.body.get("members"), None);
    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(service.get(&path).await.error().0, 404);
    assert_eq!(service.delete(&path).await.error().0, 404);
    service.group("H", &[]).await;
}

#[tokio::test]
async fn removing_named_members_never_empties_a_group() {
    let service = Service::new().await;
    let (a, b) = (service.user("a").await, service.user("b").await);
    let path = format!("/Groups/{}", service.group("G", &[&a, &b]).await);
    let op = json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": a}]});
    assert_eq!(service.patch(&path, op).await.members(), set(&[&b]));
    for stranger in [json!([]), json!([{"value": a}]), json!([{"value": "nobody"}])] {
        let op = json!({"op": "Remove", "path": "members", "value": stranger});
        assert_eq!(service.patch(&path, op).await.members(), set(&[&b]));
    }
    let op = json!({"op": "remove", "path": "members"});
    assert_eq!(service.patch(&path, op).await.members(), set(&[]));
}

/// More members than one transaction holds, in one request each: all or nothing, and seen from both sides.
#[tokio::test]
async fn a_large_change_of_members_is_one_change() {
    let service = Service::new().await;
    let mut people = Vec::new();
    for number in 0..120 {
        people.push(service.user(&format!("p{number}")).await);
    }
    let all: Vec<&str> = people.iter().map(String::as_str).collect();
    let path = format!("/Groups/{}", service.group("G", &all).await);
    assert_eq!(service.get(&path).await.members(), set(&all));
    let last = format!("/Users/{}", all[119]);
    assert_eq!(service.get(&last).await.body["groups"][0]["display"], "G");

    let value: Vec<Value> = all.iter().skip(1).map(|id| json!({"$ref": null, "value": id})).collect();
    let left = service.patch(&path, json!({"op": "Remove", "path": "members", "value": value})).await;
    assert_eq!(left.members(), set(&all[..1]));
    assert_eq!(service.get(&last).await.body.get("groups"), None);
    let pushed = service.patch(&path, json!({"op": "replace", "path": "members", "value": value})).await;
    assert_eq!(pushed.members(), set(&all[1..]));

    // An unknown one among many, and nobody is in or out.
    let before = service.everything().await;
    let mut value = value;
    value.push(json!({"value": "nobody"}));
    for op in ["add", "replace"] {
        let refused = service.patch(&path, json!({"op": op, "path": "members", "value": value})).await;
        assert_eq!(refused.error(), (400, "invalidValue"));
    }
    assert_eq!(service.everything().await, before);
}
