//! Preview: what a change would do to people's access. Both sides, before and after, are evaluated by what planning
//! itself runs ([`Situation::evaluate`]); a hypothesis only changes what goes in.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    model::{Access, Presence, Seat},
    resolve::TeamFacts,
    situation::Situation,
};
use crate::{
    Timestamp,
    id::{ConnectionId, JobId, PersonId, TeamId},
    integration::Catalogue,
    job::Job,
    share::{AppAccess, Principal, Share},
};

/// A change that somebody thinks of making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hypothesis {
    /// A share is made or replaced.
    PutShare(Share),
    /// A share ends.
    EndShare(Principal),
    /// People join a team.
    Join {
        /// The team.
        team: TeamId,
        /// What is known of it.
        facts: TeamFacts,
        /// Who.
        people: BTreeSet<PersonId>,
    },
    /// People leave a team.
    Leave {
        /// The team.
        team: TeamId,
        /// Who.
        people: BTreeSet<PersonId>,
    },
    /// A team is deleted.
    DeleteTeam(TeamId),
    /// A person is deactivated.
    Deactivate(PersonId),
    /// A person is deleted.
    DeletePerson(PersonId),
}

impl Hypothesis {
    /// The situation as it would be after the change.
    #[must_use]
    pub fn applied(&self, situation: &Situation) -> Situation {
        let mut after = situation.clone();
        match self {
            Self::PutShare(share) => {
                after.shares.retain(|other| other.id != share.id);
                if share.integration == after.integration.id {
                    after.shares.push(share.clone());
                }
            }
            Self::EndShare(principal) => after.shares.retain(|share| share.principal != *principal),
            Self::Join { team, facts, people } => {
                after.teams.insert(team.clone(), facts.clone());
                for person in after.people.values_mut().filter(|person| {
                    // A connection's group holds that connection's users, and nobody who is deleted.
                    people.contains(&person.id) && person.connection == facts.connection && !person.deleted
                }) {
                    person.teams.insert(team.clone());
                }
            }
            Self::Leave { team, people } => {
                for person in after.people.values_mut().filter(|person| people.contains(&person.id)) {
                    person.teams.remove(team);
                }
            }
            Self::DeleteTeam(team) => {
                after.teams.remove(team);
                after.shares.retain(|share| share.principal != Principal::Team(team.clone()));
            }
            Self::Deactivate(person) => {
                if let Some(person) = after.people.get_mut(person) {
                    person.active = false;
                }
            }
            Self::DeletePerson(person) => {
                if let Some(person) = after.people.get_mut(person) {
                    person.active = false;
                    person.deleted = true;
                    person.teams.clear();
                }
            }
        }
        after
    }
}

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
    /// What the person has without the change.
    pub before: Presence,
    /// What the person would have.
    pub after: Presence,
    /// When the removal would begin, where it would wait; otherwise it begins at once.
    pub not_before: Option<Timestamp>,
    /// Whether the app agrees already, so that nothing has to be done there.
    pub dissolves: bool,
}

/// Something about the change that is not as whoever makes it may think.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The share names a role that the catalogue does not have; it would be refused.
    UnknownRole(String),
    /// The share names an entitlement that the catalogue does not have; it would be refused.
    UnknownEntitlement(String),
    /// The share gives no seat in the app.
    HubOnly,
    /// These people are deactivated or deleted: the change gives them no seat.
    Inactive(Vec<PersonId>),
    /// These people are not in the directory of the team: they cannot join it.
    NotInDirectory(Vec<PersonId>),
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
    /// How many of them have a seat without the change.
    pub seats_before: u64,
    /// How many of them would have a seat.
    pub seats_after: u64,
    /// What is not as it may seem.
    pub violations: Vec<Violation>,
}

/// Works out what the change would do. `jobs` are the open jobs of the accesses.
pub fn preview(
    before: &Situation,
    hypothesis: &Hypothesis,
    people: &[PersonId],
    jobs: &BTreeMap<JobId, Job>,
    now: Timestamp,
) -> Preview {
    let after = hypothesis.applied(before);
    let each = |person: &PersonId| {
        let access = before.access(person, now)?;
        let open = access.job.as_ref().and_then(|job| jobs.get(job));
        Some(compare(
            &outcome(before, &access, open, now),
            &outcome(&after, &access, open, now),
            &access,
            &after,
        ))
    };
    let people_in_order: BTreeSet<&PersonId> = people.iter().collect();
    let found: Vec<PersonPreview> = people_in_order.iter().filter_map(|person| each(person)).collect();
    let mut totals = Totals::new();
    for person in &found {
        *totals.entry(person.change).or_default() += 1;
    }
    let seats = |of: fn(&PersonPreview) -> &Presence| {
        found.iter().map(|person| u64::from(matches!(of(person), Presence::Seated(_)))).sum()
    };
    Preview {
        seats_before: seats(|person| &person.before),
        seats_after: seats(|person| &person.after),
        violations: violations(before, hypothesis, &people_in_order),
        totals,
        people: found,
    }
}

/// What would be recorded after an evaluation.
struct Outcome {
    presence: Presence,
    not_before: Option<Timestamp>,
    /// Whether the evaluation decided something that needs no work.
    dissolves: bool,
}

fn outcome(situation: &Situation, access: &Access, open: Option<&Job>, now: Timestamp) -> Outcome {
    match situation.evaluate(access, open, now) {
        Some(planned) => Outcome {
            presence: planned.desired.presence,
            not_before: planned.desired.not_before,
            dissolves: planned.job.is_none(),
        },
        None => {
            let desired = access.desired.as_ref();
            Outcome {
                presence: desired.map_or(Presence::Absent, |desired| desired.presence.clone()),
                not_before: desired.and_then(|desired| desired.not_before),
                dissolves: false,
            }
        }
    }
}

fn compare(before: &Outcome, after: &Outcome, access: &Access, situation: &Situation) -> PersonPreview {
    let change = match (&before.presence, &after.presence) {
        (Presence::Absent, Presence::Seated(_)) => PersonChange::Added,
        (Presence::Seated(_), Presence::Absent) => PersonChange::Removed,
        (Presence::Absent, Presence::Absent) => match (before.not_before, after.not_before) {
            (Some(_), None) => PersonChange::RemovedSooner,
            _ => PersonChange::Unchanged,
        },
        (Presence::Seated(one), Presence::Seated(other)) => seat_change(one, other),
    };
    let known = situation.people.get(&access.person).map(|person| &person.profile);
    let profile = known.or(access.desired.as_ref().map(|desired| &desired.profile));
    PersonPreview {
        person: access.person.clone(),
        name: profile.map(|profile| profile.label().to_owned()).unwrap_or_default(),
        change,
        before: before.presence.clone(),
        after: after.presence.clone(),
        not_before: after.not_before.filter(|_| after.presence == Presence::Absent),
        dissolves: after.dissolves,
    }
}

/// What of a seat changes most, as the Automation Log names its tasks.
fn seat_change(before: &Seat, after: &Seat) -> PersonChange {
    if before.roles != after.roles {
        PersonChange::RolesChanged
    } else if before.assets != after.assets {
        PersonChange::AssetsChanged
    } else if before.entitlements != after.entitlements {
        PersonChange::EntitlementsChanged
    } else {
        PersonChange::Unchanged
    }
}

fn violations(before: &Situation, hypothesis: &Hypothesis, people: &BTreeSet<&PersonId>) -> Vec<Violation> {
    let mut found = match hypothesis {
        Hypothesis::PutShare(share) => of_share(&share.app_access, &before.integration.catalogue),
        Hypothesis::Join { facts, .. } => {
            let outside = not_in(before, people, &facts.connection);
            if outside.is_empty() { Vec::new() } else { vec![Violation::NotInDirectory(outside)] }
        }
        _ => Vec::new(),
    };
    if matches!(hypothesis, Hypothesis::PutShare(_) | Hypothesis::Join { .. }) {
        let inactive = |person: &&&PersonId| before.people.get(**person).is_some_and(|facts| !facts.active);
        let inactive: Vec<PersonId> =
            people.iter().filter(inactive).map(|person| (*person).clone()).collect();
        if !inactive.is_empty() {
            found.push(Violation::Inactive(inactive));
        }
    }
    found
}

fn not_in(before: &Situation, people: &BTreeSet<&PersonId>, connection: &ConnectionId) -> Vec<PersonId> {
    let inside = |person: &PersonId| {
        before.people.get(person).is_some_and(|facts| facts.connection == *connection && !facts.deleted)
    };
    people.iter().filter(|person| !inside(person)).map(|person| (*person).clone()).collect()
}

fn of_share(access: &AppAccess, catalogue: &Catalogue) -> Vec<Violation> {
    let AppAccess::Invite { roles, entitlements, .. } = access else { return vec![Violation::HubOnly] };
    let unknown_roles = roles.iter().filter(|role| catalogue.role(role).is_none());
    let known = |value: &&String| catalogue.entitlements.iter().any(|known| known.value == **value);
    let unknown_entitlements = entitlements.iter().filter(|value| !known(value));
    unknown_roles
        .map(|role| Violation::UnknownRole(role.clone()))
        .chain(unknown_entitlements.map(|value| Violation::UnknownEntitlement(value.clone())))
        .collect()
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

impl Violation {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownRole(_) => "unknown_role",
            Self::UnknownEntitlement(_) => "unknown_entitlement",
            Self::HubOnly => "hub_only",
            Self::Inactive(_) => "inactive",
            Self::NotInDirectory(_) => "not_in_directory",
        }
    }

    /// What is not as it may seem, and what to do, in words.
    pub fn words(&self) -> String {
        match self {
            Self::UnknownRole(role) => format!(
                "the integration's catalogue has no role `{role}`: the share would be refused; use one that \
                 it has, or add it to the catalogue first"
            ),
            Self::UnknownEntitlement(value) => format!(
                "the integration's catalogue has no entitlement `{value}`: the share would be refused; use \
                 one that it has, or add it to the catalogue first"
            ),
            Self::HubOnly => "the share gives the hub in Usher, and nobody a seat in the app".to_owned(),
            Self::Inactive(people) => format!(
                "{} of these people are deactivated or deleted and get no seat; activate them in the \
                 identity provider first",
                people.len()
            ),
            Self::NotInDirectory(people) => format!(
                "{} of these people are not in the team's directory and cannot join it; a connection that \
                 refuses unknown members refuses the whole write. Check their ids",
                people.len()
            ),
        }
    }
}
