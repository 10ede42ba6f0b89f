//! What AWS's access management would say: a function may do what its role in template.yaml allows, and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::template::{ACCOUNT, REGION, Statement, Template};

/// Something that a function wants to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wish {
    pub(super) action: String,
    pub(super) resource: String,
    /// The name of the encryption context, where the key is asked.
    context: Option<String>,
}

impl Wish {
    fn new(service: &str, action: &str, resource: &str) -> Self {
        let resource = format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}");
        Self { action: format!("{service}:{action}"), resource, context: None }
    }

    /// What a call of DynamoDB's needs. A transaction has no action of its own, only those of its items.
    pub(super) fn of_dynamodb(operation: &str, request: &Value) -> Vec<Self> {
        let on = |action: &str, scope: &Value| {
            let table = scope["TableName"].as_str().unwrap_or("?");
            let resource = match scope["IndexName"].as_str() {
                Some(index) => format!("table/{table}/index/{index}"),
                None => format!("table/{table}"),
            };
            Self::new("dynamodb", action, &resource)
        };
        match operation {
            "BatchGetItem" => {
                let tables = request["RequestItems"].as_object().into_iter().flatten();
                tables.map(|(table, _)| Self::new("dynamodb", operation, &format!("table/{table}"))).collect()
            }
            "TransactWriteItems" => {
                let items = request["TransactItems"].as_array().into_iter().flatten();
                let parts = items.flat_map(|item| item.as_object().into_iter().flatten());
                parts
                    .map(|(kind, part)| match kind.as_str() {
                        "ConditionCheck" => on("ConditionCheckItem", part),
                        kind => on(&format!("{kind}Item"), part),
                    })
                    .collect()
            }
            operation => vec![on(operation, request)],
        }
    }

    /// What a call about the table's stream needs. Only the first one names it.
    pub(super) fn of_stream(operation: &str, stream: &str) -> Vec<Self> {
        vec![Self { action: format!("dynamodb:{operation}"), resource: stream.to_owned(), context: None }]
    }

    /// What a call of SQS's needs.
    pub(super) fn of_sqs(operation: &str, queue: &str) -> Vec<Self> {
        vec![Self::new("sqs", operation, queue)]
    }

    /// What a call about an event source mapping needs.
    pub(super) fn of_mapping(action: &str, uuid: &str) -> Vec<Self> {
        vec![Self::new("lambda", action, &format!("event-source-mapping:{uuid}"))]
    }

    /// What a call of KMS's needs. The key is named by its ARN.
    pub(super) fn of_kms(operation: &str, key: &str, context: &Value) -> Vec<Self> {
        let context = context.as_object().and_then(|context| context.keys().next()).cloned();
        vec![Self { action: format!("kms:{operation}"), resource: key.to_owned(), context }]
    }
}

/// What each function's role allows.
pub(super) struct Roles(BTreeMap<String, Vec<Statement>>);

impl Roles {
    pub(super) fn of(template: &Template) -> Self {
        let functions = template.functions.iter();
        Self(functions.map(|(name, settings)| (name.clone(), settings.statements.clone())).collect())
    }

    /// The first wish that a function's role does not allow.
    pub(super) fn denied(&self, function: &str, wishes: Vec<Wish>) -> Option<Wish> {
        let statements = self.0.get(function).map(Vec::as_slice).unwrap_or_default();
        // What is only allowed by way of another service is not allowed to the function itself.
        let direct = || statements.iter().filter(|statement| statement.via.is_none());
        wishes.into_iter().find(|wish| {
            !direct().any(|statement| {
                statement.actions.contains(&wish.action)
                    && (statement.context.is_none() || statement.context == wish.context)
                    && statement.resources.iter().any(|pattern| covers(pattern, &wish.resource))
            })
        })
    }
}

/// Whether a resource is the one that is named, or begins as the name before its `*` does.
fn covers(pattern: &str, resource: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => resource.starts_with(beginning),
        None => pattern == resource,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn denied(function: &str, wishes: Vec<Wish>) -> bool {
        Roles::of(&Template::load().unwrap()).denied(function, wishes).is_some()
    }

    #[test]
    fn a_role_is_what_the_template_says() {
        let index = json!({"TableName": "usher", "IndexName": "gsi1"});
        assert!(!denied("ScimFunction", Wish::of_dynamodb("Query", &index)));
        assert!(denied("ScimFunction", Wish::of_dynamodb("Scan", &index)));
        assert!(denied("ScimFunction", Wish::of_dynamodb("Query", &json!({"TableName": "others"}))));
        assert!(denied("ScimFunction", Wish::of_sqs("SendMessage", "usher-connector-scim")));
        assert!(!denied("PlannerFunction", Wish::of_sqs("SendMessage", "usher-connector-scim")));
        assert!(denied("NoFunction", Wish::of_dynamodb("GetItem", &index)));
        let stream = Template::load().unwrap().stream.arn;
        assert!(!denied("PlannerFunction", Wish::of_stream("GetRecords", &stream)));
        assert!(denied("ReconcilerFunction", Wish::of_stream("GetRecords", &stream)));
    }

    #[test]
    fn reading_the_table_does_not_open_credentials() {
        let key = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/Key");
        let decrypt = |name: &str| Wish::of_kms("Decrypt", &key, &json!({ name: "x" }));
        assert!(!denied("ConnectorScimFunction", decrypt("integration")));
        for function in ["ScimFunction", "PlannerFunction", "ReconcilerFunction", "ConsoleFunction"] {
            assert!(denied(function, decrypt("integration")), "{function}");
        }
        assert!(!denied("ConsoleFunction", decrypt("sign-in")), "it opens what it sealed for signing in");
        for function in ["ScimFunction", "PlannerFunction", "ReconcilerFunction"] {
            assert!(denied(function, decrypt("sign-in")), "{function}");
        }
        assert!(!denied("WebhooksFunction", decrypt("webhook")), "it signs events");
        for function in ["ConsoleFunction", "ConnectorScimFunction", "PlannerFunction"] {
            assert!(denied(function, decrypt("webhook")), "{function}");
        }
        assert!(
            denied("ConnectorScimFunction", decrypt("sign-in")),
            "it opens credentials of apps and nothing else"
        );
        assert!(denied("ConsoleFunction", Wish::of_kms("Decrypt", &key, &Value::Null)), "without a context");
    }

    #[test]
    fn a_transaction_needs_what_its_items_need() {
        let request = json!({"TransactItems": [
            {"Put": {"TableName": "usher"}},
            {"ConditionCheck": {"TableName": "usher"}},
        ]});
        let actions: Vec<_> =
            Wish::of_dynamodb("TransactWriteItems", &request).into_iter().map(|wish| wish.action).collect();
        assert_eq!(actions, ["dynamodb:PutItem", "dynamodb:ConditionCheckItem"]);
    }
}
