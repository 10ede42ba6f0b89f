//! What wakes the functions: the stream, the queues, the API's routes, schedules.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{Stack, TemplateError, missing};

/// The mapping of the table's stream to the planner.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamMapping {
    /// The function that gets the records.
    pub function: String,
    /// The stream.
    pub arn: String,
    /// Only records that match one of these patterns are delivered.
    pub filters: Vec<Value>,
    /// How many records one invocation gets at most.
    pub batch_size: usize,
    /// How many invocations of one shard run at the same time, each with partitions of its own.
    pub parallelization: usize,
    /// How often a batch is delivered again.
    pub retries: u32,
    /// Older records are given up.
    pub max_age: Duration,
    /// Whether a batch that fails is split in two.
    pub bisect: bool,
    /// Where the records are reported that were given up.
    pub on_failure: String,
}

/// A queue and its mapping to the function that works it off.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueMapping {
    /// Whose messages it carries: connectors by their keys, or deliveries.
    pub connectors: Vec<String>,
    /// The function that gets the messages.
    pub function: String,
    /// The queue's name.
    pub name: String,
    /// The queue.
    pub arn: String,
    /// Its address.
    pub url: String,
    /// Names the mapping.
    pub mapping: String,
    /// Whether its messages are delivered from the beginning, or only once somebody has enabled the mapping.
    pub enabled: bool,
    /// How long each message waits before it is delivered first.
    pub delay: Duration,
    /// How many messages one invocation gets at most.
    pub batch_size: usize,
    /// How many invocations run at the same time.
    pub concurrency: usize,
    /// After this time a message that was not handled is delivered again.
    pub visibility: Duration,
    /// How often a message is delivered before it becomes a dead letter.
    pub max_receives: u32,
}

/// A route of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Such as `ANY /scim/{proxy+}` or `$default`.
    pub key: String,
    /// The function that answers.
    pub function: String,
}

/// A function on a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Which one.
    pub function: String,
    /// How often.
    pub every: Duration,
}

pub(super) fn stream(stack: &Stack<'_>) -> Result<StreamMapping, TemplateError> {
    let mut mappings = stack.of_type(MAPPING).map(|(_, mapping)| mapping);
    let mapping = mappings.find(|mapping| mapping.get("StartingPosition").is_some());
    let mapping = mapping.ok_or_else(|| missing("the stream's mapping"))?;
    let filters = mapping["FilterCriteria"]["Filters"].as_array();
    let filters = filters.ok_or_else(|| missing("FilterCriteria"))?;
    at_once_and_in_parts(mapping)?;
    Ok(StreamMapping {
        function: referred(&mapping["FunctionName"])?,
        arn: stack.text(&mapping["EventSourceArn"])?,
        filters: filters.iter().map(|filter| pattern(&filter["Pattern"])).collect::<Result<_, _>>()?,
        batch_size: number(stack, mapping, "BatchSize")?,
        parallelization: number(stack, mapping, "ParallelizationFactor")?,
        retries: number(stack, mapping, "MaximumRetryAttempts")?,
        max_age: Duration::from_secs(number(stack, mapping, "MaximumRecordAgeInSeconds")?),
        bisect: mapping["BisectBatchOnFunctionError"] == true,
        on_failure: stack.text(&mapping["DestinationConfig"]["OnFailure"]["Destination"])?,
    })
}

/// Queues with a mapping, by the connector that each is named after; that of deliveries is `webhooks`.
pub(super) fn queues(stack: &Stack<'_>) -> Result<BTreeMap<String, QueueMapping>, TemplateError> {
    let known = known_to_the_planner(stack)?;
    let mappings = stack.of_type(MAPPING);
    let mappings = mappings.filter(|(_, mapping)| mapping.get("StartingPosition").is_none());
    mappings
        .map(|(id, mapping)| {
            at_once_and_in_parts(mapping)?;
            let source = referred(&mapping["EventSourceArn"])?;
            let queue = &stack.resource(&source)?["Properties"];
            let name = stack.text(&queue["QueueName"])?;
            let key = name.rsplit_once("connector-").or_else(|| name.rsplit_once('-'));
            let (_, key) = key.ok_or_else(|| missing("the queue's connector"))?;
            let redrive = &queue["RedrivePolicy"];
            let reference = |name: &str| stack.text(&serde_json::json!({ "Ref": name }));
            let url = reference(&source)?;
            let carries = known.iter().filter(|(_, known)| **known == url);
            Ok((
                key.to_owned(),
                QueueMapping {
                    connectors: carries.map(|(connector, _)| connector.clone()).collect(),
                    function: referred(&mapping["FunctionName"])?,
                    arn: stack.text(&mapping["EventSourceArn"])?,
                    url,
                    mapping: reference(id)?,
                    enabled: mapping.get("Enabled").is_none_or(|enabled| enabled == true),
                    delay: match queue.get("DelaySeconds") {
                        Some(_) => Duration::from_secs(number(stack, queue, "DelaySeconds")?),
                        None => Duration::ZERO,
                    },
                    batch_size: number(stack, mapping, "BatchSize")?,
                    concurrency: number(stack, &mapping["ScalingConfig"], "MaximumConcurrency")?,
                    visibility: Duration::from_secs(number(stack, queue, "VisibilityTimeout")?),
                    max_receives: number(stack, redrive, "maxReceiveCount")?,
                    name,
                },
            ))
        })
        .collect()
}

/// Where the planner sends whose messages.
fn known_to_the_planner(stack: &Stack<'_>) -> Result<BTreeMap<String, String>, TemplateError> {
    let planner = &stack.resource("PlannerFunction")?["Properties"];
    let queues = stack.text(&planner["Environment"]["Variables"]["USHER_QUEUES"])?;
    serde_json::from_str(&queues).map_err(|_| missing("the planner's USHER_QUEUES"))
}

pub(super) fn routes(stack: &Stack<'_>) -> Result<Vec<Route>, TemplateError> {
    let routes = stack.of_type("AWS::ApiGatewayV2::Route").map(|(_, route)| {
        let target = route["Target"]["Fn::Sub"]
            .as_str()
            .and_then(|target| target.strip_prefix("integrations/${")?.strip_suffix('}'));
        let integration = stack.resource(target.ok_or_else(|| missing("a route's Target"))?)?;
        Ok(Route {
            key: stack.text(&route["RouteKey"])?,
            function: referred(&integration["Properties"]["IntegrationUri"])?,
        })
    });
    routes.collect()
}

pub(super) fn schedules(stack: &Stack<'_>) -> Result<Vec<Schedule>, TemplateError> {
    let schedules = stack.of_type("AWS::Scheduler::Schedule").map(|(_, schedule)| {
        Ok(Schedule {
            function: referred(&schedule["Target"]["Arn"])?,
            every: rate(&stack.text(&schedule["ScheduleExpression"])?)?,
        })
    });
    schedules.collect()
}

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// The laptop waits for no batch to fill, and reads which items of a batch failed.
fn at_once_and_in_parts(mapping: &Value) -> Result<(), TemplateError> {
    if mapping["MaximumBatchingWindowInSeconds"] != 0 {
        return Err(TemplateError("MaximumBatchingWindowInSeconds is not 0".to_owned()));
    }
    match mapping["FunctionResponseTypes"].as_array().map(Vec::as_slice) {
        Some([one]) if one == "ReportBatchItemFailures" => Ok(()),
        _ => Err(missing("ReportBatchItemFailures")),
    }
}

/// The resource that a `Ref` or `GetAtt` names.
pub(super) fn referred(value: &Value) -> Result<String, TemplateError> {
    let name = value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str());
    name.map(str::to_owned).ok_or_else(|| TemplateError(format!("{value} should refer to a resource")))
}

pub(super) fn number<T: std::str::FromStr>(
    stack: &Stack<'_>,
    properties: &Value,
    name: &str,
) -> Result<T, TemplateError> {
    stack.text(&properties[name])?.parse().map_err(|_| missing(name))
}

/// The time between two runs of `rate(10 minutes)`.
fn rate(expression: &str) -> Result<Duration, TemplateError> {
    let wrong = || TemplateError(format!("`{expression}` should read rate(10 minutes)"));
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
    let (number, unit) = inner.split_once(' ').ok_or_else(wrong)?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(number.parse::<u64>().map_err(|_| wrong())? * seconds))
}

fn pattern(value: &Value) -> Result<Value, TemplateError> {
    let text = value.as_str().ok_or_else(|| TemplateError("a filter's Pattern is no text".to_owned()))?;
    serde_json::from_str(text)
        .map_err(|error| TemplateError(format!("a filter's Pattern is no JSON: {error}")))
}

/// Whether an event matches one of the patterns: for each leaf the event's value is one of those listed
/// (the exact-match part of Lambda's event filtering).
pub fn matches(filters: &[Value], event: &Value) -> bool {
    fn one(pattern: &Value, event: &Value) -> bool {
        match pattern {
            Value::Object(fields) => fields.iter().all(|(name, pattern)| one(pattern, &event[name.as_str()])),
            Value::Array(allowed) => allowed.contains(event),
            _ => false,
        }
    }
    filters.is_empty() || filters.iter().any(|pattern| one(pattern, event))
}
