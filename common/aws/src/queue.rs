//! Jobs on their way to connectors, one SQS queue per connector; and events on their way to webhooks.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use serde::Serialize;
use usher_domain::{
    id::WorkspaceId,
    job::Message,
    ports::{JobQueue, StoreResult},
    webhook::DeliveryMessage,
};

use crate::{
    polling::Polling,
    store::error::{defect, from_sdk},
};

/// SQS's longest visibility timeout, in seconds: 12 hours.
const LONGEST_VISIBILITY: i32 = 43_200;

/// Names the queue of deliveries to webhooks among the connectors' queues.
pub const DELIVERIES: &str = "webhooks";

/// The queues of the connectors, and of deliveries.
#[derive(Debug)]
pub struct SqsQueues {
    client: Client,
    urls: BTreeMap<String, String>,
    polling: Polling,
}

impl SqsQueues {
    /// The queues with these URLs, by connector; deliveries have theirs under [`DELIVERIES`].
    pub fn new(client: Client, urls: BTreeMap<String, String>, polling: Polling) -> Self {
        Self { client, urls, polling }
    }
}

#[async_trait]
impl JobQueue for SqsQueues {
    async fn send(&self, connector: &str, message: &Message, delay_seconds: u32) -> StoreResult<()> {
        self.put(connector, message, message.workspace(), delay_seconds).await
    }

    async fn send_delivery(&self, message: &DeliveryMessage, delay_seconds: u32) -> StoreResult<()> {
        self.put(DELIVERIES, message, &message.workspace, delay_seconds).await
    }
}

impl SqsQueues {
    async fn put(
        &self,
        queue: &str,
        message: &impl Serialize,
        workspace: &WorkspaceId,
        delay_seconds: u32,
    ) -> StoreResult<()> {
        const DURING: &str = "sending a message";
        let url = self.urls.get(queue).ok_or_else(|| {
            defect(DURING, format!("no queue is configured for `{queue}`; deploy it first"))
        })?;
        let body = serde_json::to_string(message).map_err(|error| defect(DURING, error))?;
        self.polling.ensure(queue).await?;
        self.client
            .send_message()
            .queue_url(url)
            .message_body(body)
            // A fair queue: one workspace's bulk load does not delay another's.
            .message_group_id(workspace.as_str())
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_sqs::config::{BehaviorVersion, Region};
    use aws_smithy_runtime_api::client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    };
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};
    use usher_domain::job::JobMessage;

    use super::*;
    use crate::polling::tests::Mapping;

    /// Keeps what is asked of SQS.
    #[derive(Debug, Clone, Default)]
    struct Requests(Arc<Mutex<Vec<Value>>>);

    impl HttpConnector for Requests {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            self.0.lock().unwrap().push(body);
            let answer = SdkBody::from(r#"{"MessageId":"1"}"#);
            HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), answer)))
        }
    }

    impl HttpClient for Requests {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    /// The queues `scim` and `meta`, of which only the first has a mapping.
    fn queues(requests: &Requests, mapping: &Mapping) -> SqsQueues {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .allow_no_auth()
            .http_client(requests.clone())
            .build();
        let url = |name: &str| (name.to_owned(), format!("https://sqs.example/{name}"));
        let urls = BTreeMap::from([url("scim"), url("meta")]);
        SqsQueues::new(Client::from_conf(config), urls, mapping.polling())
    }

    fn message(workspace: &str) -> Message {
        let [integration, person, job] = ["hub", "ada", "job"];
        Message::Job(JobMessage {
            workspace: workspace.parse().unwrap(),
            integration: integration.parse().unwrap(),
            person: person.parse().unwrap(),
            job: job.parse().unwrap(),
        })
    }

    #[tokio::test]
    async fn nothing_is_sent_into_a_queue_that_is_not_worked_off() {
        let (requests, mapping) = (Requests::default(), Mapping::new("Disabled"));
        let queues = queues(&requests, &mapping);
        assert!(queues.send("meta", &message("acme"), 0).await.is_err());
        assert!(requests.0.lock().unwrap().is_empty());
        queues.send("scim", &message("acme"), 0).await.unwrap();
        assert_eq!(mapping.asked().len(), 2, "looked at and enabled");
        assert_eq!(requests.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn the_message_group_is_the_workspace() {
        let requests = Requests::default();
        let queues = queues(&requests, &Mapping::new("Enabled"));
        for workspace in ["acme", "globex"] {
            queues.send("scim", &message(workspace), 7).await.unwrap();
        }
        let requests = requests.0.lock().unwrap();
        let said = |name: &str| requests.iter().map(|request| request[name].clone()).collect::<Vec<_>>();
        assert_eq!(said("MessageGroupId"), ["acme", "globex"]);
        assert_eq!(said("DelaySeconds"), [json!(7), json!(7)]);
    }
}
