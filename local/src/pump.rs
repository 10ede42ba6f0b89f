//! Pumps the table's stream to the planner as Lambda does: filtered, in batches, in order per partition, at
//! least once, retried a bounded number of times, and what cannot be handled set aside.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use usher_aws::events::StreamEvent;
use usher_fn_planner::Planner;

use crate::{
    data::DeadLetters,
    embedded::Record,
    embedded::Stream,
    template::{StreamMapping, matches},
};

/// How long an idle pump waits before it looks without being told.
const IDLE: Duration = Duration::from_secs(1);
/// How long a batch that failed waits, times the number of tries.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// The stream's way to the planner.
pub struct Pump {
    /// The stream.
    pub stream: Stream,
    /// How it is mapped.
    pub mapping: StreamMapping,
    /// The planner.
    pub planner: Arc<Planner>,
    /// Where records go that cannot be handled.
    pub dead_letters: DeadLetters,
}

impl Pump {
    /// Pumps for ever.
    pub async fn run(self) {
        loop {
            match self.pump_once().await {
                Ok(0) => self.stream.written(IDLE).await,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error, "the stream cannot be read");
                    tokio::time::sleep(IDLE).await;
                }
            }
        }
    }

    /// Handles one batch, and answers how many records it had.
    async fn pump_once(&self) -> Result<usize, String> {
        let records = self.stream.read(self.mapping.batch_size).await?;
        let Some(last) = records.last().map(|record| record.sequence) else { return Ok(0) };
        let count = records.len();
        let wanted = records.into_iter().filter(|record| matches(&self.mapping.filters, &record.event));
        let mut lanes: Vec<Vec<Record>> = vec![Vec::new(); self.mapping.parallelization.max(1)];
        let many = lanes.len();
        for record in wanted {
            lanes[lane_of(&record.partition, many)].push(record);
        }
        futures::future::join_all(lanes.into_iter().map(|lane| self.deliver(lane))).await;
        // Only now: a crash before this delivers them again.
        self.stream.drop_through(last).await?;
        Ok(count)
    }

    /// Delivers a batch until every record is handled or set aside.
    async fn deliver(&self, mut batch: Vec<Record>) {
        let mut tries = 0;
        while !batch.is_empty() {
            let event = json!({ "Records": batch.iter().map(|record| &record.event).collect::<Vec<_>>() });
            let failed = match serde_json::from_value::<StreamEvent>(event) {
                Ok(event) => {
                    let answer = event.handle(|wake| self.planner.handle(wake)).await;
                    answer.failures.into_iter().next().map(|failure| failure.id)
                }
                Err(error) => {
                    tracing::error!(%error, "a batch of the stream cannot be read");
                    batch.first().map(|record| record.sequence.to_string())
                }
            };
            let Some(failed) = failed else { return };
            let handled = batch.iter().position(|record| record.sequence.to_string() == failed).unwrap_or(0);
            if handled > 0 {
                tries = 0;
            }
            batch.drain(..handled);
            tries += 1;
            if tries > self.mapping.retries {
                // Bisection ends with the poison record alone, which is the one that was named.
                self.dead_letters.keep("planner", &batch.remove(0).event);
                tries = 0;
            } else {
                tokio::time::sleep(RETRY_PAUSE * tries).await;
            }
        }
    }
}

fn lane_of(partition: &str, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    partition.hash(&mut hasher);
    usize::try_from(hasher.finish() % lanes as u64).unwrap_or(0)
}
