//! What a workspace used: counted with the write that it belongs to, read once a day, and added up by month.

use serde_json::{Value, json};
use usher_domain::{
    ports::{Readings, RequestMeter},
    usage::{Month, day_of},
};

use crate::access_patterns::world::World;

/// A shared team of so many, of whom nobody is seated yet.
async fn team_of(world: &World, people: usize) -> String {
    let mut members = Vec::new();
    for number in 0..people {
        let user = json!({"userName": format!("person-{number}@example.com"), "active": true});
        members.push(json!({"value": world.scim("POST", "/Users", user).await.id()}));
    }
    let group = json!({"displayName": "Everybody", "members": members});
    let team = world.scim("POST", "/Groups", group).await.id();
    world.share(&team).await;
    team
}

async fn usage(world: &World, query: &str) -> Value {
    let answer = world.api("GET", &format!("/usage{query}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn jobs_seats_and_requests_to_apps_are_counted_once_however_often_they_are_delivered() {
    let world = World::new().await;
    let team = team_of(&world, 4).await;
    world.plan().await;
    let messages = world.messages();
    world.app_calls();
    let mut sent = 0;
    for message in &messages {
        for _ in 0..3 {
            world.execute(message).await;
        }
    }
    sent += world.app_calls();
    let used = usage(&world, "").await;
    let expected = json!({"seats_peak": 4, "seats_average": 4.0, "jobs": 4, "app_calls": sent});
    assert_eq!(used["total"], expected, "{used}");
    assert_eq!(used["integrations"][0]["jobs"], 4, "{used}");

    // Taken out again: the seats go, what was used stays.
    world.scim("DELETE", &format!("/Groups/{team}"), Value::Null).await;
    world.settle().await;
    sent += world.app_calls();
    let used = usage(&world, "").await["total"].clone();
    // Half of them are held: nobody takes four of four people away without an admin.
    let (seats, jobs) = (used["seats_peak"].as_u64().unwrap(), used["jobs"].as_u64().unwrap());
    assert_eq!(seats + jobs, 8, "each removal that ended freed a seat: {used}");
    assert_eq!(used["app_calls"], json!(sent));
}

#[tokio::test]
async fn syncs_are_counted_too() {
    let world = World::new().await;
    team_of(&world, 2).await;
    world.settle().await;
    world.app_calls();
    let before = usage(&world, "").await["total"].clone();
    let begun = world.api("POST", &format!("/integrations/{}/sync", world.hub), json!({})).await;
    assert!(begun.status < 300, "{}", begun.body);
    world.settle().await;
    let after = usage(&world, "").await["total"].clone();
    let sent = world.app_calls() as u64;
    assert!(sent > 0);
    let calls = |used: &Value| used["app_calls"].as_u64().unwrap();
    assert_eq!(calls(&after) - calls(&before), sent);
    assert_eq!(after["jobs"], before["jobs"], "a sync is no job");
}

#[tokio::test]
async fn the_meters_are_read_once_a_day() {
    let world = World::new().await;
    team_of(&world, 3).await;
    world.settle().await;
    let month = Month::of(world.now());
    let readings = async || world.store.readings(&world.workspace, month).await.unwrap();
    assert_eq!(readings().await, []);
    world.reconcile().await;
    world.reconcile().await;
    let read = readings().await;
    assert_eq!(read.len(), 1, "{read:?}");
    assert_eq!(read[0].meters[&world.hub].jobs, 3);
    // Another process, or one that was started anew: what was read first stays.
    let other = usher_fn_reconciler::Reconciler::new(world.store.clone(), world.clock());
    let late = json!({"userName": "late@example.com", "active": true});
    world.scim("POST", "/Users", late).await;
    other.run().await.unwrap();
    assert_eq!(readings().await, read);
    world.wait(24 * 60 * 60);
    world.reconcile().await;
    assert_eq!(readings().await.len(), 2);
}

#[tokio::test]
async fn a_month_that_is_over_no_longer_changes() {
    let world = World::new().await;
    let team = team_of(&world, 3).await;
    world.settle().await;
    let then = Month::of(world.now());
    world.wait(24 * 60 * 60);
    world.reconcile().await;
    // Nobody reads for two months.
    world.wait(62 * 24 * 60 * 60);
    world.reconcile().await;
    let late = json!({"userName": "late@example.com", "active": true});
    let late = world.scim("POST", "/Users", late).await.id();
    let operation = json!({"op": "add", "path": "members", "value": [{"value": late}]});
    let patch =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    assert_eq!(world.scim("PATCH", &format!("/Groups/{team}"), patch).await.status, 200);
    world.settle().await;
    let jobs = async |query: String| usage(&world, &query).await["total"]["jobs"].clone();
    assert_eq!(jobs(format!("?month={then}")).await, 3);
    assert_eq!(jobs(format!("?month={}", then.next())).await, 0);
    assert_eq!(jobs(String::new()).await, 1);
    for wrong in ["2026-13", "now", "2999-01"] {
        let answer = world.api("GET", &format!("/usage?month={wrong}"), Value::Null).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
}

#[tokio::test]
async fn scim_requests_are_counted_and_recorded_before_a_process_ends() {
    let world = World::new().await;
    let counted = async || usage(&world, "").await["scim_requests"].clone();
    for _ in 0..5 {
        world.scim("GET", "/Users", Value::Null).await;
    }
    assert_eq!(world.scim_as("wrong", "GET", "/Users").await.status, 401);
    assert_eq!(counted().await, 1, "the first one at once, the others within a minute");
    world.scim("GET", "/Users/nobody", Value::Null).await;
    world.end_scim().await;
    assert_eq!(counted().await, 6, "whatever came of them; whoever was not let in does not count");
    world.end_scim().await;
    world.wait(60);
    world.scim("GET", "/Users", Value::Null).await;
    assert_eq!(counted().await, 7);

    // Another process counts in a row of its own, and one that is late overwrites nothing.
    let (day, now) = (day_of(world.now()), world.now());
    for requests in [10, 10, 9] {
        world.store.put_requests(&world.workspace, day, "another", requests, now).await.unwrap();
    }
    assert_eq!(counted().await, 17);
}
