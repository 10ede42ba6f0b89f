//! AWS's services as the functions call them: the table is the embedded database, the queues and their mappings are this
//! process's, and the key is the laptop's. Each call is checked against the role of the function that makes it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use usher_aws::seal::LocalKey;

use super::permission::{Roles, Wish};
use crate::{
    embedded::Endpoint,
    queue::{Queue, Queues},
    template::Template,
};

/// More than DynamoDB takes in one transaction.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The services.
#[derive(Clone)]
pub(super) struct Services(Arc<Inner>);

struct Inner {
    roles: Roles,
    table: Endpoint,
    /// By their addresses.
    queues: BTreeMap<String, Arc<Queue>>,
    key: LocalKey,
    /// The table's stream.
    stream: String,
}

/// A call that is refused, in the form of AWS's JSON protocol.
#[derive(Debug)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "__type": self.code, "message": self.message });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

impl Services {
    pub(super) fn new(template: &Template, table: Endpoint, queues: Queues, key: LocalKey) -> Self {
        let queues = queues.iter().map(|(_, queue)| (queue.mapping().url.clone(), queue.clone())).collect();
        let stream = template.stream.arn.clone();
        Self(Arc::new(Inner { roles: Roles::of(template), table, queues, key, stream }))
    }

    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/", post(call))
            .route("/2015-03-31/event-source-mappings/{uuid}", get(mapping).put(mapping))
            .layer(DefaultBodyLimit::max(MOST_BYTES))
            .with_state(self)
    }
}

/// Says whether a queue's messages are delivered, and has them delivered.
async fn mapping(
    State(services): State<Services>,
    Path(uuid): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let inner = &services.0;
    let action = if method == Method::PUT { "UpdateEventSourceMapping" } else { "GetEventSourceMapping" };
    inner.permit(who(&headers), Wish::of_mapping(action, &uuid))?;
    let missing = || Refusal::new("ResourceNotFoundException", format!("there is no mapping {uuid}"));
    let queue = inner.queues.values().find(|queue| queue.mapping().mapping == uuid).ok_or_else(missing)?;
    if method == Method::PUT {
        match serde_json::from_slice::<Value>(&body) {
            Ok(update) if update == json!({ "Enabled": true }) => queue.enable(),
            _ => return Err(Refusal::new("InvalidParameterValueException", "Usher only enables mappings")),
        }
    }
    let state = if queue.is_enabled() { "Enabled" } else { "Disabled" };
    Ok(Json(json!({ "UUID": uuid, "State": state })).into_response())
}

async fn call(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let function = who(&headers);
    let request: Value = serde_json::from_slice(&body)
        .map_err(|error| Refusal::new("SerializationException", error.to_string()))?;
    let inner = &services.0;
    match target.split_once('.') {
        Some(("DynamoDB_20120810", operation)) => {
            inner.permit(function, Wish::of_dynamodb(operation, &request))?;
            inner.database(target, body).await
        }
        Some(("DynamoDBStreams_20120810", operation)) => {
            inner.permit(function, Wish::of_stream(operation, &inner.stream))?;
            inner.database(target, body).await
        }
        Some(("AmazonSQS", operation)) => inner.sqs(function, operation, &request).map(answer),
        Some(("TrentService", operation)) => inner.kms(function, operation, &request).map(answer),
        _ => Err(Refusal::new("UnknownOperationException", format!("`{target}` is not used by Usher"))),
    }
}

fn answer(body: Value) -> Response {
    ([("content-type", "application/x-amz-json-1.1")], body.to_string()).into_response()
}

/// The function that signed: its sandbox was given its name as its access key.
fn who(headers: &HeaderMap) -> &str {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let authorization = header.unwrap_or_default();
    let credential = authorization.split_once("Credential=").map(|(_, rest)| rest);
    credential.and_then(|rest| rest.split_once('/')).map_or("nobody", |(name, _)| name)
}

impl Inner {
    fn permit(&self, function: &str, wishes: Vec<Wish>) -> Result<(), Refusal> {
        let Some(Wish { action, resource, .. }) = self.roles.denied(function, wishes) else { return Ok(()) };
        tracing::error!(
            function,
            action,
            resource,
            "the function's role in template.yaml does not allow this"
        );
        let message = format!("{function} is not authorized to perform {action} on {resource}");
        Err(Refusal::new("AccessDeniedException", message))
    }

    async fn database(&self, target: &str, body: Bytes) -> Result<Response, Refusal> {
        let answered = self.table.respond(target, body.to_vec()).await;
        let (status, body) =
            answered.map_err(|error| Refusal::new("InternalServerError", error.to_string()))?;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Ok((status, [("content-type", "application/x-amz-json-1.0")], body).into_response())
    }

    fn sqs(&self, function: &str, operation: &str, request: &Value) -> Result<Value, Refusal> {
        let url = request["QueueUrl"].as_str().unwrap_or_default();
        let missing = || Refusal::new("QueueDoesNotExist", format!("there is no queue {url}"));
        let queue = self.queues.get(url).ok_or_else(missing)?;
        self.permit(function, Wish::of_sqs(operation, &queue.mapping().name))?;
        let seconds = |name: &str| Duration::from_secs(request[name].as_u64().unwrap_or(0));
        match operation {
            "SendMessage" => {
                let body = request["MessageBody"].as_str().unwrap_or_default().to_owned();
                let group = request["MessageGroupId"].as_str().map(str::to_owned);
                Ok(json!({ "MessageId": queue.send(body, group, seconds("DelaySeconds")) }))
            }
            "ChangeMessageVisibility" => {
                let receipt = request["ReceiptHandle"].as_str().unwrap_or_default();
                let holds = queue.change_visibility(receipt, seconds("VisibilityTimeout"));
                let invalid = || Refusal::new("ReceiptHandleIsInvalid", "the receipt is not the latest");
                holds.then(|| json!({})).ok_or_else(invalid)
            }
            _ => Err(Refusal::new("UnsupportedOperation", format!("{operation} is not used by Usher"))),
        }
    }

    /// That a context is the one of the wrapping is not checked here: the laptop's key wraps for both lanes in one form. The
    /// secret itself is bound to its purpose by the seal.
    fn kms(&self, function: &str, operation: &str, request: &Value) -> Result<Value, Refusal> {
        let key = request["KeyId"].as_str().unwrap_or_default();
        self.permit(function, Wish::of_kms(operation, key, &request["EncryptionContext"]))?;
        let encode = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        match operation {
            "GenerateDataKey" => {
                let made = self.key.data_key();
                let (plain, wrapped) =
                    made.map_err(|error| Refusal::new("KMSInternalException", error.to_string()))?;
                Ok(json!({ "KeyId": key, "Plaintext": encode(&plain), "CiphertextBlob": encode(&wrapped) }))
            }
            "Decrypt" => {
                let invalid = |error: String| Refusal::new("InvalidCiphertextException", error);
                let wrapped = BASE64_STANDARD.decode(request["CiphertextBlob"].as_str().unwrap_or_default());
                let wrapped = wrapped.map_err(|error| invalid(error.to_string()))?;
                let plain = self.key.unwrap_key(&wrapped).map_err(|error| invalid(error.to_string()))?;
                Ok(
                    json!({ "KeyId": key, "Plaintext": encode(&plain), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" }),
                )
            }
            _ => Err(Refusal::new(
                "UnsupportedOperationException",
                format!("{operation} is not used by Usher"),
            )),
        }
    }
}
