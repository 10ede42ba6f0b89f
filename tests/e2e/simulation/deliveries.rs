//! The stream and the queue as AWS delivers them: at least once, in order per partition (stream) or in none
//! (queue), late, twice, and again after a failure.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use usher_domain::{
    job::Message as Sent,
    ports::{JobQueue, StoreResult},
    webhook::DeliveryMessage,
};
use usher_local::embedded::{Record, Stream};

use super::{chance::Chance, leaks::Leaks};

/// The records of the stream that are not handled yet.
pub(super) struct Records {
    stream: Stream,
    filters: Vec<serde_json::Value>,
    leaks: Leaks,
    last: Option<u128>,
    waiting: Vec<Record>,
    under_way: BTreeSet<u128>,
}

impl Records {
    pub(super) fn new(stream: Stream, filters: Vec<serde_json::Value>, leaks: Leaks) -> Self {
        Self { stream, filters, leaks, last: None, waiting: Vec::new(), under_way: BTreeSet::new() }
    }

    /// Takes in what was written.
    pub(super) fn read(&mut self) {
        loop {
            let records = self.stream.read_after(self.last, 500).unwrap();
            let Some(last) = records.last() else { return };
            self.last = Some(last.sequence);
            // Whatever was ever written comes by here.
            records.iter().for_each(|record| self.leaks.written(&record.event.to_string()));
            let wanted = records
                .into_iter()
                .filter(|record| usher_local::template::matches(&self.filters, &record.event));
            self.waiting.extend(wanted);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A batch of records none of which has an earlier one of its partition before it.
    pub(super) fn batch(&mut self, chance: &Chance) -> Vec<Record> {
        let mut seen = BTreeSet::new();
        let mut first_of_partition: Vec<Record> = Vec::new();
        for record in &self.waiting {
            if seen.insert(record.partition.clone()) && !self.under_way.contains(&record.sequence) {
                first_of_partition.push(record.clone());
            }
        }
        let mut batch = Vec::new();
        for _ in 0..=chance.below(3) {
            if first_of_partition.is_empty() {
                break;
            }
            let record = first_of_partition.remove(chance.below(first_of_partition.len()));
            self.under_way.insert(record.sequence);
            batch.push(record);
        }
        batch
    }

    /// Ends a delivery: the records up to `handled` are done, the others come again.
    pub(super) fn end(&mut self, batch: &[Record], handled: usize, again: bool) {
        for (index, record) in batch.iter().enumerate() {
            self.under_way.remove(&record.sequence);
            if index < handled && !again {
                self.waiting.retain(|waiting| waiting.sequence != record.sequence);
            }
        }
    }
}

/// A message in the queue.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) message: Sent,
    pub(super) visible_at: i64,
}

/// The queue of the connector.
#[derive(Clone)]
pub(super) struct Queue {
    messages: Arc<Mutex<Vec<Message>>>,
    chance: Chance,
}

impl Queue {
    pub(super) fn new(chance: Chance) -> Self {
        Self { messages: Arc::default(), chance }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Vec<Message>) -> T) -> T {
        change(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn put(&self, message: Sent, visible_at: i64) {
        self.with(|messages| messages.push(Message { message, visible_at }));
    }

    /// Takes a visible message out.
    pub(super) fn take(&self) -> Option<Message> {
        let now = self.chance.millis();
        self.with(|messages| {
            let visible: Vec<usize> =
                (0..messages.len()).filter(|index| messages[*index].visible_at <= now).collect();
            self.chance.one(&visible).copied().map(|index| messages.swap_remove(index))
        })
    }

    /// When the next message becomes visible.
    pub(super) fn next_visible(&self) -> Option<i64> {
        self.with(|messages| messages.iter().map(|message| message.visible_at).min())
    }
}

#[async_trait]
impl JobQueue for Queue {
    async fn send(&self, _: &str, message: &Sent, delay_seconds: u32) -> StoreResult<()> {
        // Lost on its way: only the reconciler finds the job again.
        if self.chance.fault(20) {
            return Ok(());
        }
        let visible_at = self.chance.millis() + i64::from(delay_seconds) * 1_000;
        self.put(message.clone(), visible_at);
        if self.chance.fault(250) {
            let later = if self.chance.in_thousand(500) { 1_000 } else { 60_000 };
            self.put(message.clone(), visible_at + self.chance.below(later) as i64);
        }
        Ok(())
    }

    async fn send_delivery(&self, message: &DeliveryMessage, _: u32) -> StoreResult<()> {
        panic!("nobody is told: {message:?}");
    }
}
