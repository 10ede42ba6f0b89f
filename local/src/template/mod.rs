//! What is deployed, read from template.yaml: functions, filters, batch sizes, queues, routes. The laptop runs by the
//! same numbers, so the two cannot drift.

mod functions;
mod mappings;
mod stack;
mod yaml;

use std::collections::BTreeMap;

use serde_json::Value;

pub use functions::{FunctionSettings, Statement};
pub use mappings::{QueueMapping, Route, Schedule, StreamMapping, matches};
use stack::Stack;
pub use stack::{ACCOUNT, Place, REGION};

/// The deployment's text.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The template does not say something that the laptop runs by.
#[derive(Debug, thiserror::Error)]
#[error("template.yaml: {0}; mend it there")]
pub struct TemplateError(String);

fn missing(what: &str) -> TemplateError {
    TemplateError(format!("{what} is missing or has another form"))
}

/// The deployment, as far as the laptop runs by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The table's stream.
    pub stream: StreamMapping,
    /// The queue of what the stream's function gave up there, which that function works off itself.
    pub failures: QueueMapping,
    /// Queues by the connector that each is named after; that of deliveries to webhooks is under [`usher_aws::queue::DELIVERIES`].
    pub queues: BTreeMap<String, QueueMapping>,
    /// Functions by their names in the template.
    pub functions: BTreeMap<String, FunctionSettings>,
    /// The API's routes.
    pub routes: Vec<Route>,
    /// What runs on a schedule.
    pub schedules: Vec<Schedule>,
    /// The table's properties, as they stand there.
    pub table: Value,
}

impl Template {
    /// Reads template.yaml, for no place in particular.
    ///
    /// # Errors
    /// When it does not say what the laptop runs by.
    pub fn load() -> Result<Self, TemplateError> {
        Self::deployed(&Place::default())
    }

    /// The document as it stands there, with CloudFormation's functions in their long forms.
    ///
    /// # Errors
    /// When it is no YAML.
    pub fn document() -> Result<Value, TemplateError> {
        yaml::read(TEMPLATE).map_err(|error| TemplateError(format!("it is no YAML: {error}")))
    }

    /// Reads template.yaml as it would be deployed at a place.
    ///
    /// # Errors
    /// As for [`Template::load`].
    pub fn deployed(place: &Place) -> Result<Self, TemplateError> {
        let document = Self::document()?;
        let stack = Stack::new(&document, place);
        let (_, table) = stack.of_type("AWS::DynamoDB::Table").next().ok_or_else(|| missing("the table"))?;
        let stream = mappings::stream(&stack)?;
        let mut queues = mappings::queues(&stack)?;
        let failures = queues.extract_if(.., |_, queue| queue.arn == stream.on_failure).next();
        let (_, failures) = failures.ok_or_else(|| missing("the mapping of what the planner gives up"))?;
        Ok(Self {
            stream,
            failures,
            queues,
            functions: functions::all(&stack)?,
            routes: mappings::routes(&stack)?,
            schedules: mappings::schedules(&stack)?,
            table: table.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usher_aws::queue::DELIVERIES;

    use super::*;

    #[test]
    fn the_planner_is_woken_by_what_there_is_to_plan_to_send_or_to_tell() {
        let template = Template::load().unwrap();
        let event = |kind: &str, state: &str| json!({"dynamodb": {"NewImage": {"type": {"S": kind}, "state": {"S": state}}}});
        let wakes = |event: Value| matches(&template.stream.filters, &event);
        assert!(wakes(event("change", "")));
        assert!(
            wakes(event("job", "queued"))
                && wakes(event("job", "waiting"))
                && wakes(event("job", "retrying"))
        );
        for ended in ["held", "done", "failed"] {
            assert!(wakes(event("job", ended)), "webhooks are told of it");
        }
        assert!(
            wakes(event("sync", "halted")) && wakes(event("audit", "")) && wakes(event("integration", ""))
        );
        assert!(wakes(event("delivery", "queued")) && wakes(event("delivery", "retrying")));
        for nobodys in
            [("job", "running"), ("job", "superseded"), ("delivery", "delivered"), ("user", "queued")]
        {
            assert!(!wakes(event(nobodys.0, nobodys.1)), "{nobodys:?}");
        }
        assert!(!wakes(json!({"dynamodb": {"Keys": {}}})), "deletions wake nobody");
    }

    #[test]
    fn every_connector_and_every_delivery_has_a_queue_that_gives_up() {
        let template = Template::load().unwrap();
        let known: Vec<&str> = crate::connectors::ALL.iter().map(|connector| connector.key).collect();
        let carried = template.queues.values().flat_map(|queue| &queue.connectors);
        let mut deployed: Vec<&str> = carried.map(String::as_str).filter(|key| *key != DELIVERIES).collect();
        deployed.sort_unstable();
        assert_eq!(deployed, known);
        for (connector, queue) in &template.queues {
            let function = &template.functions[&queue.function];
            let binary = match connector.as_str() {
                DELIVERIES => DELIVERIES.to_owned(),
                connector => format!("connector-{connector}"),
            };
            assert_eq!(function.binary, binary);
            assert!(queue.connectors.contains(connector), "the planner does not know {connector}");
            assert!(queue.max_receives > 1, "{connector}");
            assert!(!queue.enabled, "{connector}: looks into an empty queue are billed");
            assert!(queue.visibility >= 6 * function.timeout, "{connector}: as AWS asks");
        }
    }

    #[test]
    fn settings_are_worked_out_for_the_place() {
        let place = Place {
            origin: "http://here".to_owned(),
            services: "http://services".to_owned(),
            parameters: [("LogLevel".to_owned(), "debug".to_owned())].into(),
        };
        let template = Template::deployed(&place).unwrap();
        let planner = &template.functions["PlannerFunction"].environment;
        assert_eq!(planner["USHER_ORIGIN"], "http://here");
        assert_eq!(planner["RUST_LOG"], "debug");
        let queues: BTreeMap<String, String> = serde_json::from_str(&planner["USHER_QUEUES"]).unwrap();
        assert_eq!(queues["scim"], format!("http://services/{ACCOUNT}/usher-connector-scim"));
        assert!(template.routes.iter().any(|route| route.key == "$default"));
        assert_eq!(template.schedules.len(), 1);
    }

    #[test]
    fn every_connector_is_known_to_the_planner_and_the_console() {
        let template = Template::load().unwrap();
        let variable = |function: &str, name: &str| &template.functions[function].environment[name];
        let told = |name: &str| -> BTreeMap<String, String> {
            serde_json::from_str(variable("PlannerFunction", name)).unwrap()
        };
        let deployed = |what: fn(&QueueMapping) -> &String| -> BTreeMap<String, String> {
            let queues = template.queues.values();
            let carried =
                queues.flat_map(|queue| queue.connectors.iter().map(move |connector| (connector, queue)));
            carried.map(|(connector, queue)| (connector.clone(), what(queue).clone())).collect()
        };
        assert_eq!(told("USHER_QUEUES"), deployed(|queue| &queue.url));
        assert_eq!(told("USHER_MAPPINGS"), deployed(|queue| &queue.mapping));
        let names = usher_fn_console::Connector::list(variable("ConsoleFunction", "USHER_CONNECTORS"));
        let told: BTreeMap<&str, &str> = names.iter().map(|it| (it.key.as_str(), it.name.as_str())).collect();
        let known = crate::connectors::ALL.iter().map(|connector| (connector.key, connector.name));
        assert_eq!(told, known.collect());
    }
}
