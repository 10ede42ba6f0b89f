//! The functions: program, limits, environment, and what their roles allow.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{
    Stack, TemplateError,
    mappings::{number, referred},
    missing,
};

/// A function, as it is deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionSettings {
    /// Its program.
    pub binary: String,
    /// Its name in AWS.
    pub arn: String,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Its memory in MB.
    pub memory: u32,
    /// How many invocations may run at the same time, where that is bounded.
    pub reserved_concurrency: Option<usize>,
    /// Where its logs go.
    pub log_group: String,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// What its role allows.
    pub statements: Vec<Statement>,
}

/// What a role allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The actions.
    pub actions: Vec<String>,
    /// On these resources.
    pub resources: Vec<String>,
    /// Only by way of this service, such as `dynamodb.us-east-1.amazonaws.com`.
    pub via: Option<String>,
    /// Only for what was wrapped in an encryption context with this name.
    pub context: Option<String>,
}

pub(super) fn all(stack: &Stack<'_>) -> Result<BTreeMap<String, FunctionSettings>, TemplateError> {
    let functions = stack.of_type("AWS::Serverless::Function");
    functions.map(|(name, properties)| Ok((name.to_owned(), function(stack, name, properties)?))).collect()
}

fn function(stack: &Stack<'_>, name: &str, properties: &Value) -> Result<FunctionSettings, TemplateError> {
    let globals = stack.globals();
    let setting = |key: &str| if properties.get(key).is_some() { properties } else { globals };
    let build = &stack.resource(name)?["Metadata"]["BuildProperties"]["Binary"];
    let mut environment = BTreeMap::new();
    for scope in [globals, properties] {
        for (name, value) in scope["Environment"]["Variables"].as_object().into_iter().flatten() {
            environment.insert(name.clone(), stack.text(value)?);
        }
    }
    Ok(FunctionSettings {
        binary: build.as_str().ok_or_else(|| missing("a function's Binary"))?.to_owned(),
        arn: stack.text(&serde_json::json!({ "Fn::GetAtt": [name, "Arn"] }))?,
        timeout: Duration::from_secs(number(stack, setting("Timeout"), "Timeout")?),
        memory: number(stack, setting("MemorySize"), "MemorySize")?,
        reserved_concurrency: match properties.get("ReservedConcurrentExecutions") {
            Some(_) => Some(number(stack, properties, "ReservedConcurrentExecutions")?),
            None => None,
        },
        log_group: stack.text(&properties["LoggingConfig"]["LogGroup"])?,
        environment,
        statements: statements(stack, &referred(&properties["Role"])?)?,
    })
}

/// Everything that a role allows, by policies of its own and by managed ones.
fn statements(stack: &Stack<'_>, role: &str) -> Result<Vec<Statement>, TemplateError> {
    let role = &stack.resource(role)?["Properties"];
    let mut documents = Vec::new();
    for managed in role["ManagedPolicyArns"].as_array().into_iter().flatten() {
        documents.push(&stack.resource(&referred(managed)?)?["Properties"]["PolicyDocument"]);
    }
    documents.extend(role["Policies"].as_array().into_iter().flatten().map(|it| &it["PolicyDocument"]));
    let written =
        documents.into_iter().flat_map(|document| document["Statement"].as_array().into_iter().flatten());
    written
        .map(|written| {
            let statement = stack.resolve(written)?;
            if statement["Effect"] != "Allow" {
                return Err(TemplateError(format!("{statement} does not allow; roles here only do that")));
            }
            let via = statement["Condition"]["StringEquals"]["kms:ViaService"].as_str();
            let context = statement["Condition"]["StringLike"].as_object().and_then(context_name);
            if statement.get("Condition").is_some() && via.is_none() && context.is_none() {
                return Err(TemplateError(format!(
                    "{statement} has a condition that is not understood here"
                )));
            }
            Ok(Statement {
                actions: one_or_more(&statement["Action"])?,
                resources: one_or_more(&statement["Resource"])?,
                via: via.map(str::to_owned),
                context,
            })
        })
        .collect()
}

/// The name that an encryption context must have, whatever its value.
fn context_name(condition: &serde_json::Map<String, Value>) -> Option<String> {
    let (key, _) = condition.iter().next().filter(|(_, value)| *value == "*")?;
    key.strip_prefix("kms:EncryptionContext:").map(str::to_owned)
}

fn one_or_more(value: &Value) -> Result<Vec<String>, TemplateError> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let text =
        |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| missing("an Action or Resource"));
    items.iter().map(text).collect()
}
