//! `/Users`.

use axum::body::Body;
use serde_json::{Value, json};
use usher_domain::{directory::Connection, ports::Admin, ports::AdminWrite};

use super::{BASE, ORIGIN, Service, TOKEN, filtered};

#[tokio::test]
async fn a_user_is_created_read_replaced_patched_and_deleted() {
    let service = Service::new().await;
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Ada",
        "password": "p", "active": "True", "unknown": 1});
    let made = service.json("POST", "/Users", body).await;
    let path = format!("/Users/{}", made.id());
    let location = format!("{ORIGIN}{BASE}{path}");
    assert_eq!(made.status, 201);
    assert_eq!((made.header("location"), made.header("content-location")), (&*location, &*location));
    assert_eq!((made.header("etag"), made.header("content-type")), ("W/\"1\"", "application/scim+json"));
    assert_eq!(made.body["meta"]["version"], "W/\"1\"");
    assert_eq!(made.body["meta"]["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(made.body["active"], true);
    assert_eq!(made.body.get("password"), None);

    let read = service.get(&path).await;
    assert_eq!((read.status, &read.body), (200, &made.body));

    service.wait(10);
    let put = json!({"userName": "Ada", "title": "T", "id": "x", "groups": []});
    let put = service.json("PUT", &path, put).await;
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

    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(service.get(&path).await.error().0, 404);
    assert_eq!(service.delete(&path).await.error().0, 404);
    let put = service.json("PUT", &path, json!({"userName": "Ada"})).await;
    assert_eq!(put.error().0, 404, "PUT never creates");
    service.user("Ada").await;
}

#[tokio::test]
async fn each_write_commits_one_change_that_says_who_and_why() {
    let service = Service::new().await;
    let body = json!({"userName": "ada"}).to_string();
    let made = service.with("POST", "/Users", &[("x-request-id", "abc-1")], body).await;
    assert_eq!(made.header("x-correlation-id"), "abc-1");
    let path = format!("/Users/{}", made.id());
    service.patch(&path, json!({"op": "replace", "path": "active", "value": false})).await.ok(200);
    let group = service.group("G", &[made.id()]).await;
    service.delete(&format!("/Groups/{group}")).await.ok(204);
    service.delete(&path).await.ok(204);
    let changes = service.changes().await;
    let kinds: Vec<&Value> = changes.iter().map(|change| &change["subject"]["kind"]).collect();
    assert_eq!(kinds, ["person", "person", "members", "team_deleted", "person"]);
    let cause = &changes[0]["cause"];
    assert_eq!((&cause["correlation_id"], &cause["trigger"]), (&json!("abc-1"), &json!("scim")));
    assert_eq!(cause["actor"], json!({"kind": "connection", "id": "main.okta", "name": "MAIN.OKTA"}));
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let service = Service::new().await;
    let id = service.user("ada").await;
    let path = format!("/Users/{id}");
    let shown = service.get(&path).await.body;
    let before = service.everything().await;
    service.wait(60);
    for answer in [
        service.patch(&path, json!({"op": "replace", "path": "userName", "value": "ada"})).await,
        service.patch(&path, json!({"op": "replace", "value": {"id": id, "password": "p"}})).await,
        service.patch(&path, json!({"op": "replace", "path": "id", "value": id})).await,
        service
            .patch(&path, json!({"op": "add", "value": {"id": "x", "meta": {"created": "x"}, "groups": []}}))
            .await,
        service.json("PUT", &path, shown.clone()).await,
    ] {
        assert_eq!((answer.status, &answer.body), (200, &shown));
    }
    assert_eq!(service.everything().await, before);
}

#[tokio::test]
async fn entity_tags_guard_writes_and_spare_reads() {
    let service = Service::new().await;
    let path = format!("/Users/{}", service.user("ada").await);
    let op = json!({"Operations": [{"op": "replace", "path": "title", "value": "T"}]}).to_string();
    let stale = [("if-match", "W/\"9\"")];
    assert_eq!(service.with("PATCH", &path, &[("if-match", "W/\"1\"")], op.clone()).await.status, 200);
    for (tags, status) in [("W/\"2\"", 304), ("*", 304), ("W/\"1\"", 200)] {
        let answer = service.with("GET", &path, &[("if-none-match", tags)], Body::empty()).await;
        assert_eq!((answer.status, answer.header("etag")), (status, "W/\"2\""));
    }

    // A connection whose client sends wrong tags can switch them off.
    let tagless = Connection { etags: false, ..service.connection("main.okta", &[TOKEN]) };
    service.db.store.put_connection(&tagless, AdminWrite::Replace).await.unwrap();
    service.wait(5);
    let answer = service.with("PATCH", &path, &stale, op).await;
    assert_eq!((answer.status, answer.header("etag"), answer.body["meta"].get("version")), (200, "", None));
}

#[tokio::test]
async fn lists_are_paged_and_projected() {
    let service = Service::new().await;
    for name in ["ada", "bob", "cy"] {
        let emails = json!([{"value": format!("{name}@Example.com"), "type": "work"}]);
        service.json("POST", "/Users", json!({"userName": name, "emails": emails})).await.ok(201);
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
    let past = service.get("/Users?startIndex=4&count=2").await.body;
    assert_eq!((&past["totalResults"], &past["Resources"]), (&json!(3), &json!([])));
    let page = service.get(&(filtered("/Users", "userName eq \"bob\"") + "&startIndex=2")).await.body;
    assert_eq!((&page["totalResults"], &page["Resources"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn a_walk_through_the_pages_meets_everybody_once() {
    let service = Service::new().await;
    let mut made = Vec::new();
    for number in 0..23 {
        made.push(service.user(&format!("user-{number}")).await);
        service.wait(i64::from(number % 3 == 0));
    }
    let mut met = Vec::new();
    for start in [1, 11, 21, 31] {
        let page = service.get(&format!("/Users?startIndex={start}&count=10")).await.body;
        assert_eq!(page["totalResults"], 23);
        met.extend(page["Resources"].as_array().unwrap().iter().map(|user| user["id"].clone()));
    }
    assert_eq!(met, made);
}

#[tokio::test]
async fn a_person_is_shown_with_its_groups() {
    let service = Service::new().await;
    let id = service.user("ada").await;
    let group = service.group("Marketing", &[&id]).await;
    let read = service.get(&format!("/Users/{id}")).await.body;
    let reference = format!("{ORIGIN}{BASE}/Groups/{group}");
    let shown = json!([{"value": group, "display": "Marketing", "type": "direct", "$ref": reference}]);
    assert_eq!(read["groups"], shown);
    assert_eq!(service.get(&format!("/Users/{id}?excludedAttributes=groups")).await.body.get("groups"), None);
    service.delete(&format!("/Groups/{group}")).await.ok(204);
    assert_eq!(service.get(&format!("/Users/{id}")).await.body.get("groups"), None);
}

#[tokio::test]
async fn values_of_any_text_are_stored_found_and_kept_apart() {
    let service = Service::new().await;
    let long = "x".repeat(3_000);
    for name in ["a#b", "a b", "a\"b\\", "ä@ö.example", "🦀", "a%b_", "GUARD", &long, "a\u{0}b", "a\u{0}c"]
    {
        let made = service.json("POST", "/Users", json!({"userName": name, "externalId": name})).await;
        assert_eq!(made.status, 201, "{name:?} {made:?}");
        for attribute in ["userName", "externalId"] {
            let filter = format!("{attribute} eq {}", json!(name));
            let found = service.get(&filtered("/Users", &filter)).await.ok(200);
            assert_eq!(found["totalResults"], 1, "{attribute} {name:?}");
            assert_eq!(found["Resources"][0]["id"], made.body["id"]);
        }
        let again = service.json("POST", "/Users", json!({ "userName": name })).await;
        assert_eq!(again.error(), (409, "uniqueness"), "{name:?}");
    }
}
