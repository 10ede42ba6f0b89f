//! The table's stream: the records that are not yet handled. Handled ones are dropped, so what is left after
//! a crash is what has to be delivered again.
//!
//! To drop them is a write of its own, which waits for the disk and holds up the others. So it is done once a second for
//! all that were handled meanwhile; a crash before that delivers these again too.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use dynoxide::{
    Database,
    actions::{
        describe_stream::DescribeStreamRequest,
        get_records::{GetRecordsRequest, Record as StreamRecord},
        get_shard_iterator::GetShardIteratorRequest,
        list_streams::ListStreamsRequest,
    },
    errors::DynoxideError,
};
use rusqlite::{Connection, params};
use serde_json::Value;
use tokio::sync::Notify;

use super::TABLE;

/// What the database adds to the numbers that it stores, so that they have AWS's 21 digits.
const PUBLIC_OFFSET: u128 = 100_000_000_000_000_000_000;

/// How long handled records may stay.
const DROP_EVERY: Duration = Duration::from_secs(1);

/// The stream of the embedded database.
#[derive(Clone)]
pub struct Stream {
    database: Database,
    /// Where the records are read.
    shard: Shard,
    /// A connection of its own to the same file. The database numbers each record by the largest number that
    /// it finds, without an index, and never drops any: every write would take longer than the one before.
    upkeep: Option<Arc<Mutex<Connection>>>,
    handled: Arc<Mutex<Handled>>,
    written: Arc<Notify>,
}

/// What was handled.
#[derive(Default)]
struct Handled {
    /// The last record.
    through: Option<u128>,
    /// Since when handled records wait to be dropped.
    waiting_since: Option<Instant>,
    /// Those that stay all the same.
    kept: BTreeSet<u128>,
}

/// Reads records.
#[derive(Clone)]
struct Shard {
    database: Database,
    /// The stream's name and its shard's, which never change.
    names: Arc<OnceLock<(String, String)>>,
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
    /// The stream of a database in a file; `reader` is a connection of its own, so that reading waits for no write.
    pub(super) fn open(
        path: &Path,
        database: Database,
        reader: Database,
        written: Arc<Notify>,
    ) -> Result<Self, String> {
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
        Ok(Self { database, shard: Shard::of(reader), upkeep, handled: Arc::default(), written })
    }

    /// The stream of a database in memory, which nobody else can open: it keeps all records.
    pub(super) fn in_memory(database: Database, written: Arc<Notify>) -> Self {
        let shard = Shard::of(database.clone());
        Self { database, shard, upkeep: None, handled: Arc::default(), written }
    }

    /// The records after a sequence number, on the caller's thread.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn read_after(&self, sequence: Option<u128>, limit: usize) -> Result<Vec<Record>, String> {
        self.shard.read(sequence, limit)
    }

    /// The name of its shard, which never changes.
    ///
    /// # Errors
    /// When the database cannot be read, or has no table yet.
    pub fn shard_id(&self) -> Result<&str, String> {
        let names = self.shard.names().map_err(|error| error.to_string())?;
        names.map(|(_, shard)| shard.as_str()).ok_or_else(|| "there is no stream yet".to_owned())
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
        self.drop_handled().await?;
        let (shard, after) = (self.shard.clone(), self.handled().through);
        let read = tokio::task::spawn_blocking(move || shard.read(after, limit)).await;
        read.map_err(|error| error.to_string())?
    }

    /// Drops handled records up to a sequence number: they are not read again, and soon leave the file.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn drop_through(&self, sequence: u128) -> Result<(), String> {
        if self.upkeep.is_none() {
            return Ok(());
        }
        {
            let mut handled = self.handled();
            handled.through = handled.through.max(Some(sequence));
            handled.waiting_since.get_or_insert_with(Instant::now);
        }
        self.drop_handled().await
    }

    /// Keeps records that are not dropped with the others: they were given up, and are read again.
    pub fn keep(&self, sequences: impl IntoIterator<Item = u128>) {
        self.handled().kept.extend(sequences);
    }

    /// Keeps records no longer.
    pub fn release(&self, sequences: impl IntoIterator<Item = u128>) {
        let mut handled = self.handled();
        for sequence in sequences {
            handled.kept.remove(&sequence);
        }
        handled.waiting_since.get_or_insert_with(Instant::now);
    }

    fn handled(&self) -> std::sync::MutexGuard<'_, Handled> {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes handled records out of the file, once they have waited long enough.
    async fn drop_handled(&self) -> Result<(), String> {
        let Some(upkeep) = self.upkeep.clone() else { return Ok(()) };
        let (through, kept) = {
            let mut handled = self.handled();
            let due = handled.waiting_since.is_some_and(|since| since.elapsed() >= DROP_EVERY);
            let Some(sequence) = handled.through.filter(|_| due) else { return Ok(()) };
            handled.waiting_since = None;
            let kept =
                handled.kept.iter().map(|sequence| stored(*sequence)).collect::<Result<Vec<_>, _>>()?;
            (stored(sequence)?, serde_json::json!(kept).to_string())
        };
        let dropped = tokio::task::spawn_blocking(move || {
            let upkeep = upkeep.lock().unwrap_or_else(PoisonError::into_inner);
            upkeep.execute(
                // The last one stays until there are others: the database numbers the next record by it, and where none
                // is left by a clock that may have gone back, below what counts as handled.
                "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2
                 AND CAST(sequence_number AS INTEGER) NOT IN (SELECT value FROM json_each(?3))",
                params![TABLE, through, kept],
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

/// The number under which the database stores a record.
fn stored(sequence: u128) -> Result<i64, String> {
    let stored = sequence.checked_sub(PUBLIC_OFFSET).and_then(|stored| i64::try_from(stored).ok());
    stored.ok_or_else(|| format!("{sequence} is no number of this stream"))
}

impl Shard {
    fn of(database: Database) -> Self {
        Self { database, names: Arc::default() }
    }

    fn read(&self, after: Option<u128>, limit: usize) -> Result<Vec<Record>, String> {
        let records = self.records(after, limit).map_err(|error| error.to_string())?;
        records
            .into_iter()
            .map(|record| {
                let sequence =
                    record.dynamodb.sequence_number.parse().map_err(|_| "a record has no number")?;
                let event = serde_json::to_value(&record).map_err(|error| error.to_string())?;
                let partition = event["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
                Ok(Record { sequence, partition, event })
            })
            .collect()
    }

    fn records(&self, after: Option<u128>, limit: usize) -> Result<Vec<StreamRecord>, DynoxideError> {
        let Some((stream_arn, shard_id)) = self.names()? else { return Ok(Vec::new()) };
        let iterator = self.database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: stream_arn.clone(),
            shard_id: shard_id.clone(),
            shard_iterator_type: if after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" }
                .to_owned(),
            sequence_number: after.map(|sequence| sequence.to_string()),
        })?;
        let Some(shard_iterator) = iterator.shard_iterator else { return Ok(Vec::new()) };
        Ok(self.database.get_records(GetRecordsRequest { shard_iterator, limit: Some(limit) })?.records)
    }

    /// The names, once the table is there.
    fn names(&self) -> Result<Option<&(String, String)>, DynoxideError> {
        if let Some(names) = self.names.get() {
            return Ok(Some(names));
        }
        let streams = self.database.list_streams(ListStreamsRequest::default())?.streams;
        let Some(stream) = streams.into_iter().find(|stream| stream.table_name == TABLE) else {
            return Ok(None);
        };
        let request = DescribeStreamRequest {
            stream_arn: stream.stream_arn.clone(),
            ..DescribeStreamRequest::default()
        };
        let shards = self.database.describe_stream(request)?.stream_description.shards;
        let Some(shard) = shards.into_iter().next_back() else { return Ok(None) };
        Ok(Some(self.names.get_or_init(|| (stream.stream_arn, shard.shard_id))))
    }
}
