//! `/Users`.

use axum::body::Body;
use serde_json::{Value, json};

use crate::{BASE, ORIGIN, Service};

#[tokio::test]
async fn a_user_is_created_read_replaced_patched_and_deleted() {
    let service = Service::new();
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ada", "password": "p",
        "active": "True", "unknown": 1});
    let made = service.json("POST", "/Users", body).await;
    let path = format!("/Users/{}", made.id());
    let location = format!("{ORIGIN}{BASE}{path}");
    assert_eq!(made.status, 201);
    assert_eq!(
        (made.header("location"), made.header("content-location")),
        (location.as_str(), location.as_str())
    );
    assert_eq!((made.header("etag"), made.header("content-type")), ("W/\"1\"", "application/scim+json"));
    assert_eq!(made.body["meta"]["version"], "W/\"1\"");
    assert_eq!(made.body["meta"]["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(made.body["active"], true);
    assert_eq!(made.body.get("password"), None);

    let read = service.get(&path).await;
    assert_eq!((read.status, &read.body), (200, &made.body));

    service.wait(10);
    let put =
        service.json("PUT", &path, json!({"userName": "Ada", "title": "T", "id": "x", "groups": []})).await;
    assert_eq!((put.status, put.header("etag")), (200, "W/\"2\""));
    assert_eq!(
        (put.body.get("active"), &put.body["title"]),
        (None, &json!("T")),
        "what is left out is cleared"
    );
    assert_eq!(put.body["meta"]["lastModified"], "2026-01-01T00:00:10.000Z");
    assert_eq!(put.body["meta"]["created"], "2026-01-01T00:00:00.000Z");

    let patched = service.patch(&path, json!({"op": "replace", "value": {"active": false}})).await;
    assert_eq!((patched.status, &patched.body["active"]), (200, &json!(false)));

    assert_eq!(service.with("DELETE", &path, &[], Body::empty()).await.status, 204);
    assert_eq!(service.get(&path).await.error().0, 404);
    assert_eq!(service.with("DELETE", &path, &[], Body::empty()).await.error().0, 404);
    assert_eq!(
        service.json("PUT", &path, json!({"userName": "Ada"})).await.error().0,
        404,
        "PUT never creates"
    );
}

#[tokio::test]
async fn bad_input_gets_the_right_error_and_changes_nothing() {
    let service = Service::new();
    let id = service.user("ada").await;
    service.user("bob").await;
    let one = format!("/Users/{id}");
    let patch = |op: Value| json!({"Operations": [op]}).to_string();
    let long = format!("{{\"userName\": \"{}\"}}", "x".repeat(1024 * 1024));
    for (method, path, body, status, kind) in [
        ("POST", "/Users", "".into(), 400, "invalidSyntax"),
        ("POST", "/Users", "{\"userName\":".into(), 400, "invalidSyntax"),
        ("POST", "/Users", "[]".into(), 400, "invalidSyntax"),
        ("POST", "/Users", "{}".into(), 400, "invalidValue"),
        ("POST", "/Users", json!({"userName": 1}).to_string(), 400, "invalidValue"),
        ("POST", "/Users", json!({"userName": "c", "active": "maybe"}).to_string(), 400, "invalidValue"),
        ("POST", "/Users", json!({"userName": "ADA"}).to_string(), 409, "uniqueness"),
        ("POST", "/Users", long, 413, ""),
        ("PUT", &one, json!({"userName": "bob"}).to_string(), 409, "uniqueness"),
        ("PUT", &one, "{}".into(), 400, "invalidValue"),
        ("PUT", "/Users/none", json!({"userName": "x"}).to_string(), 404, ""),
        ("PUT", "/Users/%23a", json!({"userName": "x"}).to_string(), 404, ""),
        ("PATCH", &one, "{}".into(), 400, "invalidSyntax"),
        ("PATCH", &one, patch(json!({"op": "remove", "path": "userName"})), 400, "mutability"),
        ("PATCH", &one, patch(json!({"op": "remove"})), 400, "noTarget"),
        ("PATCH", &one, patch(json!({"op": "replace", "path": "nope", "value": 1})), 400, "invalidPath"),
        ("PATCH", &one, patch(json!({"op": "replace", "path": "id", "value": "x"})), 400, "mutability"),
        ("GET", "/Users?filter=userName%20sw%20%22a%22", String::new(), 400, "invalidFilter"),
        ("GET", "/Users?filter=nonsense", String::new(), 400, "invalidFilter"),
        ("GET", "/Users?count=x", String::new(), 400, "invalidValue"),
    ] {
        let answer = service.with(method, path, &[], body).await;
        assert_eq!(answer.error(), (status, kind), "{method} {path}");
    }
    let answer =
        service.with("POST", "/Users", &[("content-type", "text/plain")], "{\"userName\":\"x\"}").await;
    assert_eq!(answer.error().0, 415);
    assert_eq!(service.writes(), 2);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let service = Service::new();
    let id = service.user("ada").await;
    let path = format!("/Users/{id}");
    let before = service.get(&path).await.body;
    service.wait(60);
    for answer in [
        service.patch(&path, json!({"op": "replace", "path": "userName", "value": "ada"})).await,
        service.patch(&path, json!({"op": "replace", "value": {"id": id, "password": "p"}})).await,
        service.patch(&path, json!({"op": "replace", "path": "id", "value": id})).await,
        service.json("PUT", &path, before.clone()).await,
    ] {
        assert_eq!((answer.status, &answer.body), (200, &before));
    }
    assert_eq!(service.writes(), 1);
}

#[tokio::test]
async fn entity_tags_guard_writes_and_spare_reads() {
    let service = Service::new();
    let path = format!("/Users/{}", service.user("ada").await);
    let op = json!({"Operations": [{"op": "replace", "path": "title", "value": "T"}]}).to_string();
    let stale = [("if-match", "W/\"9\"")];
    assert_eq!(service.with("PATCH", &path, &stale, op.clone()).await.error().0, 412);
    assert_eq!(service.with("DELETE", &path, &stale, Body::empty()).await.error().0, 412);
    assert_eq!(service.with("PATCH", &path, &[("if-match", "W/\"1\"")], op.clone()).await.status, 200);
    for (tags, status) in [("W/\"2\"", 304), ("*", 304), ("W/\"1\"", 200)] {
        let answer = service.with("GET", &path, &[("if-none-match", tags)], Body::empty()).await;
        assert_eq!((answer.status, answer.header("etag")), (status, "W/\"2\""));
    }
    service.directory.with(|s| s.connections.values_mut().for_each(|c| c.etags = false));
    service.wait(5);
    let answer = service.with("PATCH", &path, &stale, op).await;
    assert_eq!((answer.status, answer.header("etag"), answer.body["meta"].get("version")), (200, "", None));
}

#[tokio::test]
async fn others_at_the_same_moment_cost_a_round_not_the_write() {
    let service = Service::new();
    let path = format!("/Users/{}", service.user("ada").await);
    let op = json!({"op": "replace", "path": "title", "value": "T"});
    service.directory.with(|s| s.conflicts = 9);
    assert_eq!(service.patch(&path, op).await.status, 200);
    service.directory.with(|s| s.conflicts = 99);
    let answer = service.patch(&path, json!({"op": "replace", "path": "title", "value": "U"})).await;
    assert_eq!((answer.error().0, answer.header("retry-after")), (503, "1"));
    assert_eq!(service.writes(), 2);
}

#[tokio::test]
async fn lists_are_paged_filtered_and_projected() {
    let service = Service::new();
    for name in ["ada", "bob", "cy"] {
        let emails = json!([{"value": format!("{name}@Example.com"), "type": "work"}]);
        let body = json!({"userName": name, "externalId": format!("X-{name}"), "emails": emails});
        service.json("POST", "/Users", body).await;
    }
    let page = service.get("/Users?startIndex=2&count=1&attributes=userName").await.body;
    assert_eq!(
        (&page["totalResults"], &page["itemsPerPage"], &page["startIndex"]),
        (&json!(3), &json!(1), &json!(2))
    );
    assert_eq!(page["Resources"][0]["userName"], "bob");
    assert_eq!(page["Resources"][0].get("emails"), None);
    let none = service.get("/Users?count=0").await.body;
    assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(3), &json!([])));

    for (filter, total) in [
        ("userName eq \"BOB\"", 1),
        ("externalId eq X-bob", 1),
        ("externalId eq \"x-bob\"", 0),
        ("emails[type eq \"work\"].value eq \"bob@example.com\"", 1),
        ("emails[type eq \"home\"].value eq \"bob@example.com\"", 0),
        ("emails eq \"bob@example.com\"", 1),
        ("userName eq \"bob\" and externalId eq \"X-ada\"", 0),
        ("userName eq \"nobody\"", 0),
        ("id eq \"no id at all\"", 0),
    ] {
        let query: String = axum::http::Uri::builder()
            .path_and_query("/Users?filter=".to_owned() + &filter.replace(' ', "+").replace('"', "%22"))
            .build()
            .unwrap()
            .to_string();
        let answer = service.get(&query).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(total)), "{filter}");
    }
}

#[tokio::test]
async fn a_person_is_shown_with_its_groups() {
    let service = Service::new();
    let id = service.user("ada").await;
    let group = service.group("Marketing", &[&id]).await;
    let read = service.get(&format!("/Users/{id}")).await.body;
    let reference = format!("{ORIGIN}{BASE}/Groups/{group}");
    assert_eq!(
        read["groups"],
        json!([{"value": group, "display": "Marketing", "type": "direct", "$ref": reference}])
    );
    assert_eq!(service.get(&format!("/Users/{id}?excludedAttributes=groups")).await.body.get("groups"), None);
}
