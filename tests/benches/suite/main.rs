//! How fast the suite is, and what it asks of the database: prints both, and never fails on a number.
//!
//! `cargo bench -p usher-tests --bench suite [-- --people N --operations N --json]` starts everything that `usher
//! serve` starts, in this process and on a database file in a temporary folder, and talks to it over HTTP on
//! loopback. The clients and the app share the machine with it: the figures are for comparing one change with
//! another.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where something fails"
)]

mod app;
#[path = "../../e2e/access_patterns/directory.rs"]
mod directory;
mod load;
#[path = "../../e2e/access_patterns/measure.rs"]
mod measure;
mod report;
#[path = "../../e2e/access_patterns/scim.rs"]
mod scim;
mod seats;
mod stand;
#[path = "../../e2e/access_patterns/world/mod.rs"]
#[allow(dead_code, reason = "other benchmarks and tests use more of it")]
mod world;

use clap::Parser;

/// Measures the suite.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many users the directory has before anything is measured.
    #[arg(long, default_value_t = 1_000)]
    people: usize,
    /// How many requests each figure is taken from.
    #[arg(long, default_value_t = 400)]
    operations: usize,
    /// How many people are seated, one after the other.
    #[arg(long, default_value_t = 40)]
    seats: usize,
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
    let stand = stand::Stand::start().await;
    let mut directory = load::Directory::fill(&stand, arguments.people).await;
    let mut figures = Vec::new();
    for clients in [1, 8] {
        figures.extend(load::measure(&stand, &mut directory, clients, arguments.operations).await);
    }
    let seats = seats::measure(&stand, arguments.seats).await;
    let report = report::Report {
        people: arguments.people,
        operations: arguments.operations,
        scim: figures,
        seats,
        resident_megabytes: report::resident_megabytes(),
        database: measure::all().await.iter().map(report::Table::of).collect(),
    };
    stand.end().await;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report).expect("a report is JSON"));
    } else {
        println!("{}", report.text());
    }
}
