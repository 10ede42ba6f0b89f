//! Every page of a workspace of many people: while their jobs run, and with work done, held and refused in an app that somebody
//! changed by hand.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use usher_local::data::read_access;
use usher_tests::client::{AppListing, ScimClient, eventually};

use super::{
    furnished::{Furnished, largest_automation, page, share, sync},
    pages::look_at,
    world::World,
};
use crate::work::scale_or;

/// More than a list shows at a time.
const USUAL: usize = 60;
/// How many people the identity provider creates at the same time.
const AT_ONCE: usize = 8;
/// How many people join or leave in one request.
const MEMBERS: usize = 1_000;
/// How many accounts are never removed.
const PROTECTED: usize = 12;

#[tokio::test]
async fn every_page_with_many_people_on_it() {
    let people = scale_or(USUAL);
    let world = World::of(people).await;
    let hub = format!("/integrations/{}", world.hub);
    let everybody = everybody(&world, people).await;
    let team = world.scim().create_group("Everybody", &[]).await.unwrap().id().to_owned();
    change_members(&world, &team, "add", &everybody).await;
    let limit = json!({"count": 2, "percent": 1});
    let protected: Vec<String> = (0..PROTECTED).map(name).collect();
    let guards = json!({"losses": limit, "promotions": limit, "protected_accounts": protected});
    world.api(Method::PATCH, &hub, Some(&json!({ "guards": guards }))).await;

    world.api(Method::PUT, &format!("{hub}/shares/teams/{team}"), Some(&share())).await;
    eventually(world.patience(), "the first jobs are there", async || total(&world, "done").await > 0).await;
    let automation = largest_automation(&world).await;
    let running = [
        page("home", "/"),
        page("log", "/automations"),
        page("log-open", format!("/automations?open={automation}")),
        page("automation", format!("/automations/{automation}")),
        page("overview", hub.clone()),
        page("activity", format!("{hub}/activity")),
    ];
    let browser = world.browser().await;
    look_at(&browser, "running", &running).await;
    eventually(world.patience(), "everybody is seated", async || {
        total(&world, "done").await >= people.try_into().unwrap()
    })
    .await;
    let furnished = Furnished::new(&world, &team, &everybody[0]).await;

    // Somebody tidies up in the app, and the identity provider takes two in five out of the team.
    tidy_up(&world, people / 10).await;
    sync(&world).await;
    let leaving = &everybody[..people * 2 / 5];
    change_members(&world, &team, "remove", leaving).await;
    let held = (leaving.len() - PROTECTED) / 2;
    eventually(world.patience(), "most removals are held", async || {
        total(&world, "held").await > held.try_into().unwrap()
    })
    .await;
    eventually(world.patience(), "some are refused", async || total(&world, "failed").await > 0).await;
    let mut pages = furnished.pages();
    pages.extend([
        page("log-held", "/automations?status=awaiting_approval"),
        page("log-failed", "/automations?status=not_completed"),
        page("access-onboarded", format!("{hub}/access?state=onboarded")),
        page("people-found", "/people?q=colleague00042"),
    ]);
    look_at(&browser, "many", &pages).await;
    browser.close().await;
}

fn name(number: usize) -> String {
    format!("colleague{number:05}@northwind.example")
}

/// So many people of the identity provider.
async fn everybody(world: &World, people: usize) -> Vec<String> {
    let scim = world.scim();
    let made = stream::iter(0..people).map(async |number| {
        let name = name(number);
        let rest = json!({"displayName": format!("Colleague Number {number:05}"), "emails": [{"value": name, "primary": true}]});
        scim.create_user(&name, &rest).await.map(|made| made.id().to_owned())
    });
    made.buffered(AT_ONCE).try_collect().await.unwrap()
}

async fn change_members(world: &World, team: &str, op: &str, people: &[String]) {
    for some in people.chunks(MEMBERS) {
        let members: Vec<Value> = some.iter().map(|person| json!({ "value": person })).collect();
        let operation = json!([{"op": op, "path": "members", "value": members}]);
        let answer =
            world.scim().patch("Groups", &format!("{team}?excludedAttributes=members"), &operation).await;
        assert!(answer.unwrap().status.is_success());
    }
}

/// The last so many accounts are deleted in the app itself.
async fn tidy_up(world: &World, accounts: usize) {
    let access = read_access(world.usher.data()).unwrap().unwrap();
    let base_url = format!("{}/apps/social/scim/v2", access.origin);
    let token = access.app_token.unwrap();
    let mut members = AppListing::new(&base_url, &token).members().await.unwrap();
    members.sort_by(|a, b| a.user_name.cmp(&b.user_name));
    let app = ScimClient::new(&base_url, &token);
    for member in members.iter().rev().take(accounts) {
        assert!(app.delete("Users", &member.id).await.unwrap().status.is_success());
    }
}

/// How many jobs are in this state.
async fn total(world: &World, state: &str) -> u64 {
    let automations = world.api(Method::GET, "/automations?limit=100", None).await;
    let counts = automations["items"].as_array().unwrap().iter().map(|automation| &automation["counts"]);
    let counts =
        counts.map(|counts| serde_json::from_value::<BTreeMap<String, u64>>(counts.clone()).unwrap());
    counts.filter_map(|counts| counts.get(state).copied()).sum()
}
