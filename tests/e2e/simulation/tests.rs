//! So many seeds in every run, and every break noticed.

use super::{Mutation, judged};

/// How many seeds each of the four tests runs: 2,000 in all.
const SEEDS: u64 = 500;

/// Runs seeds until one fails; `USHER_SEED` runs just that one, `USHER_SEEDS` so many.
fn sweep(first: u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = match number("USHER_SEED") {
        Some(seed) => (seed, 1),
        None => (first, number("USHER_SEEDS").unwrap_or(SEEDS)),
    };
    for seed in first..first + count {
        judged(seed, Mutation::None).unwrap();
    }
}

#[test]
fn every_order_of_events_ends_in_agreement_1() {
    sweep(0);
}

#[test]
fn every_order_of_events_ends_in_agreement_2() {
    sweep(1_000_000);
}

#[test]
fn every_order_of_events_ends_in_agreement_3() {
    sweep(2_000_000);
}

#[test]
fn every_order_of_events_ends_in_agreement_4() {
    sweep(3_000_000);
}

/// A break that no run notices would mean that the simulation proves nothing.
macro_rules! noticed {
    ($($name:ident: $mutation:ident,)*) => {
        const NOTICED: &[Mutation] = &[$(Mutation::$mutation),*];

        $(#[test]
        fn $name() {
            let noticed = (0..1_000).find(|seed| judged(*seed, Mutation::$mutation).is_err());
            assert!(noticed.is_some(), "{:?} went unnoticed in 1,000 seeds", Mutation::$mutation);
        })*
    };
}

noticed! {
    quiet_evaluations_the_stale_planner_trap_are_noticed: QuietEvaluations,
    lost_pages_are_noticed: LostPages,
    a_missing_lease_is_noticed: NoLease,
    a_failure_taken_for_empty_is_noticed: FailureIsEmpty,
    a_missing_reconciler_is_noticed: NoReconciler,
    a_guard_that_counts_nothing_is_noticed: NothingCounted,
    a_forgotten_rejection_is_noticed: ForgottenRejections,
    an_app_without_admins_is_noticed: LastAdminUnchecked,
    a_forgetful_stream_is_noticed: ForgetfulStream,
    accounts_without_owners_the_same_name_trap_are_noticed: NoOwners,
    a_partial_list_taken_for_the_whole_is_noticed: PartialIsWhole,
    counts_that_nobody_reads_are_noticed: UnreadCounts,
    a_skipped_safeguard_is_noticed: NoSafeguard,
    a_directory_that_workspaces_share_is_noticed: SharedDirectory,
    a_secret_in_an_error_is_noticed: TalkativeErrors,
    a_name_in_the_log_is_noticed: TalkativeLog,
    an_unheard_change_of_the_catalogue_is_noticed: DeafToCatalogue,
    a_catalogue_that_trusts_an_index_is_noticed: CatalogueByIndex,
    an_unseen_invitation_is_noticed: UnseenInvitations,
    an_invitation_left_behind_is_noticed: InvitationsLeftBehind,
    an_asset_left_behind_is_noticed: AssetsLeftBehind,
    a_forgotten_exemption_is_noticed: NoExemptions,
    a_forgotten_protection_is_noticed: NoProtection,
}

#[test]
fn every_break_has_its_test() {
    assert_eq!(NOTICED, Mutation::ALL);
}
