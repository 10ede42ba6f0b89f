//! Usher beside two other SCIM servers: scim2-server and SCIMMY, with the same people, on the same machine, in one run.
//!
//! `cargo bench -p usher-tests --bench scim_servers [-- --people N … --json]`; README.md beside this file tells what is
//! compared and how to read it. It prints, and never fails on a number.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints, and ends where something fails"
)]

mod arena;
mod conformance;
mod costs;
mod http;
mod load;
mod operations;
mod people;
mod process;
mod report;
mod roles;
mod servers;
mod targets;
#[path = "../../e2e/access_patterns/world/mod.rs"]
#[allow(dead_code, reason = "shared with those who measure more")]
mod world;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::{arena::Arena, report::Report, servers::Kind};

/// Compares SCIM servers.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    compare: Compare,
    /// Cargo passes this.
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

/// What is compared.
#[derive(Debug, Args)]
struct Compare {
    /// How many users a directory has; repeatable
    #[arg(long, value_name = "N", default_values_t = [1_000, 100_000])]
    people: Vec<usize>,
    /// Only this server; repeatable
    #[arg(long, value_enum, default_values_t = Kind::ALL)]
    server: Vec<Kind>,
    /// Only operations whose name has this in it; repeatable
    #[arg(long, value_name = "TEXT")]
    operation: Vec<String>,
    /// How long each figure is taken
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    seconds: f64,
    /// The most requests that a figure is taken from
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    requests: usize,
    /// How long scim2-server may take to be loaded
    #[arg(long, value_name = "SECONDS", default_value_t = 180)]
    budget: u64,
    /// Keeps Usher's seeded databases here, for a next run with the same code
    #[arg(long, value_name = "FOLDER")]
    seeds: Option<PathBuf>,
    /// Leave out the conformance suite
    #[arg(long)]
    no_check: bool,
    /// Leave out what is asked of the database
    #[arg(long)]
    no_costs: bool,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
}

/// What this program is started again as.
#[derive(Debug, Subcommand)]
enum Role {
    /// Serves a database file by DynamoDB's protocol.
    #[command(hide = true)]
    Database { file: PathBuf, port: u16 },
    /// Serves SCIM as the Lambda function does, on the table that its environment names.
    #[command(hide = true)]
    Function { port: u16 },
}

fn main() {
    let Arguments { role, compare, .. } = Arguments::parse();
    match role {
        Some(Role::Database { file, port }) => roles::database(&file, port),
        Some(Role::Function { port }) => roles::function(port),
        // One thread: the servers need the others.
        None => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(run(&compare)),
    }
}

async fn run(compare: &Compare) {
    let began = std::time::Instant::now();
    servers::build();
    let mut report = Report::default();
    for &people in &compare.people {
        let settings = arena::Settings {
            people,
            operations: compare.operation.clone(),
            limit: Duration::from_secs_f64(compare.seconds),
            requests: compare.requests,
            budget: Duration::from_secs(compare.budget),
            seeds: compare.seeds.clone(),
            scratch: tempfile::TempDir::new().expect("a temporary folder"),
        };
        let mut arena = Arena::open(&settings, &compare.server).await;
        report.sizes.push(arena.measure(&settings).await);
        if report.conformance.is_empty() && !compare.no_check {
            report.conformance = conformance::check(&arena).await;
        }
    }
    if !compare.no_costs {
        report.costs = costs::measure().await;
    }
    report.targets = targets::judge(&report.sizes);
    report.seconds = began.elapsed().as_secs();
    if compare.json {
        println!("{}", serde_json::to_string_pretty(&report).expect("a report is JSON"));
    } else {
        println!("{}", report.text());
    }
}
