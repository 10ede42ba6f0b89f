//! What becomes of jobs: retried, called off, put off for hours, resumed by the thousand, and counted exactly however
//! often they are delivered.

mod app;
mod deactivation;
mod fairness;

use std::{env, time::Duration};

use app::Told;
use futures::future::join_all;
use serde_json::{Value, json};
use usher_connector::{Class, Executor};
use usher_domain::job::Message;

use crate::access_patterns::world::World;

/// How many people there are; `USHER_SCALE` says another number.
pub(crate) fn scale_or(usual: usize) -> usize {
    env::var("USHER_SCALE").ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

fn user(number: usize) -> Value {
    json!({"userName": format!("person-{number:06}@example.com"), "active": true})
}

/// Lets a second pass now and then: more requests than a connection has in a second are refused.
fn unhurried(world: &World, number: usize) {
    if number % 5_000 == 4_999 {
        world.wait(1);
    }
}

/// A team with so many members.
async fn team_of(world: &World, people: usize) -> String {
    let made = world.scim("POST", "/Groups", json!({"displayName": "Everybody"})).await;
    let path = format!("/Groups/{}?excludedAttributes=members", made.id());
    let mut everybody = Vec::with_capacity(people);
    for number in 0..people {
        unhurried(world, number);
        everybody.push(json!({"value": world.scim("POST", "/Users", user(number)).await.id()}));
    }
    for some in everybody.chunks(1_000) {
        let operation = json!({"op": "add", "path": "members", "value": some});
        let body =
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        assert_eq!(world.scim("PATCH", &path, body).await.status, 200);
    }
    world.settle().await;
    made.id()
}

/// The members of a team.
async fn people_of(world: &World, team: &str) -> Vec<String> {
    let members = world.scim("GET", &format!("/Groups/{team}"), Value::Null).await.body["members"].clone();
    members.as_array().unwrap().iter().map(|it| it["value"].as_str().unwrap().to_owned()).collect()
}

/// The newest automation.
async fn automation(world: &World) -> Value {
    world.api("GET", "/automations?limit=1", Value::Null).await.body["items"][0].clone()
}

async fn post(world: &World, path: &str) -> Value {
    let answer = world.api("POST", path, Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Executes a job in an app that is told what to say.
async fn execute(executor: &Executor, message: &Message) {
    executor.run(message).await.unwrap();
}

/// Everything that is left to do, in an app that is told what to say.
async fn settle(world: &World, executor: &Executor) {
    loop {
        world.plan().await;
        let messages = world.messages();
        if messages.is_empty() {
            return;
        }
        for message in &messages {
            execute(executor, message).await;
        }
    }
}

#[tokio::test]
async fn all_failed_jobs_of_an_automation_are_retried_at_once() {
    let world = World::new().await;
    let team = team_of(&world, 5).await;
    world.share(&team).await;
    world.plan().await;
    let messages = world.messages();
    let app = Told::default();
    let executor = app.executor(&world);
    app.answer(Some(Class::SeatLimit));
    for message in &messages[..3] {
        execute(&executor, message).await;
    }
    for message in &messages[3..] {
        world.execute(message).await;
    }
    let before = automation(&world).await;
    assert_eq!(
        (&before["status"], &before["counts"]),
        (&json!("not_completed"), &json!({"done": 2, "failed": 3}))
    );
    let path = format!("/automations/{}/retry", before["id"].as_str().unwrap());
    assert_eq!(post(&world, &path).await, json!({"jobs": 3, "more": false}));
    assert_eq!(post(&world, &path).await["jobs"], 0, "once");
    world.settle().await;
    let after = automation(&world).await;
    assert_eq!((&after["status"], &after["counts"]), (&json!("completed"), &json!({"done": 5})));
}

#[tokio::test]
async fn what_is_called_off_is_not_done_until_something_else_is_decided() {
    let world = World::new().await;
    let team = team_of(&world, 3).await;
    world.share(&team).await;
    world.plan().await;
    let messages = world.messages();
    world.execute(&messages[0]).await;
    world.app_calls();
    let id = automation(&world).await["id"].as_str().unwrap().to_owned();
    assert_eq!(post(&world, &format!("/automations/{id}/cancel")).await, json!({"jobs": 2, "more": false}));
    // Messages that are on their way, and whatever asks for another look, do nothing.
    for message in &messages {
        world.execute(message).await;
    }
    world.share(&team).await;
    world.settle().await;
    assert_eq!(world.app_calls(), 0, "the app is left as it is");
    let after = world.api("GET", &format!("/automations/{id}"), Value::Null).await.body;
    assert_eq!(
        (&after["status"], &after["counts"]),
        (&json!("completed"), &json!({"cancelled": 2, "done": 1}))
    );
    let closed = world.api("POST", &format!("/jobs/{}/cancel", messages[1].names()), Value::Null).await;
    assert_eq!(closed.status, 409, "{}", closed.body);

    let other = json!({"app_access": {"kind": "invite", "roles": ["viewer"]}});
    let path = format!("/integrations/{}/shares/teams/{team}", world.hub);
    assert_eq!(world.api("PUT", &path, other).await.status, 200);
    world.settle().await;
    let access = world.api("GET", &format!("/integrations/{}/access", world.hub), Value::Null).await.body;
    let states: Vec<_> = access["items"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["onboarded"; 3], "another decision is made as ever");
}

/// What an app may say that is no success, what becomes of the job, and when it goes on by itself.
#[tokio::test]
async fn every_class_of_failure_has_its_way_back() {
    const HOUR: i64 = 3_600;
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3_600));
    let by_itself = [
        (Class::RateLimited { after: hours(10) }, "retrying", 10 * HOUR),
        (Class::Transient { after: hours(30) }, "retrying", 30 * HOUR),
        (Class::PendingLimit, "waiting", HOUR),
    ];
    for (class, status, wait) in by_itself {
        let (world, app) = (World::new().await, Told::default());
        let executor = app.executor(&world);
        let team = team_of(&world, 1).await;
        world.share(&team).await;
        app.answer(Some(class));
        settle(&world, &executor).await;
        assert_eq!(automation(&world).await["status"], status, "{class:?}");
        app.answer(None);
        world.wait(wait - HOUR / 2);
        world.reconcile().await;
        settle(&world, &executor).await;
        assert_eq!(automation(&world).await["status"], status, "{class:?}: not before its time");
        // A backoff may add to what the app asked for.
        world.wait(2 * HOUR);
        world.reconcile().await;
        settle(&world, &executor).await;
        assert_eq!(automation(&world).await["counts"], json!({"done": 1}), "{class:?}");
    }
    for class in [Class::SeatLimit, Class::IdentityUnlinked, Class::PolicyDenied, Class::Invalid] {
        let (world, app) = (World::new().await, Told::default());
        let executor = app.executor(&world);
        let team = team_of(&world, 1).await;
        world.share(&team).await;
        app.answer(Some(class));
        settle(&world, &executor).await;
        let failed = automation(&world).await;
        assert_eq!(failed["status"], "not_completed", "{class:?} needs a person");
        app.answer(None);
        world.wait(48 * HOUR);
        world.reconcile().await;
        settle(&world, &executor).await;
        assert_eq!(
            automation(&world).await["status"],
            "not_completed",
            "{class:?}: nobody tries by themselves"
        );
        post(&world, &format!("/automations/{}/retry", failed["id"].as_str().unwrap())).await;
        settle(&world, &executor).await;
        assert_eq!(automation(&world).await["counts"], json!({"done": 1}), "{class:?}");
    }
    for class in [Class::AuthExpired, Class::AuthRevoked, Class::ScopeMissing] {
        let (world, app) = (World::new().await, Told::default());
        let executor = app.executor(&world);
        let team = team_of(&world, 3).await;
        world.share(&team).await;
        app.answer(Some(class));
        settle(&world, &executor).await;
        assert_eq!(automation(&world).await["counts"], json!({"waiting": 3}), "{class:?}: the queue is kept");
        app.answer(None);
        let resumed = post(&world, &format!("/integrations/{}/resume", world.hub)).await;
        assert_eq!(resumed["released"], 3);
        settle(&world, &executor).await;
        assert_eq!(automation(&world).await["counts"], json!({"done": 3}), "{class:?}");
    }
}

#[tokio::test]
async fn an_integration_is_resumed_with_more_jobs_than_one_call_takes() {
    const PEOPLE: usize = 1_150;
    let world = World::new().await;
    let team = team_of(&world, PEOPLE).await;
    let hub = format!("/integrations/{}", world.hub);
    post(&world, &format!("{hub}/pause")).await;
    world.share(&team).await;
    world.settle().await;
    assert_eq!(automation(&world).await["counts"], json!({"waiting": PEOPLE}), "the queue is kept");
    let resumed = post(&world, &format!("{hub}/resume")).await;
    assert!(resumed["released"].as_u64().unwrap() < PEOPLE as u64, "{}", resumed["released"]);
    world.plan().await;
    assert_eq!(world.messages().len(), PEOPLE, "the planner goes on with the rest");
    assert_eq!(automation(&world).await["counts"], json!({"queued": PEOPLE}));
}

/// In `./test --full` with a hundred thousand.
#[tokio::test]
async fn a_large_team_is_planned_in_bounded_steps_and_counted_exactly() {
    /// What one invocation may ask of the store: a page of people, and what they have in common.
    const MOST_CALLS: u64 = 50 * 3 + 20;
    let world = World::new().await;
    let people = scale_or(2_000);
    let team = team_of(&world, people).await;
    world.busiest_row();
    world.share(&team).await;
    let woken = world.woken();
    world.largest_wake();
    world.plan().await;
    let largest = world.largest_wake();
    assert!(largest <= MOST_CALLS, "{largest} calls in one invocation");
    let pages = people.div_ceil(50) as u64;
    let jobs = people as u64;
    let invocations = world.woken() - woken;
    // Beside them one that plans the share, one for a last page that is empty, and one that hears of the act.
    assert!(invocations <= pages + jobs + 3, "{invocations} for {pages} pages and {jobs} jobs");

    // Every message is delivered twice at the same moment, and once more.
    let messages = world.messages();
    assert_eq!(messages.len(), people);
    let executor = Told::default().executor(&world);
    for some in messages.chunks(8) {
        join_all(some.iter().chain(some).map(|message| execute(&executor, message))).await;
        join_all(some.iter().map(|message| execute(&executor, message))).await;
    }
    let counted = automation(&world).await;
    assert_eq!((&counted["status"], &counted["counts"]), (&json!("completed"), &json!({"done": people})));
    let path = format!("/automations/{}", counted["id"].as_str().unwrap());
    assert_eq!(world.api("GET", &path, Value::Null).await.body["counts"], counted["counts"]);
    // Transactions that meet in one row are in each other's way.
    world.plan().await;
    let (row, times) = world.busiest_row();
    assert!(times <= people / 2, "{row} was written {times} times for {people} jobs");
}

#[tokio::test]
async fn a_person_in_many_teams_is_decided_once() {
    const TEAMS: usize = 500;
    let world = World::new().await;
    let person = world.scim("POST", "/Users", user(0)).await.id();
    for number in 0..TEAMS {
        let body = json!({"displayName": format!("Team {number:03}"), "members": [{"value": person}]});
        let team = world.scim("POST", "/Groups", body).await.id();
        world.share(&team).await;
    }
    world.settle().await;
    let access = world.api("GET", &format!("/integrations/{}/access", world.hub), Value::Null).await.body;
    assert_eq!(access["items"][0]["state"], "onboarded");
    let change = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": "Director"}],
    });
    assert_eq!(world.scim("PATCH", &format!("/Users/{person}"), change).await.status, 200);
    world.largest_wake();
    world.plan().await;
    let largest = world.largest_wake();
    assert!(largest <= TEAMS as u64 + 30, "{largest} calls: one for each team, and a few");
}
