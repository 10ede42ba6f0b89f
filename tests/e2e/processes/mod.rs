//! The functions' own programs behind the Lambda Runtime API: the main job, and what goes wrong on Lambda.

mod lane;
mod troubles;

use reqwest::Method;
use usher_tests::{apps::scim::RunningScimApp, client::eventually, process::Usher};

use super::path::{PATIENCE, World};
use serde_json::json;

#[tokio::test]
async fn somebody_gets_a_seat_and_loses_it_again() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let usher = Usher::options().processes().start().await.unwrap();
    let world = World::on(usher, &app.base_url(), app.token(), 0).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let team = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{team}"), "editor").await;
    world.seated("ada", "editor").await;
    scim.delete("Users", &ada).await.unwrap();
    world.gone("ada").await;
    world.settled().await;
    assert!(!world.usher.log().contains("does not allow this"), "{}", world.usher.log());
}

/// Manual tasks have no queue and no function of their own.
#[tokio::test]
async fn a_connector_works_off_the_queue_of_another() {
    let usher = Usher::options().processes().start().await.unwrap();
    let api = usher.api();
    let hub = json!({"name": "X Ads", "kind": "business_hub", "connector": "manual", "config": {"assignees": "bob"}});
    let made = api.send(Method::POST, "/integrations", Some(&hub)).await.unwrap().json;
    let hub = made["integration"]["id"].as_str().unwrap();
    let ada = usher.scim().create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let share = json!({"app_access": {"kind": "invite", "roles": []}});
    let path = format!("/integrations/{hub}/shares/people/{ada}");
    api.send(Method::PUT, &path, Some(&share)).await.unwrap().ok().unwrap();
    eventually(PATIENCE, "the task waits", async || {
        api.send(Method::GET, "/tasks", None).await.unwrap().json["items"].as_array().unwrap().len() == 1
    })
    .await;
    assert!(!usher.log().contains("does not allow this"), "{}", usher.log());
}

#[tokio::test]
async fn a_program_that_is_ended_in_order_records_what_it_counted() {
    let mut usher = Usher::options().processes().start().await.unwrap();
    for _ in 0..5 {
        usher.scim().list("Users", &[]).await.unwrap();
    }
    usher.stop().await.unwrap();
    usher.restart().await.unwrap();
    let usage = usher.api().send(Method::GET, "/usage", None).await.unwrap().json;
    assert_eq!(usage["scim_requests"], 5, "{usage}");
}
