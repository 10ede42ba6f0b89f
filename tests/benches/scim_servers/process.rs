//! The process of a server: what it uses.

use std::{fs, time::Duration};

use tokio::process::Child;

/// How long a server's processor time must stand still before it counts as idle.
const IDLE: Duration = Duration::from_millis(300);
/// How long is waited for that.
const PATIENCE: Duration = Duration::from_secs(240);

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// Ends with this value; `None` where something else holds it.
    _child: Option<Child>,
}

impl Process {
    /// A process that was started here.
    pub(crate) fn of(child: Child) -> Self {
        Self { pid: child.id().expect("a running process"), _child: Some(child) }
    }

    /// A process that something else holds.
    pub(crate) fn with_pid(pid: u32) -> Self {
        Self { pid, _child: None }
    }

    /// The processor time that it and its ended children used so far.
    pub(crate) fn cpu(&self) -> Duration {
        cpu(&self.pid.to_string())
    }

    /// What of it is in memory.
    pub(crate) fn resident_megabytes(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
        kilobytes / 1024.0
    }

    /// Waits until it does nothing any more: what a request leaves to be done later is its work too.
    pub(crate) async fn idle(&self) {
        let began = std::time::Instant::now();
        let mut before = self.cpu();
        loop {
            tokio::time::sleep(IDLE).await;
            let now = self.cpu();
            // A tick is the least that is counted, and a running runtime looks at its clocks.
            if now - before <= tick() || began.elapsed() > PATIENCE {
                return;
            }
            before = now;
        }
    }
}

/// The processor time of this process.
pub(crate) fn own_cpu() -> Duration {
    cpu("self")
}

fn cpu(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is the name, in brackets, and may hold blanks; utime is the 14th, and cstime the 17th.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(4).filter_map(|n| n.parse::<u64>().ok()).sum();
    tick() * u32::try_from(ticks).unwrap_or(u32::MAX)
}

/// The unit of /proc/<pid>/stat.
fn tick() -> Duration {
    Duration::from_secs(1) / u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100)
}
