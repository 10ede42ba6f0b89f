//! Logs: one JSON object a line, for people and for queries. Messages are fixed texts, what varies is in
//! fields; no bodies, tokens, names or addresses.

use std::env;

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging to standard output as JSON, at the levels that `RUST_LOG` names (default `info`; a module's as
/// `usher_aws=debug`).
///
/// Spans and their fields cannot be named there: what reads such filters is made of regular expressions, which every
/// program would carry and put together at each of its starts.
pub fn start() {
    let named = env::var("RUST_LOG").ok().map(|levels| levels.parse::<Targets>());
    let (levels, unread) = match named {
        Some(Ok(levels)) => (levels, None),
        Some(Err(error)) => (usual(), Some(error)),
        None => (usual(), None),
    };
    let lines = fmt::layer().json().with_target(false);
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(lines).with(levels).try_init();
    if let Some(error) = unread {
        tracing::warn!(%error, "RUST_LOG is no list of levels, such as `info,usher_aws=debug`; `info` is logged until it is");
    }
}

fn usual() -> Targets {
    Targets::new().with_default(LevelFilter::INFO)
}
