//! Preview: what a change would do to people's access. Both sides, before and after, are decided by what planning
//! itself runs ([`Situation::evaluate`]) and judged by what admits the real jobs; a hypothesis only changes what goes
//! in.

mod assets;
mod hypothesis;
mod violation;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use self::work::{Outcome, change, outcomes};
use super::{model::Presence, situation::Situation};
use crate::{
    Timestamp,
    guard::{Refusal, Tally},
    id::{JobId, PersonId},
    job::Job,
};

pub use assets::AssetCounts;
pub use hypothesis::Hypothesis;
pub use violation::Violation;
pub use work::{Begun, Room, Work, active_roles};

/// What a change would do for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonChange {
    /// Gets a seat.
    Added,
    /// Keeps the seat, with other roles or permissions.
    RolesChanged,
    /// Keeps the seat and the roles, with other assets.
    AssetsChanged,
    /// Keeps the seat, roles and assets, with other entitlements.
    EntitlementsChanged,
    /// Loses the seat.
    Removed,
    /// Loses the seat sooner: a removal that waits would wait no longer.
    RemovedSooner,
    /// Nothing.
    Unchanged,
}

/// What a change would do for one person, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonPreview {
    /// Who.
    pub person: PersonId,
    /// The name to show.
    pub name: String,
    /// What changes most.
    pub change: PersonChange,
    /// What the person has without the change, as it is decided; for somebody who is left alone, as the app has it.
    pub before: Presence,
    /// What the person would have.
    pub after: Presence,
    /// When the removal would begin, where it would wait; otherwise it begins at once.
    pub not_before: Option<Timestamp>,
    /// Whether the app agrees already, so that nothing has to be done there.
    pub dissolves: bool,
    /// What would become of the work for it.
    pub work: Work,
    /// What becomes of the person's work without the change.
    pub work_before: Work,
}

impl PersonPreview {
    /// Whether the change would do anything for the person, or for the work that is open for them.
    pub fn is_touched(&self) -> bool {
        self.change != PersonChange::Unchanged || self.work.name() != self.work_before.name()
    }
}

/// How many people a change would touch, by what it would do for them.
pub type Totals = BTreeMap<PersonChange, u64>;

/// What a change would do for some people in one integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The people, in order of their ids.
    pub people: Vec<PersonPreview>,
    /// How many of them, by what it would do for them.
    pub totals: Totals,
    /// How many of those whom it would touch, by what would become of the work for it.
    pub works: BTreeMap<&'static str, u64>,
    /// How many of them have a seat without the change.
    pub seats_before: u64,
    /// How many of them would have a seat.
    pub seats_after: u64,
    /// How many of them would get, keep with other permissions, or lose each asset.
    pub assets: BTreeMap<String, AssetCounts>,
    /// What is not as it may seem.
    pub violations: Vec<Violation>,
    /// What would have begun when these people's jobs did: where a preview of other people goes on.
    pub begun: Sides<Begun>,
}

impl Preview {
    /// Whether somebody's job would be refused, with or without the change, because nobody else is known to hold their
    /// admin role.
    pub fn asks_for_admins(&self) -> bool {
        let last = |work: &Work| matches!(work, Work::Refused(Refusal::LastAdmin(_)));
        self.people.iter().any(|person| last(&person.work) || last(&person.work_before))
    }
}

/// Something without the change, and with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// Without.
    pub before: T,
    /// With.
    pub after: T,
}

/// What has to be known beside the situation.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// The open jobs of the accesses.
    pub jobs: &'a BTreeMap<JobId, Job>,
    /// What the integration's guards counted lately.
    pub tally: &'a Tally,
    /// What would have begun for people whom the preview looked at before.
    pub begun: Sides<Begun>,
    /// What the workspace's quota of seats leaves.
    pub room: Sides<Room>,
    /// Roles of others who are seen active in the app: whoever holds none that matters may be left out.
    pub holders: &'a BTreeMap<PersonId, BTreeSet<String>>,
    /// Now.
    pub now: Timestamp,
}

/// Works out what the change would do.
///
/// Jobs are taken to begin when they are due, and in the order of the people's ids; of people who are not looked at, what
/// began lately is known, and not what is about to. An invitation is never taken to be accepted.
pub fn preview(
    before: &Situation,
    hypothesis: &Hypothesis,
    people: &[PersonId],
    knowledge: &Knowledge<'_>,
) -> Preview {
    let after = hypothesis.applied(before, knowledge.now);
    let people: BTreeSet<&PersonId> = people.iter().collect();
    let (without, begun_before) =
        outcomes(before, &people, knowledge, knowledge.begun.before, knowledge.room.before);
    let (mut with, begun_after) =
        outcomes(&after, &people, knowledge, knowledge.begun.after, knowledge.room.after);
    let both = without.into_iter().filter_map(|(person, before)| {
        let after = with.remove(&person)?;
        Some((person, before, after))
    });
    let found: Vec<PersonPreview> =
        both.map(|(person, before, with)| compare(person, before, with, &after)).collect();

    let mut totals = Totals::new();
    let mut works = BTreeMap::new();
    for person in &found {
        *totals.entry(person.change).or_default() += 1;
        if person.is_touched() {
            *works.entry(person.work.name()).or_default() += 1;
        }
    }
    let seats = |of: fn(&PersonPreview) -> &Presence| {
        found.iter().map(|person| u64::from(matches!(of(person), Presence::Seated(_)))).sum()
    };
    Preview {
        seats_before: seats(|person| &person.before),
        seats_after: seats(|person| &person.after),
        assets: assets::counted(&found),
        violations: violation::violations(before, hypothesis, &people, &found),
        totals,
        works,
        people: found,
        begun: Sides { before: begun_before, after: begun_after },
    }
}

fn compare(person: PersonId, before: Outcome, after: Outcome, situation: &Situation) -> PersonPreview {
    let change = change(&before, &after);
    let known = situation.people.get(&person).map(|person| &person.profile);
    let recorded = situation.accesses.get(&person).and_then(|access| access.desired.as_ref());
    let profile = known.or(recorded.map(|desired| &desired.profile));
    PersonPreview {
        name: profile.map(|profile| profile.label().to_owned()).unwrap_or_default(),
        person,
        change,
        not_before: after.not_before.filter(|_| after.presence == Presence::Absent),
        before: before.presence,
        after: after.presence,
        dissolves: after.dissolves,
        work: after.work,
        work_before: before.work,
    }
}

impl PersonChange {
    /// A stable word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::RolesChanged => "roles_changed",
            Self::AssetsChanged => "assets_changed",
            Self::EntitlementsChanged => "entitlements_changed",
            Self::Removed => "removed",
            Self::RemovedSooner => "removed_sooner",
            Self::Unchanged => "unchanged",
        }
    }
}
