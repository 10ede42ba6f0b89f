//! The fidelity lane: the functions' own programs as child processes behind the Lambda Runtime API, with AWS's events
//! and answers, and with no more rights than their roles in template.yaml give them. What delivers the events is the same
//! as when the handlers run in this process.

mod gateway;
mod permission;
mod pool;
mod runtime_api;
mod sandbox;
mod services;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{net::TcpListener, task::JoinSet};
use usher_aws::seal::LocalKey;

use crate::{
    embedded::Endpoint,
    function::{Function, Functions},
    queue::Queues,
    template::Template,
};

use pool::Pool;
pub use sandbox::{Ended, Sandbox};
use services::Services;

/// Why the functions' programs cannot be run. The text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProcessesError(String);

/// The functions, each with its processes.
pub struct Processes {
    pools: BTreeMap<String, Arc<Pool>>,
    services: String,
}

/// Which programs to run, and how.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The folder that they are in.
    pub folder: PathBuf,
    /// Changes what template.yaml says, for tests that cannot wait as long as it allows.
    pub adjust: fn(&mut Template),
}

impl Programs {
    /// The programs beside the one that runs, where cargo puts them all.
    ///
    /// # Errors
    /// When the system does not say where that is.
    pub fn beside_this_one() -> Result<Self, ProcessesError> {
        let program = std::env::current_exe();
        let program =
            program.map_err(|error| ProcessesError(format!("this program is not found: {error}")))?;
        Ok(Self::of(program.parent().unwrap_or(Path::new(".")).to_owned()))
    }

    /// The programs in a folder.
    #[must_use]
    pub const fn of(folder: PathBuf) -> Self {
        Self { folder, adjust: |_| {} }
    }
}

/// Where AWS's services will answer. It is known before the template is worked out, which names them.
pub struct Door {
    listener: TcpListener,
    /// The address.
    pub url: String,
}

impl Door {
    /// A free port on this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open() -> Result<Self, ProcessesError> {
        let failed =
            |error| ProcessesError(format!("no port for AWS's services can be listened on: {error}"));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        Ok(Self { listener, url })
    }
}

impl Processes {
    /// Finds the programs in a folder, and serves what they need of AWS: the table, the queues, the key.
    ///
    /// # Errors
    /// When a program is missing.
    pub fn start(
        programs: &Path,
        template: &Template,
        door: Door,
        table: Endpoint,
        queues: Queues,
        key: LocalKey,
        tasks: &mut JoinSet<()>,
    ) -> Result<Self, ProcessesError> {
        let (mut pools, address) = (BTreeMap::new(), door.url.clone());
        for (name, settings) in &template.functions {
            let program = program(programs, &settings.binary)?;
            let pool = Pool::new(name.clone(), settings.clone(), program, door.url.clone());
            pools.insert(name.clone(), Arc::new(pool));
        }
        let services = Services::new(template, table, queues, key);
        tasks.spawn(async move {
            if let Err(error) = axum::serve(door.listener, services.router()).await {
                tracing::error!(%error, "AWS's services are no longer served");
            }
        });
        Ok(Self { pools, services: address })
    }

    /// Where AWS's services answer.
    pub fn services(&self) -> &str {
        &self.services
    }

    /// The functions, and the HTTP API in front of them.
    pub fn functions(&self, template: &Template, origin: &str) -> Functions {
        let pools = self.pools.iter();
        let by_name = pools.map(|(name, pool)| (name.clone(), pool.clone() as Arc<dyn Function>)).collect();
        let api = gateway::router(&template.routes, &by_name, origin);
        Functions { api, by_name }
    }

    /// Ends all programs in order: what they hold is recorded.
    pub async fn shut_down(&self) {
        futures::future::join_all(self.pools.values().map(|pool| pool.shut_down())).await;
    }

    /// The processes that run for a function now.
    pub fn running(&self, name: &str) -> Vec<u32> {
        self.pools.get(name).map(|pool| pool.running()).unwrap_or_default()
    }

    /// How many invocations of a function run now.
    pub fn under_way(&self, name: &str) -> usize {
        self.pools.get(name).map(|pool| pool.under_way()).unwrap_or_default()
    }
}

fn program(folder: &Path, name: &str) -> Result<PathBuf, ProcessesError> {
    let program = folder.join(name);
    if program.is_file() {
        return Ok(program);
    }
    Err(ProcessesError(format!(
        "{} is missing; build the functions' programs by `cargo build --workspace --all-features --bins`, with \
         --release where this one was built so",
        program.display()
    )))
}
