//! What is deployed, read from template.yaml: filters, batch sizes, queues. The laptop runs by the same
//! numbers, so the two cannot drift.

use std::collections::BTreeMap;

use serde_json::Value;

/// The deployment's text.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The template does not say something that the laptop runs by.
#[derive(Debug, thiserror::Error)]
#[error("template.yaml: {0}; mend it there")]
pub struct TemplateError(String);

/// The mapping of the table's stream to the planner.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamMapping {
    /// Only records that match one of these patterns are delivered.
    pub filters: Vec<Value>,
    /// How many records one invocation gets at most.
    pub batch_size: usize,
    /// How many invocations of one shard run at the same time, each with partitions of its own.
    pub parallelization: usize,
    /// How often a batch is delivered again.
    pub retries: u32,
}

/// A connector's queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueMapping {
    /// How often a message is delivered before it becomes a dead letter.
    pub max_receives: u32,
    /// How many invocations run at the same time.
    pub concurrency: usize,
}

/// The deployment, as far as the laptop runs by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The table's stream.
    pub stream: StreamMapping,
    /// Queues by connector.
    pub queues: BTreeMap<String, QueueMapping>,
    /// The table's properties, as they stand there.
    pub table: Value,
}

impl Template {
    /// Reads template.yaml.
    ///
    /// # Errors
    /// When it does not say what the laptop runs by.
    pub fn load() -> Result<Self, TemplateError> {
        let document: Value = serde_saphyr::from_str(TEMPLATE)
            .map_err(|error| TemplateError(format!("it is no YAML: {error}")))?;
        let resources = document["Resources"].as_object();
        let resources = resources.ok_or_else(|| TemplateError("it has no Resources".to_owned()))?;
        let of_type = |kind: &'static str| {
            resources
                .iter()
                .filter(move |(_, resource)| resource["Type"] == kind)
                .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        };
        let missing = |what: &str| TemplateError(format!("{what} is missing or has another form"));
        let number = |value: &Value, what: &str| {
            value.as_u64().and_then(|number| usize::try_from(number).ok()).ok_or_else(|| missing(what))
        };

        let (_, table) = of_type("AWS::DynamoDB::Table").next().ok_or_else(|| missing("the table"))?;
        let mappings: Vec<&Value> =
            of_type("AWS::Lambda::EventSourceMapping").map(|(_, properties)| properties).collect();
        let stream = mappings
            .iter()
            .find(|mapping| mapping.get("StartingPosition").is_some())
            .ok_or_else(|| missing("the stream's mapping"))?;
        let filters =
            stream["FilterCriteria"]["Filters"].as_array().ok_or_else(|| missing("FilterCriteria"))?;
        let filters = filters.iter().map(|filter| pattern(&filter["Pattern"])).collect::<Result<_, _>>()?;
        let stream = StreamMapping {
            filters,
            batch_size: number(&stream["BatchSize"], "BatchSize")?,
            parallelization: number(&stream["ParallelizationFactor"], "ParallelizationFactor")?,
            retries: u32::try_from(number(&stream["MaximumRetryAttempts"], "MaximumRetryAttempts")?)
                .unwrap_or(u32::MAX),
        };

        let concurrency =
            number(&document["Parameters"]["ConnectorConcurrency"]["Default"], "ConnectorConcurrency")?;
        let queues = of_type("AWS::SQS::Queue")
            .filter_map(|(_, properties)| {
                let receives = properties["RedrivePolicy"]["maxReceiveCount"].as_u64()?;
                let name = queue_name(&properties["QueueName"])?;
                let connector = name.rsplit_once("connector-")?.1.to_owned();
                let max_receives = u32::try_from(receives).unwrap_or(u32::MAX);
                Some((connector, QueueMapping { max_receives, concurrency }))
            })
            .collect();
        Ok(Self { stream, queues, table: table.clone() })
    }
}

fn pattern(value: &Value) -> Result<Value, TemplateError> {
    let text = value.as_str().ok_or_else(|| TemplateError("a filter's Pattern is no text".to_owned()))?;
    serde_json::from_str(text)
        .map_err(|error| TemplateError(format!("a filter's Pattern is no JSON: {error}")))
}

/// A name that may be put together by `Sub`.
fn queue_name(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("Fn::Sub")?.as_str())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_planner_is_woken_by_changes_and_open_jobs_only() {
        let template = Template::load().unwrap();
        let event = |kind: &str, state: &str| json!({"dynamodb": {"NewImage": {"type": {"S": kind}, "state": {"S": state}}}});
        let wakes = |event: Value| matches(&template.stream.filters, &event);
        assert!(wakes(event("change", "")));
        assert!(
            wakes(event("job", "queued"))
                && wakes(event("job", "waiting"))
                && wakes(event("job", "retrying"))
        );
        assert!(
            !wakes(event("job", "running"))
                && !wakes(event("job", "done"))
                && !wakes(event("user", "queued"))
        );
        assert!(!wakes(json!({"dynamodb": {"Keys": {}}})), "deletions wake nobody");
    }

    #[test]
    fn every_connector_has_a_queue_that_gives_up() {
        let template = Template::load().unwrap();
        let known: Vec<&str> = crate::connectors::ALL.iter().map(|connector| connector.key).collect();
        assert!(template.queues.keys().eq(&known), "{:?} are deployed, {known:?} are known", template.queues);
        assert!(template.queues.values().all(|queue| queue.max_receives > 1));
    }

    #[test]
    fn every_connector_is_known_to_the_planner_and_the_console() {
        let document: Value = serde_saphyr::from_str(TEMPLATE).unwrap();
        let resource = |name: &str| &document["Resources"][name]["Properties"];
        let variable = |function: &str, name: &str| {
            let value = &resource(function)["Environment"]["Variables"][name];
            queue_name(value).unwrap().to_owned()
        };
        let queues: BTreeMap<String, String> =
            serde_json::from_str(&variable("PlannerFunction", "USHER_QUEUES")).unwrap();
        let names = usher_fn_console::Connector::list(&variable("ConsoleFunction", "USHER_CONNECTORS"));
        let may_send = resource("PlannerRole").to_string();
        for connector in &crate::connectors::ALL {
            let queue = queues[connector.key].trim_start_matches("${").trim_end_matches('}');
            let name = queue_name(&resource(queue)["QueueName"]).unwrap();
            assert!(name.ends_with(&format!("connector-{}", connector.key)), "{name}");
            assert!(may_send.contains(&format!("{queue}.Arn")), "the planner may not send to {queue}");
            assert!(
                names.iter().any(|it| it.key == connector.key && it.name == connector.name),
                "{}",
                connector.key
            );
        }
        assert_eq!((queues.len(), names.len()), (crate::connectors::ALL.len(), crate::connectors::ALL.len()));
    }
}
