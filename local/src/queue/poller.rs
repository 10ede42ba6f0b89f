//! Works a queue off as Lambda does: batches, as many at the same time as may be, and only what was handled is deleted.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{Message, Queue};
use crate::{
    function::{Function, batch_failures},
    template::{QueueMapping, REGION},
};

/// Works the queue off for ever, from when on its mapping is enabled.
pub async fn poll(queue: Arc<Queue>, function: Arc<dyn Function>) {
    queue.enabled().await;
    let slots = Arc::new(Semaphore::new(queue.mapping().concurrency.max(1)));
    while let Ok(slot) = slots.clone().acquire_owned().await {
        let batch = queue.receive().await;
        let (queue, function) = (queue.clone(), function.clone());
        tokio::spawn(async move {
            deliver(&queue, &*function, &batch).await;
            drop(slot);
        });
    }
}

/// Delivers a batch. What was not handled is left to its visibility timeout.
async fn deliver(queue: &Queue, function: &dyn Function, batch: &[Message]) {
    let answer = function.invoke(&event(queue.mapping(), batch)).await;
    match answer.and_then(|answer| batch_failures(&answer)) {
        Ok(failed) => {
            let handled = |message: &&Message| !failed.contains(&message.id.to_string());
            batch.iter().filter(handled).for_each(|message| queue.delete(&message.receipt));
        }
        Err(error) => {
            let name = &queue.mapping().name;
            tracing::warn!(queue = name, %error, "a batch of messages is delivered again");
        }
    }
}

/// The event that Lambda makes of a batch.
fn event(mapping: &QueueMapping, batch: &[Message]) -> Value {
    let records: Vec<Value> = batch
        .iter()
        .map(|message| {
            let mut attributes = json!({
                "ApproximateReceiveCount": message.receives.to_string(),
                "SentTimestamp": message.sent.to_string(),
            });
            if let Some(group) = &message.group {
                attributes["MessageGroupId"] = group.as_str().into();
            }
            json!({
                "messageId": message.id,
                "receiptHandle": message.receipt,
                "body": message.body,
                "attributes": attributes,
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": mapping.arn,
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}
