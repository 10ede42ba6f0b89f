//! Sends random input through every parser of the crate for as long as asked: the fuzz targets on a stable compiler.
//!
//!     cargo run --release -p usher-scim --example soak -- --executions 10000000 [--seed 1] [--threads 1]
//!
//! Half of the inputs are made from the grammars, so that they get past the parsers; half are damaged copies of those.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a program for the terminal, whose findings are panics"
)]

#[path = "../../fuzz/checks.rs"]
mod checks;
mod generate;

use std::time::Instant;

use generate::Random;

fn main() {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = options.iter().position(|o| o == name);
        at.and_then(|at| options.get(at + 1)).and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    let executions = number("--executions", 100_000);
    let threads = number("--threads", 1).max(1);
    let seed = number("--seed", 1);
    let started = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|worker| {
            let share = executions / threads + u64::from(worker < executions % threads);
            std::thread::spawn(move || {
                run(Random(seed.wrapping_mul(1_000_003).wrapping_add(worker) | 1), share)
            })
        })
        .collect();
    let mut totals = [[0_u64; 2]; KINDS.len()];
    for worker in workers {
        let counts = worker.join().unwrap_or_else(|_| std::process::exit(1));
        for (total, count) in totals.iter_mut().zip(counts) {
            total[0] += count[0];
            total[1] += count[1];
        }
    }
    let done: u64 = totals.iter().map(|t| t[0]).sum();
    for (name, [runs, taken]) in KINDS.iter().zip(totals) {
        println!("{name:8} {runs:>10} executions, {:.0} % taken", 100.0 * ratio(taken, runs.max(1)));
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{done} executions without a finding in {seconds:.0} s, seed {seed}");
}

#[expect(clippy::cast_precision_loss, reason = "for a percentage")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

const KINDS: [&str; 4] = ["filter", "path", "patch", "message"];

fn run(mut random: Random, executions: u64) -> [[u64; 2]; KINDS.len()] {
    let mut counts = [[0; 2]; KINDS.len()];
    for n in 0..executions {
        // JSON costs more than a filter; filters are where most of the grammar is.
        let kind = match random.below(10) {
            0..=4 => 0,
            5..=6 => 1,
            7..=8 => 2,
            _ => 3,
        };
        let mut input = match kind {
            0 => random.filter(0, false),
            1 => random.path(),
            2 => random.patch().to_string(),
            _ => random.message(),
        };
        for _ in 0..(if random.one_in(2) { 1 + random.below(3) } else { 0 }) {
            input = random.damaged(&input);
        }
        let outcome = std::panic::catch_unwind(|| {
            checks::WORLD.with(|world| match kind {
                0 => world.filter(&input),
                1 => world.path(&input),
                2 => world.patch(&input),
                _ => world.message(&input),
            })
        });
        match outcome {
            Ok(taken) => {
                counts[kind][0] += 1;
                counts[kind][1] += u64::from(taken);
            }
            Err(_) => {
                eprintln!("finding in {} after {n} executions:\n{input}", KINDS[kind]);
                std::process::exit(1);
            }
        }
    }
    counts
}
