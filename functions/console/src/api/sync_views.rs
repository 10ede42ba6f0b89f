//! Syncs and differences as the API shows them.

use std::collections::BTreeMap;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    ports::ListedDrift,
    sync::{Drift, DriftKind, Reaction, RunKind, RunState, Seen, StrangerReaction, SyncRun, SyncSettings},
};
use utoipa::ToSchema;

use super::access::SeatView;
use crate::{error::Problem, syncing::check_percent};

/// How to sync.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyncStart {
    /// Halt when more than this share of the seats is missing or left behind, in percent, and take assets beyond what was
    /// decided from no more people than that; this once in place of the integration's.
    #[schema(minimum = 0, maximum = 100)]
    pub(super) safeguard_percent: Option<u8>,
}

/// A sync or health check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sync)]
pub(crate) struct SyncView {
    /// Its id.
    id: String,
    /// `sync` or `health_check`.
    #[schema(value_type = String)]
    kind: RunKind,
    /// `queued`, `running`, `finished` or `halted`.
    #[schema(value_type = String)]
    state: RunState,
    /// Why it halted, waits, compared nobody, or left assets beyond what was decided to those who have them.
    #[schema(required)]
    reason: Option<String>,
    /// More marked seats than this share, in percent, halt it.
    safeguard_percent: u8,
    /// People who have a seat in the app.
    members: u64,
    /// Invitations in the app.
    invitations: u64,
    /// Those of both whom Usher knows.
    matched: u64,
    /// Seats that are decided and were reached.
    seats: u64,
    /// Differences, by kind.
    #[schema(value_type = BTreeMap<String, u64>)]
    drift: BTreeMap<DriftKind, u64>,
    /// Differences that are being repaired.
    repaired: u64,
    /// Strangers who were taken in.
    adopted: u64,
    /// Assets that the catalogue got from the app, or has otherwise now.
    assets_put: u64,
    /// Assets that the catalogue does not have any more, because the app has not.
    assets_gone: u64,
    /// Assets of the app for which the catalogue has no room; the first 200.
    discovered_assets: Vec<String>,
    /// Roles of the app that are not in the catalogue.
    discovered_roles: Vec<String>,
    /// Entitlements of the app that are not in the catalogue.
    discovered_entitlements: Vec<String>,
    /// When it began.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl From<SyncRun> for SyncView {
    fn from(run: SyncRun) -> Self {
        let counts = run.counts;
        Self {
            id: run.id.into(),
            kind: run.kind,
            state: run.state,
            reason: run.reason,
            safeguard_percent: run.safeguard_percent,
            members: counts.members,
            invitations: counts.invitations,
            matched: counts.matched,
            seats: counts.seats,
            drift: counts.drift,
            repaired: counts.repaired,
            adopted: counts.adopted,
            assets_put: counts.assets_put,
            assets_gone: counts.assets_gone,
            discovered_assets: run.discovered.assets.into_iter().map(|asset| asset.id).collect(),
            discovered_roles: run.discovered.roles.into_iter().map(|role| role.key).collect(),
            discovered_entitlements: run.discovered.entitlements.into_iter().map(|it| it.value).collect(),
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

/// Somebody, as the app shows them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seen)]
pub(crate) struct SeenView {
    /// The app's id of the account or invitation.
    account: String,
    /// `active`, `invited`, `suspended`, `expired` or `declined`.
    state: &'static str,
    /// Who the app says this is.
    label: String,
    /// Keys of the roles and permissions that it carries, where the app's list tells.
    #[schema(required)]
    roles: Option<BTreeSet<String>>,
    /// All that it carries, where the app's list tells.
    #[schema(required)]
    seat: Option<SeatView>,
}

/// Where the app differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Drift)]
pub(crate) struct DriftView {
    /// `unmatched`, `missing`, `other_role`, `other_assets`, `other_entitlements`, `left_behind` or `invitation_over`.
    #[schema(value_type = String)]
    kind: DriftKind,
    /// The person; for a stranger who it may be.
    #[schema(required)]
    person: Option<String>,
    /// The name to show.
    name: String,
    /// What was decided; null for nothing.
    #[schema(required)]
    expected: Option<SeatView>,
    /// What the app shows; null where nobody is there.
    #[schema(required)]
    seen: Option<SeenView>,
    /// Whether what the person has of assets beyond what was decided is left: it would have been taken from too many at
    /// once.
    spared: bool,
    /// The job that repairs it.
    #[schema(required)]
    job: Option<String>,
    /// The sync that found it last.
    sync: String,
    /// When it was found last.
    found_at: Timestamp,
}

impl From<ListedDrift> for DriftView {
    fn from(listed: ListedDrift) -> Self {
        let (person, name, job, drift) = match listed {
            ListedDrift::Access(access, drift) => {
                let name = access.desired.as_ref().map(|desired| desired.profile.label().to_owned());
                (Some(access.person.clone()), name, access.job, drift)
            }
            ListedDrift::Stranger(finding, drift) => (finding.person.clone(), None, None, drift),
        };
        let Drift { kind, expected, seen, spared, sync, found_at, .. } = *drift;
        let label = || seen.as_ref().map(|seen| seen.label.clone());
        Self {
            kind,
            name: name.or_else(label).unwrap_or_default(),
            person: person.map(Into::into),
            expected: expected.map(Into::into),
            seen: seen.map(|Seen { account, state, label, seat }| SeenView {
                account,
                state: state.name(),
                label,
                roles: seat.roles().cloned(),
                seat: seat.whole().cloned().map(Into::into),
            }),
            spared,
            job: job.map(Into::into),
            sync: sync.into(),
            found_at,
        }
    }
}

/// What to do about a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Reaction)]
pub(crate) enum ReactionName {
    /// Show it.
    Report,
    /// Show it, and bring the app back to what was decided.
    Repair,
}

/// What to do about somebody in the app whom nobody put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StrangerReaction)]
pub(crate) enum StrangerReactionName {
    /// Show them.
    Report,
    /// Take those in who are people of the directory, as they are.
    Adopt,
}

/// How an integration is kept in sync; in a change, what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = SyncSettings)]
pub(crate) struct SyncSettingsBody {
    /// Hours between syncs by schedule; 0 for none.
    #[schema(maximum = 8760)]
    pub(crate) interval_hours: Option<u32>,
    /// Halt when more than this share of the seats is missing or left behind, in percent, and take assets beyond what was
    /// decided from no more people than that.
    #[schema(maximum = 100)]
    pub(crate) safeguard_percent: Option<u8>,
    /// In the app, and nobody put them there.
    pub(crate) unmatched: Option<StrangerReactionName>,
    /// Should have a seat, and is not in the app.
    pub(crate) missing: Option<ReactionName>,
    /// Holds other roles.
    pub(crate) other_role: Option<ReactionName>,
    /// Holds other assets.
    pub(crate) other_assets: Option<ReactionName>,
    /// Holds other entitlements.
    pub(crate) other_entitlements: Option<ReactionName>,
    /// Should not be in the app, and is.
    pub(crate) left_behind: Option<ReactionName>,
    /// The invitation expired or was declined.
    pub(crate) invitation_over: Option<ReactionName>,
}

impl SyncSettingsBody {
    /// The settings with what is given.
    pub(super) fn over(self, stored: SyncSettings) -> Result<SyncSettings, Problem> {
        let hours = self.interval_hours.unwrap_or(stored.interval_hours);
        if hours > 8_760 {
            return Err(Problem::invalid("/sync/interval_hours", "use 0 to 8760 hours (a year)"));
        }
        let percent = self.safeguard_percent.unwrap_or(stored.safeguard_percent);
        let reaction = |given: Option<ReactionName>, stored| match given {
            Some(ReactionName::Report) => Reaction::Report,
            Some(ReactionName::Repair) => Reaction::Repair,
            None => stored,
        };
        Ok(SyncSettings {
            interval_hours: hours,
            safeguard_percent: check_percent("/sync/safeguard_percent", percent)?,
            unmatched: match self.unmatched {
                Some(StrangerReactionName::Report) => StrangerReaction::Report,
                Some(StrangerReactionName::Adopt) => StrangerReaction::Adopt,
                None => stored.unmatched,
            },
            missing: reaction(self.missing, stored.missing),
            other_role: reaction(self.other_role, stored.other_role),
            other_assets: reaction(self.other_assets, stored.other_assets),
            other_entitlements: reaction(self.other_entitlements, stored.other_entitlements),
            left_behind: reaction(self.left_behind, stored.left_behind),
            invitation_over: reaction(self.invitation_over, stored.invitation_over),
        })
    }
}

impl From<SyncSettings> for SyncSettingsBody {
    fn from(settings: SyncSettings) -> Self {
        let reaction = |reaction| {
            Some(match reaction {
                Reaction::Report => ReactionName::Report,
                Reaction::Repair => ReactionName::Repair,
            })
        };
        Self {
            interval_hours: Some(settings.interval_hours),
            safeguard_percent: Some(settings.safeguard_percent),
            unmatched: Some(match settings.unmatched {
                StrangerReaction::Report => StrangerReactionName::Report,
                StrangerReaction::Adopt => StrangerReactionName::Adopt,
            }),
            missing: reaction(settings.missing),
            other_role: reaction(settings.other_role),
            other_assets: reaction(settings.other_assets),
            other_entitlements: reaction(settings.other_entitlements),
            left_behind: reaction(settings.left_behind),
            invitation_over: reaction(settings.invitation_over),
        }
    }
}
