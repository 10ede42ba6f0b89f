//! A function as what delivers events sees it: an event goes in, an answer or a failure comes out. Deliveries do not
//! know whether the handler runs in this process or in one of its own.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::Router;
use serde::Deserialize;
use serde_json::Value;
use usher_aws::{
    events::{QueueEvent, chain},
    queue::Redelivery,
    redrive::PlannerEvent,
    stream::StreamReader,
};
use usher_connector::{Executor, Verdict};
use usher_domain::{ports::StoreResult, webhook::DeliveryMessage};
use usher_fn_planner::Planner;
use usher_fn_reconciler::Reconciler;
use usher_fn_webhooks::Courier;

use crate::queue::{Queue, REDELIVERY};

/// An invocation that was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The function ended, ran out of time, or answered with an error.
    #[error("the invocation failed: {0}")]
    Failed(String),
    /// As many invocations run as may.
    #[error("too many invocations run at the same time")]
    Throttled,
}

/// A function that can be invoked.
#[async_trait]
pub trait Function: Send + Sync {
    /// Invokes it with an event, and answers its answer.
    ///
    /// # Errors
    /// When there is none.
    async fn invoke(&self, event: &Value) -> Result<Value, Failure>;
}

/// All functions.
pub struct Functions {
    /// What answers requests.
    pub api: Router,
    /// What is invoked with other events, by its name in template.yaml.
    pub by_name: BTreeMap<String, Arc<dyn Function>>,
}

/// The items of a batch that are to be delivered again, by the answer to it.
///
/// # Errors
/// When the answer does not say it in Lambda's form: then all of them are.
pub fn batch_failures(answer: &Value) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        batch_item_failures: Option<Vec<Item>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Item {
        item_identifier: String,
    }
    if answer.is_null() {
        return Ok(Vec::new());
    }
    let wrong =
        |problem: String| Failure::Failed(format!("the answer to a batch is not understood: {problem}"));
    let answer: Answer = serde_json::from_value(answer.clone()).map_err(|error| wrong(error.to_string()))?;
    let failures = answer.batch_item_failures.unwrap_or_default();
    if failures.iter().any(|item| item.item_identifier.is_empty()) {
        return Err(wrong("an item has no identifier".to_owned()));
    }
    Ok(failures.into_iter().map(|item| item.item_identifier).collect())
}

fn read<'a, T: Deserialize<'a>>(event: &'a Value) -> Result<T, Failure> {
    T::deserialize(event).map_err(|error| Failure::Failed(format!("the event cannot be read: {error}")))
}

fn written(answer: &impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|error| Failure::Failed(error.to_string()))
}

/// The planner in this process, and the stream whose records it is given.
pub struct Planning {
    /// Handles them.
    pub planner: Planner,
    /// Reads those again that it gave up.
    pub stream: StreamReader,
}

#[async_trait]
impl Function for Planning {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let event: PlannerEvent = read(event)?;
        written(&event.handle(&self.stream, |wake| self.planner.handle(wake)).await)
    }
}

#[async_trait]
impl Function for Reconciler {
    async fn invoke(&self, _: &Value) -> Result<Value, Failure> {
        let report = self.run().await.map_err(|error| Failure::Failed(chain(&error)))?;
        Ok(report.released.into())
    }
}

/// A connector in this process, and the queue that it works off.
pub struct Connector {
    /// Runs its jobs.
    pub executor: Executor,
    /// Brings its messages.
    pub queue: Arc<Queue>,
}

#[async_trait]
impl Function for Connector {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let event: QueueEvent = read(event)?;
        let run = |message| async move {
            let ran = self.executor.run(&message).await.map(Verdict::again_after);
            // The visibility timeout is made for functions that vanish, which here they only do with the queue.
            Ok::<_, std::convert::Infallible>(ran.unwrap_or_else(|error| {
                tracing::warn!(
                    names = message.names(),
                    error = chain(&error),
                    "a message is delivered again"
                );
                Some(REDELIVERY)
            }))
        };
        written(&event.handle(&*self.queue, run).await)
    }
}

/// Who delivers to webhooks in this process, and the queue that is worked off.
pub struct Deliveries {
    /// Delivers.
    pub courier: Courier,
    /// Brings its messages.
    pub queue: Arc<Queue>,
}

#[async_trait]
impl Function for Deliveries {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let event: QueueEvent = read(event)?;
        let deliver = |message: DeliveryMessage| async move {
            let delivered = self.courier.deliver(&message).await;
            Ok::<_, std::convert::Infallible>(delivered.unwrap_or_else(|error| {
                tracing::warn!(delivery = %message.delivery, error = chain(&error), "a message is delivered again");
                Some(REDELIVERY)
            }))
        };
        written(&event.handle(&*self.queue, deliver).await)
    }
}

#[async_trait]
impl Redelivery for Queue {
    async fn put_off(&self, receipt_handle: &str, after: std::time::Duration) -> StoreResult<()> {
        self.change_visibility(receipt_handle, after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_to_batches_are_read_as_lambda_reads_them() {
        for all_well in
            [json!(null), json!({}), json!({"batchItemFailures": []}), json!({"batchItemFailures": null})]
        {
            assert!(batch_failures(&all_well).unwrap().is_empty(), "{all_well}");
        }
        let one = json!({"batchItemFailures": [{"itemIdentifier": "7"}]});
        assert_eq!(batch_failures(&one).unwrap(), ["7"]);
        for all_failed in [
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{"id": "7"}]}),
            json!("done"),
        ] {
            assert!(batch_failures(&all_failed).is_err(), "{all_failed}");
        }
    }
}
