//! The connectors' queues in this process: delivered at least once, after a delay, a bounded number of
//! times. They are lost with the process; the reconciler's recovery fills them again from the jobs' rows.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::{
    Semaphore,
    mpsc::{self, UnboundedReceiver, UnboundedSender},
};
use usher_connector::{Executor, Verdict};
use usher_domain::{
    job::JobMessage,
    ports::{JobQueue, StoreError, StoreResult},
};

use crate::{data::DeadLetters, template::QueueMapping};

/// How long a message that failed waits before it is delivered again.
const REDELIVERY: Duration = Duration::from_secs(1);

/// A message and how often it was delivered.
#[derive(Debug, Clone)]
struct Delivery {
    message: JobMessage,
    receives: u32,
}

/// The sending ends of all queues.
#[derive(Debug, Clone, Default)]
pub struct Queues {
    senders: BTreeMap<String, UnboundedSender<Delivery>>,
}

/// The receiving end of a queue.
pub struct Consumer {
    connector: String,
    mapping: QueueMapping,
    sender: UnboundedSender<Delivery>,
    receiver: UnboundedReceiver<Delivery>,
}

impl Queues {
    /// A queue for each connector.
    pub fn new(mappings: &BTreeMap<String, QueueMapping>) -> (Self, Vec<Consumer>) {
        let mut queues = Self::default();
        let consumers = mappings
            .iter()
            .map(|(connector, mapping)| {
                let (sender, receiver) = mpsc::unbounded_channel();
                queues.senders.insert(connector.clone(), sender.clone());
                Consumer { connector: connector.clone(), mapping: mapping.clone(), sender, receiver }
            })
            .collect();
        (queues, consumers)
    }
}

#[async_trait]
impl JobQueue for Queues {
    async fn send(&self, connector: &str, message: &JobMessage, delay_seconds: u32) -> StoreResult<()> {
        let missing = || StoreError::Defect {
            during: "sending a job",
            source: format!("no queue exists for the connector `{connector}`; add it to template.yaml")
                .into(),
        };
        let sender = self.senders.get(connector).ok_or_else(missing)?;
        let delivery = Delivery { message: message.clone(), receives: 0 };
        deliver_after(sender.clone(), delivery, Duration::from_secs(delay_seconds.into()));
        Ok(())
    }
}

fn deliver_after(sender: UnboundedSender<Delivery>, delivery: Delivery, delay: Duration) {
    if delay.is_zero() {
        // Nobody listens only when the process ends; the row is still there.
        let _ = sender.send(delivery);
    } else {
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let _ = sender.send(delivery);
        });
    }
}

impl Consumer {
    /// The connector whose queue this is.
    pub fn connector(&self) -> &str {
        &self.connector
    }

    /// Works the queue off for ever.
    pub async fn run(mut self, executor: Executor, dead_letters: DeadLetters) {
        let slots = Arc::new(Semaphore::new(self.mapping.concurrency.max(1)));
        while let Some(mut delivery) = self.receiver.recv().await {
            let Ok(slot) = slots.clone().acquire_owned().await else { return };
            let (executor, sender) = (executor.clone(), self.sender.clone());
            let (dead_letters, max_receives) = (dead_letters.clone(), self.mapping.max_receives);
            let connector = self.connector.clone();
            tokio::spawn(async move {
                let _slot = slot;
                delivery.receives += 1;
                match executor.run(&delivery.message).await {
                    Ok(Verdict::Done) => {}
                    // Somebody else acts: not a failure of the message.
                    Ok(Verdict::Again { after }) => {
                        delivery.receives = 0;
                        deliver_after(sender, delivery, after);
                    }
                    Err(error) if delivery.receives >= max_receives => {
                        tracing::error!(job = %delivery.message.job, %error, "a job message became a dead letter");
                        dead_letters.keep(&connector, &delivery.message);
                    }
                    Err(error) => {
                        tracing::warn!(job = %delivery.message.job, %error, "a job message is delivered again");
                        deliver_after(sender, delivery, REDELIVERY);
                    }
                }
            });
        }
    }
}
