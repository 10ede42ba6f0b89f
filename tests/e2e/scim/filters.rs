//! What a filter finds. What it is refused for is in `refused.rs`.

use serde_json::json;

use super::{Service, filtered};

#[tokio::test]
async fn users_are_found_by_what_identity_providers_ask_for() {
    let service = Service::new().await;
    for name in ["ada", "bob", "cy"] {
        let emails = json!([{"value": format!("{name}@Example.com"), "type": "work"}]);
        let body = json!({"userName": name, "externalId": format!("X-{name}"), "displayName": "Same", "emails": emails});
        service.json("POST", "/Users", body).await.ok(201);
    }
    let id = service.user("dan").await;
    for (filter, total) in [
        ("userName eq \"BOB\"", 1),
        ("USERNAME Eq \"bob\"", 1),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"bob\"", 1),
        ("externalId eq X-bob", 1),
        ("externalId eq \"x-bob\"", 0),
        ("displayName eq \"same\"", 3),
        ("displayName eq \"same\" and userName eq \"cy\"", 1),
        ("emails[type eq \"work\"].value eq \"bob@example.com\"", 1),
        ("emails[type eq \"home\"].value eq \"bob@example.com\"", 0),
        ("emails eq \"bob@example.com\"", 1),
        ("emails.value eq \"bob@example.com\"", 1),
        ("userName eq \"bob\" and externalId eq \"X-ada\"", 0),
        // Beside a value that is indexed, any other condition is looked at in what was found.
        ("userName eq \"bob\" and title eq \"x\"", 0),
        ("userName eq \"bob\" and displayName sw \"sam\"", 1),
        ("userName eq \"nobody\"", 0),
        ("id eq \"no id at all\"", 0),
        (&format!("id eq \"{id}\""), 1),
        (&format!("id eq \"{id}\" and manager eq \"{id}\""), 0),
    ] {
        let found = service.get(&filtered("/Users", filter)).await.ok(200);
        assert_eq!(found["totalResults"], total, "{filter}");
        assert_eq!(found["Resources"].as_array().unwrap().len(), total, "{filter}");
    }
}

#[tokio::test]
async fn a_value_is_found_until_it_is_changed_or_its_owner_is_gone() {
    let service = Service::new().await;
    let path = format!("/Users/{}", service.user("ada").await);
    let count =
        async |filter: &str| service.get(&filtered("/Users", filter)).await.ok(200)["totalResults"].clone();
    let body =
        json!({"userName": "ada", "externalId": "1", "emails": [{"value": "a@x.co"}, {"value": "b@x.co"}]});
    service.json("PUT", &path, body).await.ok(200);
    assert_eq!(count("emails eq \"b@x.co\"").await, 1);
    let op = json!({"op": "remove", "path": "emails[value eq \"b@x.co\"]"});
    service.patch(&path, op).await.ok(200);
    service.patch(&path, json!({"op": "replace", "path": "externalId", "value": "2"})).await.ok(200);
    assert_eq!(
        (count("emails eq \"b@x.co\"").await, count("emails eq \"a@x.co\"").await),
        (json!(0), json!(1))
    );
    assert_eq!(
        (count("externalId eq \"1\"").await, count("externalId eq \"2\"").await),
        (json!(0), json!(1))
    );
    service.delete(&path).await.ok(204);
    assert_eq!(
        (count("externalId eq \"2\"").await, count("userName eq \"ada\"").await),
        (json!(0), json!(0))
    );
}

#[tokio::test]
async fn groups_are_found_by_name_and_member() {
    let service = Service::new().await;
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
        ("members eq \"no id # at all\"".to_owned(), 0),
    ] {
        let found = service.get(&(filtered("/Groups", &filter) + "&attributes=id")).await.ok(200);
        assert_eq!(found["totalResults"], total, "{filter}");
    }
}

/// Another connection's people are never found, by whatever they are asked for.
#[tokio::test]
async fn a_filter_finds_its_own_connections_only() {
    let service = Service::new().await;
    let body =
        json!({"userName": "ada", "externalId": "1", "displayName": "Ada", "emails": [{"value": "a@x.co"}]});
    let id = service.json("POST", "/Users", body).await.id().to_owned();
    let group = service.group("G", &[&id]).await;
    for (connection, token) in [("main.entra", "other"), ("rival.okta", "rival")] {
        for (kind, filter) in [
            ("Users", "userName eq \"ada\"".to_owned()),
            ("Users", "externalId eq \"1\"".to_owned()),
            ("Users", "displayName eq \"ada\"".to_owned()),
            ("Users", "emails eq \"a@x.co\"".to_owned()),
            ("Users", format!("id eq \"{id}\"")),
            ("Groups", "displayName eq \"G\"".to_owned()),
            ("Groups", format!("members eq \"{id}\"")),
            ("Groups", format!("id eq \"{group}\"")),
        ] {
            let path = format!("/scim/v2/{connection}{}", filtered(&format!("/{kind}"), &filter));
            let request = axum::http::Request::get(path).header("authorization", token);
            let found = service.send(request.body(axum::body::Body::empty()).unwrap()).await.ok(200);
            assert_eq!(found["totalResults"], 0, "{connection} {filter}");
        }
    }
}
