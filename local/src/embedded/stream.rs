//! The table's stream: the records that are not yet handled. Handled ones are dropped, so what is left after
//! a crash is what has to be delivered again.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dynoxide::{
    Database,
    actions::{
        describe_stream::DescribeStreamRequest, get_records::GetRecordsRequest,
        get_shard_iterator::GetShardIteratorRequest, list_streams::ListStreamsRequest,
    },
};
use rusqlite::{Connection, params};
use serde_json::Value;
use tokio::sync::Notify;

use super::TABLE;

/// What the database adds to the numbers that it stores, so that they have AWS's 21 digits.
const PUBLIC_OFFSET: u128 = 100_000_000_000_000_000_000;

/// The stream of the embedded database.
#[derive(Clone)]
pub struct Stream {
    database: Database,
    /// A connection of its own to the same file. The database numbers each record by the largest number that
    /// it finds, without an index, and never drops any: every write would take longer than the one before.
    upkeep: Option<Arc<Mutex<Connection>>>,
    written: Arc<Notify>,
}

/// A record with its place in the stream, in the form of Lambda's event.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its sequence number.
    pub sequence: u128,
    /// Records of one partition are handled in order.
    pub partition: String,
    /// The record as Lambda's event has it.
    pub event: Value,
}

impl Stream {
    pub(super) fn open(path: &Path, database: Database, written: Arc<Notify>) -> Result<Self, String> {
        let open = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            connection.execute_batch(
                "CREATE INDEX IF NOT EXISTS usher_stream_order
                 ON _stream_records(table_name, CAST(sequence_number AS INTEGER))",
            )?;
            Ok::<_, rusqlite::Error>(connection)
        };
        let upkeep = Some(Arc::new(Mutex::new(open().map_err(|error| error.to_string())?)));
        Ok(Self { database, upkeep, written })
    }

    /// The stream of a database in memory, which nobody else can open: it keeps all records.
    pub(super) fn in_memory(database: Database, written: Arc<Notify>) -> Self {
        Self { database, upkeep: None, written }
    }

    /// The records after a sequence number, on the caller's thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn read_after(&self, sequence: Option<u128>, limit: usize) -> Result<Vec<Record>, String> {
        read(&self.database, sequence, limit)
    }

    /// Comes back when something was written since the last call, or after `at_most`.
    pub async fn written(&self, at_most: Duration) {
        // Running out of time is one of the two ways to come back.
        let _ = tokio::time::timeout(at_most, self.written.notified()).await;
    }

    /// The oldest records that are not yet handled.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(&self, limit: usize) -> Result<Vec<Record>, String> {
        let database = self.database.clone();
        let read = tokio::task::spawn_blocking(move || read(&database, None, limit)).await;
        read.map_err(|error| error.to_string())?
    }

    /// Drops handled records up to a sequence number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn drop_through(&self, sequence: u128) -> Result<(), String> {
        let stored = sequence.checked_sub(PUBLIC_OFFSET).and_then(|stored| i64::try_from(stored).ok());
        let stored = stored.ok_or_else(|| format!("{sequence} is no number of this stream"))?;
        let Some(upkeep) = self.upkeep.clone() else { return Ok(()) };
        let dropped = tokio::task::spawn_blocking(move || {
            let upkeep = upkeep.lock().unwrap_or_else(PoisonError::into_inner);
            upkeep.execute(
                "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2",
                params![TABLE, stored],
            )
        });
        dropped.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Drops rows whose time is over, as DynamoDB does by itself.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sweep_expired(&self) -> Result<usize, String> {
        let database = self.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        swept.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

fn read(database: &Database, after: Option<u128>, limit: usize) -> Result<Vec<Record>, String> {
    let answer = || {
        let streams = database.list_streams(ListStreamsRequest::default())?.streams;
        let Some(stream) = streams.into_iter().find(|stream| stream.table_name == TABLE) else {
            return Ok(Vec::new());
        };
        let request = DescribeStreamRequest {
            stream_arn: stream.stream_arn.clone(),
            ..DescribeStreamRequest::default()
        };
        let shards = database.describe_stream(request)?.stream_description.shards;
        let Some(shard) = shards.into_iter().next_back() else { return Ok(Vec::new()) };
        let iterator = database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: stream.stream_arn,
            shard_id: shard.shard_id,
            shard_iterator_type: if after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" }
                .to_owned(),
            sequence_number: after.map(|sequence| sequence.to_string()),
        })?;
        let Some(shard_iterator) = iterator.shard_iterator else { return Ok(Vec::new()) };
        Ok(database.get_records(GetRecordsRequest { shard_iterator, limit: Some(limit) })?.records)
    };
    let records = answer().map_err(|error: dynoxide::errors::DynoxideError| error.to_string())?;
    records
        .into_iter()
        .map(|record| {
            let sequence = record.dynamodb.sequence_number.parse().map_err(|_| "a record has no number")?;
            let event = serde_json::to_value(&record).map_err(|error| error.to_string())?;
            let partition = event["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
            Ok(Record { sequence, partition, event })
        })
        .collect()
}
