//! Deliberate breaks: each invariant must have one that the simulation catches, or it proves nothing. The list is in the
//! page of this module's parent.

use super::habits::Habit;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// Nothing.
    None,
    /// An evaluation that finds nothing to write does not move the row: the stale-planner trap.
    QuietEvaluations,
    /// The next page of a fan-out is forgotten.
    LostPages,
    /// The lease is not kept: two workers act for one person at the same time.
    NoLease,
    /// A failed look at the app counts as "nobody is there".
    FailureIsEmpty,
    /// Open work whose message was lost is not looked for.
    NoReconciler,
    /// What began within the hour is forgotten: no guard ever holds anything.
    NothingCounted,
    /// The rejection of held work is forgotten.
    ForgottenRejections,
    /// The app's list is believed to hold another admin whoever is in it.
    LastAdminUnchecked,
    /// Stream records are dropped before they are handled.
    ForgetfulStream,
    /// Whose an account is does not matter: the same-name trap.
    NoOwners,
    /// A list that was cut short counts as the whole list.
    PartialIsWhole,
    /// Where the counts of an automation stand is not told.
    UnreadCounts,
    /// However many are missing, a sync goes on.
    NoSafeguard,
    /// Decisions are made from another workspace's people.
    SharedDirectory,
    /// An app's failure is told with the credentials that it was asked with.
    TalkativeErrors,
    /// A log line names people.
    TalkativeLog,
    /// A change of the catalogue leads to no evaluation.
    DeafToCatalogue,
    /// Whom a change of the catalogue concerns is asked of an index.
    CatalogueByIndex,
    /// An invitation that waits for its answer is not seen.
    UnseenInvitations,
    /// A removal does not take an invitation back.
    InvitationsLeftBehind,
    /// A removal does not take assets away.
    AssetsLeftBehind,
    /// Whoever is exempt is not left alone.
    NoExemptions,
    /// Whoever is protected is removed all the same.
    NoProtection,
}

impl Mutation {
    /// Every break.
    pub(crate) const ALL: &[Self] = &[
        Self::QuietEvaluations,
        Self::LostPages,
        Self::NoLease,
        Self::FailureIsEmpty,
        Self::NoReconciler,
        Self::NothingCounted,
        Self::ForgottenRejections,
        Self::LastAdminUnchecked,
        Self::ForgetfulStream,
        Self::NoOwners,
        Self::PartialIsWhole,
        Self::UnreadCounts,
        Self::NoSafeguard,
        Self::SharedDirectory,
        Self::TalkativeErrors,
        Self::TalkativeLog,
        Self::DeafToCatalogue,
        Self::CatalogueByIndex,
        Self::UnseenInvitations,
        Self::InvitationsLeftBehind,
        Self::AssetsLeftBehind,
        Self::NoExemptions,
        Self::NoProtection,
    ];

    /// How many acts of clients a run has.
    pub(super) fn acts(self) -> u32 {
        match self {
            // Two planners have to meet at one person, and nobody may look at that person again.
            Self::QuietEvaluations => 60,
            // Two jobs have to look at the same moment.
            Self::NoLease => 60,
            _ => 25,
        }
    }

    /// What a run must have for it to be noticed.
    pub(super) fn needs(self) -> &'static [Habit] {
        match self {
            Self::NothingCounted | Self::ForgottenRejections => &[Habit::Guards],
            Self::UnseenInvitations | Self::InvitationsLeftBehind => &[Habit::Invitations],
            Self::AssetsLeftBehind | Self::DeafToCatalogue => &[Habit::Assets],
            Self::CatalogueByIndex => &[Habit::Assets, Habit::Lags],
            Self::NoExemptions | Self::NoProtection => &[Habit::Marks],
            _ => &[],
        }
    }
}
