//! What is billed when nobody does anything: what template.yaml deploys, counted there.

use usher_local::template::Template;

use super::{MINUTES, work::Work};
use crate::onboarding::prices::Prices;

/// How often the reconciler runs.
pub(super) fn every_minutes() -> f64 {
    let template = Template::load().unwrap();
    let schedule = template.schedules.first().expect("the reconciler has a schedule");
    schedule.every.as_secs_f64() / 60.0
}

/// How many resources of a type are deployed.
fn deployed(kind: &str) -> f64 {
    let document = Template::document().unwrap();
    let resources = document["Resources"].as_object().unwrap();
    resources.values().filter(|resource| resource["Type"] == kind).count() as f64
}

/// How many metrics all alarms look at: each is billed.
fn alarm_metrics() -> f64 {
    let document = Template::document().unwrap();
    let resources = document["Resources"].as_object().unwrap();
    let alarms = resources.values().filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    let metrics = alarms.map(|alarm| match alarm["Properties"]["Metrics"].as_array() {
        Some(metrics) => metrics.iter().filter(|metric| metric.get("MetricStat").is_some()).count(),
        None => 1,
    });
    metrics.sum::<usize>() as f64
}

/// The queues that are deployed, and how many of them Lambda looks into from the beginning.
fn queues() -> (f64, usize) {
    let Template { queues, failures, .. } = Template::load().unwrap();
    let queues: Vec<_> = queues.values().chain([&failures]).collect();
    (queues.iter().filter(|queue| queue.enabled).count() as f64, queues.len())
}

/// What Lambda's looks into this many empty queues are billed.
fn all_looks(prices: &Prices, queues: f64) -> f64 {
    let receives = queues * MINUTES * prices.assumed("idle_receives_per_queue_and_minute");
    prices.usd("sqs_request", (receives - prices.assumed("free_sqs_requests")).max(0.0))
}

/// What its looks into this many more empty queues add.
pub(super) fn looks(prices: &Prices, more: f64) -> f64 {
    let (polled, _) = queues();
    all_looks(prices, polled + more) - all_looks(prices, polled)
}

/// Each item of the bill.
pub(super) fn lines(prices: &Prices) -> Vec<(String, f64)> {
    let beyond_free = |count: f64, free: &str| (count - prices.assumed(free)).max(0.0);
    let metrics = alarm_metrics();
    let (polled, all) = queues();
    let runs = MINUTES / every_minutes();
    let rounds = Work { invocations: runs, calls: runs, read_units: runs, ..Work::default() };
    let keys = deployed("AWS::KMS::Key");
    vec![
        ("KMS: the key".to_owned(), prices.usd("kms_key_month", keys)),
        (format!("SQS: Lambda looks into {polled} of {all} queues"), all_looks(prices, polled)),
        ("Scheduler: the reconciler's rounds".to_owned(), prices.usd("scheduler_invocation", runs)),
        ("Lambda, DynamoDB and logs of these rounds".to_owned(), rounds.usd(prices)),
        (
            format!("CloudWatch: {} alarms of {metrics} metrics", deployed("AWS::CloudWatch::Alarm")),
            prices.usd("alarm_metric_month", beyond_free(metrics, "free_alarm_metrics")),
        ),
        (
            "CloudWatch: the dashboard".to_owned(),
            prices.usd(
                "dashboard_month",
                beyond_free(deployed("AWS::CloudWatch::Dashboard"), "free_dashboards"),
            ),
        ),
        ("DynamoDB, API Gateway, Lambda: nothing without use".to_owned(), 0.0),
    ]
}
