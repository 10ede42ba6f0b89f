//! Somebody is told when something waits that will not get better by itself, and can read what to do.

use std::{fs, time::Duration};

use serde_json::Value;
use usher_local::template::Template;

use super::source::ROOT;

fn of_type(kind: &str) -> Vec<(String, Value)> {
    let document = Template::document().unwrap();
    let resources = document["Resources"].as_object().unwrap().clone();
    resources
        .into_iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name, resource["Properties"].clone()))
        .collect()
}

#[test]
fn every_alarm_tells_somebody_and_has_a_page_in_the_runbook() {
    let runbook = fs::read_to_string(format!("{ROOT}/docs/RUNBOOK.md")).unwrap();
    let alarms = of_type("AWS::CloudWatch::Alarm");
    for (name, alarm) in &alarms {
        assert_eq!(alarm["AlarmActions"][0]["Ref"], "AlarmTopic", "{name}");
        assert!(runbook.contains(&format!("\n## {name}\n")), "docs/RUNBOOK.md has no section {name}");
    }
    let sections =
        runbook.lines().filter_map(|line| line.strip_prefix("## ")).filter(|it| it.ends_with("Alarm"));
    assert_eq!(sections.count(), alarms.len(), "the runbook has sections of alarms that are no more");
}

/// A record that was given up is no alarm until it failed for an hour: between two tries its message is hidden, and each period is
/// as long as it is hidden, so that none passes without it.
#[test]
fn what_the_planner_gave_up_is_told_of_when_it_does_not_come_right_by_itself() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    let (_, alarm) = alarms.iter().find(|(name, _)| name == "PlannerFailuresAlarm").unwrap();
    assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesNotVisible");
    let (period, periods) = (
        alarm["Period"].as_u64().unwrap(),
        u32::try_from(alarm["EvaluationPeriods"].as_u64().unwrap()).unwrap(),
    );
    let period = Duration::from_secs(period);
    assert_eq!(period, Template::load().unwrap().failures.visibility);
    assert_eq!(period * periods, Duration::from_hours(1));
}

/// AWS refuses more.
#[test]
fn no_alarm_has_more_than_ten_metrics() {
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let metrics = alarm["Metrics"].as_array().into_iter().flatten();
        assert!(metrics.filter(|metric| metric.get("MetricStat").is_some()).count() <= 10, "{name}");
    }
}

#[test]
fn every_dead_letter_queue_is_watched() {
    let watched: String =
        of_type("AWS::CloudWatch::Alarm").iter().map(|(_, alarm)| alarm.to_string()).collect();
    let filled: Vec<String> = of_type("AWS::SQS::Queue")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("DeadLetters") || name.ends_with("Failures"))
        .collect();
    assert!(filled.len() > Template::load().unwrap().queues.len());
    for queue in filled {
        assert!(
            watched.contains(&format!(r#"{{"Fn::GetAtt":["{queue}","QueueName"]}}"#)),
            "no alarm watches {queue}"
        );
    }
}

#[test]
fn every_connector_that_pauses_an_integration_is_heard() {
    let filters = of_type("AWS::Logs::MetricFilter");
    let connectors = of_type("AWS::Lambda::EventSourceMapping");
    let connectors = connectors.iter().filter(|(name, _)| name.starts_with("Connector"));
    for (_, mapping) in connectors {
        let function = mapping["FunctionName"]["Ref"].as_str().unwrap();
        let logs = function.replace("Function", "Logs");
        let filter = filters.iter().find(|(_, filter)| filter["LogGroupName"]["Ref"] == logs.as_str());
        let (_, filter) = filter.unwrap_or_else(|| panic!("no metric filter reads {logs}"));
        let said = usher_connector::PAUSED;
        assert_eq!(filter["FilterPattern"], format!("{{ $.fields.message = \"{said}\" }}"));
    }
}

#[test]
fn logs_end_and_data_stays() {
    for (name, logs) in of_type("AWS::Logs::LogGroup") {
        assert_eq!(logs["RetentionInDays"]["Ref"], "LogRetentionDays", "{name}");
    }
    let (_, table) = &of_type("AWS::DynamoDB::Table")[0];
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEType"], "KMS");
}

#[test]
fn nothing_is_tried_for_ever() {
    let template = Template::load().unwrap();
    let stream = &template.stream;
    assert!(stream.bisect && (1..=10).contains(&stream.retries));
    // "In DynamoDB Streams, there is a 24 hour limit on data retention": what only had to wait is not lost before.
    // <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>
    assert_eq!(stream.max_age, Duration::from_hours(24));
    assert!(stream.on_failure.ends_with("planner-failures"), "{}", stream.on_failure);
    // What was given up is tried again for as long, once in every quarter of an hour, from the beginning, and by few: AWS
    // may throttle more than two readers of a shard, and Lambda is one itself.
    let failures = &template.failures;
    let quarter = Duration::from_secs(15 * 60);
    assert!(failures.enabled && failures.function == stream.function && failures.concurrency == 2);
    assert!(failures.visibility >= Duration::from_secs(10 * 60) && failures.visibility <= quarter);
    assert!(failures.delay > Duration::ZERO && failures.delay <= quarter);
    let tried = failures.delay + failures.visibility * failures.max_receives;
    assert!(tried >= stream.max_age && tried <= stream.max_age + quarter, "{tried:?}");
    for queue in template.queues.values() {
        assert!((2..=20).contains(&queue.max_receives) && queue.concurrency >= 2, "{}", queue.name);
    }
}
