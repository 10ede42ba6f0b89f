//! The tester tested: against a real server, and against the same server with one thing broken at a time.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod broken;
mod cursors;
mod proxy;
mod real;
mod suite;

use usher_check::{Options, Report, Target};

async fn run(base_url: &str, token: &str, only: &[&str]) -> Report {
    let only = only.iter().map(|one| (*one).to_owned()).collect();
    usher_check::run(Target::new(base_url, token).unwrap(), Options { only, ..Options::default() }).await
}
