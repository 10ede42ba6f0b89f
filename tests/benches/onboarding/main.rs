//! How fast people are planned and seated, and what that costs on AWS: prints both, and never fails on a number.
//!
//! `cargo bench -p usher-tests --bench onboarding [-- --team N --people N --json]` runs the functions in this process
//! on a database file in a temporary folder, with the simulated app on loopback. What it costs is counted; only the
//! time that functions compute is measured, and estimated for Lambda as tests/prices/aws-us-east-1.json says.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark prints, ends where something fails, and shares what it runs with tests that use more of it"
)]

#[path = "../../e2e/onboarding/bill.rs"]
mod bill;
#[path = "../../e2e/onboarding/drive.rs"]
mod drive;
#[path = "../../e2e/onboarding/prices.rs"]
mod prices;
mod report;
#[path = "../../e2e/onboarding/stopwatch.rs"]
mod stopwatch;
mod throughput;
#[path = "../../e2e/access_patterns/world/mod.rs"]
mod world;

use clap::Parser;
use world::World;

/// Measures onboarding.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many members the team has that a hub is shared with.
    #[arg(long, default_value_t = 10_000)]
    team: usize,
    /// How many of their jobs are executed.
    #[arg(long, default_value_t = 1_000)]
    jobs: usize,
    /// How many people are onboarded one by one, to know what each costs.
    #[arg(long, default_value_t = 200)]
    people: usize,
    /// How many jobs are executed at the same time.
    #[arg(long, default_value_t = 8)]
    at_once: usize,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Cargo passes this.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let onboarded = drive::onboard(&World::new().await, arguments.people).await;
    let throughput =
        throughput::measure(&World::new().await, arguments.team, arguments.jobs, arguments.at_once).await;
    let report = report::Report::of(&onboarded, &prices::Prices::load(), throughput);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report).expect("a report is JSON"));
    } else {
        println!("{}", report.text());
    }
}
