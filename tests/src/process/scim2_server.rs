//! scim2-server, a strict SCIM server that nobody here wrote: a real external app.

use std::{process::Stdio, time::Duration};

use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use super::{free_port, log::Log, tool};
use crate::{Result, client::ScimClient};

/// A running scim2-server with an empty directory in memory.
#[derive(Debug)]
pub struct Scim2Server {
    base_url: String,
    // In this order: the process ends before its log is shown and its folder goes.
    _child: Child,
    log: Log,
    _folder: TempDir,
}

impl Scim2Server {
    const TOKEN: &str = "scim2-server-token";

    /// Starts it on a free port and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("scim2-server", folder.path());
        let port = free_port()?;
        let mut child = Command::new(tool("scim2/bin/scim2-server")?)
            .args(["--port", &port.to_string(), "--bearer-token", Self::TOKEN])
            .stdin(Stdio::null())
            .stdout(log.stdio()?)
            .stderr(log.stdio()?)
            .kill_on_drop(true)
            .spawn()?;
        let base_url = format!("http://127.0.0.1:{port}/v2");
        wait_until_it_answers(&mut child, &base_url, &log).await?;
        Ok(Self { base_url, _child: child, log, _folder: folder })
    }

    /// Its SCIM base URL.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The requests that asked for a change, as `METHOD path`, oldest first: from the server's own log.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        let text = self.log.text();
        // `127.0.0.1 - - [22/Nov/2026 06:24:53] "POST /v2/Users HTTP/1.1" 201 343`
        let requests = text.lines().filter_map(|line| line.split('"').nth(1)?.strip_suffix(" HTTP/1.1"));
        requests
            .filter_map(|request| request.split_once(' '))
            .filter(|(method, _)| *method != "GET")
            .map(|(method, path)| format!("{method} {}", path.strip_prefix("/v2").unwrap_or(path)))
            .collect()
    }

    /// The token that it accepts.
    #[must_use]
    pub fn token(&self) -> &str {
        Self::TOKEN
    }
}

async fn wait_until_it_answers(child: &mut Child, base_url: &str, log: &Log) -> Result<()> {
    let client = ScimClient::new(base_url, Scim2Server::TOKEN);
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let answered = client.list("Users", &[]).await.is_ok_and(|reply| reply.status.is_success());
        // Another program may have taken the port in the meantime: then ours has ended.
        if let Some(status) = child.try_wait()? {
            return Err(format!("scim2-server ended with {status}:\n{}", log.tail()).into());
        }
        if answered {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(format!("scim2-server does not answer:\n{}", log.tail()).into());
        }
        sleep(Duration::from_millis(20)).await;
    }
}
