//! Access resolution: from grants to what a person should have. A pure function of its inputs; their order
//! does not matter.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Effect, GrantPath, Presence, Reason, Seat};
use crate::{
    directory::Profile,
    id::{ConnectionId, PersonId, TeamId},
    integration::{ALL_ASSETS, AppRole, Catalogue, Integration, Kind},
    share::{AppAccess, Principal, Share},
};

/// What resolution needs to know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// Who.
    pub id: PersonId,
    /// The directory that the person is in.
    pub connection: ConnectionId,
    /// How an app can be told who this is.
    pub profile: Profile,
    /// Whether the person may hold seats.
    pub active: bool,
    /// Whether the directory has deleted the person, for good: who comes back is somebody new.
    pub deleted: bool,
    /// `roles` that the identity provider assigned.
    pub roles: BTreeSet<String>,
    /// `entitlements` that the identity provider assigned.
    pub entitlements: BTreeSet<String>,
    /// The teams that the person is in.
    pub teams: BTreeSet<TeamId>,
}

/// What resolution needs to know of a team that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFacts {
    /// The team's name.
    pub name: String,
    /// The directory that it is in.
    pub connection: ConnectionId,
}

impl TeamFacts {
    /// Whether a person can be in the team: a connection's group holds that connection's users, one that is made by hand
    /// anybody, and neither somebody who is deleted.
    pub fn takes(&self, person: &PersonFacts) -> bool {
        (self.connection.is_user_managed() || person.connection == self.connection) && !person.deleted
    }
}

/// Everything that decides one person's access to one integration.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The integration.
    pub integration: &'a Integration,
    /// The integration's shares.
    pub shares: &'a [Share],
    /// The person.
    pub person: &'a PersonFacts,
    /// The teams that exist. A membership in any other team counts for nothing.
    pub teams: &'a BTreeMap<TeamId, TeamFacts>,
}

/// What a person should have, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Whether and how the person should be seated.
    pub presence: Presence,
    /// Who the person is.
    pub profile: Profile,
    /// Every grant, and whether it counts.
    pub reasons: Vec<Reason>,
    /// Whether a removal may not wait: the person was deactivated or deleted.
    pub urgent: bool,
}

/// Works out what the person should have.
pub fn resolve(inputs: Inputs<'_>) -> Resolution {
    let grants = match &inputs.integration.kind {
        Kind::BusinessHub => share_grants(inputs),
        Kind::IdLcm { connection } => assignment_grants(inputs, connection),
    };
    let catalogue = &inputs.integration.catalogue;
    let seats: Vec<&Seat> = grants.iter().filter_map(|(_, seat)| seat.as_ref()).collect();
    let ends = inputs.integration.disconnecting.is_some();
    let united = (inputs.person.active && !ends && !seats.is_empty()).then(|| unite(&seats, catalogue));
    let reasons = grants
        .into_iter()
        .map(|(path, seat)| {
            let effect = match (&seat, &united) {
                (None, _) => Effect::HubOnly,
                (Some(_), None) if !inputs.person.active => Effect::Inactive,
                (Some(_), None) => Effect::Disconnecting,
                (Some(seat), Some(united)) if adds_to(seat, united, catalogue) => Effect::Effective,
                (Some(_), Some(_)) => Effect::Shadowed,
            };
            Reason { path, seat: seat.unwrap_or_default(), effect }
        })
        .collect();
    Resolution {
        presence: united.map_or(Presence::Absent, Presence::Seated),
        profile: inputs.person.profile.clone(),
        reasons,
        urgent: !inputs.person.active,
    }
}

/// A grant: how it reaches the person, and the seat it gives (`None` for the hub only).
type Grant = (GrantPath, Option<Seat>);

fn share_grants(inputs: Inputs<'_>) -> Vec<Grant> {
    let path = |share: &Share| match &share.principal {
        Principal::Person(person) => {
            (*person == inputs.person.id).then(|| GrantPath::PersonShare { share: share.id.clone() })
        }
        Principal::Team(team) => {
            let facts = inputs.teams.get(team)?;
            inputs.person.teams.contains(team).then(|| GrantPath::TeamShare {
                share: share.id.clone(),
                team: team.clone(),
                name: facts.name.clone(),
            })
        }
    };
    let mut shares: Vec<&Share> = inputs.shares.iter().collect();
    shares.sort_by(|a, b| a.id.cmp(&b.id));
    shares
        .into_iter()
        .filter_map(|share| {
            let seat = match &share.app_access {
                AppAccess::HubOnly => None,
                AppAccess::Invite { roles, assets, entitlements } => Some(Seat {
                    roles: roles.clone(),
                    assets: assets.clone(),
                    entitlements: entitlements.clone(),
                }),
            };
            Some((path(share)?, seat))
        })
        .collect()
}

/// The user of an integration's own connection is a seat; its groups carry the entitlements whose value
/// string is the group's name.
fn assignment_grants(inputs: Inputs<'_>, connection: &ConnectionId) -> Vec<Grant> {
    if inputs.person.connection != *connection {
        return Vec::new();
    }
    let person = inputs.person;
    let catalogue = &inputs.integration.catalogue;
    let own = Seat {
        roles: person.roles.clone(),
        assets: BTreeMap::new(),
        entitlements: person.entitlements.clone(),
    };
    let groups = person.teams.iter().filter_map(|team| {
        let facts = inputs.teams.get(team).filter(|facts| facts.connection == *connection)?;
        let mut seat = Seat::default();
        if catalogue.entitlements.iter().any(|entitlement| entitlement.value == facts.name) {
            seat.entitlements.insert(facts.name.clone());
        } else if catalogue.role(&facts.name).is_some() {
            seat.roles.insert(facts.name.clone());
        } else {
            return None;
        }
        Some((GrantPath::AssignmentGroup { team: team.clone(), name: facts.name.clone() }, Some(seat)))
    });
    std::iter::once((GrantPath::Assignment, Some(own))).chain(groups).collect()
}

/// Domain rule 1: the highest role wins per exclusion group; permissions, assets and entitlements are united, and per asset
/// the highest permission of each exclusion group wins.
fn unite(seats: &[&Seat], catalogue: &Catalogue) -> Seat {
    let mut assets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (asset, permissions) in seats.iter().flat_map(|seat| asset_grants(seat, catalogue)) {
        assets.entry(asset.to_owned()).or_default().extend(permissions.into_iter().cloned());
    }
    for (asset, permissions) in &mut assets {
        let known = catalogue.asset(asset).map(|asset| asset.permissions.as_slice()).unwrap_or_default();
        *permissions = highest(permissions.iter(), known);
    }
    Seat {
        roles: highest(seats.iter().flat_map(|seat| &seat.roles), &catalogue.roles),
        assets,
        entitlements: seats.iter().flat_map(|seat| &seat.entitlements).cloned().collect(),
    }
}

/// Of the roles of each exclusion group the highest, and all that are in none.
fn highest<'a>(given: impl Iterator<Item = &'a String>, known: &[AppRole]) -> BTreeSet<String> {
    let mut held = BTreeSet::new();
    let mut highest: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    for role in given {
        let known = known.iter().find(|known| known.key == *role);
        match known.and_then(|known| Some((known.exclusion_group.as_deref()?, known.rank))) {
            Some((group, rank)) => {
                let best = highest.entry(group).or_insert((rank, role));
                // Equal ranks are decided by the key, so that the order of grants never shows.
                *best = (*best).max((rank, role));
            }
            None => {
                held.insert(role.clone());
            }
        }
    }
    held.extend(highest.into_values().map(|(_, role)| role.to_owned()));
    held
}

/// The assets that a grant is for: a full one is for every asset of the catalogue on which one of its permissions can be
/// granted.
fn asset_grants<'a>(seat: &'a Seat, catalogue: &'a Catalogue) -> Vec<(&'a str, Vec<&'a String>)> {
    let mut grants = Vec::new();
    for (asset, permissions) in &seat.assets {
        if asset != ALL_ASSETS {
            grants.push((asset.as_str(), permissions.iter().collect()));
            continue;
        }
        for known in &catalogue.assets {
            let can = |permission: &&String| known.permissions.iter().any(|can| can.key == **permission);
            let granted: Vec<&String> = permissions.iter().filter(can).collect();
            if !granted.is_empty() {
                grants.push((known.id.as_str(), granted));
            }
        }
    }
    grants
}

/// Whether something of `seat` is part of `united`: a grant that lost everywhere is shadowed.
fn adds_to(seat: &Seat, united: &Seat, catalogue: &Catalogue) -> bool {
    let grants = asset_grants(seat, catalogue);
    let holds = |asset: &str, permission: &String| {
        united.assets.get(asset).is_some_and(|permissions| permissions.contains(permission))
    };
    let gives_no_more_than_a_seat = seat.roles.is_empty() && grants.is_empty();
    gives_no_more_than_a_seat
        || seat.roles.iter().any(|role| united.roles.contains(role))
        || !seat.entitlements.is_empty()
        || grants.iter().any(|(asset, permissions)| {
            permissions.is_empty() || permissions.iter().any(|permission| holds(asset, permission))
        })
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
