//! Pumps the table's stream to the planner as Lambda does: filtered, in batches, in order per partition, at
//! least once, retried a bounded number of times, and what cannot be handled set aside.

mod batch;
mod set_aside;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use serde_json::json;

use crate::{
    embedded::{Record, Stream},
    function::Function,
    queue::Queue,
    template::{REGION, StreamMapping, matches},
};

use batch::Lane;
pub use set_aside::Redrive;
use set_aside::SetAside;

/// How long an idle pump waits before it looks without being told.
const IDLE: Duration = Duration::from_secs(1);

/// The stream's way to the planner.
pub struct Pump {
    /// The stream.
    pub stream: Stream,
    /// How it is mapped.
    pub mapping: StreamMapping,
    /// The planner.
    pub planner: Arc<dyn Function>,
    /// Where it is told which records were given up. [`Redrive`] works it off.
    pub failures: Arc<Queue>,
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
        let mut lanes: Vec<Vec<Record>> = vec![Vec::new(); self.mapping.parallelization.max(1)];
        let many = lanes.len();
        for record in records.into_iter().filter(|record| matches(&self.mapping.filters, &record.event)) {
            lanes[lane_of(&record.partition, many)].push(self.as_lambda_has_it(record));
        }
        let set_aside = SetAside::of(&self.stream, &self.failures)?;
        let lane = Lane { mapping: &self.mapping, function: &*self.planner, set_aside: &set_aside };
        futures::future::join_all(lanes.into_iter().map(|records| lane.deliver(records))).await;
        // Only now: a crash before this delivers them again.
        self.stream.drop_through(last).await?;
        Ok(count)
    }

    /// The embedded database has names of its own for where it is.
    fn as_lambda_has_it(&self, mut record: Record) -> Record {
        record.event["awsRegion"] = json!(REGION);
        record.event["eventSource"] = json!("aws:dynamodb");
        record.event["eventSourceARN"] = json!(self.mapping.arn);
        record
    }
}

fn lane_of(partition: &str, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    partition.hash(&mut hasher);
    usize::try_from(hasher.finish() % lanes as u64).unwrap_or(0)
}
