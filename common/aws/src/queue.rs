//! Jobs on their way to connectors: one SQS queue per connector.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use usher_domain::{
    job::JobMessage,
    ports::{JobQueue, StoreResult},
};

use crate::store::error::{defect, from_sdk};

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
    async fn send(&self, connector: &str, message: &JobMessage, delay_seconds: u32) -> StoreResult<()> {
        const DURING: &str = "sending a job";
        let url = self.urls.get(connector).ok_or_else(|| {
            defect(DURING, format!("no queue is configured for the connector `{connector}`; deploy it first"))
        })?;
        let body = serde_json::to_string(message).map_err(|error| defect(DURING, error))?;
        self.client
            .send_message()
            .queue_url(url)
            .message_body(body)
            // A fair queue: one workspace's bulk load does not delay another's.
            .message_group_id(message.workspace.as_str())
            .delay_seconds(i32::try_from(delay_seconds).unwrap_or(900))
            .send()
            .await
            .map_err(|error| from_sdk(DURING, error))?;
        Ok(())
    }
}
