//! As many seeds of the simulation as one likes, on all cores, or how soon it notices each deliberate break. Prints what
//! it found, and ends with 1 where that is not what it should be.
//!
//! `cargo bench -p usher-tests --bench simulation [-- --seeds N --first N | --breaks]`
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints, and the simulation's verdicts may panic"
)]

#[path = "../e2e/simulation/mod.rs"]
#[allow(dead_code, reason = "its tests are not this benchmark's")]
mod simulation;

use std::{
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use clap::Parser;
use simulation::{Mutation, judged};

/// A break has to be noticed within so many seeds.
const NOTICED_WITHIN: u64 = 1_000;

/// Runs the simulation.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds are run.
    #[arg(long, default_value_t = 100_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Look for the first seed that notices each deliberate break instead.
    #[arg(long)]
    breaks: bool,
    /// Cargo passes this.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let well = if arguments.breaks { breaks() } else { seeds(arguments.first, arguments.seeds) };
    println!("{:.0} s", began.elapsed().as_secs_f64());
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs all of them, also after one that failed.
fn seeds(first: u64, count: u64) -> bool {
    let failures = Mutex::new(Vec::new());
    on_all_cores(|number| {
        if number >= count {
            return false;
        }
        if let Err(error) = judged(first + number, Mutation::None) {
            println!("{error}");
            failures.lock().unwrap_or_else(PoisonError::into_inner).push(first + number);
        }
        true
    });
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_unstable();
    println!("{count} seeds from {first} on, {} failed: {failures:?}", failures.len());
    failures.is_empty()
}

/// How soon each break is noticed.
fn breaks() -> bool {
    let mut well = true;
    for mutation in Mutation::ALL {
        let noticed = AtomicU64::new(u64::MAX);
        on_all_cores(|seed| {
            if seed >= NOTICED_WITHIN.min(noticed.load(Ordering::Relaxed)) {
                return false;
            }
            if judged(seed, *mutation).is_err() {
                noticed.fetch_min(seed, Ordering::Relaxed);
            }
            true
        });
        match noticed.into_inner() {
            u64::MAX => {
                println!("{mutation:?} went unnoticed in {NOTICED_WITHIN} seeds");
                well = false;
            }
            seed => println!("{mutation:?} is noticed by seed {seed}"),
        }
    }
    well
}

/// Works numbers off from 0 on, one on each core at a time, until the work says that it is over.
fn on_all_cores(work: impl Fn(u64) -> bool + Sync) {
    let next = AtomicU64::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| while work(next.fetch_add(1, Ordering::Relaxed)) {});
        }
    });
}
