//! Every page, as people see it: no barriers, nothing cut off, nothing from elsewhere, small; and a picture of each, to
//! be looked at.

use std::{path::PathBuf, time::Duration};

use reqwest::Method;
use serde_json::json;
use usher_tests::client::eventually;

use super::{driver::Look, world::World};

/// What a first visit may load.
const MOST_BYTES: u64 = 100 * 1024;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.screenshots")
}

/// Looks at each page in every way, and says what is wrong with any.
async fn look_at(world: &World, state: &str, pages: &[(&str, String)]) {
    let browser = world.browser().await;
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
    browser.close().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn page(name: &str, path: impl Into<String>) -> (&str, String) {
    (name, path.into())
}

/// Guards, as the form asks about them.
pub(super) fn guards(count: u32, percent: u32) -> String {
    format!(
        "losses_count={count}&losses_percent={percent}&promotions_count={count}&promotions_percent={percent}\
         &hold_hours=168&protected_accounts="
    )
}

#[tokio::test]
async fn every_page_with_something_on_it() {
    let world = World::new().await;
    let share =
        json!({"app_access": {"kind": "invite", "roles": ["editor"], "entitlements": ["ads-studio"]}});
    let hub = format!("/integrations/{}", world.hub);
    world.api(Method::PUT, &format!("{hub}/shares/teams/{}", world.marketing), Some(&share)).await;
    eventually(Duration::from_secs(60), "both are seated", async || {
        let access = world.api(Method::GET, &format!("{hub}/access"), None).await;
        let seated = access["items"].as_array().unwrap().iter().filter(|one| one["state"] == "onboarded");
        seated.count() == 2
    })
    .await;
    let automations = world.api(Method::GET, "/automations", None).await;
    let automation = automations["items"][0]["id"].as_str().unwrap().to_owned();
    let jobs = world.api(Method::GET, &format!("/automations/{automation}/jobs"), None).await;
    let job = jobs["items"][0]["id"].as_str().unwrap().to_owned();
    let (ada, team) = (&world.ada, &world.marketing);
    world.api(Method::POST, &format!("{hub}/sync"), None).await;
    eventually(Duration::from_secs(60), "the app was looked at", async || {
        world.api(Method::GET, &format!("{hub}/sync"), None).await["state"] == "finished"
    })
    .await;
    world.api(Method::POST, "/integrations/social/pause", Some(&json!({"reason": "The app is moved"}))).await;
    // Nobody listens there.
    let form =
        json!({"name": "On-call pager", "url": "http://127.0.0.1:9/hooks/usher", "events": ["job.held"]});
    let made = world.api(Method::POST, "/webhooks", Some(&form)).await;
    let webhook = made["webhook"]["id"].as_str().unwrap();
    world.api(Method::POST, &format!("/webhooks/{webhook}/test"), None).await;
    eventually(Duration::from_secs(60), "an event was sent", async || {
        let sent = world.api(Method::GET, &format!("/webhooks/{webhook}/deliveries"), None).await;
        sent["items"][0]["attempts"] != 0
    })
    .await;
    let made = world.api(Method::POST, "/teams", Some(&json!({"name": "Launch crew"}))).await;
    let crew = made["id"].as_str().unwrap().to_owned();
    world.api(Method::PATCH, &format!("/teams/{crew}"), Some(&json!({"add": [ada]}))).await;
    world.api(Method::PUT, &format!("{hub}/shares/teams/{crew}"), Some(&share)).await;
    let pages = [
        page("home", "/"),
        page("log", "/automations"),
        page("log-open", format!("/automations?open={automation}")),
        page("automation", format!("/automations/{automation}")),
        page("job", format!("/jobs/{job}")),
        page("integrations", "/integrations"),
        page("connect", "/integrations/new"),
        page("connect-scim", "/integrations/new/scim"),
        page("connect-github", "/integrations/new/github"),
        page("connect-google", "/integrations/new/google"),
        page("overview", hub.clone()),
        page("access", format!("{hub}/access")),
        page("shares", format!("{hub}/shares")),
        page("share-choose", format!("{hub}/share?q=a")),
        page("share", format!("{hub}/share?team={team}&role.role=viewer")),
        page("share-end", format!("{hub}/share/end?team={team}")),
        page("entitlements", format!("{hub}/entitlements")),
        page("sync", format!("{hub}/sync")),
        page("activity", format!("{hub}/activity")),
        page("settings", format!("{hub}/settings")),
        page("settings-app", format!("{hub}/app")),
        page("guards", format!("{hub}/guards?{}", guards(3, 10))),
        page("disconnect", format!("{hub}/disconnect")),
        page("mark", format!("/people/{ada}/access/{}/mark", world.hub)),
        page("mark-preview", format!("/people/{ada}/access/{}/mark?kind=exempt&reason=On+leave", world.hub)),
        page("people", "/people"),
        page("person", format!("/people/{ada}")),
        page("explain", format!("/people/{ada}/access/{}", world.hub)),
        page("teams", "/teams"),
        page("team", format!("/teams/{team}")),
        page("team-new", "/teams/new"),
        page("team-by-hand", format!("/teams/{crew}")),
        page(
            "team-people",
            format!("/teams/{crew}/people?direction=add&people=grace%40northwind.example%0Azuse"),
        ),
        page("team-delete", format!("/teams/{crew}/delete")),
        page("teams-by-hand", "/teams?directory=demo.-"),
        page("connections", "/connections"),
        page("connection-new", "/connections/new"),
        page("connection", "/connections/demo.idp"),
        page("guide-okta", "/connections/demo.idp/guide/okta"),
        page("guide-entra", "/connections/demo.idp/guide/entra"),
        page("guide-other", "/connections/demo.idp/guide/other"),
        page("usage", "/usage"),
        page("audit", "/audit"),
        page("settings-members", "/settings/members?q=a"),
        page("settings-keys", "/settings/keys"),
        page("settings-webhooks", "/settings/webhooks"),
        page("settings-webhook", format!("/settings/webhooks/{webhook}")),
        page("settings-webhook-delete", format!("/settings/webhooks/{webhook}/delete")),
        page("settings-sign-in", "/settings/sign-in"),
        page("settings-sessions", "/settings/sessions"),
        page("sign-in", "/sign-in"),
        page("sign-in-no-provider", "/sign-in?workspace=demo"),
        page("not-found", "/nothing/here"),
    ];
    look_at(&world, "normal", &pages).await;
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
    look_at(&world, "by-hand", &pages).await;
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
    look_at(&world, "empty", &pages).await;
}
