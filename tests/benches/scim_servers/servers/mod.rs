//! The servers that are compared, each a process of its own.

mod scim2;
mod scimmy;
mod seed;
mod usher;

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use clap::ValueEnum;
pub(crate) use seed::create;
use seed::seed;
use serde::Serialize;
use tempfile::TempDir;

use crate::{
    arena::Settings,
    http::{Client, Target, once},
    process::Process,
};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// `usher serve`: the whole suite in one process, its database included.
    Serve,
    /// Usher's SCIM function, with the database in a process of its own.
    Function,
    /// scim2-server, in Python.
    Scim2,
    /// SCIMMY behind express, in JavaScript.
    Scimmy,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Serve, Self::Function, Self::Scim2, Self::Scimmy];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Serve => "usher serve",
            Self::Function => "usher function",
            Self::Scim2 => "scim2-server",
            Self::Scimmy => "SCIMMY",
        }
    }
}

/// A server that is loaded and answers.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) base_url: String,
    pub(crate) token: String,
    pub(crate) target: Target,
    /// What is measured.
    pub(crate) process: Process,
    /// The database, where it has a process of its own.
    database: Option<Process>,
    /// How many users it holds.
    pub(crate) holds: usize,
    /// How long it took until it held them.
    pub(crate) loaded_in: Duration,
    /// What ends or goes with it.
    _keeps: Box<dyn std::any::Any>,
}

/// A server before it is known what it holds.
struct Started {
    base_url: String,
    token: String,
    process: Process,
    database: Option<Process>,
    keeps: Box<dyn std::any::Any>,
}

impl Server {
    /// Starts a server with so many people.
    pub(crate) async fn start(kind: Kind, settings: &Settings, people: &Path) -> Self {
        let began = Instant::now();
        let started = match kind {
            Kind::Serve => usher::serve(settings).await,
            Kind::Function => usher::function(settings).await,
            Kind::Scim2 => scim2::start(settings, people).await,
            Kind::Scimmy => scimmy::start(people).await,
        };
        let loaded_in = began.elapsed();
        let Started { base_url, token, process, database, keeps } = started;
        let target = Target::new(&base_url, &token);
        let total = once(&target, target.get("/Users?startIndex=1&count=1")).await.json();
        let holds = total["totalResults"].as_u64().and_then(|total| usize::try_from(total).ok());
        let holds = holds.expect("a list of its users");
        Self { kind, base_url, token, target, process, database, holds, loaded_in, _keeps: keeps }
    }

    /// Waits until neither it nor its database does anything.
    pub(crate) async fn idle(&self) {
        self.process.idle().await;
        if let Some(database) = &self.database {
            database.idle().await;
        }
    }

    /// The processor time of its database, where that is not its own.
    pub(crate) fn database_cpu(&self) -> Option<Duration> {
        self.database.as_ref().map(Process::cpu)
    }

    /// What of that database is in memory.
    pub(crate) fn database_megabytes(&self) -> Option<f64> {
        self.database.as_ref().map(Process::resident_megabytes)
    }
}

/// Builds `usher` as it is built for this benchmark, unless `USHER_BIN` names one.
pub(crate) fn build() {
    if env::var_os("USHER_BIN").is_some() {
        return;
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Together with this benchmark: cargo unites the features of both, and nothing is compiled a second time.
    let selection = [
        "-p",
        "usher",
        "-p",
        "usher-tests",
        "--bin",
        "usher",
        "--bench",
        "scim_servers",
        "--profile",
        "bench",
    ];
    let built = Command::new(cargo).args(["build", "--quiet", "--locked"]).args(selection).status();
    assert!(built.is_ok_and(|status| status.success()), "usher cannot be built");
}

/// Where `usher` is: what `USHER_BIN` names, or what cargo built beside this benchmark.
pub(crate) fn program() -> PathBuf {
    env::var_os("USHER_BIN").map(PathBuf::from).unwrap_or_else(|| {
        let here = env::current_exe().expect("this program");
        here.ancestors().nth(2).expect("a target folder").join("usher")
    })
}

/// The workspace's folder.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Waits until something answers at a path, whatever it says.
async fn answers(target: &Target, path: &str, process: &Process, patience: Duration) {
    let end = Instant::now() + patience;
    while Client::new(target).send(target.get(path)).await.is_err() {
        assert!(Path::new(&format!("/proc/{}", process.pid)).exists(), "a server ended at its start");
        assert!(Instant::now() < end, "a server does not answer within {patience:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A copy of a folder of files, which goes with the value.
fn copy(folder: &Path) -> TempDir {
    let copy = TempDir::new().expect("a temporary folder");
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("a copy");
    }
    copy
}
