//! The connectors' queues, as SQS has them: a message is delivered at least once, in no order, after its delay, again
//! when its visibility timeout ends, and a bounded number of times; groups share the deliveries fairly. They are lost with
//! the process; the reconciler's recovery fills them again from the jobs' rows.

mod messages;
mod poller;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use usher_aws::queue::DELIVERIES;
use usher_domain::{
    id::WorkspaceId,
    job,
    ports::{JobQueue, StoreError, StoreResult},
    webhook::DeliveryMessage,
};
use uuid::Uuid;

use self::messages::Messages;
use crate::{data::DeadLetters, template::QueueMapping};

pub use poller::poll;

/// How long a message that failed in this process waits before it is delivered again.
pub const REDELIVERY: Duration = Duration::from_secs(1);

/// A message that was received.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub body: String,
    /// Whose it is.
    pub group: Option<String>,
    /// When it was sent, in milliseconds since 1970.
    pub sent: u64,
    /// How often it was received.
    pub receives: u32,
    /// Names this receipt of it.
    pub receipt: String,
}

/// One queue.
pub struct Queue {
    mapping: QueueMapping,
    messages: Mutex<Messages>,
    /// Something may be received earlier than was thought.
    changed: Notify,
    dead_letters: DeadLetters,
    /// Whether the mapping to the function is enabled.
    enabled: watch::Sender<bool>,
}

impl Queue {
    /// An empty queue.
    pub fn new(mapping: QueueMapping, dead_letters: DeadLetters) -> Self {
        let enabled = watch::Sender::new(mapping.enabled);
        Self { mapping, messages: Mutex::default(), changed: Notify::new(), dead_letters, enabled }
    }

    /// How it is set up.
    pub fn mapping(&self) -> &QueueMapping {
        &self.mapping
    }

    /// Has the messages delivered from now on.
    pub fn enable(&self) {
        self.enabled.send_replace(true);
    }

    /// Whether the messages are delivered.
    pub fn is_enabled(&self) -> bool {
        *self.enabled.borrow()
    }

    /// Comes when the messages are delivered.
    async fn enabled(&self) {
        // The sending end is this queue's: it does not end before.
        let _ = self.enabled.subscribe().wait_for(|enabled| *enabled).await;
    }

    /// Takes a message in, to be delivered after a delay, and answers its id.
    pub fn send(&self, body: String, group: Option<String>, delay: Duration) -> Uuid {
        let id = Uuid::new_v4();
        let sent = milliseconds(SystemTime::now());
        let message = Message { id, body, group, sent, receives: 0, receipt: String::new() };
        self.messages().put(message, Instant::now() + delay);
        self.changed.notify_one();
        id
    }

    /// Receives a batch: comes when there is at least one message.
    pub async fn receive(&self) -> Vec<Message> {
        loop {
            let (batch, next) = self.take();
            if !batch.is_empty() {
                return batch;
            }
            match next {
                // Whichever comes first.
                Some(next) => drop(tokio::time::timeout_at(next, self.changed.notified()).await),
                None => self.changed.notified().await,
            }
        }
    }

    /// The messages that can be received now, and from when on there is another one.
    fn take(&self) -> (Vec<Message>, Option<Instant>) {
        let now = Instant::now();
        let mut messages = self.messages();
        let worn_out = messages.wake(now, self.mapping.max_receives);
        let mut receive = || messages.receive(now + self.mapping.visibility);
        let batch = std::iter::from_fn(&mut receive).take(self.mapping.batch_size).collect();
        let next = messages.next_visible();
        drop(messages);
        for message in worn_out {
            let letter = serde_json::from_str(&message.body).unwrap_or(Value::String(message.body));
            self.dead_letters.keep(&self.mapping.name, &letter);
        }
        (batch, next)
    }

    /// Deletes a message that was handled. A receipt that is no longer the latest deletes nothing.
    pub fn delete(&self, receipt: &str) {
        self.messages().delete(receipt);
    }

    /// Lets a message be received again after a time, and answers whether the receipt still holds.
    pub fn change_visibility(&self, receipt: &str, after: Duration) -> bool {
        let holds = self.messages().put_off(receipt, Instant::now() + after);
        self.changed.notify_one();
        holds
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        // A poisoned lock only means that another thread panicked; the messages themselves are whole.
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The sending ends of all queues, by name.
#[derive(Clone, Default)]
pub struct Queues(BTreeMap<String, Arc<Queue>>);

impl Queues {
    /// The queues with these settings.
    pub fn new(mappings: &BTreeMap<String, QueueMapping>, dead_letters: &DeadLetters) -> Self {
        let queue = |mapping: &QueueMapping| Arc::new(Queue::new(mapping.clone(), dead_letters.clone()));
        Self(mappings.iter().map(|(name, mapping)| (name.clone(), queue(mapping))).collect())
    }

    /// The queues, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Queue>)> {
        self.0.iter().map(|(name, queue)| (name.as_str(), queue))
    }
}

#[async_trait]
impl JobQueue for Queues {
    async fn send(&self, connector: &str, message: &job::Message, delay_seconds: u32) -> StoreResult<()> {
        self.put(connector, message, message.workspace(), delay_seconds)
    }

    async fn send_delivery(&self, message: &DeliveryMessage, delay_seconds: u32) -> StoreResult<()> {
        self.put(DELIVERIES, message, &message.workspace, delay_seconds)
    }
}

impl Queues {
    fn put(
        &self,
        name: &str,
        message: &impl Serialize,
        workspace: &WorkspaceId,
        delay_seconds: u32,
    ) -> StoreResult<()> {
        let defect = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Defect {
            during: "sending a message",
            source,
        };
        let carries = |queue: &&Arc<Queue>| queue.mapping().connectors.iter().any(|it| it == name);
        let queue =
            self.0.values().find(carries).ok_or_else(|| {
                defect(format!("no queue exists for `{name}`; add it to template.yaml").into())
            })?;
        let body = serde_json::to_string(message).map_err(|error| defect(error.into()))?;
        // As whoever sends does in a deployment.
        queue.enable();
        queue.send(body, Some(workspace.to_string()), Duration::from_secs(delay_seconds.into()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue of two messages a batch, which are dead letters after two receipts.
    fn queue(folder: &tempfile::TempDir) -> Queue {
        let mapping = crate::template::Template::load().unwrap().queues["scim"].clone();
        let mapping =
            QueueMapping { batch_size: 2, max_receives: 2, visibility: Duration::from_secs(60), ..mapping };
        let data = crate::data::DataFolder::open(folder.path()).unwrap();
        Queue::new(mapping, data.dead_letters())
    }

    fn bodies(batch: &[Message]) -> Vec<&str> {
        batch.iter().map(|message| message.body.as_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_comes_after_its_delay_and_again_until_it_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(&folder);
        let began = Instant::now();
        queue.send("late".to_owned(), None, Duration::from_secs(10));
        for body in ["a", "b", "c"] {
            queue.send(body.to_owned(), Some("w".to_owned()), Duration::ZERO);
        }
        let first = queue.receive().await;
        assert_eq!(bodies(&first), ["a", "b"]);
        assert_eq!(bodies(&queue.receive().await), ["c"]);
        queue.delete(&first[0].receipt);
        assert!(queue.change_visibility(&first[1].receipt, Duration::from_secs(5)));
        assert_eq!(bodies(&queue.receive().await), ["b"], "put off for a shorter time");
        assert_eq!(began.elapsed().as_secs(), 5);
        assert!(!queue.change_visibility(&first[1].receipt, Duration::ZERO), "the receipt is an old one");
        queue.delete(&first[1].receipt);
        assert_eq!(bodies(&queue.receive().await), ["late"]);
        assert_eq!(began.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn groups_share_the_deliveries() {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(&folder);
        let send =
            |body: &str, group: &str| queue.send(body.to_owned(), Some(group.to_owned()), Duration::ZERO);
        for number in 0..6 {
            send(&format!("bulk {number}"), "a");
        }
        assert_eq!(bodies(&queue.receive().await), ["bulk 0", "bulk 1"]);
        send("single", "b");
        let second = queue.receive().await;
        assert_eq!(bodies(&second), ["single", "bulk 2"], "of a group that has nothing under way first");
        second.iter().for_each(|message| queue.delete(&message.receipt));
        for number in 0..3 {
            send(&format!("too {number}"), "b");
        }
        assert_eq!(bodies(&queue.receive().await), ["too 0", "too 1"], "until it has as much under way");
        assert_eq!(bodies(&queue.receive().await), ["bulk 3", "too 2"], "and then in turn");
        assert_eq!(bodies(&queue.receive().await), ["bulk 4", "bulk 5"], "nobody waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_is_never_handled_becomes_a_dead_letter() {
        let folder = tempfile::tempdir().unwrap();
        let queue = queue(&folder);
        queue.send(r#"{"job":"j"}"#.to_owned(), None, Duration::ZERO);
        for receives in 1..=2 {
            assert_eq!(queue.receive().await[0].receives, receives);
        }
        queue.send("other".to_owned(), None, Duration::from_secs(120));
        assert_eq!(bodies(&queue.receive().await), ["other"]);
        let kept = std::fs::read_to_string(folder.path().join("dead-letters.jsonl")).unwrap();
        assert_eq!(kept.trim(), r#"{"from":"usher-connector-scim","letter":{"job":"j"}}"#);
    }
}
