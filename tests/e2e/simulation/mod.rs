//! A deterministic simulation: the real planner, executor, reconciler and store, with a stream, queues, a
//! clock and an app that do everything that AWS and vendors allow themselves, while identity providers and
//! admins go on. A seed replays a run: `USHER_SEED=7 cargo nextest run -p usher-tests every_order`.
//!
//! Each invariant has breaks that must be noticed within 1,000 seeds (`mutation.rs`):
//!
//! | Invariant | Breaks |
//! |---|---|
//! | Converges | `QuietEvaluations` (the stale-planner trap), `DeafToCatalogue`, `CatalogueByIndex` |
//! | No seat twice | `NoLease`, `UnseenInvitations`, `NoOwners` (the same-name trap) |
//! | No seat forgotten | `InvitationsLeftBehind`, `AssetsLeftBehind` |
//! | Nothing is lost | `ForgetfulStream`, `LostPages`, `NoReconciler` |
//! | A failed or partial read is never "empty" | `FailureIsEmpty`, `PartialIsWhole`, `NoSafeguard` |
//! | Counts are exact | `UnreadCounts` |
//! | Workspaces never meet | `SharedDirectory` |
//! | Secrets never leave | `TalkativeErrors`, `TalkativeLog` |
//! | No mass removal that nobody meant | `NothingCounted`, `ForgottenRejections` |
//! | An admin is left, and whoever is marked stays | `LastAdminUnchecked`, `NoExemptions`, `NoProtection` |

mod app;
mod broken;
mod catalogue;
mod chance;
mod connector;
mod deliveries;
mod guards;
mod habits;
mod in_sync;
mod invitations;
mod leaks;
mod marks;
mod mutation;
mod run;
mod setup;
mod telling;
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
