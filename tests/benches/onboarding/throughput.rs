//! A large team is shared at once: how fast its members are planned, and their jobs executed.

use std::time::Instant;

use futures::{StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use usher_connector::Verdict;

use crate::{
    drive::{joining, user},
    stopwatch::Stopwatch,
    world::World,
};

/// How many people join in one request: staged, as a large push is.
const AT_ONCE: usize = 1_000;

/// What happened, and how long it took.
#[derive(Debug, Serialize)]
pub(crate) struct Throughput {
    /// People of the team, and so jobs.
    pub(crate) people: usize,
    /// From the share to the last job's message.
    pub(crate) planning_seconds: f64,
    /// Of these what this process computed: others on the machine do not change it.
    pub(crate) planning_cpu_seconds: f64,
    /// The jobs that were executed.
    pub(crate) jobs: usize,
    /// From the first job to the last.
    pub(crate) executing_seconds: f64,
    /// Of these what this process computed, the app included.
    pub(crate) executing_cpu_seconds: f64,
    /// How many jobs ran at the same time.
    pub(crate) at_once: usize,
}

impl Throughput {
    pub(crate) fn planned_per_second(&self) -> f64 {
        self.people as f64 / self.planning_seconds
    }

    pub(crate) fn executed_per_second(&self) -> f64 {
        self.jobs as f64 / self.executing_seconds
    }
}

pub(crate) async fn measure(world: &World, people: usize, jobs: usize, at_once: usize) -> Throughput {
    let made = world.scim("POST", "/Groups", json!({"displayName": "Everybody"})).await;
    let team = made.id();
    let mut everybody = Vec::with_capacity(people);
    for number in 0..people {
        everybody.push(world.scim("POST", "/Users", user(number)).await.id());
    }
    let path = format!("/Groups/{team}?excludedAttributes=members");
    for some in everybody.chunks(AT_ONCE) {
        let joined = world.scim("PATCH", &path, joining(some)).await;
        assert_eq!(joined.status, 200, "{}", joined.body);
    }
    world.settle().await;

    let (began, computing) = (Instant::now(), Stopwatch::begin());
    world.share(&team).await;
    world.plan().await;
    let (planning, planning_cpu) = (began.elapsed(), computing.elapsed());
    let mut messages = world.messages();
    assert_eq!(messages.len(), people, "a job for each");
    messages.truncate(jobs);
    let jobs = messages.len();

    let (began, computing) = (Instant::now(), Stopwatch::begin());
    stream::iter(messages)
        .map(|message| {
            let executor = world.executor.clone();
            tokio::spawn(async move { executor.run(&message).await.expect("the job ends") })
        })
        .buffer_unordered(at_once)
        .for_each(async |ended| assert_eq!(ended.expect("the job does not panic"), Verdict::Done))
        .await;
    let (executing, executing_cpu) = (began.elapsed(), computing.elapsed());
    Throughput {
        people,
        jobs,
        planning_seconds: planning.as_secs_f64(),
        planning_cpu_seconds: planning_cpu.as_secs_f64(),
        executing_seconds: executing.as_secs_f64(),
        executing_cpu_seconds: executing_cpu.as_secs_f64(),
        at_once,
    }
}
