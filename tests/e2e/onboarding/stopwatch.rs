//! How long this process computed: not the time that passed, of which others on the machine take their part.

use std::{fs, time::Duration};

/// A measurement that began.
pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    /// Begins.
    pub(crate) fn begin() -> Self {
        Self(computed())
    }

    /// What all threads computed since.
    pub(crate) fn elapsed(&self) -> Duration {
        // A thread that ended takes its time with it.
        computed().saturating_sub(self.0)
    }
}

/// The first number of a thread's `schedstat`: nanoseconds on a CPU (Linux, Documentation/scheduler/sched-stats).
fn computed() -> Duration {
    let threads = fs::read_dir("/proc/self/task").expect("Linux tells of threads");
    let of_thread = |thread: std::io::Result<fs::DirEntry>| {
        let told = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(threads.filter_map(of_thread).sum())
}
