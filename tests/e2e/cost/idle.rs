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

/// Each item of the bill.
pub(super) fn lines(prices: &Prices) -> Vec<(String, f64)> {
    let beyond = |kind: &str, free: &str| (deployed(kind) - prices.assumed(free)).max(0.0);
    let (alarms, dashboards) = (
        beyond("AWS::CloudWatch::Alarm", "free_alarms"),
        beyond("AWS::CloudWatch::Dashboard", "free_dashboards"),
    );
    let queues = Template::load().unwrap().queues.len() as f64;
    let receives = queues * MINUTES * prices.assumed("idle_receives_per_queue_and_minute");
    let billed = (receives - prices.assumed("free_sqs_requests")).max(0.0);
    let runs = MINUTES / every_minutes();
    let rounds = Work { invocations: runs, calls: runs, read_units: runs, ..Work::default() };
    let keys = deployed("AWS::KMS::Key");
    vec![
        ("KMS: the key".to_owned(), prices.usd("kms_key_month", keys)),
        (format!("SQS: Lambda looks into {queues} empty queues"), prices.usd("sqs_request", billed)),
        ("Scheduler: the reconciler's rounds".to_owned(), prices.usd("scheduler_invocation", runs)),
        ("Lambda, DynamoDB and logs of these rounds".to_owned(), rounds.usd(prices)),
        (
            format!("CloudWatch: {} alarms", deployed("AWS::CloudWatch::Alarm")),
            prices.usd("alarm_month", alarms),
        ),
        ("CloudWatch: the dashboard".to_owned(), prices.usd("dashboard_month", dashboards)),
        ("DynamoDB, API Gateway, Lambda: nothing without use".to_owned(), 0.0),
    ]
}
