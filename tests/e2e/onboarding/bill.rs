//! From what was counted to what it costs on AWS. Everything is taken at its dearest: every message and stream record
//! has an invocation to itself, and there is no free tier. Storage, logs and data transfer are not in it.

use super::{
    drive::{Onboarded, Step},
    prices::Prices,
};

/// What seating 1,000 people costs, in USD.
pub(crate) struct Bill {
    /// What, and how much of the sum.
    pub(crate) lines: Vec<(&'static str, f64)>,
    /// The part that is known without a clock: everything but the time that handlers compute.
    pub(crate) counted: f64,
}

impl Bill {
    /// The bill for these people, as if they were 1,000.
    pub(crate) fn of(onboarded: &Onboarded, prices: &Prices) -> Self {
        let scale = 1_000.0 / onboarded.people as f64;
        let sum = |of: &dyn Fn(&Step) -> f64| onboarded.steps.iter().map(of).sum::<f64>() * scale;
        let gigabytes = prices.assumed("memory_mb") / 1024.0;
        let waiting = sum(&|step| waited_seconds(step, prices)) * gigabytes;
        let computing = sum(&|step| computed_seconds(step, prices)) * gigabytes;
        let lines = vec![
            ("DynamoDB writes", prices.usd("dynamodb_write_unit", sum(&|step| step.usage.write_units))),
            ("DynamoDB reads", prices.usd("dynamodb_read_unit", sum(&|step| step.usage.read_units))),
            ("API Gateway", prices.usd("api_gateway_request", sum(&|step| step.http_requests as f64))),
            ("SQS", prices.usd("sqs_request", sum(&|step| step.queue_requests as f64))),
            ("KMS", prices.usd("kms_request", sum(&|step| key_requests(step, prices)))),
            ("Lambda requests", prices.usd("lambda_request", sum(&|step| step.invocations as f64))),
            ("Lambda, waiting for answers", prices.usd("lambda_gb_second", waiting)),
            ("Lambda, computing", prices.usd("lambda_gb_second", computing)),
        ];
        let total: f64 = lines.iter().map(|(_, usd)| usd).sum();
        Self { counted: total - prices.usd("lambda_gb_second", computing), lines }
    }
}

/// How long a step's functions wait for others on AWS.
fn waited_seconds(step: &Step, prices: &Prices) -> f64 {
    let waits = [
        (step.usage.calls, "database_round_trip_ms"),
        (step.queue_waits, "queue_round_trip_ms"),
        (step.app_requests, "app_round_trip_ms"),
    ];
    let keys = key_requests(step, prices) * prices.assumed("key_round_trip_ms");
    (waits.iter().map(|(count, each)| *count as f64 * prices.assumed(each)).sum::<f64>() + keys) / 1_000.0
}

/// Requests to the keeper of keys: most jobs find the key that one before them opened.
fn key_requests(step: &Step, prices: &Prices) -> f64 {
    step.opened_credentials as f64 * prices.assumed("key_requests_per_job")
}

/// How long a step's functions would compute with the share of a CPU that their memory gives. The database and the app
/// that work beside them here are in it: too much rather than too little.
fn computed_seconds(step: &Step, prices: &Prices) -> f64 {
    step.worked.as_secs_f64() / prices.assumed("cpu_share")
}
