//! Schemas and resource types as admins register and withdraw them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{changes::problem, managed::Managed};

/// A schema of a connection's own, with a type of it.
pub(super) fn badges() -> Value {
    json!({
        "schemas": [{
            "id": "urn:example:badge:2.0:Badge", "name": "Badge",
            "attributes": [{"name": "number", "type": "string", "required": true, "multiValued": false}],
        }],
        "resourceTypes": [{"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:badge:2.0:Badge"}],
    })
}

#[tokio::test]
async fn schemas_are_registered_shown_and_withdrawn() {
    let managed = Managed::new().await;
    let path = "/main.okta/schemas";
    let none = json!({"schemas": [], "resourceTypes": []});
    assert_eq!(managed.call("GET", path, Value::Null).await, (StatusCode::OK, none.clone()));
    assert_eq!(managed.call("PUT", path, badges()).await, (StatusCode::OK, badges()));
    assert_eq!(managed.call("GET", path, Value::Null).await, (StatusCode::OK, badges()));
    let connection = managed.connection().await;
    assert_eq!(
        (&connection["schemas"], &connection["resource_types"]),
        (&json!(["urn:example:badge:2.0:Badge"]), &json!(["Badge"]))
    );

    let with = |pointer: &str, value: Value| {
        let mut changed = badges();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    for (body, wanted, field, said) in [
        (with("/schemas/0/attributes/0/type", json!("text")), (400, "schema"), "/schemas/0", "\"number\""),
        (with("/schemas/0/id", json!("badge")), (400, "schema"), "/schemas/0", "URN"),
        // The token endpoint is there.
        (with("/resourceTypes/0/endpoint", json!("/oauth")), (400, "schema"), "/resourceTypes/0", "reserved"),
        (with("/resourceTypes/0/endpoint", json!("/OAuth")), (400, "schema"), "/resourceTypes/0", "reserved"),
        (with("/resourceTypes/0/name", json!("User")), (400, "schema"), "/resourceTypes/0", "built in"),
        (with("/schemas/0/name", json!("x".repeat(132_000))), (413, "too-large"), "", "at most 131072"),
        (with("/schemas/0/name", json!("x".repeat(300_000))), (413, "too-large"), "", "256 kB"),
        (json!({"schemas": {}}), (422, "invalid"), "/schemas", "sequence"),
        (json!({"resource_types": []}), (422, "invalid"), "/resource_types", "unknown field"),
    ] {
        let answer = managed.call("PUT", path, body).await;
        assert_eq!(problem(&answer), wanted, "{said}");
        assert_eq!(answer.1["errors"][0]["field"].as_str().unwrap_or_default(), field);
        assert!(answer.1["detail"].as_str().unwrap().contains(said), "{:?}", answer.1);
    }
    assert_eq!(managed.call("GET", path, Value::Null).await.1, badges(), "a refused set changed nothing");

    for _ in 0..2 {
        assert_eq!(managed.call("DELETE", path, Value::Null).await.0, StatusCode::NO_CONTENT);
    }
    assert_eq!(managed.call("GET", path, Value::Null).await.1, none);
}

/// What is withdrawn is out of reach, and nothing of it is lost.
#[tokio::test]
async fn resources_of_a_withdrawn_type_are_there_again_with_the_type() {
    let managed = Managed::new().await;
    let service = &managed.service;
    let mut schemas = badges();
    let types = schemas["resourceTypes"].as_array_mut().unwrap();
    types.push(
        json!({"name": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
        "schemaExtensions": [{"schema": "urn:example:badge:2.0:Badge", "required": false}]}),
    );
    let register = async |schemas: &Value| {
        let (status, body) = managed.call("PUT", "/main.okta/schemas", schemas.clone()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        service.wait(3);
    };
    register(&schemas).await;
    let made = service.json("POST", "/Badges", json!({"number": "7"})).await.ok(201);
    let badge = format!("/Badges/{}", made["id"].as_str().unwrap());
    let worn = json!({"number": "8"});
    let ada = json!({"userName": "ada", "urn:example:badge:2.0:Badge": worn});
    let ada = format!("/Users/{}", service.json("POST", "/Users", ada).await.id());
    assert_eq!(service.get(&ada).await.ok(200)["urn:example:badge:2.0:Badge"], worn);

    assert_eq!(managed.call("DELETE", "/main.okta/schemas", Value::Null).await.0, StatusCode::NO_CONTENT);
    service.wait(3);
    for path in [badge.as_str(), "/Badges", "/Schemas/urn:example:badge:2.0:Badge", "/ResourceTypes/Badge"] {
        assert_eq!(service.get(path).await.error(), (404, ""), "{path}");
    }
    assert_eq!(service.delete(&badge).await.error(), (404, ""));
    let user = service.get(&ada).await.ok(200);
    assert!(!user.to_string().contains("urn:example"), "{user}");
    let title = json!({"op": "replace", "path": "title", "value": "Colleague"});
    assert_eq!(service.patch(&ada, title).await.status, 200);

    register(&schemas).await;
    assert_eq!(service.get(&badge).await.ok(200), made);
    assert_eq!(service.get("/Badges").await.ok(200)["totalResults"], 1);
    assert_eq!(service.get(&ada).await.ok(200)["urn:example:badge:2.0:Badge"], worn);
}
