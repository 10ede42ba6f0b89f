//! A server of several processes.

use std::time::Duration;

use reqwest::Client;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};

use super::log::Log;
use crate::Result;

/// A server and its workers, which end together.
#[derive(Debug)]
pub(super) struct Group {
    name: &'static str,
    leader: Child,
}

impl Group {
    /// The group that this process leads.
    pub(super) fn new(name: &'static str, leader: Child) -> Self {
        Self { name, leader }
    }

    /// Waits until it answers.
    pub(super) async fn answers(&mut self, client: &Client, url: &str, log: &Log) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(180);
        loop {
            let answered = client.get(url).send().await;
            // Another program may have taken the port in the meantime: then ours has ended.
            if let Some(status) = self.leader.try_wait()? {
                return Err(format!("{} ended with {status}:\n{}", self.name, log.tail()).into());
            }
            if answered.is_ok_and(|answer| !answer.status().is_server_error()) {
                return Ok(());
            }
            if Instant::now() >= end {
                return Err(format!("{} does not answer:\n{}", self.name, log.tail()).into());
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let pid = self.leader.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
