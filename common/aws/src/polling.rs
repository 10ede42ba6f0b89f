//! Whether Lambda looks into a queue. That is billed by the look, also into an empty queue, so a stack is deployed with nobody
//! looking: whoever sends a message makes sure that somebody does.
//!
//! An update of the stack leaves alone what it does not change. One that changes a mapping sets it as template.yaml has it,
//! disabled, so that what is known here is asked again after a while; what was sent meanwhile the reconciler sends again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_lambda::Client;
use usher_domain::ports::StoreResult;

use crate::store::error::{defect, from_sdk};

/// How long a mapping is believed to be enabled.
const BELIEVED: Duration = Duration::from_secs(10 * 60);

/// The event source mappings that bring the queues' messages to their functions.
#[derive(Debug)]
pub struct Polling {
    client: Client,
    mappings: BTreeMap<String, String>,
    enabled: Mutex<BTreeMap<String, Instant>>,
}

impl Polling {
    /// The mappings with these UUIDs, by queue.
    pub fn new(client: Client, mappings: BTreeMap<String, String>) -> Self {
        Self { client, mappings, enabled: Mutex::default() }
    }

    /// Makes sure that a queue's messages are taken out of it.
    ///
    /// # Errors
    /// When Lambda does not say or do so.
    pub(crate) async fn ensure(&self, queue: &str) -> StoreResult<()> {
        let believed = self.enabled().get(queue).is_some_and(|since| since.elapsed() < BELIEVED);
        if believed {
            return Ok(());
        }
        const DURING: &str = "looking whether a queue is worked off";
        let uuid = self.mappings.get(queue).ok_or_else(|| {
            defect(DURING, format!("no event source mapping is configured for `{queue}`; deploy it first"))
        })?;
        let mapping = self.client.get_event_source_mapping().uuid(uuid).send().await;
        match mapping.map_err(|error| from_sdk(DURING, error))?.state() {
            Some("Enabled" | "Enabling") => {}
            Some("Disabled") => {
                let update = self.client.update_event_source_mapping().uuid(uuid).enabled(true);
                update.send().await.map_err(|error| from_sdk("having a queue worked off", error))?;
                tracing::info!(queue, "the queue's first message: from now on it is worked off");
            }
            // It is being changed, and takes no other change: the next message asks again.
            _ => return Ok(()),
        }
        self.enabled().insert(queue.to_owned(), Instant::now());
        Ok(())
    }

    fn enabled(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        // A poisoned lock only means that another task panicked; the map itself is whole.
        self.enabled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use aws_sdk_lambda::config::{BehaviorVersion, Region};
    use aws_smithy_runtime_api::client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// A mapping in some state, which an update enables.
    #[derive(Debug, Clone)]
    pub(crate) struct Mapping(Arc<Mutex<(&'static str, Vec<String>)>>);

    impl Mapping {
        pub(crate) fn new(state: &'static str) -> Self {
            Self(Arc::new(Mutex::new((state, Vec::new()))))
        }

        /// Of the queue `scim`.
        pub(crate) fn polling(&self) -> Polling {
            let config = aws_sdk_lambda::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::from_static("us-east-1"))
                .allow_no_auth()
                .http_client(self.clone())
                .build();
            Polling::new(Client::from_conf(config), [("scim".to_owned(), "uuid-1".to_owned())].into())
        }

        pub(crate) fn asked(&self) -> Vec<String> {
            self.0.lock().unwrap().1.clone()
        }
    }

    impl HttpConnector for Mapping {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let mut mapping = self.0.lock().unwrap();
            let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
            let path = request.uri().rsplit_once('/').map_or("", |(_, uuid)| uuid).to_owned();
            mapping.1.push(format!("{} {path} {body}", request.method()).trim().to_owned());
            if request.method() == "PUT" {
                mapping.0 = "Enabling";
            }
            let answer = SdkBody::from(format!(r#"{{"UUID":"uuid-1","State":"{}"}}"#, mapping.0));
            HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), answer)))
        }
    }

    impl HttpClient for Mapping {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    #[tokio::test]
    async fn what_is_disabled_is_enabled_once() {
        let mapping = Mapping::new("Disabled");
        let polling = mapping.polling();
        for _ in 0..3 {
            polling.ensure("scim").await.unwrap();
        }
        assert_eq!(mapping.asked(), ["GET uuid-1", r#"PUT uuid-1 {"Enabled":true}"#]);
    }

    #[tokio::test]
    async fn what_is_enabled_is_left_alone() {
        let mapping = Mapping::new("Enabled");
        let polling = mapping.polling();
        for _ in 0..3 {
            polling.ensure("scim").await.unwrap();
        }
        assert_eq!(mapping.asked(), ["GET uuid-1"]);
    }

    #[tokio::test]
    async fn what_is_being_changed_is_asked_again() {
        let mapping = Mapping::new("Updating");
        let polling = mapping.polling();
        polling.ensure("scim").await.unwrap();
        mapping.0.lock().unwrap().0 = "Disabled";
        polling.ensure("scim").await.unwrap();
        assert_eq!(mapping.asked(), ["GET uuid-1", "GET uuid-1", r#"PUT uuid-1 {"Enabled":true}"#]);
    }

    #[tokio::test]
    async fn a_queue_that_nobody_could_work_off_is_an_error() {
        assert!(Mapping::new("Enabled").polling().ensure("unknown").await.is_err());
    }
}
