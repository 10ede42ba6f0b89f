//! Checks any SCIM 2.0 server: what the RFCs ask (7643, 7644, 9865), and what identity providers really send.
//!
//! [`run`] sends requests as a client would, judges the answers and removes what it made. It needs no empty server and
//! touches nothing that it did not make. Each check names the line or the source that it is traced to; a failure shows
//! the request, the answer, what was expected and why. What a server says it does not support is skipped, with the
//! reason, and never counts as passed.

mod core;
mod report;
mod suite;

pub use core::{Failure, Level, Outcome, Sent, Target, TargetError};
pub use report::{CheckReport, GroupScore, Report, Score};

use core::{Check, Server, Session, Stop};

/// What to run and how long to be patient.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only checks whose group contains one of these, or whose id begins with it; all when empty.
    pub only: Vec<String>,
    /// How long one answer may take.
    pub timeout: std::time::Duration,
    /// How many requests a run may send.
    pub max_requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { only: Vec::new(), timeout: std::time::Duration::from_secs(30), max_requests: 20_000 }
    }
}

/// What a check is, without running it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Description {
    /// The id, such as `patch-entra.remove-members-by-value`.
    pub id: String,
    /// The RFC section or the identity provider.
    pub group: &'static str,
    /// What holds when it passes.
    pub title: String,
    /// The line or the source that it is traced to.
    pub source: &'static str,
    /// How binding it is.
    pub level: Level,
}

/// The checks that `only` selects, in the order in which they run.
#[must_use]
pub fn list(only: &[String]) -> Vec<Description> {
    selected(only).into_iter().map(Check::describe).collect()
}

/// Runs the checks that the options select. A server that cannot be reached gives a report that says so.
pub async fn run(target: Target, options: Options) -> Report {
    let checks = selected(&options.only);
    let base = target.base_url().to_owned();
    let server = match Server::connect(target, &options).await {
        Ok(server) => server,
        Err(reason) => return Report::stopped(base, reason),
    };
    let mut results = Vec::with_capacity(checks.len());
    for check in checks {
        let session = Session::new(&server);
        let verdict = check.judge(&session).await;
        let (steps, write) = session.finish().await;
        let verdict = verdict.map_err(|stop| stop.with_history(steps, write));
        results.push(CheckReport::new(check.describe(), Outcome::from(verdict)));
    }
    let leftovers = server.clean_up().await;
    Report::new(&server, results, leftovers)
}

fn selected(only: &[String]) -> Vec<Check> {
    let mut checks = suite::all();
    checks.retain(|check| only.is_empty() || only.iter().any(|wanted| check.is_of(wanted)));
    checks
}

/// The verdict of one check.
type Verdict = Result<(), Stop>;
