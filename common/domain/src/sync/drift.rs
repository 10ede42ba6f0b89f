//! Where an app differs from what is recorded. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    access::{Access, AccessState, AccountState, Presence, Seat, Told},
    id::{PersonId, SyncId},
    integration::Catalogue,
};

/// How the app differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// In the app, and nobody put them there.
    Unmatched,
    /// Should have a seat, and is not in the app or is switched off.
    Missing,
    /// Holds other roles than decided.
    OtherRole,
    /// Holds other assets than decided.
    OtherAssets,
    /// Holds other entitlements than decided.
    OtherEntitlements,
    /// Should not be in the app, and is.
    LeftBehind,
    /// The invitation expired, was declined, or is gone.
    InvitationOver,
}

impl DriftKind {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unmatched => "unmatched",
            Self::Missing => "missing",
            Self::OtherRole => "other_role",
            Self::OtherAssets => "other_assets",
            Self::OtherEntitlements => "other_entitlements",
            Self::LeftBehind => "left_behind",
            Self::InvitationOver => "invitation_over",
        }
    }

    /// The words to show.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unmatched => "Unmatched",
            Self::Missing => "Missing in the app",
            Self::OtherRole => "Other roles",
            Self::OtherAssets => "Other assets",
            Self::OtherEntitlements => "Other entitlements",
            Self::LeftBehind => "Left behind in the app",
            Self::InvitationOver => "Invitation over",
        }
    }
}

/// A difference, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// How the app differs.
    pub kind: DriftKind,
    /// What was decided; `None` for nothing.
    pub expected: Option<Seat>,
    /// What the app shows; `None` where nobody is there.
    pub seen: Option<Seen>,
    /// Whether the next evaluation is to repair it.
    pub repair: bool,
    /// Whether a repair leaves what the person has of assets beyond what was decided: it would have been taken from too
    /// many at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spared: bool,
    /// The run that found it last.
    pub sync: SyncId,
    /// When.
    pub found_at: Timestamp,
}

impl Drift {
    /// Whether nothing is left to repair: all that differs is spared.
    pub fn is_left(&self) -> bool {
        let lacks = seats(self.expected.as_ref(), self.seen.as_ref())
            .is_some_and(|(decided, seen)| exceeds(decided, seen));
        self.spared && self.kind == DriftKind::OtherAssets && !lacks
    }
}

/// Somebody, as a listing shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The app's id of the account or invitation.
    pub account: String,
    /// Its state.
    pub state: AccountState,
    /// Who the app says this is.
    pub label: String,
    /// What it carries, as far as the listing tells.
    pub seat: Told,
}

/// A difference that a page found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whose access it is; for a stranger the person of the directory whom it might be.
    pub person: Option<PersonId>,
    /// How the app differs.
    pub kind: DriftKind,
    /// What was decided.
    pub expected: Option<Seat>,
    /// What the app shows.
    pub seen: Option<Seen>,
}

impl Finding {
    /// Whether the app shows assets, or permissions on them, beyond what was decided: a repair takes them away.
    pub fn has_more_assets(&self) -> bool {
        seats(self.expected.as_ref(), self.seen.as_ref())
            .is_some_and(|(decided, seen)| exceeds(seen, decided))
    }
}

/// What was decided and what the app shows, where both are seats and the list tells the whole one.
fn seats<'a>(expected: Option<&'a Seat>, seen: Option<&'a Seen>) -> Option<(&'a Seat, &'a Seat)> {
    Some((expected?, seen?.seat.whole()?))
}

/// Whether one has assets, or permissions on them, that the other has not.
fn exceeds(one: &Seat, other: &Seat) -> bool {
    one.assets.iter().any(|(asset, permissions)| {
        other.assets.get(asset).is_none_or(|others| !permissions.is_subset(others))
    })
}

/// How somebody who was seen differs from what was reached for them, if it does.
pub fn compare(access: &Access, seen: &Seen, catalogue: &Catalogue, since: Timestamp) -> Option<Finding> {
    let over = matches!(seen.state, AccountState::Expired | AccountState::Declined);
    let kind = match reached(access, since) {
        Some(Presence::Absent) if seen.state != AccountState::Suspended && !over => DriftKind::LeftBehind,
        Some(Presence::Seated(_)) if seen.state == AccountState::Suspended => DriftKind::Missing,
        Some(Presence::Seated(decided)) if seen.state == AccountState::Active => {
            other(decided, &seen.seat, catalogue)?
        }
        None if over && awaits_acceptance(access, since) => DriftKind::InvitationOver,
        _ => return None,
    };
    Some(finding(access, kind, Some(seen.clone())))
}

/// How somebody whom no page showed differs from what was reached for them. `invitations`: whether they were listed too.
pub fn unseen(access: &Access, since: Timestamp, invitations: bool) -> Option<Finding> {
    let kind = match reached(access, since) {
        Some(Presence::Seated(_)) => DriftKind::Missing,
        None if invitations && awaits_acceptance(access, since) => DriftKind::InvitationOver,
        _ => return None,
    };
    Some(finding(access, kind, None))
}

/// Whether what was found is still about this access: nothing was decided, done or seen since.
pub fn still_applies(access: &Access, finding: &Finding, since: Timestamp) -> bool {
    let decided = match access.desired.as_ref().map(|desired| &desired.presence) {
        Some(Presence::Seated(seat)) => Some(seat),
        Some(Presence::Absent) | None => None,
    };
    let quiet = match finding.kind {
        DriftKind::InvitationOver => awaits_acceptance(access, since),
        _ => reached(access, since).is_some(),
    };
    quiet && decided == finding.expected.as_ref()
}

/// What the app is known to agree with since before the list was read; `None` while work is open.
fn reached(access: &Access, since: Timestamp) -> Option<&Presence> {
    let older = access.observed.as_ref().is_none_or(|observed| observed.seen_at < since);
    let settled =
        access.settled.as_ref().filter(|_| access.job.is_none() && older && access.updated_at < since);
    settled.map(|settled| &settled.presence)
}

fn awaits_acceptance(access: &Access, since: Timestamp) -> bool {
    let invited = access.observed.as_ref().is_some_and(|observed| {
        let state = observed.account.as_ref().map(|account| account.state);
        state == Some(AccountState::Invited) && observed.seen_at < since
    });
    access.state == AccessState::PendingAcceptance && invited
}

fn finding(access: &Access, kind: DriftKind, seen: Option<Seen>) -> Finding {
    let expected = match access.desired.as_ref().map(|desired| &desired.presence) {
        Some(Presence::Seated(seat)) => Some(seat.clone()),
        Some(Presence::Absent) | None => None,
    };
    Finding { person: Some(access.person.clone()), kind, expected, seen }
}

/// What differs first, in what Usher has a say in and the list tells.
fn other(decided: &Seat, seen: &Told, catalogue: &Catalogue) -> Option<DriftKind> {
    let roles: BTreeSet<&str> = catalogue.roles.iter().map(|role| role.key.as_str()).collect();
    let entitlements: BTreeSet<&str> =
        catalogue.entitlements.iter().map(|entitlement| entitlement.value.as_str()).collect();
    if seen.roles().is_some_and(|seen| !same(&decided.roles, seen, &roles)) {
        return Some(DriftKind::OtherRole);
    }
    let seen = seen.whole()?;
    if decided.assets != seen.assets {
        Some(DriftKind::OtherAssets)
    } else if !same(&decided.entitlements, &seen.entitlements, &entitlements) {
        Some(DriftKind::OtherEntitlements)
    } else {
        None
    }
}

/// Whether both hold the same of what is listed or decided; what else people have in the app came from elsewhere.
fn same(decided: &BTreeSet<String>, seen: &BTreeSet<String>, listed: &BTreeSet<&str>) -> bool {
    let ours = |value: &&String| {
        listed.is_empty() || listed.contains(value.as_str()) || decided.contains(value.as_str())
    };
    decided.iter().eq(seen.iter().filter(ours))
}

#[cfg(test)]
#[path = "drift_tests.rs"]
mod tests;
