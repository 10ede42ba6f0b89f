//! The functions' own programs behind the Lambda Runtime API: the main job, and what goes wrong on Lambda.

mod lane;
mod troubles;

use reqwest::Method;
use usher_tests::{apps::scim::RunningScimApp, process::Usher};

use super::path::World;
use serde_json::json;

#[tokio::test]
async fn somebody_gets_a_seat_and_loses_it_again() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let usher = Usher::options().argument("--processes").start().await.unwrap();
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

#[tokio::test]
async fn a_program_that_is_ended_in_order_records_what_it_counted() {
    let mut usher = Usher::options().argument("--processes").start().await.unwrap();
    for _ in 0..5 {
        usher.scim().list("Users", &[]).await.unwrap();
    }
    usher.stop().await.unwrap();
    usher.restart().await.unwrap();
    let usage = usher.api().send(Method::GET, "/usage", None).await.unwrap().json;
    assert_eq!(usage["scim_requests"], 5, "{usage}");
}
