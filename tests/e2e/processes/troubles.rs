//! Programs that end, hang or are asked twice; records that nobody can handle; apps that have enough.

use rustix::process::Signal;
use serde_json::json;
use usher_tests::{apps::scim::Fault, client::eventually_ok};

use super::lane::World;
use crate::path::PATIENCE;

#[tokio::test]
async fn a_poison_record_is_set_aside_alone() {
    let world = World::new().await;
    let item = json!({"pk": {"S": "main#poison"}, "sk": {"S": "poison"}, "type": {"S": "change"}, "doc": {"S": "{"}});
    let put = json!({"TransactItems": [{"Put": {"TableName": "usher", "Item": item}}]});
    let (status, answer) = world.aws("PlannerFunction", "DynamoDB_20120810.TransactWriteItems", &put).await;
    assert_eq!(status, 200, "{answer}");
    world.join("ada").await;
    world.seated("ada").await;
    let letters = eventually_ok(PATIENCE, async || match world.dead_letters() {
        letters if letters.is_empty() => Err("nothing was set aside"),
        letters => Ok(letters),
    })
    .await;
    let [letter] = letters.as_slice() else { panic!("others were set aside too: {letters:?}") };
    assert!(letter["from"].as_str().unwrap().ends_with("usher-planner-failures"), "{letter}");
    assert_eq!(letter["letter"]["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(letter["letter"]["payload"]["Records"][0]["dynamodb"]["Keys"]["sk"]["S"], "poison");
}

/// The planner answers nothing while somebody leaves, and no identity provider says it twice.
#[tokio::test]
async fn what_the_planner_gave_up_it_handles_when_it_is_well_again() {
    let world = World::impatient().await;
    let ada = world.join("ada").await;
    world.seated("ada").await;
    let halted = halt(&world, "PlannerFunction");
    assert!(world.scim.delete("Users", &ada).await.unwrap().status.is_success());
    world.gone("ada").await;
    world.replaced("PlannerFunction", &halted).await;
    assert!(world.dead_letters().is_empty(), "{:?}", world.dead_letters());
}

/// Halts the processes of a function: the next invocation goes in and no answer comes out.
fn halt(world: &World, function: &str) -> Vec<u32> {
    let halted = world.signal(function, Signal::STOP);
    assert!(!halted.is_empty(), "{function} has no process yet");
    halted
}

#[tokio::test]
async fn what_a_crashed_process_had_is_done_by_another() {
    let world = World::new().await;
    world.join("ada").await;
    world.seated("ada").await;
    for (function, name) in [("PlannerFunction", "grace"), ("ConnectorScimFunction", "hedy")] {
        let halted = halt(&world, function);
        world.join(name).await;
        world.invoked(function).await;
        world.signal(function, Signal::KILL);
        world.seated(name).await;
        world.replaced(function, &halted).await;
    }
    assert_eq!(world.creations(), 3, "nobody was invited twice");
    assert!(world.dead_letters().is_empty(), "{:?}", world.dead_letters());
}

#[tokio::test]
async fn a_process_that_hangs_is_ended_at_its_timeout() {
    let world = World::new().await;
    world.join("ada").await;
    world.seated("ada").await;
    let halted = halt(&world, "PlannerFunction");
    world.join("grace").await;
    world.seated("grace").await;
    world.replaced("PlannerFunction", &halted).await;
}

#[tokio::test]
async fn a_request_whose_process_crashes_is_answered_and_the_next_one_served() {
    let world = World::new().await;
    let halted = halt(&world, "ScimFunction");
    let scim = world.scim.clone();
    let asked = tokio::spawn(async move { scim.get("Users", "nobody").await.unwrap().status });
    world.invoked("ScimFunction").await;
    world.signal("ScimFunction", Signal::KILL);
    assert_eq!(asked.await.unwrap(), 500);
    assert_eq!(world.scim.get("Users", "nobody").await.unwrap().status, 404);
    world.replaced("ScimFunction", &halted).await;
}

#[tokio::test]
async fn messages_that_come_twice_seat_nobody_twice() {
    let world = World::new().await;
    let ada = world.join("ada").await;
    world.seated("ada").await;
    let first = async |path: &str| {
        let list = world.api.send(reqwest::Method::GET, path, None).await.unwrap().json;
        list["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{path}: {list}")).to_owned()
    };
    let automation = first("/automations").await;
    let job = first(&format!("/automations/{automation}/jobs")).await;
    let message =
        json!({"workspace": "main", "integration": world.hub, "person": ada, "job": job}).to_string();
    for _ in 0..2 {
        let send = json!({"QueueUrl": world.queue(), "MessageBody": message, "MessageGroupId": "main"});
        let (status, answer) = world.aws("PlannerFunction", "AmazonSQS.SendMessage", &send).await;
        assert_eq!(status, 200, "{answer}");
    }
    world.join("grace").await;
    world.seated("grace").await;
    assert_eq!(world.creations(), 2);
    assert!(world.dead_letters().is_empty(), "{:?}", world.dead_letters());
}

#[tokio::test]
async fn an_app_that_has_enough_is_asked_again_later() {
    let world = World::new().await;
    world.app.app().faults().next_method("POST", Fault::TooManyRequests { retry_after: 1 });
    world.join("ada").await;
    world.seated("ada").await;
    assert!(world.dead_letters().is_empty(), "{:?}", world.dead_letters());
}

#[tokio::test]
async fn a_function_may_do_what_its_role_allows_and_nothing_else() {
    let world = World::new().await;
    let key = json!({"pk": {"S": "main"}, "sk": {"S": "x"}});
    let get = json!({"TableName": "usher", "Key": key});
    assert_eq!(world.aws("ScimFunction", "DynamoDB_20120810.GetItem", &get).await.0, 200);
    let send = json!({"QueueUrl": world.queue(), "MessageBody": "{}"});
    let (status, answer) = world.aws("ScimFunction", "AmazonSQS.SendMessage", &send).await;
    assert_eq!((status, answer["__type"].as_str()), (400, Some("AccessDeniedException")), "{answer}");
}
