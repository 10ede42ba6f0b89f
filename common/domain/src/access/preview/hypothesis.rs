//! Changes that somebody thinks of making, and the situation as it would be after them.

use std::collections::BTreeSet;

use crate::{
    Timestamp,
    access::{Mark, PersonFacts, Situation, TeamFacts},
    guard::Guards,
    id::{PersonId, TeamId},
    integration::Catalogue,
    share::{Principal, Share},
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
    /// A person is activated.
    Activate(PersonId),
    /// A person is deactivated.
    Deactivate(PersonId),
    /// A person is deleted.
    DeletePerson(PersonId),
    /// The identity provider assigns a person these roles and entitlements, and no others.
    Assign {
        /// Who.
        person: PersonId,
        /// Keys of roles.
        roles: BTreeSet<String>,
        /// Value strings of entitlements.
        entitlements: BTreeSet<String>,
    },
    /// A person of the integration is marked, or a mark is taken away.
    SetMark {
        /// Who.
        person: PersonId,
        /// The mark; `None` for none.
        mark: Option<Mark>,
    },
    /// The integration's guards are set.
    SetGuards(Guards),
    /// The integration's catalogue is set.
    SetCatalogue(Catalogue),
    /// Everybody is shown out, to disconnect the integration after them.
    Disconnect,
}

impl Hypothesis {
    /// The situation as it would be after the change.
    #[must_use]
    pub fn applied(&self, situation: &Situation, now: Timestamp) -> Situation {
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
                let joins = |person: &&mut PersonFacts| people.contains(&person.id) && facts.takes(person);
                for person in after.people.values_mut().filter(joins) {
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
            Self::Activate(person) => {
                if let Some(person) = after.people.get_mut(person).filter(|person| !person.deleted) {
                    person.active = true;
                }
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
            Self::Assign { person, roles, entitlements } => {
                if let Some(person) = after.people.get_mut(person) {
                    person.roles.clone_from(roles);
                    person.entitlements.clone_from(entitlements);
                }
            }
            Self::SetMark { person, mark } => {
                if let Some(access) = after.access(person, now) {
                    after.accesses.insert(person.clone(), access.with_mark(mark.clone()));
                }
            }
            Self::SetGuards(guards) => after.integration.guards = guards.clone(),
            Self::Disconnect => after.integration.disconnecting = Some(now),
            Self::SetCatalogue(catalogue) => after.integration.catalogue = catalogue.clone(),
        }
        after
    }
}
