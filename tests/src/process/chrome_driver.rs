//! ChromeDriver, which drives a real browser, and axe-core, which looks for what keeps people out of a page.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use super::{log::Log, tool};
use crate::Result;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What it prints before its port.
const READY: &str = "started successfully on port ";

/// A running ChromeDriver. The browsers that it starts end with it.
#[derive(Debug)]
pub struct ChromeDriver {
    url: String,
    // In this order: the process ends before its log is shown and its folder goes.
    _child: Child,
    _log: Log,
    _folder: TempDir,
}

impl ChromeDriver {
    /// Starts it on a free port and waits until it is ready.
    ///
    /// # Errors
    /// When it is not installed (Debian: `chromium-driver`) or does not come up.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("chromedriver", folder.path());
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log.stdio()?);
        let started = command.kill_on_drop(true).spawn();
        let mut child = started.map_err(|error| {
            format!("chromedriver does not start ({error}): run `./test --tools` once, which installs it")
        })?;
        let stdout = child.stdout.take().ok_or("the pipe from chromedriver is missing")?;
        let port = timeout(PATIENCE, port(stdout)).await;
        let port = port.map_err(|_| format!("chromedriver is not ready after {PATIENCE:?}"))??;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child, _log: log, _folder: folder })
    }

    /// Where it takes WebDriver commands.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn port(stdout: ChildStdout) -> Result<u16> {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once(READY) {
            // Keep reading, or a later line would break the pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port.trim_end_matches('.').parse()?);
        }
    }
    Err("chromedriver ended without a word".into())
}

/// The file that is axe-core.
///
/// # Errors
/// When it is not installed.
pub fn axe() -> Result<PathBuf> {
    tool("axe/node_modules/axe-core/axe.min.js")
}
