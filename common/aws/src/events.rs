//! AWS's event JSON, decoded here and nowhere else; and the answers it expects.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use usher_domain::wake::Wake;

use crate::{
    queue::Redelivery,
    store::{DOCUMENT, LEAN, unpacked},
};

/// A record of the table's stream.
#[derive(Debug, Deserialize)]
pub struct StreamEvent {
    /// The records, in order.
    #[serde(rename = "Records")]
    pub records: Vec<StreamRecord>,
}

/// One record of the table's stream.
#[derive(Debug, Deserialize)]
pub struct StreamRecord {
    dynamodb: StreamImages,
}

#[derive(Debug, Deserialize)]
struct StreamImages {
    #[serde(rename = "SequenceNumber")]
    sequence_number: String,
    #[serde(rename = "NewImage")]
    new_image: Option<Value>,
}

/// A record that does not hold what it should: a defect, which ends in the on-failure queue.
#[derive(Debug, thiserror::Error)]
#[error("the event record {id} cannot be read: {problem}; it is kept in the on-failure queue")]
pub struct Unreadable {
    id: String,
    problem: String,
}

impl StreamRecord {
    /// A record that was read from the stream itself. Of its row as it then was, the parts that are no text or bytes are left
    /// out: no document is in them.
    pub(crate) fn read(sequence_number: String, new_image: Option<Value>) -> Self {
        Self { dynamodb: StreamImages { sequence_number, new_image } }
    }

    /// What to name when this record could not be handled.
    pub fn id(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// What it wakes the planner for; `None` for rows that are not the planner's, which the mapping's filter
    /// normally keeps away, and for rows that are gone.
    ///
    /// # Errors
    /// When a row that wakes it cannot be read.
    pub fn wake(&self) -> Result<Option<Wake>, Unreadable> {
        let Some(image) = &self.dynamodb.new_image else { return Ok(None) };
        let attribute = |name: &str| image.get(name)?.get("S")?.as_str();
        match attribute("type") {
            Some("change") => Ok(Some(Wake::Change(self.document(image)?))),
            Some("job") => Ok(Some(Wake::Job(self.document(image)?))),
            Some("sync") => Ok(Some(Wake::Sync(self.document(image)?))),
            Some("delivery") => Ok(Some(Wake::Delivery(self.document(image)?))),
            Some("integration") => Ok(Some(Wake::Integration(self.document(image)?))),
            Some("audit") => Ok(Some(Wake::Act(self.document(image)?))),
            _ => Ok(None),
        }
    }

    /// Handles it, and answers whether that went well. Why not is logged.
    pub(crate) async fn handle<E, F>(&self, handler: impl Fn(Wake) -> F) -> bool
    where
        E: std::error::Error,
        F: Future<Output = Result<(), E>>,
    {
        let failed = match self.wake() {
            Ok(None) => None,
            Ok(Some(wake)) => handler(wake).await.err().map(|error| chain(&error)),
            Err(unreadable) => Some(chain(&unreadable)),
        };
        if let Some(error) = &failed {
            tracing::error!(record = self.id(), error, "a stream record was not handled");
        }
        failed.is_none()
    }

    /// The document of a row, as the store keeps it.
    fn document<T: DeserializeOwned>(&self, image: &Value) -> Result<T, Unreadable> {
        let unreadable = |problem: String| Unreadable { id: self.id().to_owned(), problem };
        let value = image.get(DOCUMENT).or_else(|| image.get(LEAN));
        let part = |name| value.and_then(|value| value.get(name)).and_then(Value::as_str);
        match (part("S"), part("B")) {
            (Some(json), _) => serde_json::from_str(json).map_err(|error| unreadable(error.to_string())),
            (None, Some(packed)) => {
                let packed = BASE64_STANDARD.decode(packed).map_err(|error| unreadable(error.to_string()))?;
                unpacked(&packed).map_err(|error| unreadable(chain(&error)))
            }
            (None, None) => Err(unreadable("it has no document".to_owned())),
        }
    }
}

impl StreamEvent {
    /// Handles the records in order, and stops at the first that fails: Lambda delivers everything from the
    /// one that is named again (with bisection, until a poison record stands alone).
    pub async fn handle<E, F>(&self, handler: impl Fn(Wake) -> F) -> BatchAnswer
    where
        E: std::error::Error,
        F: Future<Output = Result<(), E>>,
    {
        for record in &self.records {
            if !record.handle(&handler).await {
                return BatchAnswer::failed([record.id().to_owned()]);
            }
        }
        BatchAnswer::default()
    }
}

/// An error with its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |error| error.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Messages of a queue.
#[derive(Debug, Deserialize)]
pub struct QueueEvent {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<QueueRecord>,
}

/// One message of a queue.
#[derive(Debug, Deserialize)]
pub struct QueueRecord {
    /// What to name when this message could not be handled.
    #[serde(rename = "messageId")]
    pub message_id: String,
    /// What to name when its next delivery is put off.
    #[serde(rename = "receiptHandle", default)]
    pub receipt_handle: String,
    body: String,
}

impl QueueRecord {
    /// What it names: a job or sync for connectors, a delivery for webhooks.
    ///
    /// # Errors
    /// When the body is no message of ours.
    pub fn message<M: DeserializeOwned>(&self) -> Result<M, Unreadable> {
        serde_json::from_str(&self.body)
            .map_err(|error| Unreadable { id: self.message_id.clone(), problem: error.to_string() })
    }

    /// Puts its next delivery off. Where the queue does not answer, it comes when its visibility timeout ends.
    async fn put_off(&self, redelivery: &impl Redelivery, after: Duration) {
        if let Err(error) = redelivery.put_off(&self.receipt_handle, after).await {
            let (message, error) = (&self.message_id, chain(&error));
            tracing::warn!(message, error, "a message could not be put off");
        }
    }
}

impl QueueEvent {
    /// Works the messages of a batch off side by side. `run` answers after how long the message has to come again, if
    /// it has to: SQS is told, so that nobody waits in a function that costs money.
    pub async fn handle<M, E, F>(&self, redelivery: &impl Redelivery, run: impl Fn(M) -> F) -> BatchAnswer
    where
        M: DeserializeOwned,
        E: std::error::Error,
        F: Future<Output = Result<Option<Duration>, E>>,
    {
        let run = &run;
        let handled = self.records.iter().map(async |record| {
            let outcome = match record.message() {
                Ok(message) => run(message).await.map_err(|error| chain(&error)),
                Err(unreadable) => Err(chain(&unreadable)),
            };
            match outcome {
                Ok(None) => return None,
                Ok(Some(after)) => record.put_off(redelivery, after).await,
                Err(error) => {
                    tracing::error!(message = record.message_id, error, "a message comes again")
                }
            }
            Some(record.message_id.clone())
        });
        BatchAnswer::failed(futures::future::join_all(handled).await.into_iter().flatten())
    }
}

/// The answer to a batch: what has to be delivered again. The names are AWS's; with others every message
/// would count as handled.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchAnswer {
    /// What was not handled. For a stream the first one: everything from there on comes again.
    #[serde(rename = "batchItemFailures")]
    pub failures: Vec<ItemFailure>,
}

/// One item to be delivered again.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ItemFailure {
    /// A stream's sequence number, or a queue's message id.
    #[serde(rename = "itemIdentifier")]
    pub id: String,
}

impl BatchAnswer {
    /// An answer that names what has to come again.
    pub fn failed(ids: impl IntoIterator<Item = String>) -> Self {
        Self { failures: ids.into_iter().map(|id| ItemFailure { id }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_have_the_names_that_lambda_reads() {
        let answer = BatchAnswer::failed(["100".to_owned()]);
        assert_eq!(
            serde_json::to_value(&answer).unwrap(),
            json!({"batchItemFailures": [{"itemIdentifier": "100"}]})
        );
        assert_eq!(serde_json::to_value(BatchAnswer::default()).unwrap(), json!({"batchItemFailures": []}));
    }

    #[test]
    fn a_record_that_is_not_the_planners_is_passed_over_and_a_broken_one_is_told() {
        let record = |image: Value| -> StreamRecord {
            serde_json::from_value(json!({"eventName": "INSERT",
                "dynamodb": {"SequenceNumber": "7", "NewImage": image}}))
            .unwrap()
        };
        assert_eq!(record(json!({"type": {"S": "user"}})).wake().unwrap(), None);
        let broken = record(json!({"type": {"S": "change"}, "doc": {"S": "{}"}})).wake().unwrap_err();
        assert!(broken.to_string().contains("record 7"), "{broken}");
        let removed: StreamRecord =
            serde_json::from_value(json!({"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "8"}}))
                .unwrap();
        assert_eq!(removed.wake().unwrap(), None);
    }
}
