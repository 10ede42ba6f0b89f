//! Entra ID's conversation, in the shapes of Microsoft's documentation
//! (learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups): both of its dialects
//! come from one tenant, and the flag that chooses between them stays in the URL.

use axum::http::Request;
use serde_json::{Value, json};

use super::{Answer, BASE, Service, TOKEN, set};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Entra's client with the tenant URL that the admin typed, the flag glued to it or not.
struct Entra {
    service: Service,
    tenant_url: String,
}

impl Entra {
    async fn new(flag: &str) -> Self {
        Self { service: Service::new().await, tenant_url: format!("{BASE}{flag}") }
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.tenant_url))
            .header("content-type", "application/scim+json; charset=utf-8")
            .header("authorization", format!("Bearer {TOKEN}"));
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.service.send(request.body(body.into()).unwrap()).await
    }

    async fn get(&self, path: &str) -> Value {
        self.send("GET", path, None).await.ok(200)
    }

    /// A PATCH, as often as Entra sends it: a repetition changes nothing.
    async fn patch(&self, path: &str, operations: Value) -> Value {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        let first = self.send("PATCH", path, Some(body.clone())).await;
        let version = first.header("etag").to_owned();
        let again = self.send("PATCH", path, Some(body.clone())).await;
        assert_eq!(again.header("etag"), version, "{body} once more is another change");
        first.ok(200)
    }

    async fn push_user(&self, name: &str) -> String {
        let body = json!({"schemas": [USER, ENTERPRISE], "externalId": name, "userName": format!("{name}@contoso.com"),
            "active": true, "displayName": "Joy Young", "title": null,
            "emails": [{"primary": true, "type": "work", "value": format!("{name}@contoso.com")}],
            "meta": {"resourceType": "User"}, "roles": [],
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"}});
        self.send("POST", "/Users", Some(body)).await.ok(201)["id"].as_str().unwrap().to_owned()
    }

    async fn push_group(&self, name: &str) -> String {
        let schemas = [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ];
        let body = json!({"schemas": schemas, "externalId": format!("8aa1a0c0-{name}"), "displayName": name,
            "meta": {"resourceType": "Group"}});
        let made = self.send("POST", "/Groups", Some(body)).await.ok(201);
        assert_eq!(made["schemas"], json!([schemas[0]]));
        made["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_users_life_in_the_older_dialect() {
    let entra = Entra::new("").await;
    // "Test connection" asks for somebody who cannot exist.
    let empty = entra.get("/Users?filter=userName+eq+%226d2d2a5b-4f8e-4ed5-8a5c-0b1b0b7c1a11%22").await;
    assert_eq!((&empty["totalResults"], &empty["Resources"]), (&json!(0), &json!([])));
    assert_eq!(entra.get("/Users?filter=externalId+eq+%22jyoung%22").await["totalResults"], 0);
    let id = entra.push_user("jyoung").await;
    let path = format!("/Users/{id}");
    for filter in [
        "externalId+eq+%22jyoung%22",
        "externalId+eq+jyoung",
        "userName%20eq%20%22JYOUNG%40contoso.com%22",
        "emails%5Btype+eq+%22work%22%5D.value+eq+%22jyoung%40contoso.com%22",
    ] {
        let found = entra.get(&format!("/Users?filter={filter}")).await;
        assert_eq!(
            (&found["totalResults"], &found["Resources"][0]["id"]),
            (&json!(1), &json!(id)),
            "{filter}"
        );
    }
    let body = json!({"schemas": [USER], "userName": "jyoung@contoso.com", "active": true});
    assert_eq!(entra.send("POST", "/Users", Some(body)).await.error(), (409, "uniqueness"));

    let boss = entra.push_user("boss").await;
    let manager = format!("{ENTERPRISE}:manager");
    let user = entra
        .patch(
            &path,
            json!([
                {"op": "Add", "path": "nickName", "value": "Babs"},
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "joy@contoso.com"},
                {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555"},
                {"op": "Add", "path": manager, "value": boss},
                {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Admin"},
                {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"},
            ]),
        )
        .await;
    assert_eq!((&user["nickName"], &user["emails"][0]["value"]), (&json!("Babs"), &json!("joy@contoso.com")));
    assert_eq!(user["phoneNumbers"], json!([{"type": "mobile", "value": "+1 555"}]));
    assert_eq!(user[ENTERPRISE]["manager"]["value"], json!(boss));
    assert_eq!(user["roles"], json!([{"primary": true, "value": "Admin"}]));
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE]));
    let check = format!("/Users?filter=id+eq+%22{id}%22+and+manager+eq+%22{boss}%22&attributes=id");
    let found = entra.get(&check).await;
    assert_eq!((&found["totalResults"], found["Resources"][0].get("userName")), (&json!(1), None));
    let user = entra.patch(&path, json!([{"op": "Remove", "path": manager}])).await;
    assert_eq!(user[ENTERPRISE].get("manager"), None);
    assert_eq!(entra.get(&check).await["totalResults"], 0);

    // Text where the schema says boolean; who is off is still found.
    let user = entra.patch(&path, json!([{"op": "Replace", "path": "active", "value": "False"}])).await;
    assert_eq!(user["active"], false);
    assert_eq!(entra.get("/Users?filter=externalId+eq+%22jyoung%22").await["Resources"][0]["active"], false);
    let user = entra.patch(&path, json!([{"op": "Add", "path": "active", "value": "True"}])).await;
    assert_eq!(user["active"], true);
    entra.send("DELETE", &path, None).await.ok(204);
    assert_eq!(entra.send("GET", &path, None).await.error(), (404, ""));
    assert_eq!(entra.send("DELETE", &path, None).await.error(), (404, ""));
}

/// With the flag, in each of the places where it can end up.
#[tokio::test]
async fn a_users_life_with_the_flag_in_the_url() {
    for flag in [
        "?aadOptscim062020",
        "/?aadOptscim062020",
        "/aadOptscim062020",
        "%3FaadOptscim062020",
        "?AzureAdScimPatch2017",
    ] {
        let entra = Entra::new(flag).await;
        assert_eq!(
            entra.get("/Users?filter=userName+eq+%22jyoung%40contoso.com%22").await["totalResults"],
            0,
            "{flag}"
        );
        let id = entra.push_user("jyoung").await;
        let path = format!("/Users/{id}");
        assert_eq!(
            entra.get("/Users?filter=userName+eq+%22jyoung%40contoso.com%22").await["totalResults"],
            1,
            "{flag}"
        );
        let value = json!({"displayName": "Bjfe", "name.givenName": "Kkom", "name.familyName": "Unua",
            format!("{ENTERPRISE}:employeeNumber"): "Aklq"});
        let user = entra.patch(&path, json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "TestMhvaes@test.microsoft.com"},
            {"op": "replace", "value": value}])).await;
        assert_eq!((&user["displayName"], &user["name"]["givenName"]), (&json!("Bjfe"), &json!("Kkom")));
        assert_eq!(user[ENTERPRISE]["employeeNumber"], "Aklq");
        assert_eq!(user["emails"][0]["value"], "TestMhvaes@test.microsoft.com");
        let off = entra.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await;
        assert_eq!(off["active"], false);
        // The flag is the client's: no address that we give out has it.
        assert!(!off.to_string().contains("Opt"), "{off}");
        let group = entra.push_group("Sales").await;
        let group = format!("/Groups/{group}");
        let join = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        assert_eq!(super::members(&entra.patch(&group, join).await), set(&[&id]));
        let leave = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
        assert_eq!(super::members(&entra.patch(&group, leave).await), set(&[]));
        entra.send("DELETE", &group, None).await.ok(204);
        entra.send("DELETE", &path, None).await.ok(204);
    }
}

#[tokio::test]
async fn a_groups_life() {
    let entra = Entra::new("").await;
    let (ada, bob, cy) =
        (entra.push_user("ada").await, entra.push_user("bob").await, entra.push_user("cy").await);
    let search = "/Groups?excludedAttributes=members&filter=displayName+eq+%22Sales%22";
    assert_eq!(entra.get(search).await["totalResults"], 0);
    let id = entra.push_group("Sales").await;
    let path = format!("/Groups/{id}");
    assert_eq!(entra.get(search).await["Resources"][0]["id"], json!(id));
    let slim = entra.get(&format!("{path}?excludedAttributes=members")).await;
    assert_eq!((&slim["displayName"], slim.get("members")), (&json!("Sales"), None));

    let member = |id: &str| json!({"$ref": null, "value": id});
    let join = json!([{"op": "Add", "path": "members", "value": [member(&ada), member(&bob), member(&cy)]}]);
    assert_eq!(super::members(&entra.patch(&path, join).await), set(&[&ada, &bob, &cy]));
    let check = format!("/Groups?filter=id+eq+%22{id}%22+and+members+eq+%22{ada}%22&attributes=id");
    assert_eq!(entra.get(&check).await["totalResults"], 1);
    // The older dialect names whom to remove in the value: the others stay.
    let leave = json!([{"op": "Remove", "path": "members", "value": [member(&ada)]}]);
    assert_eq!(super::members(&entra.patch(&path, leave).await), set(&[&bob, &cy]));
    assert_eq!(entra.get(&check).await["totalResults"], 0);
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{bob}\"]")}]);
    assert_eq!(super::members(&entra.patch(&path, leave).await), set(&[&cy]));
    let both = json!([{"op": "Add", "path": "members", "value": [member(&ada)]},
        {"op": "Remove", "path": "members", "value": [member(&cy)]}]);
    assert_eq!(super::members(&entra.patch(&path, both).await), set(&[&ada]));

    let renamed =
        entra.patch(&path, json!([{"op": "Replace", "path": "displayName", "value": "Selling"}])).await;
    assert_eq!(renamed["displayName"], "Selling");
    let external = entra.patch(&path, json!([{"op": "replace", "value": {"externalId": "new"}}])).await;
    assert_eq!(external["externalId"], "new");
    entra.push_group("Sales").await;
    let body = json!({"displayName": "sELLING", "externalId": "x"});
    assert_eq!(entra.send("POST", "/Groups", Some(body)).await.error(), (409, "uniqueness"));
    entra.send("DELETE", &path, None).await.ok(204);
    assert_eq!(entra.send("GET", &path, None).await.error(), (404, ""));
    assert_eq!(entra.send("DELETE", &path, None).await.error(), (404, ""));
    assert_eq!(entra.get(&format!("/Users/{ada}")).await.get("groups"), None);
}
