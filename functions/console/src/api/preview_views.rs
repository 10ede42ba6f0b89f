//! Changes as they are asked about, and previews as they are answered.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    access::{AssetCounts, PersonChange, PersonPreview, Presence, Preview, Violation},
    id::{PersonId, TeamId},
    integration::Integration,
};
use utoipa::ToSchema;

use super::{
    access::SeatView,
    catalogue_views::CatalogueBody,
    guard_views::GuardsBody,
    names::{HubRoleName, MarkName},
    shares::{AppAccessBody, collaborator},
};

/// A change that somebody thinks of making.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = PreviewedChange)]
pub(crate) enum ChangeBody {
    /// A hub is shared with a team, or that share is replaced.
    PutTeamShare {
        /// The team's id.
        #[schema(value_type = String)]
        team: TeamId,
        /// What they may do with the hub in Usher.
        #[serde(default = "collaborator")]
        #[schema(default = "collaborator")]
        hub_role: HubRoleName,
        /// What they would get in the app.
        app_access: AppAccessBody,
    },
    /// A hub is shared with a person, or that share is replaced.
    PutPersonShare {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
        /// What they may do with the hub in Usher.
        #[serde(default = "collaborator")]
        #[schema(default = "collaborator")]
        hub_role: HubRoleName,
        /// What they would get in the app.
        app_access: AppAccessBody,
    },
    /// The share with a team ends.
    EndTeamShare {
        /// The team's id.
        #[schema(value_type = String)]
        team: TeamId,
    },
    /// The share with a person ends.
    EndPersonShare {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// People join a team.
    AddMembers {
        /// The team's id.
        #[schema(value_type = String)]
        team: TeamId,
        /// Their ids.
        #[schema(value_type = Vec<String>)]
        people: BTreeSet<PersonId>,
    },
    /// People leave a team.
    RemoveMembers {
        /// The team's id.
        #[schema(value_type = String)]
        team: TeamId,
        /// Their ids.
        #[schema(value_type = Vec<String>)]
        people: BTreeSet<PersonId>,
    },
    /// A team is deleted.
    DeleteTeam {
        /// The team's id.
        #[schema(value_type = String)]
        team: TeamId,
    },
    /// A person is activated.
    ActivatePerson {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// A person is deactivated.
    DeactivatePerson {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// A person is deleted.
    DeletePerson {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// The identity provider assigns a person these roles and entitlements, and no others.
    AssignPerson {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
        /// Keys of roles.
        #[serde(default)]
        roles: BTreeSet<String>,
        /// Value strings of entitlements.
        #[serde(default)]
        entitlements: BTreeSet<String>,
    },
    /// A person of the integration is marked.
    SetMark {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
        /// `exempt`: left alone, no job is made. `protected`: never removed or demoted.
        mark: MarkName,
    },
    /// A person's mark is taken away.
    TakeMark {
        /// The person's id.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// The integration's guards are set, all of them.
    SetGuards {
        /// The guards.
        guards: GuardsBody,
    },
    /// The integration's catalogue is set, all of it.
    SetCatalogue {
        /// The catalogue.
        catalogue: CatalogueBody,
    },
    /// Everybody is removed, to disconnect the integration.
    Disconnect {},
}

/// A question: what would this change do?
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PreviewQuestion)]
pub(crate) struct PreviewBody {
    /// The change.
    pub(crate) change: ChangeBody,
    /// Where to go on: `next` of the answer before, with the same change.
    pub(crate) cursor: Option<String>,
    /// Most people to look at, 1 to 1,000; 200 where it is left out. Where several integrations are concerned, people
    /// times integrations stays below 1,000.
    #[schema(minimum = 1, maximum = 1000, default = 200)]
    pub(crate) limit: Option<u32>,
}

/// What the change would do for one person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedPerson)]
pub(crate) struct PersonView {
    /// The person's id.
    pub(crate) person: String,
    /// The person's name.
    pub(crate) name: String,
    /// What changes most: `added`, `roles_changed`, `assets_changed`, `entitlements_changed`, `removed`,
    /// `removed_sooner` (a removal that waits would wait no longer) or `unchanged`.
    pub(crate) change: &'static str,
    /// The seat without the change, as it is decided; as the app has it, for somebody who is left alone. Null for none.
    #[schema(required)]
    pub(crate) before: Option<SeatView>,
    /// The seat with it; null for none.
    #[schema(required)]
    pub(crate) after: Option<SeatView>,
    /// For a removal: when it would begin, if the change were made now. Null for at once.
    #[schema(required)]
    pub(crate) removal_begins_at: Option<Timestamp>,
    /// Whether the app agrees already, so that nothing would have to be done there.
    pub(crate) dissolves: bool,
    /// What would become of the work for it: `none`, `begins`, `held` (waits for an approval), `refused` (nothing is taken
    /// away from this person, or the quota leaves no seat), `paused` (waits until the integration is resumed) or `left_alone` (exempt, or rejected).
    pub(crate) work: &'static str,
    /// Why the work does not just begin, and what to do.
    #[schema(required)]
    pub(crate) work_detail: Option<String>,
    /// What becomes of the person's work without the change.
    pub(crate) work_before: &'static str,
}

fn seat(presence: Presence) -> Option<SeatView> {
    match presence {
        Presence::Seated(seat) => Some(seat.into()),
        Presence::Absent => None,
    }
}

impl PersonView {
    /// Whether the change would do anything for the person, or for the work that is open for them.
    pub(crate) fn is_touched(&self) -> bool {
        self.change != PersonChange::Unchanged.name() || self.work != self.work_before
    }
}

impl From<PersonPreview> for PersonView {
    fn from(person: PersonPreview) -> Self {
        let removal = matches!(person.change, PersonChange::Removed | PersonChange::RemovedSooner);
        Self {
            person: person.person.into(),
            name: person.name,
            change: person.change.name(),
            before: seat(person.before),
            after: seat(person.after),
            removal_begins_at: person.not_before.filter(|_| removal),
            dissolves: person.dissolves,
            work: person.work.name(),
            work_detail: person.work.why(),
            work_before: person.work_before.name(),
        }
    }
}

/// Something that is not as whoever makes the change may think.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewViolation)]
pub(crate) struct ViolationView {
    /// `unknown_role`, `unknown_entitlement`, `hub_only`, `inactive`, `not_in_directory`, `protected_person`,
    /// `protected_account`, `last_admin` or `no_seat_left`.
    pub(crate) code: &'static str,
    /// What it is, and what to do.
    pub(crate) detail: String,
    /// The people that it is about; empty where it is about the share.
    pub(crate) people: Vec<String>,
    /// `detail` without how many people it is about.
    #[serde(skip)]
    pub(crate) what: String,
}

impl From<Violation> for ViolationView {
    fn from(violation: Violation) -> Self {
        Self {
            code: violation.code(),
            detail: violation.words(),
            what: violation.what(),
            people: violation.people().iter().map(ToString::to_string).collect(),
        }
    }
}

/// How many people an asset would change for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedAsset)]
pub(crate) struct AssetView {
    /// The asset's id.
    pub(crate) asset: String,
    /// The asset's name, where the catalogue has it.
    pub(crate) name: String,
    /// Get it.
    pub(crate) gained: u64,
    /// Keep it, with other permissions.
    pub(crate) changed: u64,
    /// Lose it.
    pub(crate) lost: u64,
}

/// What the change would do in one integration, for the people of this answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preview)]
pub(crate) struct PreviewView {
    /// The integration's id.
    pub(crate) integration: String,
    /// The integration's name.
    pub(crate) name: String,
    /// How many people, by what it would do for them.
    pub(crate) totals: BTreeMap<&'static str, u64>,
    /// How many of those whom it would touch, by what would become of the work for it; as `work` of a person.
    pub(crate) works: BTreeMap<&'static str, u64>,
    /// How many of them have a seat without the change.
    pub(crate) seats_before: u64,
    /// How many of them would have a seat.
    pub(crate) seats_after: u64,
    /// The assets that would change for somebody.
    pub(crate) assets: Vec<AssetView>,
    /// What is not as it may seem.
    pub(crate) violations: Vec<ViolationView>,
    /// The people.
    pub(crate) people: Vec<PersonView>,
    /// How many of them have an open job now.
    #[serde(skip)]
    pub(crate) open_jobs: usize,
}

impl PreviewView {
    pub(super) fn new(integration: Integration, preview: Preview, open_jobs: usize) -> Self {
        let asset = |(asset, counts): (String, AssetCounts)| {
            let known = integration.catalogue.asset(&asset);
            let name = known.map_or_else(|| asset.clone(), |known| known.name.clone());
            let AssetCounts { gained, changed, lost } = counts;
            AssetView { asset, name, gained, changed, lost }
        };
        Self {
            assets: preview.assets.into_iter().map(asset).collect(),
            works: preview.works,
            integration: integration.id.into(),
            name: integration.name,
            totals: preview.totals.into_iter().map(|(change, count)| (change.name(), count)).collect(),
            seats_before: preview.seats_before,
            seats_after: preview.seats_after,
            violations: preview.violations.into_iter().map(Into::into).collect(),
            people: preview.people.into_iter().map(Into::into).collect(),
            open_jobs,
        }
    }
}

/// What the change would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewAnswer)]
pub(crate) struct PreviewAnswer {
    /// Each integration that the change concerns.
    pub(crate) items: Vec<PreviewView>,
    /// The `cursor` with which to go on; null when everybody was looked at.
    #[schema(required)]
    pub(crate) next: Option<String>,
    /// How many people are left to look at.
    pub(crate) left: u64,
    /// Whether `left` was counted to its end; otherwise there are more.
    pub(crate) left_is_exact: bool,
}
