//! Okta's conversation, in the shapes of its own documentation
//! (developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/): the token as the admin pasted it, PUT for users, and for
//! groups PATCH with the id in its value.

use axum::http::Request;
use serde_json::{Value, json};

use super::{Answer, BASE, Service, TOKEN, members, set};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Okta's client: "HTTP Header" mode sends the pasted token without `Bearer`.
struct Okta(Service);

impl Okta {
    async fn new() -> Self {
        Self(Service::new().await)
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header("user-agent", "Okta SCIM Client 1.0.0")
            .header("accept", "application/scim+json; charset=utf-8")
            .header("content-type", "application/scim+json; charset=utf-8")
            .header("authorization", TOKEN);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.0.send(request.body(body.into()).unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        self.send("GET", path, None).await.ok(200)
    }

    async fn patch(&self, path: &str, operations: Value) -> Answer {
        self.send("PATCH", path, Some(json!({"schemas": [PATCH], "Operations": operations}))).await
    }

    async fn push_user(&self, name: &str, external: &str) -> String {
        let body = json!({"schemas": [USER], "userName": name, "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": true, "value": name, "type": "work"}], "displayName": "Test User",
            "locale": "en-US", "externalId": external, "groups": [], "password": "1mz050nq", "active": true});
        let made = self.send("POST", "/Users", Some(body)).await;
        assert_eq!(made.header("content-type"), "application/scim+json");
        let made = made.ok(201);
        assert_eq!((&made["userName"], &made["externalId"]), (&json!(name), &json!(external)));
        assert_eq!(made["active"], true);
        assert!(!made.to_string().contains("1mz050nq"), "a password is never sent back");
        made["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_users_life() {
    let okta = Okta::new().await;
    // Enabling provisioning probes; before a user is made, Okta asks whether there is one.
    let probe = okta.get("/Users?startIndex=1&count=2").await;
    assert_eq!((&probe["totalResults"], &probe["Resources"]), (&json!(0), &json!([])));
    let search = "/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100";
    assert_eq!(okta.get(search).await["totalResults"], 0);
    let id = okta.push_user("test.user@okta.local", "00ujl29u0le5T6Aj10h7").await;
    let path = format!("/Users/{id}");

    let found = okta.get(search).await;
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
    for number in ["totalResults", "startIndex", "itemsPerPage"] {
        assert!(found[number].is_u64(), "Okta reads whole numbers only: {found}");
    }

    // An update: the whole user that was read, with id, groups and meta.
    let read = okta.get(&path).await;
    assert_eq!(read["name"]["givenName"], "Test");
    let body = json!({"schemas": [USER], "id": id, "userName": "test.user@okta.local",
        "name": {"givenName": "Another", "middleName": "Excited", "familyName": "User"},
        "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work", "display": "test.user@okta.local"}],
        "active": true, "groups": [], "meta": {"resourceType": "User"}});
    let put = okta.send("PUT", &path, Some(body)).await.ok(200);
    assert_eq!(put["name"], json!({"givenName": "Another", "middleName": "Excited", "familyName": "User"}));
    assert_eq!((&put["id"], &put["meta"]["resourceType"]), (&json!(id), &json!("User")));

    let off = json!([{"op": "replace", "value": {"active": false}}]);
    assert_eq!(okta.patch(&path, off).await.ok(200)["active"], false);
    assert_eq!(okta.get(search).await["Resources"][0]["active"], false, "who is off is still listed");
    let on = json!([{"op": "replace", "value": {"active": true}}]);
    assert_eq!(okta.patch(&path, on).await.ok(200)["active"], true);
    // A custom app switches off by PUT.
    let body = json!({"schemas": [USER], "id": id, "userName": "test.user@okta.local", "active": false, "groups": []});
    assert_eq!(okta.send("PUT", &path, Some(body)).await.ok(200)["active"], false);
    let password = json!([{"op": "replace", "value": {"password": "s3cret"}}]);
    assert!(!okta.patch(&path, password).await.ok(200).to_string().contains("s3cret"));

    // Pushed once more by mistake: a conflict that Okta can read.
    let body = json!({"schemas": [USER], "userName": "TEST.user@okta.local", "active": true});
    assert_eq!(okta.send("POST", "/Users", Some(body)).await.error(), (409, "uniqueness"));
    assert_eq!(okta.send("GET", "/Users/23a35c27", None).await.error(), (404, ""));
}

#[tokio::test]
async fn a_group_push() {
    let okta = Okta::new().await;
    let ada = okta.push_user("ada@okta.local", "1").await;
    let bob = okta.push_user("bob@okta.local", "2").await;
    assert_eq!(okta.get("/Groups?startIndex=1&count=100").await["totalResults"], 0);
    let search = "/Groups?filter=displayName%20eq%20%22Test%20SCIMv2%22";
    assert_eq!(okta.get(search).await["totalResults"], 0);
    let body = json!({"schemas": [GROUP], "displayName": "Test SCIMv2", "members": []});
    let made = okta.send("POST", "/Groups", Some(body.clone())).await.ok(201);
    let id = made["id"].as_str().unwrap();
    let path = format!("/Groups/{id}");
    assert_eq!(okta.send("POST", "/Groups", Some(body)).await.error(), (409, "uniqueness"));
    assert_eq!(okta.get(search).await["Resources"][0]["id"], json!(id));

    // The name comes with every change of members.
    let name = json!([{"op": "replace", "value": {"id": id, "displayName": "Test SCIMv2"}}]);
    okta.patch(&path, name).await.ok(200);
    let join =
        json!([{"op": "add", "path": "members", "value": [{"value": ada, "display": "ada@okta.local"}]}]);
    assert_eq!(okta.patch(&path, join).await.members(), set(&[&ada]));
    let swap = json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")},
        {"op": "add", "path": "members", "value": [{"value": bob, "display": "bob@okta.local"}]}]);
    assert_eq!(okta.patch(&path, swap.clone()).await.members(), set(&[&bob]));
    assert_eq!(okta.patch(&path, swap).await.members(), set(&[&bob]), "Okta repeats itself");
    assert_eq!(okta.get(&format!("/Users/{bob}")).await["groups"][0]["display"], "Test SCIMv2");

    // "Push now", with members and without.
    let all = json!([{"op": "replace", "path": "members", "value": [
        {"value": ada, "display": "ada@okta.local"}, {"value": bob, "display": "bob@okta.local"}]}]);
    assert_eq!(okta.patch(&path, all).await.members(), set(&[&ada, &bob]));
    let listed = okta.get("/Groups?startIndex=1&count=100").await;
    assert_eq!(members(&listed["Resources"][0]), set(&[&ada, &bob]));
    let nobody = json!([{"op": "replace", "path": "members", "value": []}]);
    assert_eq!(okta.patch(&path, nobody).await.members(), set(&[]));

    let renamed = json!([{"op": "replace", "value": {"id": id, "displayName": "Renamed"}}]);
    assert_eq!(okta.patch(&path, renamed).await.ok(200)["displayName"], "Renamed");
    okta.send("DELETE", &path, None).await.ok(204);
    assert_eq!(okta.send("GET", &path, None).await.error(), (404, ""));
    assert_eq!(okta.get("/Groups?startIndex=1&count=100").await["totalResults"], 0);
}

/// Imports walk in pages of a hundred, and members of hundreds are pushed in one request.
#[tokio::test]
async fn an_import_of_everybody() {
    let okta = Okta::new().await;
    let mut pushed = Vec::new();
    for number in 0..130 {
        pushed.push(okta.push_user(&format!("user{number}@okta.local"), &number.to_string()).await);
    }
    let mut walked = Vec::new();
    for start in [1, 101] {
        let page = okta.get(&format!("/Users?startIndex={start}&count=100")).await;
        assert_eq!(page["totalResults"], 130);
        walked.extend(page["Resources"].as_array().unwrap().iter().map(|user| user["id"].clone()));
    }
    assert_eq!(walked, pushed);
    let made = okta
        .send("POST", "/Groups", Some(json!({"schemas": [GROUP], "displayName": "All", "members": []})))
        .await;
    let everybody: Vec<Value> = pushed.iter().map(|id| json!({"value": id, "display": id})).collect();
    let push = json!([{"op": "replace", "path": "members", "value": everybody}]);
    assert_eq!(okta.patch(&format!("/Groups/{}", made.id()), push).await.members().len(), 130);
}
