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

use mutation::Mutation;

/// How many seeds each of the four tests runs: 2,000 in all.
const SEEDS: u64 = 500;

/// Runs seeds until one fails; `USHER_SEED` runs just that one, `USHER_SEEDS` so many.
fn sweep(first: u64, mutation: Mutation) -> Result<u64, String> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = match number("USHER_SEED") {
        Some(seed) => (seed, 1),
        None => (first, number("USHER_SEEDS").unwrap_or(SEEDS)),
    };
    for seed in first..first + count {
        run::run(seed, mutation).map_err(|error| format!("USHER_SEED={seed}: {error}"))?;
    }
    Ok(count)
}

#[test]
fn every_order_of_events_ends_in_agreement_1() {
    sweep(0, Mutation::None).unwrap();
}

#[test]
fn every_order_of_events_ends_in_agreement_2() {
    sweep(1_000_000, Mutation::None).unwrap();
}

#[test]
fn every_order_of_events_ends_in_agreement_3() {
    sweep(2_000_000, Mutation::None).unwrap();
}

#[test]
fn every_order_of_events_ends_in_agreement_4() {
    sweep(3_000_000, Mutation::None).unwrap();
}

/// A break that no run notices would mean that the simulation proves nothing.
fn is_noticed(mutation: Mutation) {
    let noticed = (0..1_000).find(|seed| run::run(*seed, mutation).is_err());
    assert!(noticed.is_some(), "{mutation:?} went unnoticed in 1,000 seeds");
}

#[test]
fn quiet_evaluations_the_stale_planner_trap_are_noticed() {
    is_noticed(Mutation::QuietEvaluations);
}

#[test]
fn lost_pages_are_noticed() {
    is_noticed(Mutation::LostPages);
}

#[test]
fn a_missing_lease_is_noticed() {
    is_noticed(Mutation::NoLease);
}

#[test]
fn a_failure_taken_for_empty_is_noticed() {
    is_noticed(Mutation::FailureIsEmpty);
}

#[test]
fn a_missing_reconciler_is_noticed() {
    is_noticed(Mutation::NoReconciler);
}

#[test]
fn a_directory_that_workspaces_share_is_noticed() {
    is_noticed(Mutation::SharedDirectory);
}

#[test]
fn a_secret_in_an_error_is_noticed() {
    is_noticed(Mutation::TalkativeErrors);
}

#[test]
fn a_name_in_the_log_is_noticed() {
    is_noticed(Mutation::TalkativeLog);
}

#[test]
fn a_guard_that_counts_nothing_is_noticed() {
    is_noticed(Mutation::NothingCounted);
}

#[test]
fn an_app_without_admins_is_noticed() {
    is_noticed(Mutation::LastAdminUnchecked);
}

#[test]
fn a_forgotten_rejection_is_noticed() {
    is_noticed(Mutation::ForgottenRejections);
}

#[test]
fn accounts_without_owners_the_same_name_trap_are_noticed() {
    is_noticed(Mutation::NoOwners);
}

#[test]
fn a_partial_list_taken_for_the_whole_is_noticed() {
    is_noticed(Mutation::PartialIsWhole);
}

#[test]
fn a_skipped_safeguard_is_noticed() {
    is_noticed(Mutation::NoSafeguard);
}

#[test]
fn a_forgetful_stream_is_noticed() {
    is_noticed(Mutation::ForgetfulStream);
}
