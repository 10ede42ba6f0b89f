//! Schemas and resource types that a connection registered (RFC 7643 §6, §7).

use serde_json::{Value, json};
use usher_domain::{directory::Connection, protocol::Protocol};
use usher_scim::schema::Custom;

use super::{Service, TOKEN, filtered};

const BADGE: &str = "urn:example:badge:2.0:Badge";
const STAFF: &str = "urn:example:staff:2.0:User";

/// A type of its own, and an extension of users.
fn custom() -> Custom {
    let attribute = |name: &str, more: Value| {
        let mut attribute =
            json!({"name": name, "type": "string", "multiValued": false, "description": name});
        attribute.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        attribute
    };
    Custom {
        schemas: vec![
            json!({"id": BADGE, "name": "Badge", "description": "A badge", "attributes": [
                attribute("number", json!({"uniqueness": "server", "required": true, "caseExact": true})),
                attribute("colour", json!({"canonicalValues": ["red", "blue"]})),
                attribute("issued", json!({"type": "dateTime"})),
                attribute("pin", json!({"mutability": "writeOnly", "returned": "never"})),
                attribute("notes", json!({"returned": "request"})),
                attribute("doors", json!({"type": "complex", "multiValued": true, "subAttributes": [
                    attribute("value", json!({})), attribute("floor", json!({"type": "integer"}))]}))]}),
            json!({"id": STAFF, "name": "Staff", "description": "Staff", "attributes": [
                attribute("payroll", json!({"uniqueness": "server"})), attribute("desk", json!({}))]}),
        ],
        resource_types: vec![
            json!({"name": "Badge", "endpoint": "/Badges", "schema": BADGE, "description": "Badges"}),
            json!({"name": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
                "schemaExtensions": [{"schema": STAFF, "required": false}]}),
        ],
    }
}

async fn registered() -> Service {
    let service = Service::new().await;
    let protocol = Protocol { custom: custom(), ..Protocol::default() };
    service.replace(&Connection { protocol, ..service.connection("main.okta", &[TOKEN]) }).await;
    service
}

fn badge(number: &str) -> Value {
    json!({"schemas": [BADGE], "number": number, "colour": "red", "issued": "2026-01-01T00:00:00Z",
        "pin": "1234", "notes": "n", "doors": [{"value": "lab", "floor": 2}, {"value": "roof", "floor": 9}]})
}

#[tokio::test]
async fn a_registered_type_is_served_like_the_built_in_ones() {
    let service = registered().await;
    let made = service.json("POST", "/Badges", badge("A-1")).await;
    assert_eq!((made.status, made.header("etag")), (201, "W/\"1\""), "{made:?}");
    assert!(made.header("location").ends_with(&format!("/Badges/{}", made.id())));
    assert_eq!(made.body["meta"]["resourceType"], "Badge");
    // Written just now, so shown although it is returned on request only; the pin never is.
    assert_eq!((&made.body["notes"], made.body.get("pin")), (&json!("n"), None));
    let path = format!("/Badges/{}", made.id());
    let read = service.get(&path).await.ok(200);
    assert_eq!((read.get("notes"), &read["doors"][1]["floor"]), (None, &json!(9)));
    assert_eq!(service.get(&format!("{path}?attributes=notes")).await.ok(200)["notes"], "n");

    let op = json!({"op": "replace", "path": "doors[value eq \"lab\"].floor", "value": 3});
    let patched = service.patch(&path, op.clone()).await;
    assert_eq!((patched.header("etag"), &patched.body["doors"][0]["floor"]), ("W/\"2\"", &json!(3)));
    let again = service.patch(&path, op).await;
    assert_eq!((again.header("etag"), &again.body["meta"]), ("W/\"2\"", &patched.body["meta"]), "no change");
    let put = service.json("PUT", &path, json!({"schemas": [BADGE], "number": "A-2"})).await.ok(200);
    assert_eq!((&put["number"], put.get("colour")), (&json!("A-2"), None));
    let stale = service.with("PUT", &path, &[("if-match", "W/\"1\"")], badge("A-3").to_string()).await;
    assert_eq!(stale.error(), (412, ""));
    assert_eq!(service.with("GET", &path, &[("if-none-match", "W/\"3\"")], "").await.status, 304);

    assert_eq!(service.delete(&path).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(service.with(method, &path, &[], "").await.error(), (404, ""));
    }
}

#[tokio::test]
async fn what_its_schema_forbids_is_refused() {
    let service = registered().await;
    service.json("POST", "/Badges", badge("A-1")).await.ok(201);
    let other = service.json("POST", "/Badges", badge("A-2")).await;
    let path = format!("/Badges/{}", other.id());
    for (body, wanted) in [
        (badge("A-1"), (409, "uniqueness")),
        (json!({"schemas": [BADGE], "colour": "red"}), (400, "invalidValue")),
        (json!({"schemas": [BADGE], "number": 7}), (400, "invalidValue")),
        (json!({"schemas": [BADGE], "number": "x", "issued": "yesterday"}), (400, "invalidValue")),
    ] {
        assert_eq!(service.json("POST", "/Badges", body.clone()).await.error(), wanted, "{body}");
        assert_eq!(service.json("PUT", &path, body.clone()).await.error(), wanted, "{body}");
    }
    let taken = service.patch(&path, json!({"op": "replace", "path": "number", "value": "A-1"})).await;
    assert_eq!(taken.error(), (409, "uniqueness"));
    assert!(taken.body["detail"].as_str().unwrap().contains("number"), "{taken:?}");
    assert_eq!(service.get(&path).await.ok(200)["number"], "A-2");
    // Upper case is another number: the schema says caseExact. And what is deleted is free again.
    service.json("POST", "/Badges", badge("a-1")).await.ok(201);
    service.delete(&path).await;
    service.json("POST", "/Badges", badge("A-2")).await.ok(201);
}

#[tokio::test]
async fn it_is_listed_filtered_sorted_and_searched() {
    let service = registered().await;
    for (number, colour) in [("3", "red"), ("1", "blue"), ("2", "red")] {
        let mut body = badge(number);
        body["colour"] = colour.into();
        body["externalId"] = format!("x{number}").into();
        service.json("POST", "/Badges", body).await.ok(201);
    }
    service.user("ada").await;
    let numbers = |list: Value| -> Vec<String> {
        let resources = list["Resources"].as_array().unwrap();
        resources.iter().map(|r| r["number"].as_str().unwrap_or("user").to_owned()).collect()
    };
    for (query, wanted) in [
        ("/Badges".to_owned(), vec!["3", "1", "2"]),
        ("/Badges?sortBy=number&count=2".into(), vec!["1", "2"]),
        ("/Badges?startIndex=3".into(), vec!["2"]),
        ("/Badges?cursor=&count=1".into(), vec!["3"]),
        (filtered("/Badges", "number eq \"2\""), vec!["2"]),
        (filtered("/Badges", "externalId eq \"x1\""), vec!["1"]),
        (filtered("/Badges", "colour eq \"RED\" and doors[floor gt 5]"), vec!["3", "2"]),
        (filtered("/Badges", &format!("{BADGE}:number eq \"1\" and colour eq \"red\"")), vec![]),
        (String::new(), vec!["user", "3", "1", "2"]),
        (filtered("", "number pr"), vec!["3", "1", "2"]),
    ] {
        assert_eq!(numbers(service.get(&query).await.ok(200)), wanted, "{query}");
    }
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
    let body = json!({"schemas": schemas, "filter": "number ge \"2\""});
    assert_eq!(numbers(service.json("POST", "/Badges/.search", body).await.ok(200)), ["3", "2"]);
    assert_eq!(service.get(&filtered("/Badges", "pin eq \"1234\"")).await.error(), (400, "sensitive"));
}

/// A value that a schema declares unique is found by one look at an index, and that among users, too.
#[tokio::test]
async fn an_extension_of_users_has_unique_values() {
    let service = registered().await;
    let user =
        |name: &str, payroll: &str| json!({"userName": name, STAFF: {"payroll": payroll, "desk": "7"}});
    let ada = service.json("POST", "/Users", user("ada", "P1")).await;
    assert_eq!(ada.status, 201, "{ada:?}");
    assert_eq!(ada.body["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", STAFF]));
    // The schema does not say caseExact.
    assert_eq!(service.json("POST", "/Users", user("bob", "p1")).await.error(), (409, "uniqueness"));
    service.json("POST", "/Users", user("bob", "P2")).await.ok(201);
    let before = service.db.calls();
    let found = service.get(&filtered("/Users", &format!("{STAFF}:payroll eq \"p1\""))).await.ok(200);
    let calls = service.db.calls().since(&before);
    assert_eq!((found["totalResults"].as_u64(), &found["Resources"][0]["id"]), (Some(1), &ada.body["id"]));
    assert_eq!((calls.of("Query").calls, calls.of("GetItem").calls), (0, 2), "{calls:?}");
    let path = format!("/Users/{}", ada.id());
    let op = json!({"op": "replace", "path": format!("{STAFF}:payroll"), "value": "P3"});
    service.patch(&path, op).await.ok(200);
    service.json("POST", "/Users", user("cy", "P1")).await.ok(201);
    service.delete(&path).await;
    service.json("POST", "/Users", user("dan", "P3")).await.ok(201);
}

#[tokio::test]
async fn it_is_discovered_and_belongs_to_its_connection() {
    let service = registered().await;
    let types = service.get("/ResourceTypes").await.ok(200);
    assert_eq!(types["totalResults"], 3);
    let user = service.get("/ResourceTypes/User").await.ok(200);
    assert_eq!(user["schemaExtensions"][1]["schema"], STAFF);
    assert_eq!(service.get("/ResourceTypes/Badge").await.ok(200)["endpoint"], "/Badges");
    let schema = service.get(&format!("/Schemas/{BADGE}")).await.ok(200);
    assert_eq!(schema["attributes"][0]["uniqueness"], "server");
    let made = service.json("POST", "/Badges", badge("A-1")).await;
    for path in ["/Badges".to_owned(), format!("/Badges/{}", made.id())] {
        let request = axum::http::Request::get(format!("/scim/v2/main.entra{path}"));
        let request =
            request.header("authorization", "Bearer other").body(axum::body::Body::empty()).unwrap();
        assert_eq!(service.send(request).await.error(), (404, ""));
    }
    // The type is withdrawn: what there was of it waits until it is registered again.
    service.replace(&service.connection("main.okta", &[TOKEN])).await;
    assert_eq!(service.get("/Badges").await.error(), (404, ""));
    let protocol = Protocol { custom: custom(), ..Protocol::default() };
    service.replace(&Connection { protocol, ..service.connection("main.okta", &[TOKEN]) }).await;
    assert_eq!(service.get("/Badges").await.ok(200)["totalResults"], 1);
}

/// Its resources give nobody access: the planner has nothing to look at.
#[tokio::test]
async fn no_change_is_recorded_of_it() {
    let service = registered().await;
    let made = service.json("POST", "/Badges", badge("A-1")).await;
    service.delete(&format!("/Badges/{}", made.id())).await;
    assert_eq!(service.changes().await, Vec::<Value>::new());
}
