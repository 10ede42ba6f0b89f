//! The stack as it would be deployed here: CloudFormation's functions worked out, and what a resource is called.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::TemplateError;
use crate::embedded::TABLE;

/// The region that names say.
pub const REGION: &str = "us-east-1";
/// The account that names say.
pub const ACCOUNT: &str = "000000000000";
/// The stack's name.
const STACK: &str = "usher";

/// Where the stack is, and what its owner chose.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The API's address.
    pub origin: String,
    /// Where AWS's own services are reached.
    pub services: String,
    /// Parameters that differ from their defaults.
    pub parameters: BTreeMap<String, String>,
}

/// The template at a place.
pub(super) struct Stack<'a> {
    document: &'a Value,
    place: &'a Place,
}

impl<'a> Stack<'a> {
    pub(super) fn new(document: &'a Value, place: &'a Place) -> Self {
        Self { document, place }
    }

    /// The resources of a type: name, and properties that are not worked out yet.
    pub(super) fn of_type(&self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.document["Resources"].as_object().into_iter().flatten();
        resources
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
    }

    /// A resource with all that it says.
    pub(super) fn resource(&self, name: &str) -> Result<&'a Value, TemplateError> {
        let found = self.document["Resources"].get(name);
        found.ok_or_else(|| TemplateError(format!("it has no resource {name}")))
    }

    /// What all functions share.
    pub(super) fn globals(&self) -> &'a Value {
        &self.document["Globals"]["Function"]
    }

    /// Works CloudFormation's functions out.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, TemplateError> {
        match value {
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Value::Object(fields) => match fields.iter().next() {
                Some((name, argument))
                    if fields.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) =>
                {
                    self.call(name, argument)
                }
                _ => fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.resolve(value)?)))
                    .collect::<Result<Map<_, _>, _>>()
                    .map(Value::Object),
            },
            plain => Ok(plain.clone()),
        }
    }

    /// The same, of what has to be a text or a number.
    pub(super) fn text(&self, value: &Value) -> Result<String, TemplateError> {
        match self.resolve(value)? {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            other => Err(TemplateError(format!("{other} should be a text"))),
        }
    }

    fn call(&self, function: &str, argument: &Value) -> Result<Value, TemplateError> {
        let wrong = || TemplateError(format!("{function} of {argument} is not understood here"));
        match (function, argument) {
            ("Ref", Value::String(name)) => self.reference(name).map(Value::String),
            ("Fn::GetAtt", Value::Array(path)) => match path.as_slice() {
                [Value::String(name), Value::String(attribute)] => {
                    self.attribute(name, attribute).map(Value::String)
                }
                _ => Err(wrong()),
            },
            ("Fn::Sub", Value::String(text)) => self.substitute(text, &Map::new()).map(Value::String),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), Value::Object(own)] => self.substitute(text, own).map(Value::String),
                _ => Err(wrong()),
            },
            ("Fn::If", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(condition), then, or_else] => {
                    let holds = self.holds(&self.document["Conditions"][condition])?;
                    self.resolve(if holds { then } else { or_else })
                }
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }

    fn holds(&self, condition: &Value) -> Result<bool, TemplateError> {
        let wrong = || TemplateError(format!("the condition {condition} is not understood here"));
        let (name, argument) = condition.as_object().and_then(|it| it.iter().next()).ok_or_else(wrong)?;
        match (name.as_str(), argument.as_array().map(Vec::as_slice)) {
            ("Fn::Not", Some([inner])) => Ok(!self.holds(inner)?),
            ("Fn::Equals", Some([left, right])) => Ok(self.resolve(left)? == self.resolve(right)?),
            _ => Err(wrong()),
        }
    }

    fn substitute(&self, text: &str, own: &Map<String, Value>) -> Result<String, TemplateError> {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) =
                after.split_once('}').ok_or_else(|| TemplateError(format!("`{text}` has an open `${{`")))?;
            done.push_str(before);
            done.push_str(&match (own.get(name), name.split_once('.')) {
                (Some(value), _) => self.text(value)?,
                (None, Some((resource, attribute))) => self.attribute(resource, attribute)?,
                (None, None) => self.reference(name)?,
            });
            rest = after;
        }
        Ok(done + rest)
    }

    fn reference(&self, name: &str) -> Result<String, TemplateError> {
        match name {
            "AWS::StackName" => return Ok(STACK.to_owned()),
            "AWS::Region" => return Ok(REGION.to_owned()),
            "AWS::AccountId" => return Ok(ACCOUNT.to_owned()),
            "AWS::Partition" => return Ok("aws".to_owned()),
            _ => {}
        }
        if let Some(parameter) = self.document["Parameters"].get(name) {
            let chosen = self.place.parameters.get(name).cloned().map(Value::String);
            return self.text(&chosen.unwrap_or_else(|| parameter["Default"].clone()));
        }
        let resource = self.resource(name)?;
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::DynamoDB::Table" => Ok(TABLE.to_owned()),
            "AWS::SQS::Queue" => {
                Ok(format!("{}/{ACCOUNT}/{}", self.place.services, self.text(&properties["QueueName"])?))
            }
            "AWS::Logs::LogGroup" => self.text(&properties["LogGroupName"]),
            "AWS::SNS::Topic" => self.attribute(name, "Arn"),
            _ => Ok(format!("{STACK}-{name}")),
        }
    }

    fn attribute(&self, name: &str, attribute: &str) -> Result<String, TemplateError> {
        let resource = self.resource(name)?;
        let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
        let kind = resource["Type"].as_str().unwrap_or_default();
        Ok(match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{TABLE}")),
            ("AWS::DynamoDB::Table", "StreamArn") => arn("dynamodb", &format!("table/{TABLE}/stream/local")),
            ("AWS::SQS::Queue", "Arn") => arn("sqs", &self.text(&resource["Properties"]["QueueName"])?),
            ("AWS::SNS::Topic", "Arn") => arn("sns", &format!("{STACK}-{name}")),
            ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
            ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{STACK}-{name}")),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{ACCOUNT}:role/{STACK}-{name}"),
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", &format!("log-group:{}:*", self.reference(name)?)),
            ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => self.place.origin.clone(),
            _ => return Err(TemplateError(format!("{name}.{attribute} is not known here"))),
        })
    }
}
