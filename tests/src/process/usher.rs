//! Usher itself, as a process.

use std::{
    env,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use super::{existing, log::Log, programs_folder, target_folder};
use crate::{
    Result,
    client::{JsonClient, ScimClient},
};

/// How long a start or a clean end may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The line that `usher serve --json` prints when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Where it listens.
    pub origin: String,
    /// The console's address.
    pub console: String,
    /// A link that signs in once.
    pub sign_in: String,
    /// The workspace.
    pub workspace: Value,
    /// The SCIM connection.
    pub scim: Access,
    /// The admin API.
    pub api: Access,
}

/// A base URL and its token.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Access {
    /// The base URL.
    pub base_url: String,
    /// The bearer token.
    pub token: String,
}

/// How to start Usher.
#[derive(Clone, Debug, Default)]
pub struct UsherOptions {
    demo: bool,
    data: Option<PathBuf>,
    processes: bool,
    environment: Vec<(String, String)>,
}

impl UsherOptions {
    /// With the demo workspace instead of an empty one.
    #[must_use]
    pub fn demo(mut self) -> Self {
        self.demo = true;
        self
    }

    /// On this data folder instead of a new one that goes with the process.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// With the deployed programs instead of their handlers in one process.
    #[must_use]
    pub fn processes(mut self) -> Self {
        self.processes = true;
        self
    }

    /// With an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Starts it on a free port and waits until it is ready.
    ///
    /// # Errors
    /// When it is not built, ends, or is not ready in time.
    pub async fn start(self) -> Result<Usher> {
        let folder = TempDir::new()?;
        let log = Log::new("usher", folder.path());
        let data = self.data.clone().unwrap_or_else(|| folder.path().join("data"));
        let (child, ready) = launch(&self, &data, 0, &log).await?;
        Ok(Usher { ready, child, options: self, data, log, _folder: folder })
    }
}

/// A running `usher serve`.
#[derive(Debug)]
pub struct Usher {
    ready: Ready,
    child: Child,
    options: UsherOptions,
    data: PathBuf,
    log: Log,
    _folder: TempDir,
}

impl Usher {
    /// Starts it with an empty workspace.
    ///
    /// # Errors
    /// See [`UsherOptions::start`].
    pub async fn start() -> Result<Self> {
        Self::options().start().await
    }

    /// Chooses how to start.
    #[must_use]
    pub fn options() -> UsherOptions {
        UsherOptions::default()
    }

    /// What it said when it was ready.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// A client for its SCIM connection.
    #[must_use]
    pub fn scim(&self) -> ScimClient {
        ScimClient::new(&self.ready.scim.base_url, &self.ready.scim.token)
    }

    /// A client for its admin API.
    #[must_use]
    pub fn api(&self) -> JsonClient {
        JsonClient::new(&self.ready.api.base_url, &self.ready.api.token)
    }

    /// The id of its process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its log so far, over all restarts.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Ends it at once, as a power cut would: SIGKILL, no goodbye.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn kill9(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Ends it cleanly by SIGTERM.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(pid) =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        let ended = timeout(PATIENCE, self.child.wait()).await;
        Ok(ended.map_err(|_| format!("usher does not end on SIGTERM:\n{}", self.log.tail()))??)
    }

    /// Starts it again on the same data and the same port, so that whoever pushes to it finds it again. A process that
    /// still runs is killed first.
    ///
    /// # Errors
    /// See [`UsherOptions::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.kill9().await?;
        let port = reqwest::Url::parse(&self.ready.origin)?.port().ok_or("the origin has no port")?;
        (self.child, self.ready) = launch(&self.options, &self.data, port, &self.log).await?;
        Ok(())
    }

    /// Runs a command of the operator (`usher workspace …`) on the same data and returns what it printed as JSON.
    ///
    /// # Errors
    /// When it fails; the error is what it said.
    pub async fn command(&self, arguments: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.output(arguments).await?)?)
    }

    /// Runs a command of the operator on the same data and returns what it printed, one JSON value a line.
    ///
    /// # Errors
    /// When it fails; the error is what it said.
    pub async fn output(&self, arguments: &[&str]) -> Result<String> {
        let data = self.data.to_string_lossy();
        output(&[arguments, &["--data", &data]].concat(), &[]).await
    }
}

/// Runs a command and returns what it printed, one JSON value a line.
pub(super) async fn output(arguments: &[&str], environment: &[(&str, &str)]) -> Result<String> {
    let output = Command::new(program()?)
        .args(arguments)
        .arg("--json")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .await?;
    if !output.status.success() {
        let said = [output.stderr, output.stdout].concat();
        return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&said)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

async fn launch(options: &UsherOptions, data: &Path, port: u16, log: &Log) -> Result<(Child, Ready)> {
    let mut command = Command::new(program()?);
    command.args(["serve", "--json", "--port", &port.to_string(), "--data"]).arg(data);
    if !options.demo {
        command.arg("--no-demo");
    }
    if options.processes {
        command.args(["--processes", "--programs"]).arg(programs_folder()?);
    }
    command.envs(options.environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log.stdio()?).kill_on_drop(true);
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().ok_or("the pipe from usher is missing")?;
    match timeout(PATIENCE, ready_line(stdout)).await {
        Ok(Ok(ready)) => Ok((child, ready)),
        Ok(Err(error)) => Err(format!("usher did not get ready: {error}\n{}", log.tail()).into()),
        Err(_) => Err(format!("usher is not ready after {PATIENCE:?}:\n{}", log.tail()).into()),
    }
}

async fn ready_line(stdout: ChildStdout) -> Result<Ready> {
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.next_line().await?.ok_or("it ended without a word")?;
    // Keep reading, or a later line would break the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    serde_json::from_str(&line).map_err(|error| format!("{error} in {line}").into())
}

/// The binary named by `USHER_BIN`, or the one that cargo built beside this test.
fn program() -> Result<PathBuf> {
    let program = match env::var_os("USHER_BIN") {
        Some(path) => PathBuf::from(path),
        None => target_folder()?.join("usher"),
    };
    existing(program, "run `cargo build` once, or set USHER_BIN")
}
