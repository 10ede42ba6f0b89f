//! Members that are none: in every request that can name members, each with one good and one bad.

use serde_json::{Value, json};

use super::{Case, Service};

#[tokio::test]
async fn members_that_are_not_users_of_this_connection() {
    let service = Service::new().await;
    let (ada, bob) = (service.user("ada").await, service.user("bob").await);
    let gone = service.user("gone").await;
    service.delete(&format!("/Users/{gone}")).await.ok(204);
    let group = service.group("G", &[&ada]).await;
    let path = format!("/Groups/{group}");
    let long = "x".repeat(10_000);
    let strangers = [
        json!("nobody"),
        json!("no id # at all"),
        json!("a/b"),
        json!("\u{0}"),
        json!(long),
        // A deleted user, and groups: this very one too.
        json!(gone),
        json!(group),
    ];
    let mut cases = Vec::new();
    for stranger in strangers {
        let members = json!([{"value": bob}, {"value": stranger}]);
        cases.extend(requests(&path, &members));
    }
    service.refuses(cases).await;
}

#[tokio::test]
async fn members_of_a_wrong_form() {
    let service = Service::new().await;
    let bob = service.user("bob").await;
    let path = format!("/Groups/{}", service.group("G", &[]).await);
    let mut cases = Vec::new();
    for bad in [
        json!(5),
        json!(null),
        json!({}),
        json!({"value": 5}),
        json!({"value": {}}),
        json!({"value": ""}),
        json!({"display": "Bob"}),
        json!([]),
        json!(["x"]),
    ] {
        cases.extend(requests(&path, &json!([{"value": bob}, bad])));
    }
    for bad in [json!(5), json!(true)] {
        cases.extend(requests(&path, &bad));
    }
    service.refuses(cases).await;
}

/// Members are asked for by their id and changed as a whole.
#[tokio::test]
async fn members_that_are_addressed_in_another_way() {
    let service = Service::new().await;
    let bob = service.user("bob").await;
    let path = format!("/Groups/{}", service.group("G", &[&bob]).await);
    let patch = |kind, operation: Value| {
        Case::new("PATCH", &path, 400, kind).json(&json!({ "Operations": [operation] }))
    };
    let of_bob = format!("members[value eq \"{bob}\"].value");
    service
        .refuses([
            patch("invalidFilter", json!({"op": "remove", "path": "members[display eq \"bob\"]"})),
            patch("invalidFilter", json!({"op": "remove", "path": "members[value ne \"x\"]"})),
            patch("invalidFilter", json!({"op": "remove", "path": "members[value sw \"x\"]"})),
            patch("mutability", json!({"op": "replace", "path": of_bob, "value": "x"})),
            patch("invalidPath", json!({"op": "remove", "path": "members[value eq \"x\""})),
            patch("invalidFilter", json!({"op": "remove", "path": "members[nope eq \"x\"]"})),
        ])
        .await;
}

/// Each request that can name members.
fn requests(path: &str, members: &Value) -> Vec<Case> {
    let whole = json!({"displayName": "new", "members": members});
    let operation = |op: &str| json!({"Operations": [{"op": op, "path": "members", "value": members}]});
    let pathless = json!({"Operations": [{"op": "add", "value": {"members": members}}]});
    let refused = |method, path: &str, body: &Value| Case::new(method, path, 400, "invalidValue").json(body);
    vec![
        refused("POST", "/Groups", &whole),
        refused("PUT", path, &whole),
        refused("PATCH", path, &operation("add")),
        refused("PATCH", path, &operation("replace")),
        refused("PATCH", path, &pathless),
    ]
}
