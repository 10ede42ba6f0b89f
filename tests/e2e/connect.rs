//! Connecting an app in the console's pages.

use serde_json::{Value, json};
use usher_tests::apps::scim::RunningScimApp;

use crate::{
    access_patterns::world::World,
    permissions::{Column, stage::Stage},
    sign_in::{Scene, browser::Browser},
};

async fn integration(world: &World, name: &str) -> Value {
    let all = world.api("GET", "/integrations", Value::Null).await.body;
    let all = all["items"].as_array().unwrap();
    all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{all:?}")).clone()
}

fn form(app: &RunningScimApp, name: &str, token: &str) -> String {
    let pairs = [
        ("name", name),
        ("kind", "business_hub"),
        ("setting.base_url", &app.base_url()),
        ("setting.roles/as", "roles_attribute"),
        ("setting.entitlements/as", "none"),
        ("setting.removal", "deactivate"),
        ("credential.bearer_token", token),
    ];
    pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).join("&")
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn an_app_is_connected_and_looked_at_at_once() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let mut browser = Browser::new(world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let app = RunningScimApp::start("s3cret-token").await.unwrap();
    let page = browser.open("/integrations/new").await.text;
    assert!(page.contains("SCIM 2.0") && page.contains("Changes roles"), "{page}");
    let page = browser.open("/integrations/new/scim").await.text;
    assert!(
        page.contains("SCIM base URL") && page.contains(r#"type="password" name="credential.bearer_token""#)
    );
    assert_eq!(browser.open("/integrations/new/nothing").await.status, 404);

    let seen = browser.submit("/integrations/new/scim", &form(&app, "Acme", "s3cret-token")).await;
    let made = integration(world, "Acme").await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        (seen.status, seen.location()),
        (303, format!("/integrations/{id}/sync").as_str()),
        "{}",
        seen.text
    );
    let expected = json!({"base_url": app.base_url(), "roles": {"as": "roles_attribute"},
        "entitlements": {"as": "none"}, "removal": "deactivate"});
    assert_eq!((&made["config"], &made["has_credentials"]), (&expected, &json!(true)));
    world.settle().await;
    let run = world.api("GET", &format!("/integrations/{id}/sync"), Value::Null).await.body;
    assert_eq!(run["state"], "finished", "{run}");
    assert!(!browser.open(&format!("/integrations/{id}/settings")).await.text.contains("s3cret-token"));
}

#[tokio::test]
async fn credentials_that_the_app_does_not_take_are_named() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let app = RunningScimApp::start("s3cret-token").await.unwrap();
    browser.submit("/integrations/new/scim", &form(&app, "Acme", "another")).await;
    scene.world.settle().await;
    let made = integration(&scene.world, "Acme").await;
    assert_eq!(made["status"], "paused", "{made}");
    let page = browser.open(&format!("/integrations/{}/sync", made["id"].as_str().unwrap())).await.text;
    let reason = made["paused_reason"].as_str().unwrap();
    assert!(reason.contains("401") && reason.contains("store a new token"), "{reason}");
    assert!(page.contains(reason), "{page}");
}

/// New settings and credentials count, what the form does not ask for stays, and whether the app answers is looked at.
#[tokio::test]
async fn how_an_app_is_reached_can_be_changed() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let mut browser = Browser::new(world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let app = RunningScimApp::start("s3cret-token").await.unwrap();
    browser.submit("/integrations/new/scim", &form(&app, "Acme", "s3cret-token")).await;
    world.settle().await;
    let id = integration(world, "Acme").await["id"].as_str().unwrap().to_owned();
    let path = format!("/integrations/{id}/app");
    let page = browser.open(&path).await.text;
    assert!(page.contains(&format!("value=\"{}\"", app.base_url())), "what is set is filled in: {page}");
    assert!(!page.contains("s3cret-token"), "credentials are never shown");

    // Without new credentials the stored ones stay.
    let kept = form(&app, "Acme", "").replace(&encoded("deactivate"), &encoded("delete"));
    let kept = kept.replace(&encoded("name"), &encoded("ignored"));
    let seen = browser.submit(&path, &kept).await;
    assert_eq!(
        (seen.status, seen.location()),
        (303, format!("/integrations/{id}/sync").as_str()),
        "{}",
        seen.text
    );
    world.settle().await;
    let changed = integration(world, "Acme").await;
    assert_eq!((&changed["config"]["removal"], &changed["status"]), (&json!("delete"), &json!("active")));
    let run = world.api("GET", &format!("/integrations/{id}/sync"), Value::Null).await.body;
    assert_eq!((&run["kind"], &run["state"]), (&json!("health_check"), &json!("finished")), "{run}");

    // Credentials that the app does not take are noticed at once.
    browser.submit(&path, &form(&app, "Acme", "another")).await;
    world.settle().await;
    let paused = integration(world, "Acme").await;
    assert_eq!(
        (&paused["status"], &paused["config"]["removal"]),
        (&json!("paused"), &json!("deactivate")),
        "{paused}"
    );
    let audit = world.api("GET", "/audit?limit=100", Value::Null).await.body;
    let acts = audit["items"].as_array().unwrap().iter();
    let acts: Vec<_> = acts.filter(|it| it["act"] == "patchIntegration").collect();
    assert_eq!(acts.len(), 2, "{audit}");
    assert!(!audit.to_string().contains("another"), "{audit}");
}

#[tokio::test]
async fn a_gateway_shows_its_token_once() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let app = RunningScimApp::start("s3cret-token").await.unwrap();
    let form =
        form(&app, "Gateway", "s3cret-token").replace("%62%75%73%69%6E%65%73%73%5F%68%75%62", "id_lcm");
    let seen = browser.submit("/integrations/new/scim", &form).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    assert!(seen.text.contains("Copy the token now") && seen.text.contains("/scim/v2/main."));
    assert_eq!(integration(&scene.world, "Gateway").await["kind"], "id_lcm");
}

/// What a sync found in the app is taken over by a button: roles then can be shared.
#[tokio::test]
async fn what_was_found_is_taken_over_into_the_catalogue() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let mut browser = Browser::new(world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let hub = world.hub.as_str();
    let path = format!("/integrations/{hub}");
    let before = world.api("GET", &path, Value::Null).await.body["catalogue"].clone();
    // Nothing was found: nothing changes, and nothing of what was there is lost.
    assert_eq!(browser.submit(&format!("{path}/catalogue"), "").await.status, 303);
    assert_eq!(world.api("GET", &path, Value::Null).await.body["catalogue"], before);
}

#[tokio::test]
async fn who_may_not_connect_sees_neither_button_nor_form() {
    let stage = Stage::new().await;
    for column in [Column::HubOwner, Column::User] {
        let link = format!("/members/{}/sign-in-links", stage.person(column));
        let link = stage.world.api("POST", &link, Value::Null).await.body["url"].as_str().unwrap().to_owned();
        let mut browser = Browser::new(&stage.world);
        browser.follow(&link).await;
        assert!(!browser.open("/integrations").await.text.contains("/integrations/new"));
        assert_eq!(browser.open("/integrations/new").await.status, 403);
        assert_eq!(browser.submit("/integrations/new/scim", "name=x").await.status, 403);
        if column == Column::User {
            let path = format!("/integrations/{}/app", stage.world.hub);
            assert_eq!(browser.open(&path).await.status, 404);
            assert_eq!(browser.submit(&path, "setting.base_url=x").await.status, 404);
        }
    }
}
