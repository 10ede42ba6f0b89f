//! The SDK's HTTP client, handing each request to the embedded database in place of a socket.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{
    Database,
    actions::{
        batch_get_item::BatchGetItemRequest, batch_write_item::BatchWriteItemRequest,
        delete_item::DeleteItemRequest, get_item::GetItemRequest, put_item::PutItemRequest,
        query::QueryRequest, scan::ScanRequest, transact_write_items::TransactWriteItemsRequest,
    },
    errors::DynoxideError,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Notify;

use super::{
    behind::{Behind, asks_an_index},
    calls::{Consumed, Meter},
    faults::Faults,
    pace::{Fate, Pace},
    writer::Writer,
};

/// What DynamoDB's protocol, and that of its streams, put before the operation.
const TARGET_PREFIXES: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// Status and body of an answer.
pub(super) type Answer = (u16, String);

/// Nobody answers any more.
#[derive(Debug, thiserror::Error)]
#[error("the embedded database stopped answering; the log says why")]
pub struct Stopped;

/// The embedded database as an HTTP client.
#[derive(Clone)]
pub(super) struct InProcess {
    /// Answers what neither of the others does.
    database: Database,
    /// Connections of their own for reads, which then wait for no write.
    readers: Arc<Mutex<Vec<Database>>>,
    /// Takes the writes of a database in a file.
    writer: Option<Writer>,
    written: Arc<Notify>,
    faults: Faults,
    meter: Meter,
    pace: Option<Paced>,
}

/// Somebody who decides over each call, and what indexes show.
#[derive(Clone)]
struct Paced {
    by: Arc<dyn Pace>,
    behind: Behind,
}

impl InProcess {
    /// Tells `written` after each write, and `meter` after each call.
    pub(super) fn new(database: Database, written: Arc<Notify>, faults: Faults, meter: Meter) -> Self {
        Self { database, readers: Arc::default(), writer: None, written, faults, meter, pace: None }
    }

    /// With connections of their own for reads, as many as run at the same time.
    pub(super) fn reading_by(self, readers: Vec<Database>) -> Self {
        Self { readers: Arc::new(Mutex::new(readers)), ..self }
    }

    /// With a writer for the database, which is in this file.
    pub(super) fn writing_to(self, path: &Path) -> std::io::Result<Self> {
        let by = self.clone();
        let writer = Writer::start(path, &self.database, move |target, body| by.answer(target, body))?;
        Ok(Self { writer: Some(writer), ..self })
    }

    /// With somebody who decides over each call; `copy` is an empty database.
    pub(super) fn paced(self, by: Arc<dyn Pace>, copy: Database) -> Self {
        Self { pace: Some(Paced { by, behind: Behind::new(copy) }), ..self }
    }
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().map(<[u8]>::to_vec).unwrap_or_default();
        HttpConnectorFuture::new(async move {
            let (status, body) = this
                .respond(&target, body)
                .await
                .map_err(|stopped| ConnectorError::other(stopped.into(), None))?;
            let status = status.try_into().map_err(|error: _| {
                ConnectorError::other(Box::<dyn std::error::Error + Send + Sync>::from(error), None)
            })?;
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        })
    }
}

/// Runs an operation that bills capacity, and asks for the bill.
macro_rules! metered {
    ($request:ty, $body:expr, $run:expr) => {{
        let mut request: $request = read($body)?;
        request.return_consumed_capacity = Some("TOTAL".to_owned());
        let answer = $run(request)?;
        Ok((write(&answer)?, answer.consumed_capacity.units()))
    }};
}

impl InProcess {
    /// Status and body of the answer to a request, when its turn has come.
    pub(super) async fn respond(&self, target: &str, body: Vec<u8>) -> Result<Answer, Stopped> {
        if let Some(pace) = &self.pace {
            return Ok(match pace.by.turn(operation_of(target)).await {
                Fate::Answered => self.answer_paced(pace, target, &body),
                Fate::Refused => cut_off(),
                Fate::AnswerLost => {
                    self.answer_paced(pace, target, &body);
                    cut_off()
                }
            });
        }
        if let Some(answer) = self.read_at_once(target, &body) {
            return Ok(answer);
        }
        let target = target.to_owned();
        if let Some(writer) = self.writer.as_ref().filter(|_| writes(operation_of(&target))) {
            return writer.write(target, body).await.ok_or(Stopped);
        }
        // SQLite blocks: not on a thread that serves requests.
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.answer(&target, &body)).await.map_err(|_| Stopped)
    }

    /// The answer to a read, on the caller's thread, while a connection is free for it. It waits for nobody, and to go
    /// to another thread and back takes longer than most reads.
    fn read_at_once(&self, target: &str, body: &[u8]) -> Option<Answer> {
        if !reads(operation_of(target)) {
            return None;
        }
        let reader = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        let answer = self.answer_by(&reader, target, body);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        Some(answer)
    }

    /// Status and body of the answer.
    fn answer(&self, target: &str, body: &[u8]) -> Answer {
        self.answer_by(&self.database, target, body)
    }

    /// The answer of indexes that follow late.
    fn answer_paced(&self, pace: &Paced, target: &str, body: &[u8]) -> Answer {
        let operation = operation_of(target);
        if asks_an_index(operation, body)
            && let Some(unseen) = pace.by.unseen()
        {
            return match pace.behind.without(unseen) {
                Ok(copy) => self.answer_by(copy, target, body),
                Err(error) => (error.status_code(), error.to_json()),
            };
        }
        let (status, answer) = self.answer(target, body);
        let followed = if status == 200 { pace.behind.took(operation, body) } else { Ok(()) };
        match followed {
            Ok(()) => (status, answer),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    fn answer_by(&self, database: &Database, target: &str, body: &[u8]) -> Answer {
        let operation = operation_of(target);
        let writes = writes(operation);
        if writes && self.faults.cut() {
            return cut_off();
        }
        match run(database, operation, body) {
            Ok((answer, units)) => {
                self.meter.answered(operation, units);
                if writes {
                    self.written.notify_one();
                }
                (200, answer)
            }
            Err(error) => {
                self.meter.refused(operation);
                (error.status_code(), error.to_json())
            }
        }
    }
}

/// The operations that are used, with the capacity units that they consumed. Any other is refused, so that a new
/// one is noticed here.
pub(super) fn run(db: &Database, operation: &str, body: &[u8]) -> Result<(String, f64), DynoxideError> {
    match operation {
        "CreateTable" => Ok((write(&db.create_table(read(body)?)?)?, 0.0)),
        "UpdateTimeToLive" => Ok((write(&db.update_time_to_live(read(body)?)?)?, 0.0)),
        "GetItem" => metered!(GetItemRequest, body, |request| db.get_item(request)),
        "BatchGetItem" => metered!(BatchGetItemRequest, body, |request| db.batch_get_item(request)),
        "Query" => metered!(QueryRequest, body, |request| db.query(request)),
        "Scan" => metered!(ScanRequest, body, |request| db.scan(request)),
        "BatchWriteItem" => metered!(BatchWriteItemRequest, body, |request| db.batch_write_item(request)),
        "PutItem" => metered!(PutItemRequest, body, |request| db.put_item(request)),
        "DeleteItem" => metered!(DeleteItemRequest, body, |request| db.delete_item(request)),
        "GetShardIterator" => Ok((write(&db.get_shard_iterator(read(body)?)?)?, 0.0)),
        "GetRecords" => Ok((write(&db.get_records(read(body)?)?)?, 0.0)),
        "TransactWriteItems" => metered!(TransactWriteItemsRequest, body, |request| {
            // The SDK makes a new token for each call, and nothing here is sent twice. The database would hash the
            // request, and keep the answer for ten minutes and look through all it keeps at every write.
            let request = TransactWriteItemsRequest { client_request_token: None, ..request };
            db.transact_write_items(request)
        }),
        other => Err(DynoxideError::ValidationException(format!("{other} is not used by Usher"))),
    }
}

/// Whether an operation writes rows.
pub(super) fn writes(operation: &str) -> bool {
    matches!(operation, "BatchWriteItem" | "DeleteItem" | "PutItem" | "TransactWriteItems")
}

/// Whether an operation only reads.
pub(super) fn reads(operation: &str) -> bool {
    matches!(operation, "GetItem" | "BatchGetItem" | "Query" | "Scan")
}

fn operation_of(target: &str) -> &str {
    TARGET_PREFIXES.iter().find_map(|prefix| target.strip_prefix(prefix)).unwrap_or_default()
}

/// The answer when there is none.
fn cut_off() -> Answer {
    (500, r#"{"__type":"InternalServerError","message":"cut off"}"#.to_owned())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(answer: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
