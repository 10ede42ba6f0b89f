//! Jobs on their way to connectors: one SQS queue per connector.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use usher_domain::{
    job::Message,
    ports::{JobQueue, StoreResult},
};

use crate::store::error::{defect, from_sdk};

/// SQS's longest visibility timeout, in seconds: 12 hours.
const LONGEST_VISIBILITY: i32 = 43_200;

/// The queues of the connectors.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: Client,
    urls: BTreeMap<String, String>,
}

impl SqsQueues {
    /// The queues with these URLs, by connector.
    pub fn new(client: Client, urls: BTreeMap<String, String>) -> Self {
        Self { client, urls }
    }
}

#[async_trait]
impl JobQueue for SqsQueues {
    async fn send(&self, connector: &str, message: &Message, delay_seconds: u32) -> StoreResult<()> {
        const DURING: &str = "sending a message";
        let url = self.urls.get(connector).ok_or_else(|| {
            defect(DURING, format!("no queue is configured for the connector `{connector}`; deploy it first"))
        })?;
        let body = serde_json::to_string(message).map_err(|error| defect(DURING, error))?;
        self.client
            .send_message()
            .queue_url(url)
            .message_body(body)
            // A fair queue: one workspace's bulk load does not delay another's.
            .message_group_id(message.workspace().as_str())
            .delay_seconds(i32::try_from(delay_seconds).unwrap_or(900))
            .send()
            .await
            .map_err(|error| from_sdk(DURING, error))?;
        Ok(())
    }
}

/// Puts off the next delivery of a connector's messages.
#[async_trait]
pub trait Redelivery: Send + Sync {
    /// Puts a message that was received by this handle off.
    ///
    /// # Errors
    /// When the queue does not answer.
    async fn put_off(&self, receipt_handle: &str, after: Duration) -> StoreResult<()>;
}

/// Puts messages of an SQS queue off.
#[derive(Debug, Clone)]
pub struct SqsRedelivery {
    client: Client,
    url: String,
}

impl SqsRedelivery {
    /// For the queue with this URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

#[async_trait]
impl Redelivery for SqsRedelivery {
    async fn put_off(&self, receipt_handle: &str, after: Duration) -> StoreResult<()> {
        let seconds = i32::try_from(after.as_secs()).unwrap_or(LONGEST_VISIBILITY).min(LONGEST_VISIBILITY);
        let request = self.client.change_message_visibility().queue_url(&self.url);
        let request = request.receipt_handle(receipt_handle).visibility_timeout(seconds);
        request.send().await.map_err(|error| from_sdk("putting a message off", error))?;
        Ok(())
    }
}
