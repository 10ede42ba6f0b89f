//! Moves do not depend on the order of the clicks: the app sees one change of the role, and no removal.

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{apps::scim::RunningScimApp, client::ScimClient};

use super::World;

async fn patch(scim: &ScimClient, team: &str, operations: Value) {
    let reply = scim.patch("Groups", team, &operations).await.unwrap();
    assert!(reply.status.is_success(), "{}", reply.text);
}

fn add(person: &str) -> Value {
    json!([{"op": "Add", "path": "members", "value": [{"value": person}]}])
}

fn remove(person: &str) -> Value {
    json!([{"op": "Remove", "path": "members", "value": [{"value": person}]}])
}

/// How the colleague gets from the first team to the second.
#[derive(Clone, Copy, Debug)]
enum Order {
    LeaveFirst,
    JoinFirst,
    BothAtOnce,
}

async fn one_role_change(order: Order) {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let world = World::new(&app.base_url(), app.token(), 3_600).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let marketing = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    let brand = scim.create_group("Brand", &[]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{marketing}"), "editor").await;
    world.share(&format!("teams/{brand}"), "admin").await;
    let seat = world.seated("ada", "editor").await;
    world.settled().await;
    app.app().journal().clear();

    match order {
        Order::LeaveFirst => {
            patch(&scim, &marketing, remove(&ada)).await;
            patch(&scim, &brand, add(&ada)).await;
        }
        Order::JoinFirst => {
            patch(&scim, &brand, add(&ada)).await;
            patch(&scim, &marketing, remove(&ada)).await;
        }
        Order::BothAtOnce => {
            tokio::join!(patch(&scim, &brand, add(&ada)), patch(&scim, &marketing, remove(&ada)));
        }
    }
    assert_eq!(world.seated("ada", "admin").await.id, seat.id, "{order:?}: the same account");
    world.settled().await;
    let changes = app.app().journal().changes();
    assert_eq!(changes.len(), 1, "{order:?}: one change in the app: {changes:?}");
    assert!(changes[0].starts_with("PATCH /Users/"), "{order:?}: {changes:?}");
}

#[tokio::test]
async fn leaving_then_joining_is_one_role_change() {
    one_role_change(Order::LeaveFirst).await;
}

#[tokio::test]
async fn joining_then_leaving_is_one_role_change() {
    one_role_change(Order::JoinFirst).await;
}

#[tokio::test]
async fn both_at_once_is_one_role_change() {
    one_role_change(Order::BothAtOnce).await;
}

#[tokio::test]
async fn one_patch_that_removes_and_adds_again_changes_nothing() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let world = World::new(&app.base_url(), app.token(), 0).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let team = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{team}"), "editor").await;
    world.seated("ada", "editor").await;
    world.settled().await;
    app.app().journal().clear();

    let both = json!([
        {"op": "remove", "path": format!("members[value eq \"{ada}\"]")},
        {"op": "add", "path": "members", "value": [{"value": ada, "display": "ada"}]},
    ]);
    patch(&scim, &team, both).await;
    world.settled().await;
    assert!(app.app().journal().changes().is_empty());
}

#[tokio::test]
async fn losing_the_last_grant_removes_after_the_grace_window_and_deleting_the_team_too() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let world = World::new(&app.base_url(), app.token(), 1).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let bob = scim.create_user("bob", &json!({})).await.unwrap().id().to_owned();
    let team = scim.create_group("Marketing", &[&ada, &bob]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{team}"), "editor").await;
    world.seated("ada", "editor").await;
    world.seated("bob", "editor").await;

    patch(&scim, &team, remove(&ada)).await;
    world.gone("ada").await;
    world.seated("bob", "editor").await;
    scim.delete("Groups", &team).await.unwrap();
    world.gone("bob").await;
}

#[tokio::test]
async fn an_unshared_hub_is_left() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let world = World::new(&app.base_url(), app.token(), 0).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let team = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{team}"), "editor").await;
    world.seated("ada", "editor").await;
    let path = format!("/integrations/{}/shares/teams/{team}", world.hub);
    assert!(world.api().send(Method::DELETE, &path, None).await.unwrap().status.is_success());
    world.gone("ada").await;
}
