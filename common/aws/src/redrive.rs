//! What the planner gave up comes back: Lambda says in a message where in the stream the records are, and they are read from
//! there and handled as ever.

use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use usher_domain::{ports::StoreError, wake::Wake};

use crate::{
    events::{BatchAnswer, QueueEvent, QueueRecord, StreamEvent, StreamRecord, Unreadable, chain},
    stream::{Found, StreamRange, StreamReader},
};

/// How many records are handled at the same time. Handling them out of order changes nothing, and a message may name more than
/// could be handled one after the other.
const AT_ONCE: usize = 8;

/// What wakes the planner.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub enum PlannerEvent {
    /// Rows, as they are written.
    Written(StreamEvent),
    /// Messages that name records that were given up.
    GivenUp(QueueEvent),
}

impl TryFrom<Value> for PlannerEvent {
    type Error = serde_json::Error;

    /// Each record names its source, and an event has records of one.
    fn try_from(event: Value) -> Result<Self, Self::Error> {
        if event["Records"][0]["eventSource"] == "aws:sqs" {
            return serde_json::from_value(event).map(Self::GivenUp);
        }
        serde_json::from_value(event).map(Self::Written)
    }
}

/// A message to the destination of records that were given up, as far as it is read here. "The actual records aren't included,
/// so you must process this record and retrieve them from the stream before they expire and are lost", says
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>, and gives this example, without the rest:
///
/// ```json
/// "DDBStreamBatchInfo": {
///     "shardId": "shardId-00000001573689847184-864758bb",
///     "startSequenceNumber": "800000000003126276362",
///     "endSequenceNumber": "800000000003126276362",
///     "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
///     "approximateArrivalOfLastRecord": "2019-11-14T00:13:19Z",
///     "batchSize": 1,
///     "streamArn": "arn:aws:dynamodb:us-east-2:123456789012:table/mytable/stream/2019-11-14T00:04:06.388"
/// }
/// ```
#[derive(Debug, Deserialize)]
pub struct GivenUp {
    /// Which records.
    #[serde(rename = "DDBStreamBatchInfo")]
    pub range: StreamRange,
}

/// Why a message comes again, and in the end is a dead letter.
#[derive(Debug, thiserror::Error)]
enum NotHandled {
    #[error(transparent)]
    Message(#[from] Unreadable),
    #[error(transparent)]
    Stream(#[from] StoreError),
    #[error("of {of} records {failed} were not handled; the lines before say why")]
    Records { failed: usize, of: usize },
    #[error(
        "the stream no longer has all records from {first} to {last}; plan the changes of that time again by \
         `usher workspace replan`"
    )]
    Trimmed { first: String, last: String },
}

impl PlannerEvent {
    /// Handles what it brings or names, and answers what has to come again.
    pub async fn handle<E, F>(&self, stream: &StreamReader, handler: impl Fn(Wake) -> F) -> BatchAnswer
    where
        E: std::error::Error,
        F: Future<Output = Result<(), E>>,
    {
        let messages = match self {
            Self::Written(event) => return event.handle(handler).await,
            Self::GivenUp(event) => &event.records,
        };
        let mut failed = Vec::new();
        for message in messages {
            if let Err(error) = again(message, stream, &handler).await {
                let (message, error) = (&message.message_id, chain(&error));
                tracing::error!(message, error, "records that were given up come again");
                failed.push(message.clone());
            }
        }
        BatchAnswer::failed(failed)
    }
}

/// Handles the records that a message names, each of them: one that fails keeps none of the others back.
async fn again<E, F>(
    message: &QueueRecord,
    stream: &StreamReader,
    handler: &impl Fn(Wake) -> F,
) -> Result<(), NotHandled>
where
    E: std::error::Error,
    F: Future<Output = Result<(), E>>,
{
    let GivenUp { range } = message.message()?;
    let Found { records, whole } = stream.read(&range).await?;
    let of = records.len();
    let handled = records.into_iter().map(|record: StreamRecord| async move { record.handle(handler).await });
    let handled: Vec<bool> = stream::iter(handled).buffer_unordered(AT_ONCE).collect().await;
    let failed = handled.iter().filter(|handled| !**handled).count();
    tracing::info!(records = of, failed, "records that were given up were read again");
    if failed > 0 {
        return Err(NotHandled::Records { failed, of });
    }
    let StreamRange { first, last, .. } = range;
    if whole { Ok(()) } else { Err(NotHandled::Trimmed { first, last }) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_told_by_what_is_in_it() {
        let body = json!({"DDBStreamBatchInfo": {"shardId": "shardId-00000001573689847184-864758bb",
            "startSequenceNumber": "800000000003126276362", "endSequenceNumber": "800000000003126276363",
            "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z", "batchSize": 2, "streamArn": "arn"}});
        let message = json!({"Records": [{"messageId": "1", "receiptHandle": "r", "body": body.to_string(),
            "eventSource": "aws:sqs"}]});
        let PlannerEvent::GivenUp(event) = serde_json::from_value(message).unwrap() else {
            panic!("a message is no row");
        };
        let GivenUp { range } = event.records[0].message().unwrap();
        let expected = StreamRange {
            stream_arn: "arn".to_owned(),
            shard_id: "shardId-00000001573689847184-864758bb".to_owned(),
            first: "800000000003126276362".to_owned(),
            last: "800000000003126276363".to_owned(),
        };
        assert_eq!(range, expected);
        let row = json!({"Records": [{"eventName": "INSERT", "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": "7"}}]});
        assert!(matches!(serde_json::from_value(row).unwrap(), PlannerEvent::Written(_)));
        let odd = json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {}}]});
        let error = serde_json::from_value::<PlannerEvent>(odd).unwrap_err().to_string();
        assert!(error.contains("SequenceNumber"), "it says what is missing: {error}");
    }
}
