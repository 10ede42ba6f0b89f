//! The Lambda Runtime API (2018-06-01) of one sandbox: its program asks for the next invocation and answers it. Of the
//! Extensions API (2020-01-01) there is as much as a program needs that wants to be told before it ends.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, oneshot};
use uuid::Uuid;

use super::services::Refusal;

/// The most that an event or an answer may hold.
pub(super) const MOST_BYTES: usize = 6 * 1024 * 1024;

/// What a program answered: a value, or the error that it reported.
pub(super) type Answer = Result<Value, String>;

/// An invocation on its way into the sandbox.
pub(super) struct Invocation {
    event: String,
    headers: [(&'static str, String); 4],
    id: String,
    answer: oneshot::Sender<Answer>,
}

impl Invocation {
    /// An invocation of a function, and where its answer will come.
    pub(super) fn new(
        event: String,
        function_arn: &str,
        timeout: Duration,
    ) -> (Self, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        let id = Uuid::new_v4().to_string();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = (since + timeout).as_millis().to_string();
        let root = Uuid::new_v4().simple().to_string();
        let trace =
            format!("Root=1-{:08x}-{};Parent={};Sampled=0", since.as_secs(), &root[..24], &root[16..]);
        let headers = [
            ("lambda-runtime-aws-request-id", id.clone()),
            ("lambda-runtime-deadline-ms", deadline),
            ("lambda-runtime-invoked-function-arn", function_arn.to_owned()),
            ("lambda-runtime-trace-id", trace),
        ];
        (Self { event, headers, id, answer }, answered)
    }
}

/// What the API and the sandbox share.
pub(super) struct Slot {
    invocations: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    /// The invocation that was handed out and is not answered yet.
    under_way: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
    /// The program has asked for its first invocation.
    pub(super) ready: Notify,
    /// What the program said when it could not start.
    pub(super) failed_to_start: Mutex<Option<String>>,
}

impl Slot {
    /// A slot, and where its invocations go in.
    pub(super) fn new() -> (Arc<Self>, mpsc::UnboundedSender<Invocation>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let slot = Self {
            invocations: tokio::sync::Mutex::new(receiver),
            under_way: Mutex::default(),
            ready: Notify::new(),
            failed_to_start: Mutex::default(),
        };
        (Arc::new(slot), sender)
    }

    /// Answers the invocation that is under way, if it has this id.
    fn settle(&self, id: &str, answer: Answer) -> Result<(), Refusal> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.take() {
            Some((current, sender)) if current == id => {
                // Nobody listens any more when the time ran out at this moment.
                drop(sender.send(answer));
                Ok(())
            }
            other => {
                *under_way = other;
                Err(Refusal::new("InvalidRequestID", format!("no invocation {id} is under way")))
            }
        }
    }
}

/// The API.
pub(super) fn router(slot: Arc<Slot>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(next_event))
        .layer(DefaultBodyLimit::max(2 * MOST_BYTES))
        .with_state(slot)
}

async fn next(State(slot): State<Arc<Slot>>) -> Response {
    slot.ready.notify_one();
    let invocation = slot.invocations.lock().await.recv().await;
    // The sandbox is being ended.
    let Some(Invocation { event, headers, id, answer }) = invocation else {
        return StatusCode::GONE.into_response();
    };
    *slot.under_way.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, answer));
    let mut response = ([("content-type", "application/json")], event).into_response();
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn response(
    State(slot): State<Arc<Slot>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    if body.len() > MOST_BYTES {
        let problem = format!("the answer has {} bytes; at most {MOST_BYTES} are allowed", body.len());
        slot.settle(&id, Err(format!("Function.ResponseSizeTooLarge: {problem}")))?;
        return Ok((StatusCode::PAYLOAD_TOO_LARGE, problem).into_response());
    }
    let answer = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    slot.settle(&id, answer.map_err(|error| format!("the answer is no JSON: {error}")))?;
    Ok(accepted())
}

async fn error(
    State(slot): State<Arc<Slot>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    slot.settle(&id, Err(reported(&headers, &body)))?;
    Ok(accepted())
}

async fn init_error(State(slot): State<Arc<Slot>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut failed = slot.failed_to_start.lock().unwrap_or_else(PoisonError::into_inner);
    *failed = Some(reported(&headers, &body));
    slot.ready.notify_one();
    accepted()
}

/// An extension of the program's own: with one registered, AWS ends a sandbox with `SIGTERM`.
async fn register() -> Response {
    let id = Uuid::new_v4().to_string();
    let body = Json(json!({ "functionName": "", "functionVersion": "$LATEST", "handler": "bootstrap" }));
    ([("lambda-extension-identifier", id)], body).into_response()
}

/// It asked for no events.
async fn next_event() -> Response {
    std::future::pending().await
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

/// The error that a program reports.
fn reported(headers: &HeaderMap, body: &[u8]) -> String {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let kind = error["errorType"].as_str().or(header).unwrap_or("Unknown");
    format!("{kind}: {}", error["errorMessage"].as_str().unwrap_or("no message"))
}
