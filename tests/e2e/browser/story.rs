//! The story of an admin, from signing in to a deprovisioned colleague.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use usher_tests::client::eventually;

use super::{furnished::guards, world::World};

#[tokio::test]
async fn an_admin_shares_watches_explains_and_deprovisions() {
    let world = World::new().await;
    let browser = world.browser().await;

    // Sharing tells first what it does, and only then does it.
    browser.open("/integrations/social/shares").await;
    browser.says("Shared with nobody yet").await;
    browser.click("Share").await;
    browser.click("Marketing").await;
    browser.says("What this would do").await;
    browser.click("Editor").await;
    browser.says("no seat → Editor").await;
    browser.says("Share with Marketing: 2 added").await;
    let shares = format!("/integrations/{}/shares", world.hub);
    let none = world.api(Method::GET, &shares, None).await;
    assert_eq!(none["items"], json!([]), "a preview changes nothing");
    browser.click("Share with Marketing: 2 added").await;
    browser.says("Editor").await;
    browser.arrives_at("/integrations/social/shares").await;

    // The log moves by itself, also for what the identity provider does meanwhile.
    browser.open("/automations").await;
    browser.shows("log", "Completed").await;
    let scim = world.usher.scim();
    let colleague =
        scim.create_user("hedy@northwind.example", &json!({"displayName": "Hedy Lamarr"})).await.unwrap();
    let join = json!([{"op": "add", "path": "members", "value": [{"value": colleague.id()}]}]);
    scim.patch("Groups", &world.marketing, &join).await.unwrap();
    browser.shows("log", "Identity provider").await;

    // Why somebody has access.
    browser.open("/people?q=hedy").await;
    browser.click("Hedy Lamarr").await;
    browser.click("Explain access to Acme Social").await;
    browser.says("Counts").await;
    browser.says("team “Marketing” → share of Acme Social").await;

    // Who is deactivated leaves at once.
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    scim.patch("Users", colleague.id(), &off).await.unwrap();
    browser.open("/integrations/social/access?state=removed").await;
    browser.says("Hedy Lamarr").await;

    // Ending the share names who loses the seat, in numbers.
    browser.open("/integrations/social/shares").await;
    browser.click("End the share with Marketing").await;
    browser.says("End the share: 2 removed").await;
    browser.says("Ada Byron").await;
    browser.click("End the share: 2 removed").await;
    browser.says("Shared with nobody yet").await;
    browser.close().await;
}

/// Somebody is protected, the guards are drawn tight, and ending a share says first what becomes of whom.
#[tokio::test]
async fn an_admin_marks_guards_and_syncs() {
    let world = World::new().await;
    let hub = format!("/integrations/{}", world.hub);
    let share = json!({"app_access": {"kind": "invite", "roles": ["viewer"]}});
    world.api(Method::PUT, &format!("{hub}/shares/teams/{}", world.marketing), Some(&share)).await;
    let browser = world.browser().await;
    browser.open(&format!("{hub}/access?state=onboarded")).await;
    browser.says("Ada Byron").await;
    browser.says("Grace Hopper").await;

    browser.open(&format!("/people/{}", world.ada)).await;
    browser.click("Mark in Acme Social").await;
    browser.click("Protected: never removed or demoted").await;
    browser.fill("reason", "She runs the place").await;
    browser.click("Preview").await;
    browser.click("Protect: nothing changes").await;
    browser.says("Protected: She runs the place").await;

    browser.open(&format!("{hub}/guards?{}", guards(0, 0))).await;
    browser.click("Set the guards: nothing changes").await;
    browser.arrives_at("/integrations/social/settings").await;

    browser.open(&format!("{hub}/share/end?team={}", world.marketing)).await;
    browser.says("those beyond 0 and 0 %").await;
    browser.says("this person is protected here").await;
    browser.click("End the share: 2 removed (1 held, 1 refused)").await;
    eventually(Duration::from_secs(60), "the removals are decided", async || {
        let log = world.api(Method::GET, "/automations", None).await;
        log["items"].as_array().unwrap().iter().any(|it| it["task"] == "removing_users")
    })
    .await;
    browser.open("/automations").await;
    browser.click("Removing users").await;
    browser.says("Awaiting approval").await;
    browser.says("Given up, if nobody decides, at").await;

    browser.open(&format!("{hub}/sync")).await;
    browser.says("Never looked at as a whole").await;
    browser.click("Sync now").await;
    browser.says("Finished").await;
    browser.close().await;
}

/// Whoever sets up an identity provider sees its first call come.
#[tokio::test]
async fn a_connection_is_made_and_noticed() {
    let world = World::new().await;
    let browser = world.browser().await;
    browser.open("/connections/new").await;
    browser.fill("name", "Okta, production").await;
    browser.click("Make the connection").await;
    browser.says("Copy the token now").await;
    let text = browser.text().await;
    let word =
        |prefix: &str| text.split_whitespace().find(|word| word.starts_with(prefix)).unwrap().to_owned();
    let (base_url, token) = (word("http"), word("usher_scim_"));
    browser.click("Go on to Okta").await;
    browser.says("Waiting for the first call").await;
    let okta = usher_tests::client::ScimClient::new(&base_url, &token);
    okta.list("Users", &[("count", "1")]).await.unwrap().ok().unwrap();
    browser.says("The first call came at").await;
    assert!(!browser.text().await.contains(&token), "a token is shown once");
    browser.close().await;
}

/// Disconnecting says what it takes from whom before it can be confirmed, also where that needs many looks.
#[tokio::test]
async fn an_admin_disconnects_an_app_in_numbers() {
    let world = World::new().await;
    let scim = world.usher.scim();
    let mut people = Vec::new();
    for number in 0..120 {
        let name = format!("colleague{number:03}@northwind.example");
        people.push(scim.create_user(&name, &json!({})).await.unwrap().id().to_owned());
    }
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let team = scim.create_group("Everybody", &people).await.unwrap();
    let browser = world.browser().await;
    let hub = format!("/integrations/{}", world.hub);
    browser.open(&format!("{hub}/share?team={}&permission=editor", team.id())).await;
    browser.click("Share with Everybody: 120 added").await;
    browser.arrives_at(&format!("{hub}/shares")).await;
    eventually(Duration::from_secs(120), "everybody has a seat", async || {
        let usage = world.api(Method::GET, "/automations?status=completed", None).await;
        usage["items"].as_array().unwrap().iter().any(|it| it["counts"]["done"] == 120)
    })
    .await;

    browser.open(&format!("{hub}/settings")).await;
    browser.click("Disconnect…").await;
    browser.says("120 removed").await;
    browser.says("people keep their seats").await;
    browser.says("Remove everybody, then disconnect: 120 removed").await;
    let text = browser.text().await;
    let words = text.lines().find(|line| line.starts_with("Remove everybody, then disconnect:")).unwrap();
    browser.click(words).await;
    browser.arrives_at(&hub).await;
    browser.says("Being disconnected since").await;

    browser.click("Forget it now…").await;
    browser.click("Disconnect: 120 people stay in the app").await;
    browser.arrives_at("/integrations").await;
    let gone = world.usher.api().send(Method::GET, &hub, None).await.unwrap();
    assert_eq!(gone.status, 404);
    browser.close().await;
}
