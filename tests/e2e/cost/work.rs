//! What some work takes, as AWS bills it. Everything is taken at its dearest: every message and stream record has an invocation
//! to itself, and there is no free tier.

use serde_json::{Value, json};
use usher_local::embedded::Usage;

use crate::{
    access_patterns::world::World,
    onboarding::{
        drive::{self, Step},
        prices::Prices,
    },
};

/// How many people are onboarded to count what it takes.
pub(super) const PEOPLE: f64 = 50.0;

/// What is billed of some work.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    pub(super) invocations: f64,
    /// Round trips to the database.
    pub(super) calls: f64,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
    pub(super) http_requests: f64,
    pub(super) queue_requests: f64,
    pub(super) queue_waits: f64,
    pub(super) app_requests: f64,
    pub(super) opened_credentials: f64,
}

impl Work {
    fn of(usage: Usage) -> Self {
        let Usage { calls, read_units, write_units, .. } = usage;
        Self { calls: calls as f64, read_units, write_units, ..Self::default() }
    }

    fn of_step(step: &Step) -> Self {
        Self {
            invocations: step.invocations as f64,
            http_requests: step.http_requests as f64,
            queue_requests: step.queue_requests as f64,
            queue_waits: step.queue_waits as f64,
            app_requests: step.app_requests as f64,
            opened_credentials: step.opened_credentials as f64,
            ..Self::of(step.usage)
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            invocations: self.invocations + other.invocations,
            calls: self.calls + other.calls,
            read_units: self.read_units + other.read_units,
            write_units: self.write_units + other.write_units,
            http_requests: self.http_requests + other.http_requests,
            queue_requests: self.queue_requests + other.queue_requests,
            queue_waits: self.queue_waits + other.queue_waits,
            app_requests: self.app_requests + other.app_requests,
            opened_credentials: self.opened_credentials + other.opened_credentials,
        }
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            invocations: self.invocations * factor,
            calls: self.calls * factor,
            read_units: self.read_units * factor,
            write_units: self.write_units * factor,
            http_requests: self.http_requests * factor,
            queue_requests: self.queue_requests * factor,
            queue_waits: self.queue_waits * factor,
            app_requests: self.app_requests * factor,
            opened_credentials: self.opened_credentials * factor,
        }
    }

    /// What it costs, item by item.
    pub(super) fn lines(&self, prices: &Prices) -> Vec<(String, f64)> {
        let keys = self.opened_credentials * prices.assumed("key_requests_per_job");
        let milliseconds = self.calls * prices.assumed("database_round_trip_ms")
            + self.queue_waits * prices.assumed("queue_round_trip_ms")
            + self.app_requests * prices.assumed("app_round_trip_ms")
            + keys * prices.assumed("key_round_trip_ms")
            + self.invocations * prices.assumed("compute_ms_per_invocation");
        let gigabyte_seconds = milliseconds / 1_000.0 * prices.assumed("memory_mb") / 1_024.0;
        let logs = self.invocations * prices.assumed("log_bytes_per_invocation") / 1e9;
        let lines = [
            ("DynamoDB writes", prices.usd("dynamodb_write_unit", self.write_units)),
            ("DynamoDB reads", prices.usd("dynamodb_read_unit", self.read_units)),
            ("API Gateway", prices.usd("api_gateway_request", self.http_requests)),
            ("SQS", prices.usd("sqs_request", self.queue_requests)),
            ("KMS", prices.usd("kms_request", keys)),
            ("Lambda requests", prices.usd("lambda_request", self.invocations)),
            ("Lambda time", prices.usd("lambda_gb_second", gigabyte_seconds)),
            ("Logs", prices.usd("log_gb", logs)),
        ];
        lines.into_iter().filter(|(_, usd)| *usd > 0.0).map(|(what, usd)| (what.to_owned(), usd)).collect()
    }

    pub(super) fn usd(&self, prices: &Prices) -> f64 {
        self.lines(prices).iter().map(|(_, usd)| usd).sum()
    }
}

/// People are onboarded, one after the other.
pub(super) async fn onboarding(world: &World) -> Work {
    let onboarded = drive::onboard(world, PEOPLE as usize).await;
    onboarded.steps.iter().map(Work::of_step).fold(Work::default(), Work::and)
}

/// One read of a user by a process that has not read the connection lately.
pub(super) async fn read(world: &World) -> Work {
    let list = world.scim("GET", "/Users?count=1", Value::Null).await;
    let id = list.body["Resources"][0]["id"].as_str().expect("a user").to_owned();
    world.cool_down();
    let answer = world.scim("GET", &format!("/Users/{id}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    Work { invocations: 1.0, http_requests: 1.0, ..Work::of(answer.calls.total()) }
}

/// The app is read once, and agrees.
pub(super) async fn sync(world: &World) -> Work {
    world.app_calls();
    let path = format!("/integrations/{}/sync", world.hub);
    let begun = world.api("POST", &path, json!({})).await;
    assert!(begun.status < 300, "{}", begun.body);
    let mut work = Work::default();
    loop {
        let woken = world.woken();
        work = work.and(Work::of(world.plan().await.total()));
        work.invocations += (world.woken() - woken) as f64;
        let messages = world.messages();
        if messages.is_empty() {
            break;
        }
        for message in &messages {
            work = work.and(Work::of(world.execute(message).await.total()));
            work.invocations += 1.0;
            work.opened_credentials += 1.0;
            // Sent, received, deleted.
            work.queue_requests += 3.0;
            work.queue_waits += 1.0;
        }
    }
    work.app_requests = world.app_calls() as f64;
    work
}

/// A run of the reconciler with nothing to do.
pub(super) async fn round(world: &World) -> Work {
    world.reconcile().await;
    Work::of(world.reconcile().await.total())
}

/// How many bytes of the table a seated person takes, with the index entries of their rows; a begun thousand is taken whole,
/// because how well a row packs differs a little from run to run.
pub(super) async fn stored_bytes(world: &World) -> f64 {
    let rows = world.rows().await;
    let bytes: usize = rows.iter().map(bytes_of).sum();
    (bytes as f64 / PEOPLE / 1_000.0).ceil() * 1_000.0
}

/// A row as DynamoDB bills it, in the table and in each index that holds it, with the 100 bytes each that billing adds.
fn bytes_of(row: &Value) -> usize {
    let size = |name: &str, value: &Value| {
        let text = value["S"].as_str().or_else(|| value["N"].as_str()).map_or(0, str::len);
        name.len() + text + value["B"].as_str().map_or(0, |packed| packed.len() * 3 / 4)
    };
    let attributes = row.as_object().expect("a row");
    let all: usize = attributes.iter().map(|(name, value)| size(name, value)).sum::<usize>() + 100;
    let indexes = ["gsi1pk", "gsi2pk"].iter().filter(|name| attributes.contains_key(**name)).count();
    let lean = attributes.get("body").map_or(0, |body| size("body", body));
    all + indexes * (all - lean)
}
