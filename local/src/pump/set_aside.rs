//! Records that the planner gave up. As on AWS a message says where in the stream they are, and the planner works these
//! messages off; and as there they stay in the stream meanwhile. The messages are lost with the process. The next one finds the
//! records still there, and delivers them from the beginning.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::{
    embedded::{Record, Stream},
    function::{Failure, Function, batch_failures},
    queue::Queue,
    template::{REGION, StreamMapping},
};

/// Where records go that were given up.
#[derive(Clone)]
pub(super) struct SetAside {
    stream: Stream,
    shard: String,
    failures: Arc<Queue>,
}

impl SetAside {
    /// For records of this stream.
    ///
    /// # Errors
    /// When the database cannot tell the stream's shard.
    pub(super) fn of(stream: &Stream, failures: &Arc<Queue>) -> Result<Self, String> {
        let shard = stream.shard_id()?.to_owned();
        Ok(Self { stream: stream.clone(), shard, failures: failures.clone() })
    }

    /// Keeps records and sends their message, in the form of Lambda's S3 destination: it has the records too, so that a dead
    /// letter tells what was in it.
    pub(super) fn put(&self, mapping: &StreamMapping, condition: &str, records: &[Record]) {
        self.stream.keep(records.iter().map(|record| record.sequence));
        let sequence = |record: Option<&Record>| record.map(|record| record.sequence.to_string());
        let events: Vec<&Value> = records.iter().map(|record| &record.event).collect();
        let message = json!({
            "requestContext": { "functionArn": mapping.function, "condition": condition },
            "DDBStreamBatchInfo": {
                "streamArn": mapping.arn,
                "shardId": self.shard,
                "region": REGION,
                "batchSize": records.len(),
                "startSequenceNumber": sequence(records.first()),
                "endSequenceNumber": sequence(records.last()),
            },
            "payload": { "Records": events },
        });
        tracing::warn!(
            condition,
            records = records.len(),
            "records were given up, and are tried again later"
        );
        self.failures.send(message.to_string(), None, self.failures.mapping().delay);
    }
}

/// The planner, as it is given the messages: what it has handled need not stay in the stream any longer.
pub struct Redrive {
    /// The planner.
    pub planner: Arc<dyn Function>,
    /// Where the records are.
    pub stream: Stream,
}

#[async_trait]
impl Function for Redrive {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let answer = self.planner.invoke(event).await?;
        let failed = batch_failures(&answer)?;
        let messages = event["Records"].as_array().into_iter().flatten();
        let handled = messages.filter(|message| !failed.iter().any(|id| message["messageId"] == id.as_str()));
        self.stream.release(handled.flat_map(sequences));
        Ok(answer)
    }
}

/// The records that a message names. One that could be handled could be read.
fn sequences(message: &Value) -> Vec<u128> {
    let body = message["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
    let records = body.as_ref().and_then(|body| body["payload"]["Records"].as_array());
    let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str()?.parse().ok();
    records.into_iter().flatten().filter_map(number).collect()
}
