//! `/Bulk` (RFC 7644 §3.7).

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Answer, Service, members, set};

async fn bulk(service: &Service, operations: Value) -> Answer {
    send(service, json!({"Operations": operations})).await
}

async fn send(service: &Service, rest: Value) -> Answer {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    service.json("POST", "/Bulk", body).await
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect()
}

fn path_of(operation: &Value) -> &str {
    operation["location"].as_str().unwrap().split_once("main.okta").unwrap().1
}

#[tokio::test]
async fn every_method_is_worked_off_as_a_request_of_its_own() {
    let service = Service::new().await;
    let (ada, bob) = (service.user("ada").await, service.user("bob").await);
    let answer = bulk(&service, json!([
        post("/Users", "q", json!({"userName": "cy"})),
        {"method": "PUT", "path": format!("/Users/{ada}"), "data": {"userName": "ada", "title": "Countess"}},
        {"method": "PATCH", "path": format!("/Users/{bob}"), "version": "W/\"1\"",
            "data": {"Operations": [{"op": "replace", "path": "active", "value": false}]}},
        {"method": "DELETE", "path": format!("/Users/{bob}")},
        {"method": "PATCH", "path": format!("/Users/{ada}"), "version": "W/\"1\"",
            "data": {"Operations": [{"op": "remove", "path": "title"}]}},
        post("/Users", "r", json!({"userName": "ADA"})),
        {"method": "GET", "path": format!("/Users/{ada}")},
        post("/Nope", "s", json!({})),
    ])).await.ok(200);
    assert_eq!(answer["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    assert_eq!(statuses(&answer), ["201", "200", "200", "204", "412", "409", "400", "404"]);
    let done = &answer["Operations"];
    assert_eq!((&done[0]["bulkId"], &done[0]["version"]), (&json!("q"), &json!("W/\"1\"")));
    assert_eq!(done[1]["version"], "W/\"2\"");
    assert!(done[4]["location"].as_str().unwrap().ends_with(&ada));
    assert_eq!(done[5]["response"]["scimType"], "uniqueness");
    assert_eq!((done[5].get("location"), done[0].get("response")), (None, None));
    assert_eq!(service.get(path_of(&done[0])).await.ok(200)["userName"], "cy");
    assert_eq!(service.get(&format!("/Users/{ada}")).await.ok(200)["title"], "Countess");
    assert_eq!(service.get(&format!("/Users/{bob}")).await.status, 404);
}

#[tokio::test]
async fn references_reach_backwards_forwards_and_in_a_circle() {
    let service = Service::new().await;
    let manager = |of: &str| json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": format!("bulkId:{of}")}}});
    let with = |name: &str, mut data: Value| {
        data["userName"] = name.into();
        data
    };
    let answer = bulk(&service, json!([
        post("/Groups", "team", json!({"displayName": "Team", "members": [{"value": "bulkId:a"}, {"value": "bulkId:b"}]})),
        post("/Users", "a", with("ada", manager("b"))),
        post("/Users", "b", with("bob", manager("a"))),
        {"method": "PATCH", "path": "/Groups/bulkId:team",
            "data": {"Operations": [{"op": "remove", "path": "members[value eq \"bulkId:b\"]"}]}},
    ])).await.ok(200);
    assert_eq!(statuses(&answer), ["201", "201", "201", "200"], "{answer}");
    let id = |at: usize| path_of(&answer["Operations"][at]).rsplit('/').next().unwrap().to_owned();
    assert_eq!(members(&service.get(path_of(&answer["Operations"][0])).await.ok(200)), set(&[&id(1)]));
    for (one, other) in [(1, 2), (2, 1)] {
        let user = service.get(path_of(&answer["Operations"][one])).await.ok(200);
        let extension = &user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        assert_eq!(extension["manager"]["value"], id(other));
    }
}

/// Of what cannot be made whole nothing stays.
#[tokio::test]
async fn an_operation_is_done_or_not_done() {
    let service = Service::new().await;
    let before = service.everything().await;
    let answer = bulk(
        &service,
        json!([
            post("/Groups", "g", json!({"displayName": "G", "members": [{"value": "bulkId:nobody"}]})),
            post("/Users", "a", json!({"userName": "a", "nickName": "bulkId:b"})),
            post("/Users", "b", json!({"nickName": "bulkId:a"})),
            post("/Users", "b", json!({"userName": ""})),
        ]),
    )
    .await
    .ok(200);
    assert_eq!(statuses(&answer), ["400", "400", "400", "400"], "{answer}");
    let after = service.everything().await;
    assert_eq!((after.users, after.groups), (before.users, before.groups));
}

#[tokio::test]
async fn it_stops_after_as_many_errors_as_it_is_told() {
    let service = Service::new().await;
    let operations: Vec<Value> = ["a", "A", "b", "B", "c"]
        .iter()
        .enumerate()
        .map(|(at, name)| post("/Users", &at.to_string(), json!({"userName": name})))
        .collect();
    let answer = send(&service, json!({"failOnErrors": 2, "Operations": operations})).await.ok(200);
    assert_eq!(statuses(&answer), ["201", "409", "201", "409"]);
    let answer =
        send(&service, json!({"failOnErrors": 1, "Operations": [operations[0], operations[4]]})).await;
    assert_eq!(statuses(&answer.ok(200)), ["409"]);
    assert_eq!(service.everything().await.users.len(), 2);
}

#[tokio::test]
async fn what_is_too_large_is_told_the_limits() {
    let service = Service::new().await;
    let config = service.get("/ServiceProviderConfig").await.ok(200);
    assert_eq!(
        config["bulk"],
        json!({"supported": true, "maxOperations": 1_000, "maxPayloadSize": 1_048_576})
    );
    let many: Vec<Value> =
        (0..1_001).map(|n| json!({"method": "DELETE", "path": format!("/Users/{n}")})).collect();
    let too_many = bulk(&service, json!(many)).await;
    let long = bulk(
        &service,
        json!([post("/Users", "a", json!({"userName": "a", "title": "x".repeat(1_100_000)}))]),
    )
    .await;
    for answer in [too_many, long] {
        assert_eq!(answer.error(), (413, ""));
        assert!(answer.body["detail"].as_str().unwrap().contains("maxOperations"), "{answer:?}");
    }
    assert_eq!(
        service.json("POST", "/Bulk", json!({"Operations": []})).await.error(),
        (400, "invalidSyntax")
    );
}

/// A gateway gives up after half a minute: what cannot be begun by then is said to be not begun.
#[tokio::test]
async fn what_is_not_begun_in_time_is_told_so() {
    let service = Service::new().await;
    let operations: Vec<Value> =
        (0..10).map(|n| post("/Users", &n.to_string(), json!({"userName": n.to_string()}))).collect();
    service.clock.1.store(3, Ordering::Relaxed);
    let answer = bulk(&service, json!(operations)).await.ok(200);
    service.clock.1.store(0, Ordering::Relaxed);
    let statuses = statuses(&answer);
    let made = statuses.iter().filter(|status| **status == "201").count();
    assert!(
        made > 0 && statuses.iter().skip(made).all(|status| *status == "503") && made < 10,
        "{statuses:?}"
    );
    assert_eq!(service.everything().await.users.len(), made);
}
