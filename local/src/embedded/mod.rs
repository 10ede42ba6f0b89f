//! The embedded DynamoDB: the real SDK talks to it without a socket, so that the laptop and the tests run
//! the same expressions, transactions and streams as AWS.

mod behind;
mod calls;
mod connector;
mod faults;
mod pace;
mod stream;
mod writer;

use std::{num::NonZero, path::Path, sync::Arc};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use tokio::sync::Notify;
use usher_aws::{store::Store, stream::StreamReader, table};

use calls::Meter;
pub use calls::{Calls, Usage};
pub use connector::Stopped;
pub use faults::Faults;
pub use pace::{Fate, Pace};
pub use stream::{Record, Stream};

/// Connections for reads at most: each keeps pages of the file in memory.
const MOST_READERS: usize = 4;

/// The name of the table.
pub const TABLE: &str = "usher";

/// The embedded database could not be opened or used.
#[derive(Debug, thiserror::Error)]
#[error("the data in {path} cannot be used: {problem}")]
pub struct EmbeddedError {
    path: String,
    problem: String,
}

impl EmbeddedError {
    fn new(path: &Path, problem: impl ToString) -> Self {
        Self { path: path.display().to_string(), problem: problem.to_string() }
    }
}

/// An open database.
pub struct Embedded {
    /// The store on it.
    pub store: Store,
    /// Its stream.
    pub stream: Stream,
    /// Reads parts of the stream once more, as a deployment does.
    pub stream_reader: StreamReader,
    /// Cuts the store off, for tests of what a crash leaves behind.
    pub faults: Faults,
    /// Answers whoever speaks DynamoDB's protocol.
    pub endpoint: Endpoint,
    meter: Meter,
}

/// The database for programs that are not in this process.
#[derive(Clone)]
pub struct Endpoint(connector::InProcess);

impl Endpoint {
    /// Status and body of the answer to a request; `target` is its `X-Amz-Target`.
    ///
    /// # Errors
    /// When this process ends meanwhile.
    pub async fn respond(&self, target: &str, body: Vec<u8>) -> Result<(u16, String), Stopped> {
        self.0.respond(target, body).await
    }
}

impl Embedded {
    /// Opens the database in a file, and makes the table where it is new.
    ///
    /// # Errors
    /// When the file cannot be opened, or another program's data is in it.
    pub async fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let failed = |problem: String| EmbeddedError::new(path, problem);
        let name = path.to_str().ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
        let database = Database::new(name).map_err(|error| failed(error.to_string()))?;
        let written = Arc::new(Notify::new());
        let faults = Faults::default();
        let meter = Meter::default();
        let connector =
            connector::InProcess::new(database.clone(), written.clone(), faults.clone(), meter.clone());
        table::create(&client(connector.clone()), TABLE)
            .await
            .map_err(|error| failed(usher_aws::events::chain(&error)))?;
        // Only now: each connection remembers the tables that it saw.
        let reader = || Database::new(name).map_err(|error| failed(error.to_string()));
        let readers = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_READERS);
        let readers = (0..readers).map(|_| reader()).collect::<Result<_, _>>()?;
        let connector = connector.reading_by(readers).writing_to(path);
        let connector = connector.map_err(|error| {
            failed(format!(
                "its log cannot be opened ({error}); keep it on a disk of this machine, not on a network"
            ))
        })?;
        let endpoint = Endpoint(connector.clone());
        let stream = Stream::open(path, database, reader()?, written).map_err(failed)?;
        let stream_reader = stream_reader(connector.clone());
        let store = Store::new(client(connector), TABLE);
        Ok(Self { store, stream, stream_reader, faults, endpoint, meter })
    }

    /// A database in memory, whose calls are made on the caller's thread when `pace` lets them: a run of
    /// several handlers can then be replayed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn simulated(pace: Arc<dyn Pace>) -> Result<Self, EmbeddedError> {
        let failed = |problem: String| EmbeddedError::new(Path::new("memory"), problem);
        let memory = || Database::memory().map_err(|error| failed(error.to_string()));
        let (database, copy) = (memory()?, memory()?);
        let (written, faults, meter) = (Arc::new(Notify::new()), Faults::default(), Meter::default());
        let connector =
            connector::InProcess::new(database.clone(), written.clone(), faults.clone(), meter.clone());
        let connector = connector.paced(pace, copy);
        let stream_reader = stream_reader(connector.clone());
        let (client, endpoint) = (client(connector.clone()), Endpoint(connector));
        table::create(&client, TABLE).await.map_err(|error| failed(usher_aws::events::chain(&error)))?;
        let stream = Stream::in_memory(database, written);
        Ok(Self { store: Store::new(client, TABLE), stream, stream_reader, faults, endpoint, meter })
    }

    /// What the store asked of the database so far. Take it before and after to know what something cost.
    pub fn calls(&self) -> Calls {
        self.meter.read()
    }
}

fn client(connector: connector::InProcess) -> Client {
    // Nobody would check a signature.
    let config = aws_sdk_dynamodb::config::Builder::from(&sdk(connector)).allow_no_auth();
    Client::from_conf(config.build())
}

fn stream_reader(connector: connector::InProcess) -> StreamReader {
    let config = aws_sdk_dynamodbstreams::config::Builder::from(&sdk(connector)).allow_no_auth();
    StreamReader::new(aws_sdk_dynamodbstreams::Client::from_conf(config.build()))
}

fn sdk(connector: connector::InProcess) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .http_client(connector)
        // What the database answers in the same process it would answer again.
        .retry_config(RetryConfig::disabled())
        // No answer comes in pieces.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}
