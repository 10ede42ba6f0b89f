//! Every page, as people see it: no barriers, nothing cut off, nothing from elsewhere, small; and a picture of each, to
//! be looked at.

use std::{path::PathBuf, time::Duration};

use reqwest::Method;
use serde_json::json;
use usher_tests::client::eventually;

use super::{
    driver::{Browser, Look},
    furnished::{Furnished, Page, page, share},
    world::World,
};

/// What a first visit may load.
const MOST_BYTES: u64 = 100 * 1024;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.screenshots")
}

/// Looks at each page in every way, and says what is wrong with any.
pub(super) async fn look_at(browser: &Browser, state: &str, pages: &[Page<'_>]) {
    let mut wrong = Vec::new();
    for look in Look::ALL {
        browser.look(look).await;
        for (name, path) in pages {
            browser.open(path).await;
            let file = format!("{name}-{state}-{}.png", look.name());
            browser.screenshot(&folder().join(&file)).await;
            let beyond = browser.overflow().await;
            if beyond > 0 {
                wrong.push(format!("{file}: {beyond} pixels lie beyond the edge"));
            }
            wrong.extend(browser.violations().await.iter().map(|found| format!("{file}: {found}")));
            if look == Look::ALL[0] {
                let (bytes, foreign) = browser.loaded().await;
                if bytes > MOST_BYTES || !foreign.is_empty() {
                    wrong.push(format!("{file}: {bytes} bytes, {foreign:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_page_with_something_on_it() {
    let world = World::new().await;
    let hub = format!("/integrations/{}", world.hub);
    world.api(Method::PUT, &format!("{hub}/shares/teams/{}", world.marketing), Some(&share())).await;
    eventually(Duration::from_secs(60), "both are seated", async || {
        let access = world.api(Method::GET, &format!("{hub}/access"), None).await;
        let seated = access["items"].as_array().unwrap().iter().filter(|one| one["state"] == "onboarded");
        seated.count() == 2
    })
    .await;
    let furnished = Furnished::new(&world, &world.marketing, &world.ada).await;
    world.api(Method::POST, &format!("{hub}/pause"), Some(&json!({"reason": "The app is moved"}))).await;
    let browser = world.browser().await;
    look_at(&browser, "normal", &furnished.pages()).await;
    browser.close().await;
}

#[tokio::test]
async fn every_page_of_what_people_do_by_hand() {
    let world = World::new().await;
    let form = json!({"name": "Video channel", "kind": "business_hub", "connector": "manual",
        "config": {"assignees": "ada@acme.example"}, "catalogue": {"roles": [{"key": "Editor", "name": "Editor"}]}});
    let made = world.api(Method::POST, "/integrations", Some(&form)).await;
    let channel = made["integration"]["id"].as_str().unwrap();
    let share = json!({"app_access": {"kind": "invite", "roles": ["Editor"]}});
    let path = format!("/integrations/{channel}/shares/teams/{}", world.marketing);
    world.api(Method::PUT, &path, Some(&share)).await;
    eventually(Duration::from_secs(60), "both are tasks", async || {
        world.api(Method::GET, "/tasks", None).await["items"].as_array().unwrap().len() == 2
    })
    .await;
    let tasks = world.api(Method::GET, "/tasks", None).await["items"].clone();
    let task = |number: usize| tasks[number]["id"].as_str().unwrap();
    let evidence = json!({"evidence": "https://channel.example/studio/permissions"});
    world.api(Method::POST, &format!("/tasks/{}/complete", task(1)), Some(&evidence)).await;
    let pages = [
        page("home", "/"),
        page("tasks", "/tasks"),
        page("task", format!("/tasks/{}", task(0))),
        page("task-reported", format!("/tasks/{}", task(1))),
        page("task-job", format!("/jobs/{}", task(0))),
        page("connect-manual", "/integrations/new/manual"),
    ];
    let browser = world.browser().await;
    look_at(&browser, "by-hand", &pages).await;
    browser.close().await;
}

#[tokio::test]
async fn every_page_with_nothing_on_it() {
    let world = World::new().await;
    let hub = format!("/integrations/{}", world.hub);
    let grace = &world.grace;
    let pages = [
        page("home", "/"),
        page("tasks", "/tasks"),
        page("log", "/automations"),
        page("log-filtered", "/automations?status=not_completed"),
        page("overview", hub.clone()),
        page("access", format!("{hub}/access")),
        page("access-failed", format!("{hub}/access?state=failed")),
        page("shares", format!("{hub}/shares")),
        page("sync", format!("{hub}/sync")),
        page("activity", format!("{hub}/activity")),
        page("share-choose", format!("{hub}/share?q=zuse")),
        page("people", "/people?q=zuse"),
        page("person", format!("/people/{grace}")),
        page("explain", format!("/people/{grace}/access/{}", world.hub)),
        page("teams", "/teams?q=zuse"),
        page("audit", "/audit?actor=zuse"),
        page("settings-webhooks", "/settings/webhooks"),
    ];
    let browser = world.browser().await;
    look_at(&browser, "empty", &pages).await;
    browser.close().await;
}
