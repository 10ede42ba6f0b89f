//! Moves do not depend on the order of the clicks: the app sees one change of the role, and no removal.

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{
    apps::scim::RunningScimApp,
    client::{ScimClient, patch_op},
    process::Scim2Server,
};

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

/// The app: one that was written for tests, and one that nobody here wrote.
enum App {
    Simulated(RunningScimApp),
    Real(Box<Scim2Server>),
}

impl App {
    async fn simulated() -> Self {
        Self::Simulated(RunningScimApp::start("app-token").await.unwrap())
    }

    async fn real() -> Self {
        Self::Real(Box::new(Scim2Server::start().await.unwrap()))
    }

    async fn world(&self) -> World {
        match self {
            Self::Simulated(app) => World::new(&app.base_url(), app.token(), 3_600).await,
            Self::Real(app) => World::new(app.base_url(), app.token(), 3_600).await,
        }
    }

    /// The changes that it was asked for, by its own log.
    fn changes(&self) -> Vec<String> {
        match self {
            Self::Simulated(app) => app.app().journal().changes(),
            Self::Real(app) => app.changes(),
        }
    }
}

/// How the colleague gets from the first team to the second.
#[derive(Clone, Copy, Debug)]
enum Order {
    LeaveFirst,
    JoinFirst,
    AtTheSameTime,
    OneRequest,
}

async fn one_role_change(app: App, order: Order) {
    let world = app.world().await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let marketing = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    let brand = scim.create_group("Brand", &[]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{marketing}"), "editor").await;
    world.share(&format!("teams/{brand}"), "admin").await;
    let seat = world.seated("ada", "editor").await;
    world.settled().await;
    let before = app.changes().len();

    match order {
        Order::LeaveFirst => {
            patch(&scim, &marketing, remove(&ada)).await;
            patch(&scim, &brand, add(&ada)).await;
        }
        Order::JoinFirst => {
            patch(&scim, &brand, add(&ada)).await;
            patch(&scim, &marketing, remove(&ada)).await;
        }
        Order::AtTheSameTime => {
            tokio::join!(patch(&scim, &brand, add(&ada)), patch(&scim, &marketing, remove(&ada)));
        }
        Order::OneRequest => {
            let part = |team: &str, operations: Value| json!({"method": "PATCH", "path": format!("/Groups/{team}"), "data": patch_op(&operations)});
            let both = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [part(&marketing, remove(&ada)), part(&brand, add(&ada))],
            });
            let reply = scim.send(Method::POST, "/Bulk", Some(&both)).await.unwrap();
            assert!(reply.status.is_success(), "{}", reply.text);
        }
    }
    assert_eq!(world.seated("ada", "admin").await.id, seat.id, "{order:?}: the same account");
    world.settled().await;
    let changes = app.changes().split_off(before);
    assert_eq!(changes.len(), 1, "{order:?}: one change in the app: {changes:?}");
    assert!(changes[0].starts_with("PATCH /Users/"), "{order:?}: {changes:?}");
}

#[tokio::test]
async fn leaving_then_joining_is_one_role_change() {
    one_role_change(App::simulated().await, Order::LeaveFirst).await;
}

#[tokio::test]
async fn leaving_then_joining_is_one_role_change_in_a_real_app() {
    one_role_change(App::real().await, Order::LeaveFirst).await;
}

#[tokio::test]
async fn joining_then_leaving_is_one_role_change() {
    one_role_change(App::simulated().await, Order::JoinFirst).await;
}

#[tokio::test]
async fn joining_then_leaving_is_one_role_change_in_a_real_app() {
    one_role_change(App::real().await, Order::JoinFirst).await;
}

#[tokio::test]
async fn both_at_once_is_one_role_change() {
    one_role_change(App::simulated().await, Order::AtTheSameTime).await;
}

#[tokio::test]
async fn both_at_once_is_one_role_change_in_a_real_app() {
    one_role_change(App::real().await, Order::AtTheSameTime).await;
}

#[tokio::test]
async fn both_in_one_request_is_one_role_change_in_a_real_app() {
    one_role_change(App::real().await, Order::OneRequest).await;
}

/// A PATCH that takes one role and gives another, of somebody whom the identity provider assigned to the app.
#[tokio::test]
async fn one_patch_that_takes_and_gives_is_one_role_change_in_a_real_app() {
    let app = App::real().await;
    let world = app.world().await;
    let gateway = world.gateway(&app).await;
    let editor = json!({"roles": [{"value": "editor"}]});
    let ada = gateway.create_user("ada", &editor).await.unwrap().id().to_owned();
    let seat = world.seated("ada", "editor").await;
    world.settled().await;
    let before = app.changes().len();

    let both = json!([
        {"op": "remove", "path": "roles[value eq \"editor\"]"},
        {"op": "add", "path": "roles", "value": [{"value": "admin"}]},
    ]);
    let reply = gateway.patch("Users", &ada, &both).await.unwrap();
    assert!(reply.status.is_success(), "{}", reply.text);
    assert_eq!(world.seated("ada", "admin").await.id, seat.id, "the same account");
    world.settled().await;
    let changes = app.changes().split_off(before);
    assert_eq!(changes.len(), 1, "one change in the app: {changes:?}");
    assert!(changes[0].starts_with("PATCH /Users/"), "{changes:?}");
}

impl World {
    /// The SCIM connection of an IdLCM integration with the same app.
    async fn gateway(&self, app: &App) -> ScimClient {
        let (base_url, token) = match app {
            App::Simulated(app) => (app.base_url(), app.token()),
            App::Real(app) => (app.base_url().to_owned(), app.token()),
        };
        let role =
            |key: &str, rank: u32| json!({"key": key, "name": key, "exclusion_group": "role", "rank": rank});
        let body = json!({
            "name": "Seats of the app",
            "kind": "id_lcm",
            "connector": "scim",
            "config": {"base_url": base_url, "roles": {"as": "roles_attribute"}},
            "credentials": {"bearer_token": token},
            "catalogue": {"roles": [role("editor", 1), role("admin", 2)]},
        });
        let made = self.api().send(Method::POST, "/integrations", Some(&body)).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.text);
        let text = |name: &str| made.json["scim"][name].as_str().unwrap().to_owned();
        ScimClient::new(&text("base_url"), &text("token"))
    }
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
