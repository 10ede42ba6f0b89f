//! Of a workspace that was erased nothing is left in the table: no row of any kind, and none that names its people.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};
use usher_tests::client::ScimClient;

use crate::{
    idempotency,
    sign_in::{Scene, browser::Browser},
};

/// Kinds whose rows are there for a moment, or in large directories only; that their keys begin with the workspace, as by
/// which all are erased, is tested beside them.
const NOT_MADE: [&str; 3] = ["oauth_assertion", "place", "staged"];

/// The kinds of rows that the store writes, by its sources.
fn kinds_of_the_store() -> BTreeSet<String> {
    let source = |name: &str| {
        let path = format!("{}/../common/aws/src/store/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        fs::read_to_string(path).unwrap()
    };
    let constants = |text: &str, named: &[&str]| -> Vec<String> {
        let lines =
            text.lines().filter_map(|line| line.trim().split_once("const ")?.1.split_once(": &str = \""));
        let wanted = lines.filter(|(name, _)| named.is_empty() || named.contains(name));
        wanted.map(|(_, rest)| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let rows = source("row");
    let (_, kinds) = rows.split_once("mod kind {").unwrap();
    let mut found: BTreeSet<String> =
        constants(kinds.split_once("\n}").unwrap().0, &[]).into_iter().collect();
    found.extend(constants(&source("audit"), &["ENTRY"]));
    found.extend(constants(&source("idempotency"), &["REQUEST"]));
    found.extend(constants(&source("oauth"), &["CLIENT", "ACCESS_TOKEN", "ASSERTION"]));
    let sign_in = ["LINK", "PROVIDER", "ATTEMPT", "IDENTITY", "SESSION", "RATE"];
    found.extend(constants(&source("sign_in"), &sign_in));
    found
}

/// A workspace in which everything happened once.
async fn full() -> Scene {
    let scene = Scene::new().await;
    let world = &scene.world;
    assert_eq!(scene.sign_in(&mut Browser::new(world), json!({})).await.status, 303);
    Browser::new(world).open("/sign-in/openid?workspace=main&return_to=/").await;
    let ok = async |method: &str, path: &str, body: Value| {
        let answer = world.api(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.body);
        answer.body
    };
    ok("POST", &format!("/members/{}/sign-in-links", scene.ada), json!({})).await;
    let webhook = json!({"name": "Pager", "url": "https://pager.example/usher", "events": ["job.completed"]});
    ok("POST", "/webhooks", webhook).await;
    world.wait(60);
    let (token, _) = idempotency::owner(world).await;
    idempotency::send(world, &token, "k-1", "/api-keys", &json!({"name": "Another", "role": "user"})).await;
    let (client, secret) = world.client().await;
    assert_eq!(world.grant(&client, &secret).await.status, 200);

    let badge = "urn:example:badge:2.0:Badge";
    let schemas = json!({
        "schemas": [{"id": badge, "attributes": [{"name": "number", "type": "string"}]}],
        "resourceTypes": [{"name": "Badge", "endpoint": "/Badges", "schema": badge}],
    });
    let connections = ok("GET", "/connections", Value::Null).await;
    let connection = connections["items"][0]["id"].as_str().unwrap();
    ok("PUT", &format!("/connections/{connection}/schemas"), schemas).await;
    world.cool_down();
    let made = world.scim("POST", "/Badges", json!({"schemas": [badge], "number": "A-1"})).await;
    assert_eq!(made.status, 201, "{}", made.body);

    let bob = world.scim("POST", "/Users", json!({"userName": "bob", "active": true})).await.id();
    let members = json!([{"value": scene.ada}, {"value": bob}]);
    let group = json!({"displayName": "Everybody", "members": members});
    let team = world.scim("POST", "/Groups", group).await.id();
    world.share(&team).await;
    world.settle().await;
    assert_eq!(world.scim("DELETE", &format!("/Users/{bob}"), Value::Null).await.status, 204);
    world.settle().await;
    world.scim("POST", "/Users", json!({"userName": "grace", "active": true})).await;
    world.scim("GET", "/Users?startIndex=1&count=1", Value::Null).await;
    ok("PUT", &format!("/members/{}", scene.ada), json!({"role": "owner"})).await;
    let by_hand = async |name: &str| {
        let form = json!({"name": name, "kind": "business_hub", "connector": "manual", "config": {"assignees": "ada"}});
        ok("POST", "/integrations", form).await["integration"]["id"].as_str().unwrap().to_owned()
    };
    let (kept, left) = (by_hand("Video channel").await, by_hand("Old channel").await);
    let share = json!({"app_access": {"kind": "invite"}});
    ok("PUT", &format!("/integrations/{kept}/shares/teams/{team}"), share).await;
    ok("DELETE", &format!("/integrations/{left}?people=leave"), Value::Null).await;
    world.settle().await;
    let app = ScimClient::new(&world.app_url(), "app-token");
    app.create_user("zoe", &json!({"active": true})).await.unwrap();
    let mark = json!({"kind": "protected", "reason": "Ada runs it"});
    ok("PUT", &format!("/integrations/{}/people/{}/mark", world.hub, scene.ada), mark).await;
    ok("POST", &format!("/integrations/{}/sync", world.hub), json!({})).await;
    world.settle().await;
    world.reconcile().await;
    world.end_scim().await;
    world.suspend().await;
    scene
}

#[tokio::test]
async fn no_row_of_any_kind_is_left_of_an_erased_workspace() {
    let scene = full().await;
    let world = &scene.world;
    let rows = world.rows().await;
    let kinds = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter().filter_map(|row| row["type"]["S"].as_str().map(str::to_owned)).collect()
    };
    let missing: Vec<String> = kinds_of_the_store().difference(&kinds(&rows)).cloned().collect();
    assert_eq!(missing, NOT_MADE, "let rows of a new kind be made above");

    let mut from = None;
    loop {
        let found = world.store.erase(&world.workspace, from).await.unwrap();
        from = found.next;
        if from.is_none() {
            break;
        }
    }
    world.store.erase_frame(&world.workspace).await.unwrap();
    // It was alone in the table.
    assert_eq!(world.rows().await, Vec::<Value>::new());
}
