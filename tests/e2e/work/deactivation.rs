//! A company lets many people go at once: every deactivation is planned by itself and at once, and what guards do not let
//! pass waits for an admin. Counted in calls, invocations and deliveries.

use std::collections::VecDeque;

use futures::future::join_all;
use serde_json::json;
use usher_connector::{Executor, Verdict};
use usher_domain::{
    change::{Actor, Cause, Trigger},
    guard::{self, Guards, Limit, Ruling},
    integration::Integration,
    job::{Job, JobState, Message},
    ports::{Admin, AdminWrite, Facts},
};

use super::{app::Told, people_of, scale_or, settle, team_of, unhurried};
use crate::access_patterns::world::World;

/// How many messages are worked on at the same moment: ten workers with a batch of ten.
const AT_ONCE: usize = 100;
/// What one wake of the planner may ask of the store for one person.
const MOST_CALLS: u64 = 30;

/// Delivers messages until nothing is left to do, and answers how often one of them was delivered at most.
async fn work_off(world: &World, executor: &Executor, messages: Vec<Message>) -> u32 {
    let mut waiting: VecDeque<_> = messages.into_iter().map(|message| (message, 1)).collect();
    let mut most = 0;
    loop {
        if waiting.is_empty() {
            // Some are due a little later.
            world.wait(60);
            world.plan().await;
            waiting.extend(world.messages().into_iter().map(|message| (message, 1)));
        }
        if waiting.is_empty() {
            return most;
        }
        let batch: Vec<_> = waiting.drain(..AT_ONCE.min(waiting.len())).collect();
        let ran = join_all(batch.iter().map(|(message, _)| executor.run(message))).await;
        for ((message, deliveries), verdict) in batch.into_iter().zip(ran) {
            most = most.max(deliveries);
            if verdict.unwrap() != Verdict::Done {
                waiting.push_back((message, deliveries + 1));
            }
        }
    }
}

async fn held(world: &World) -> Vec<Job> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = Admin::open_jobs(&*world.store, &world.workspace, JobState::Held, cursor.as_deref())
            .await
            .unwrap();
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

/// Deactivates all members of a team, as an identity provider does, and answers the messages of their removals.
async fn deactivate(world: &World, team: &str) -> Vec<Message> {
    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    for (number, person) in people_of(world, team).await.into_iter().enumerate() {
        unhurried(world, number);
        assert_eq!(world.scim("PATCH", &format!("/Users/{person}"), off.clone()).await.status, 200);
    }
    world.plan().await;
    world.messages()
}

async fn nothing_is_left(world: &World) {
    for state in JobState::ALL.into_iter().filter(|state| state.is_open()) {
        let open = Admin::open_jobs(&*world.store, &world.workspace, state, None).await.unwrap().items;
        assert_eq!(open, [], "{state:?}");
    }
}

/// In `./test --full` ten thousand.
#[tokio::test]
async fn many_people_are_deactivated_in_one_go() {
    let world = World::new().await;
    let people = scale_or(200);
    let team = team_of(&world, people).await;
    world.share(&team).await;
    let executor = Told::default().executor(&world);
    settle(&world, &executor).await;
    // Whoever came within the hour is not part of the wave.
    world.wait(2 * 3_600);

    let woken = world.woken();
    world.largest_wake();
    let messages = deactivate(&world, &team).await;
    assert_eq!(messages.len(), people, "no grace window delays a deactivation");
    let (woken, largest) = (world.woken() - woken, world.largest_wake());
    assert!(largest <= MOST_CALLS, "{largest} calls in one invocation");
    assert!(woken <= 2 * people as u64, "{woken} invocations: one for each change, and one for each job");

    work_off(&world, &executor, messages).await;
    let held = held(&world).await;
    assert_eq!(held.len(), people - people / 5, "a fifth of the seats passes the guard within the hour");
    for job in &held {
        let cause = Cause {
            actor: Actor::Usher,
            trigger: Trigger::Approval,
            correlation_id: "approved".to_owned(),
            at: world.now(),
        };
        world.store.rule(job, &Ruling { verdict: guard::Verdict::Approved, cause }).await.unwrap();
    }
    world.plan().await;
    let approved = world.messages();
    assert_eq!(approved.len(), held.len());
    work_off(&world, &executor, approved).await;
    nothing_is_left(&world).await;
}

/// All of them are counted in one row, where one is faster than the others each time. A message is delivered a bounded
/// number of times, and none may use that up.
#[tokio::test]
async fn removals_that_begin_at_the_same_moment_do_not_wear_their_messages_out() {
    let world = World::new().await;
    let team = team_of(&world, AT_ONCE).await;
    let found = Facts::integration(&*world.store, &world.workspace, &world.hub).await.unwrap();
    let hub = found.unwrap().0;
    let losses = Limit { count: 0, percent: 100 };
    let open = Integration { guards: Guards { losses, ..hub.guards }, version: hub.version + 1, ..hub };
    world.store.put_integration(&open, AdminWrite::Replace).await.unwrap();
    world.share(&team).await;
    let executor = Told::default().executor(&world);
    settle(&world, &executor).await;

    let messages = deactivate(&world, &team).await;
    let most = work_off(&world, &executor, messages).await;
    assert_eq!(most, 1, "deliveries of one message");
    nothing_is_left(&world).await;
}
