//! Logs: one JSON object a line, for people and for queries. Messages are fixed texts, what varies is in
//! fields; no bodies, tokens, names or addresses.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output as JSON, at the levels that `RUST_LOG` names (default `info`).
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_target(false).try_init();
}
