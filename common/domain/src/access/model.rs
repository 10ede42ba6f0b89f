//! The words of access.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{mark::Mark, state::AccessState};
use crate::{
    Timestamp,
    directory::Profile,
    id::{IntegrationId, JobId, PersonId, ShareId, TeamId, WorkspaceId},
    sync::Drift,
};

/// What a seat carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seat {
    /// Keys of app roles (one of each exclusion group) and permissions.
    pub roles: BTreeSet<String>,
    /// Permissions per asset.
    pub assets: BTreeMap<String, BTreeSet<String>>,
    /// Value strings of entitlements.
    pub entitlements: BTreeSet<String>,
}

/// What a list of the app tells of somebody's seat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Told {
    /// All that it carries.
    Whole(Seat),
    /// The roles and permissions, and nothing of the rest.
    Roles(BTreeSet<String>),
    /// Just that there is one.
    #[default]
    Nothing,
}

impl Told {
    /// The roles and permissions, where they are told.
    pub fn roles(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Whole(seat) => Some(&seat.roles),
            Self::Roles(roles) => Some(roles),
            Self::Nothing => None,
        }
    }

    /// The whole seat, where it is told.
    pub fn whole(&self) -> Option<&Seat> {
        match self {
            Self::Whole(seat) => Some(seat),
            Self::Roles(_) | Self::Nothing => None,
        }
    }

    /// As much as is told, as a seat.
    #[must_use]
    pub fn known(&self) -> Seat {
        match self {
            Self::Whole(seat) => seat.clone(),
            Self::Roles(roles) => Seat { roles: roles.clone(), ..Seat::default() },
            Self::Nothing => Seat::default(),
        }
    }
}

/// Whether a person should be in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Presence {
    /// Seated, with this.
    Seated(Seat),
    /// Not in the app at all.
    Absent,
}

/// The way by which a grant reaches a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GrantPath {
    /// Through a team that the hub is shared with.
    TeamShare {
        /// The share.
        share: ShareId,
        /// The team.
        team: TeamId,
        /// The team's name.
        name: String,
    },
    /// Through a share with this person.
    PersonShare {
        /// The share.
        share: ShareId,
    },
    /// Through an assignment in the identity provider's app.
    Assignment,
    /// Through a group of the identity provider's app.
    AssignmentGroup {
        /// The group.
        team: TeamId,
        /// The group's name.
        name: String,
    },
}

/// Whether a grant counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// It is part of what the person has.
    Effective,
    /// Other grants give as much or more.
    Shadowed,
    /// The person may not hold a seat: deactivated or deleted.
    Inactive,
    /// The hub is shared without a seat in the app.
    HubOnly,
    /// The integration is being disconnected: it gives nobody a seat.
    Disconnecting,
}

/// One grant and whether it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// How the grant reaches the person.
    pub path: GrantPath,
    /// What it gives.
    pub seat: Seat,
    /// Whether it counts.
    pub effect: Effect,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desired {
    /// Whether and how the person should be seated.
    pub presence: Presence,
    /// Who the person is, kept so that a removal still knows after the person is gone from the directory.
    pub profile: Profile,
    /// Moves with every decision. A job is for one version.
    pub version: u64,
    /// Every grant, and whether it counts.
    pub reasons: Vec<Reason>,
    /// A removal that waits until then dissolves if access returns before.
    pub not_before: Option<Timestamp>,
    /// Whether it is a removal of somebody who may hold no seat: deactivated or deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}

/// The state of an account in the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Usable.
    Active,
    /// Invited; the person has not accepted.
    Invited,
    /// There, but switched off.
    Suspended,
    /// Invited, and the invitation ended by itself.
    Expired,
    /// Invited, and the person said no.
    Declined,
}

impl AccountState {
    /// The name in answers of the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Declined => "declined",
        }
    }
}

/// A person's account in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The app's id.
    pub id: String,
    /// Its state.
    pub state: AccountState,
    /// Who the app says this is.
    pub profile: Profile,
}

/// What the app was seen to give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The account, if there is one.
    pub account: Option<Account>,
    /// What it carries.
    pub seat: Seat,
    /// When it was seen.
    pub seen_at: Timestamp,
    /// People were asked to change it by hand since, and nobody confirmed how it is now ([`crate::manual`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
}

impl Observed {
    /// Whether the person has a seat: an account, or an invitation that can still be accepted.
    pub fn has_seat(&self) -> bool {
        self.account
            .as_ref()
            .is_some_and(|account| !matches!(account.state, AccountState::Expired | AccountState::Declined))
    }
}

/// What the app is known to agree with: no job has touched it since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The presence that was reached.
    pub presence: Presence,
    /// The profile that was reached.
    pub profile: Profile,
}

/// The right to act for one (person, integration), for a bounded time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Moves with every lease: a holder that lost it cannot record anything.
    pub fence: u64,
    /// When it ends by itself.
    pub until: Timestamp,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// One person in one integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The integration.
    pub integration: IntegrationId,
    /// The person.
    pub person: PersonId,
    /// Moves whenever anyone *evaluated* this access, also when nothing was found to change: a planner
    /// that read older inputs than another's evaluation can then no longer write its stale result.
    pub evaluation: u64,
    /// What was decided; `None` until something is.
    pub desired: Option<Desired>,
    /// What the app is known to agree with; `None` while a job may have touched it.
    pub settled: Option<Settled>,
    /// What the app was last seen to give.
    pub observed: Option<Observed>,
    /// The chip to show.
    pub state: AccessState,
    /// The job that is open for the decided version.
    pub job: Option<JobId>,
    /// The last jobs that are no longer `job`, newest last: how the access came to be as it is. At most
    /// [`Access::RECENT_JOBS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent_jobs: Vec<JobId>,
    /// How the app was seen to differ by a sync, until a job or a later sync finds that it agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// How often an invitation that ended without an answer was sent again by Usher itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reinvitations: u32,
    /// The decided version whose work was held and rejected, or called off: nothing makes a job for it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
    /// Whether the person is left alone, or never taken anything away from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// Whether the next evaluation decides anew, also if it finds what was decided before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decide_anew: bool,
    /// The last fence given out.
    pub fence: u64,
    /// Who is acting, if somebody is.
    pub lease: Option<Lease>,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

impl Access {
    /// How many jobs are remembered. They are part of the row, so that remembering them costs no write.
    pub const RECENT_JOBS: usize = 5;

    /// The access of somebody for whom nothing was ever decided.
    pub fn none(
        workspace: WorkspaceId,
        integration: IntegrationId,
        person: PersonId,
        now: Timestamp,
    ) -> Self {
        Self {
            workspace,
            integration,
            person,
            evaluation: 0,
            desired: None,
            settled: None,
            observed: None,
            state: AccessState::None,
            job: None,
            recent_jobs: Vec::new(),
            drift: None,
            reinvitations: 0,
            rejected: None,
            mark: None,
            decide_anew: false,
            fence: 0,
            lease: None,
            updated_at: now,
        }
    }

    /// The access without its open job, which is remembered.
    #[must_use]
    pub fn without_job(mut self) -> Self {
        if let Some(job) = self.job.take() {
            // One that was retried after it failed is remembered already.
            self.recent_jobs.retain(|remembered| *remembered != job);
            self.recent_jobs.push(job);
            let forgotten = self.recent_jobs.len().saturating_sub(Self::RECENT_JOBS);
            self.recent_jobs.drain(..forgotten);
        }
        self
    }

    /// The version that was decided last; 0 before the first.
    pub fn version(&self) -> u64 {
        self.desired.as_ref().map_or(0, |desired| desired.version)
    }

    /// Whether the work for the decided version was rejected: the app is left as it is.
    pub fn is_rejected(&self) -> bool {
        self.rejected == Some(self.version())
    }

    /// How the person comes to this access: *Individual*, the team's name, or *Multiple*.
    pub fn via(&self) -> Option<&str> {
        let reasons = self.desired.as_ref().map(|desired| desired.reasons.as_slice()).unwrap_or_default();
        // A grant that an inactive person would have is a reason to show, and no way to have access.
        let counting = reasons
            .iter()
            .filter(|reason| !matches!(reason.effect, Effect::Inactive | Effect::Disconnecting));
        let mut paths = counting.map(|reason| &reason.path);
        match (paths.next()?, paths.next()) {
            (_, Some(_)) => Some("Multiple"),
            (GrantPath::TeamShare { name, .. } | GrantPath::AssignmentGroup { name, .. }, None) => Some(name),
            (GrantPath::PersonShare { .. } | GrantPath::Assignment, None) => Some("Individual"),
        }
    }
}
