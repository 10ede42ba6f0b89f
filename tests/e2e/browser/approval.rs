//! Held work in the browser: what a guard held is seen in the log as it comes, and done when an admin approves.

use reqwest::Method;
use serde_json::{Value, json};

use super::{furnished::guards, world::World};

#[tokio::test]
async fn an_admin_sees_what_is_held_and_approves_it() {
    let world = World::new().await;
    let hub = format!("/integrations/{}", world.hub);
    let share = json!({"app_access": {"kind": "invite", "roles": ["viewer"]}});
    world.api(Method::PUT, &format!("{hub}/shares/teams/{}", world.marketing), Some(&share)).await;
    let browser = world.browser().await;
    browser.open(&format!("{hub}/access?state=onboarded")).await;
    browser.says("Ada Byron").await;
    browser.says("Grace Hopper").await;

    browser.open(&format!("{hub}/guards?{}", guards(0, 0))).await;
    browser.click("Set the guards: nothing changes").await;
    browser.arrives_at("/integrations/social/settings").await;
    browser.open(&format!("{hub}/share/end?team={}", world.marketing)).await;
    browser.click("End the share: 2 removed (2 held)").await;
    browser.arrives_at("/integrations/social/shares").await;

    // The log is open before anything is in it that waits, and shows it when it comes.
    browser.open("/automations?status=awaiting_approval").await;
    browser.shows("log", "Removing users").await;

    let log = world.api(Method::GET, "/automations", None).await;
    let held: Vec<&Value> =
        log["items"].as_array().unwrap().iter().filter(|it| it["task"] == "removing_users").collect();
    browser.open(&format!("/automations/{}", held[0]["id"].as_str().unwrap())).await;
    browser.click("Approve all 2").await;
    browser.shows("automation", "Completed").await;
    browser.open(&format!("{hub}/access?state=removed")).await;
    browser.says("Ada Byron").await;
    browser.says("Grace Hopper").await;
    browser.close().await;
}
