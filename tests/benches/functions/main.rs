//! The deployed programs: how large they are, and how fast they start, beside a Node.js and a Python function that make the
//! same two calls of the database. Prints, and fails only where a program is larger than its budget.
//!
//! `cargo bench -p usher-tests --bench functions [-- --rounds N | --arm64]`; the README here says how to read it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where something fails"
)]

mod measure;
mod programs;
mod report;
mod rivals;
mod share;
mod stand;
mod tls;

use std::path::PathBuf;

use clap::Parser;

use share::Share;
use stand::Stand;

/// What Lambda gives a function of 512 MB of a processor, which it gives whole at 1,769 MB.
const SHARE: f64 = 512.0 / 1_769.0;

/// Measures the deployed programs.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often each program is started.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Build for Lambda's processor, by cargo-lambda as SAM does, and print sizes only.
    #[arg(long, conflicts_with = "built")]
    arm64: bool,
    /// Build nothing: measure the programs in this folder.
    #[arg(long)]
    built: Option<PathBuf>,
    /// Cargo passes this.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let programs = match &arguments.built {
        Some(folder) => programs::found(folder),
        None => programs::build(arguments.arm64),
    };
    println!("{}", report::sizes(&programs));
    if !arguments.arm64 {
        let stand = Stand::start(&programs).await;
        let mut subjects = stand.subjects(&programs);
        subjects.extend(rivals::subjects(&stand));
        for (name, share) in
            [("a whole processor", Share::whole()), ("the share of 512 MB", Share::of(SHARE))]
        {
            match share {
                Ok(share) => {
                    let figures = measure::all(&subjects, &share, arguments.rounds).await;
                    println!("{}", report::times(name, &figures));
                }
                Err(problem) => println!("{name}: not measured: {problem}\n"),
            }
        }
    }
    assert!(programs.iter().all(programs::Program::fits), "a program is larger than its budget");
}
