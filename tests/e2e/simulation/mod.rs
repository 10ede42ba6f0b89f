//! A deterministic simulation: the real planner, executor, reconciler and store, with a stream, queues, a
//! clock and an app that do everything that AWS and vendors allow themselves, while identity providers and
//! admins go on. A seed replays a run: `USHER_SEED=7 cargo nextest run -p usher-tests simulation`.

mod app;
mod chance;
mod deliveries;
mod guards;
mod in_sync;
mod leaks;
mod mutation;
mod run;
mod verdict;
mod workload;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use mutation::Mutation;

/// Runs a seed; `Err` says what is wrong, and what to call to see it again.
pub(crate) fn judged(seed: u64, mutation: Mutation) -> Result<(), String> {
    let ran = catch_unwind(AssertUnwindSafe(|| run::run(seed, mutation)));
    let verdict = ran.unwrap_or_else(|_| Err("the run broke off; the panic is told above".to_owned()));
    verdict.map_err(|error| format!("USHER_SEED={seed}: {error}"))
}
