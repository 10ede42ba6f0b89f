//! What of a change is not as whoever makes it may think.

use std::collections::{BTreeMap, BTreeSet};

use super::{Hypothesis, PersonPreview, Work};
use crate::{
    access::{Situation, TeamFacts},
    guard::Refusal,
    id::PersonId,
    integration::Catalogue,
    share::AppAccess,
    tenancy::UsedUp,
};

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
    /// Their jobs would end as not completed, and nothing is taken away from them.
    Refused {
        /// Why.
        why: Refusal,
        /// Who.
        people: Vec<PersonId>,
    },
    /// Their jobs would end as not completed, because the workspace may have no more seats.
    NoSeatLeft {
        /// The quota.
        why: UsedUp,
        /// Who.
        people: Vec<PersonId>,
    },
}

pub(super) fn violations(
    before: &Situation,
    hypothesis: &Hypothesis,
    people: &BTreeSet<&PersonId>,
    previewed: &[PersonPreview],
) -> Vec<Violation> {
    let mut found = match hypothesis {
        Hypothesis::PutShare(share) => of_share(&share.app_access, &before.integration.catalogue),
        Hypothesis::Join { facts, .. } => {
            let outside = not_in(before, people, facts);
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
    found.extend(refused(previewed));
    found.extend(without_seat(previewed));
    found
}

fn refused(previewed: &[PersonPreview]) -> impl Iterator<Item = Violation> {
    let mut refused: BTreeMap<Refusal, Vec<PersonId>> = BTreeMap::new();
    for person in previewed.iter().filter(|person| person.is_touched()) {
        if let Work::Refused(why) = &person.work {
            refused.entry(why.clone()).or_default().push(person.person.clone());
        }
    }
    refused.into_iter().map(|(why, people)| Violation::Refused { why, people })
}

fn without_seat(previewed: &[PersonPreview]) -> Option<Violation> {
    let touched = previewed.iter().filter(|person| person.is_touched());
    let mut without = touched.filter_map(|person| match person.work {
        Work::NoSeatLeft(why) => Some((why, person.person.clone())),
        _ => None,
    });
    let (why, first) = without.next()?;
    let people = std::iter::once(first).chain(without.map(|(_, person)| person)).collect();
    Some(Violation::NoSeatLeft { why, people })
}

fn not_in(before: &Situation, people: &BTreeSet<&PersonId>, team: &TeamFacts) -> Vec<PersonId> {
    let inside = |person: &PersonId| before.people.get(person).is_some_and(|facts| team.takes(facts));
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

impl Violation {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownRole(_) => "unknown_role",
            Self::UnknownEntitlement(_) => "unknown_entitlement",
            Self::HubOnly => "hub_only",
            Self::Inactive(_) => "inactive",
            Self::NotInDirectory(_) => "not_in_directory",
            Self::Refused { why: Refusal::ProtectedPerson, .. } => "protected_person",
            Self::Refused { why: Refusal::ProtectedAccount, .. } => "protected_account",
            Self::Refused { why: Refusal::LastAdmin(_), .. } => "last_admin",
            Self::NoSeatLeft { .. } => "no_seat_left",
        }
    }

    /// The people that it is about; empty where it is about the share.
    pub fn people(&self) -> &[PersonId] {
        match self {
            Self::Inactive(people)
            | Self::NotInDirectory(people)
            | Self::Refused { people, .. }
            | Self::NoSeatLeft { people, .. } => people,
            Self::UnknownRole(_) | Self::UnknownEntitlement(_) | Self::HubOnly => &[],
        }
    }

    /// What is not as it may seem, and what to do, in words: for how many people, where it is about people.
    pub fn words(&self) -> String {
        match self.people().len() {
            0 => self.what(),
            people => format!("{people} of these people: {}", self.what()),
        }
    }

    /// What is not as it may seem, and what to do, however many people it is about.
    pub fn what(&self) -> String {
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
            Self::Inactive(_) => "who is deactivated or deleted gets no seat; activate them in the identity \
                 provider first"
                .to_owned(),
            Self::NotInDirectory(_) => {
                "who is not in the team's directory cannot join it; a connection that \
                 refuses unknown members refuses the whole write. Check their ids"
                    .to_owned()
            }
            Self::Refused { why, .. } => format!(
                "their jobs would end as not completed, and nothing would be taken away: {}",
                why.words()
            ),
            Self::NoSeatLeft { why, .. } => format!("their jobs would end as not completed: {why}"),
        }
    }
}
