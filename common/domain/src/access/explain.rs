//! Explanation: why somebody has the access that they have, and why somebody has none. Built on what resolution
//! says, so that it cannot tell another story.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    model::{Effect, GrantPath, Presence, Reason, Seat},
    resolve::{Inputs, PersonFacts, TeamFacts, resolve},
};
use crate::{
    id::{ConnectionId, TeamId},
    integration::{Catalogue, Integration, Kind},
    share::{AppAccess, Principal, Share},
};

/// A role of a grant that does not count, because of another one of its exclusion group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostRole {
    /// The role.
    pub role: String,
    /// The exclusion group: one role of it is held at a time.
    pub group: String,
    /// The role that is held instead.
    pub winner: String,
    /// Whether both rank the same, so that the key decided; otherwise the winner ranks higher.
    pub tie: bool,
    /// The grants that give the winner.
    pub given_by: Vec<GrantPath>,
}

/// One grant, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedGrant {
    /// The grant, and whether it counts.
    pub reason: Reason,
    /// How it reaches the person, in words.
    pub path: String,
    /// Its roles that do not count. A grant can lose one role and still give another.
    pub lost: Vec<LostRole>,
}

/// What stands between somebody and a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The workspace knows nobody with this id, or has forgotten them.
    Unknown,
    /// The identity provider deleted the person.
    Deleted,
    /// The identity provider deactivated the person.
    Deactivated,
    /// The integration seats the users of its own connection, and the person is in another directory.
    OtherDirectory {
        /// The integration's connection.
        wanted: ConnectionId,
        /// The person's connection.
        found: ConnectionId,
    },
    /// The integration is being disconnected.
    Disconnecting,
    /// The hub is shared with nobody.
    NotShared,
    /// The hub is shared with others: neither with the person nor with a team that they are in.
    NotAmongShares {
        /// The teams that have shares with a seat here, by name.
        teams: Vec<TeamName>,
    },
    /// Every share that reaches the person is for the hub alone.
    HubOnly,
}

/// A team and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamName {
    /// The team.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// Why somebody has what they have in an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What the inputs of now say that the person should have.
    pub presence: Presence,
    /// Every grant.
    pub grants: Vec<ExplainedGrant>,
    /// What is missing; empty for somebody who has a seat.
    pub missing: Vec<Missing>,
}

/// Explains. `person` is `None` for nobody; `teams` are those of the person and of the shares.
pub fn explain(
    integration: &Integration,
    shares: &[Share],
    person: Option<&PersonFacts>,
    teams: &BTreeMap<TeamId, TeamFacts>,
) -> Explanation {
    let Some(person) = person else {
        return Explanation {
            presence: Presence::Absent,
            grants: Vec::new(),
            missing: vec![Missing::Unknown],
        };
    };
    let resolution = resolve(Inputs { integration, shares, person, teams });
    let missing = match &resolution.presence {
        Presence::Seated(_) => Vec::new(),
        Presence::Absent => missing(integration, shares, person, teams, &resolution.reasons),
    };
    let grants = resolution.reasons.iter().map(|reason| ExplainedGrant {
        reason: reason.clone(),
        path: path(&reason.path, integration, teams),
        lost: match &resolution.presence {
            Presence::Seated(seat) => lost(reason, seat, &resolution.reasons, &integration.catalogue),
            Presence::Absent => Vec::new(),
        },
    });
    Explanation { grants: grants.collect(), missing, presence: resolution.presence }
}

/// What keeps the person out. Somebody who is out for two reasons is told both.
fn missing(
    integration: &Integration,
    shares: &[Share],
    person: &PersonFacts,
    teams: &BTreeMap<TeamId, TeamFacts>,
    reasons: &[Reason],
) -> Vec<Missing> {
    let mut missing = Vec::new();
    if integration.disconnecting.is_some() {
        missing.push(Missing::Disconnecting);
    }
    if person.deleted {
        missing.push(Missing::Deleted);
    } else if !person.active {
        missing.push(Missing::Deactivated);
    }
    match &integration.kind {
        Kind::IdLcm { connection } if person.connection != *connection => {
            let (wanted, found) = (connection.clone(), person.connection.clone());
            missing.push(Missing::OtherDirectory { wanted, found });
        }
        Kind::IdLcm { .. } => {}
        Kind::BusinessHub if reasons.iter().any(|reason| reason.effect != Effect::HubOnly) => {}
        Kind::BusinessHub if !reasons.is_empty() => missing.push(Missing::HubOnly),
        Kind::BusinessHub if shares.is_empty() => missing.push(Missing::NotShared),
        Kind::BusinessHub => {
            let seating = shares.iter().filter(|share| share.app_access != AppAccess::HubOnly);
            let mut named: Vec<TeamName> = seating
                .filter_map(|share| match &share.principal {
                    Principal::Team(id) => {
                        teams.get(id).map(|facts| TeamName { id: id.clone(), name: facts.name.clone() })
                    }
                    Principal::Person(_) => None,
                })
                .collect();
            named.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
            missing.push(Missing::NotAmongShares { teams: named });
        }
    }
    missing
}

/// The roles of a grant that did not make it into the seat, and what took their place.
fn lost(reason: &Reason, seat: &Seat, all: &[Reason], catalogue: &Catalogue) -> Vec<LostRole> {
    let ranked = |key: &str| {
        let role = catalogue.role(key)?;
        Some((role.exclusion_group.clone()?, role.rank))
    };
    let of_role = |role: &String| {
        let (group, rank) = ranked(role)?;
        let (winner, highest) = seat.roles.iter().find_map(|held| {
            let (held_group, held_rank) = ranked(held)?;
            (held_group == group).then_some((held, held_rank))
        })?;
        let given_by = all.iter().filter(|other| other.seat.roles.contains(winner));
        Some(LostRole {
            role: role.clone(),
            group,
            winner: winner.clone(),
            tie: highest == rank,
            given_by: given_by.map(|other| other.path.clone()).collect(),
        })
    };
    reason.seat.roles.iter().filter(|role| !seat.roles.contains(*role)).filter_map(of_role).collect()
}

/// A path in words, from the identity provider to the integration.
fn path(path: &GrantPath, integration: &Integration, teams: &BTreeMap<TeamId, TeamFacts>) -> String {
    let hub = &integration.name;
    match path {
        GrantPath::TeamShare { team, name, .. } => match teams.get(team) {
            Some(facts) if !facts.connection.is_user_managed() => {
                format!("group “{name}” of {} → team “{name}” → share of {hub}", facts.connection)
            }
            Some(_) | None => format!("team “{name}” → share of {hub}"),
        },
        GrantPath::PersonShare { .. } => format!("individual share of {hub}"),
        GrantPath::Assignment => format!("assignment in the identity provider's app → {hub}"),
        GrantPath::AssignmentGroup { name, .. } => {
            format!("group “{name}” of the identity provider's app → {hub}")
        }
    }
}

impl GrantPath {
    /// What it is called in a sentence about another grant.
    pub fn short(&self) -> String {
        match self {
            Self::TeamShare { name, .. } => format!("the share with team “{name}”"),
            Self::PersonShare { .. } => "the individual share".to_owned(),
            Self::Assignment => "the assignment in the identity provider's app".to_owned(),
            Self::AssignmentGroup { name, .. } => {
                format!("group “{name}” of the identity provider's app")
            }
        }
    }
}

impl LostRole {
    /// Why the role does not count, in words.
    pub fn words(&self) -> String {
        let Self { role, group, winner, tie, .. } = self;
        let by: BTreeSet<String> = self.given_by.iter().map(GrantPath::short).collect();
        let by = by.into_iter().collect::<Vec<_>>().join(" and ");
        if *tie {
            format!(
                "`{role}` ranks the same as `{winner}` in the exclusion group `{group}`, where one is held \
                 at a time; `{winner}`, from {by}, is held because its key sorts later"
            )
        } else {
            format!("`{winner}`, from {by}, ranks higher than `{role}` in the exclusion group `{group}`")
        }
    }
}

impl ExplainedGrant {
    /// What became of the grant, in words.
    pub fn words(&self) -> String {
        let lost = self.lost.iter().map(LostRole::words).collect::<Vec<_>>().join("; ");
        match self.reason.effect {
            Effect::HubOnly => "gives the hub in Usher, and no seat in the app".to_owned(),
            Effect::Inactive => {
                "would count, but the person is deactivated or deleted and may hold no seat".to_owned()
            }
            Effect::Disconnecting => "counts no more: the integration is being disconnected".to_owned(),
            Effect::Shadowed if lost.is_empty() => "other grants give as much or more".to_owned(),
            Effect::Shadowed => format!("is shadowed: {lost}"),
            Effect::Effective if lost.is_empty() => "counts".to_owned(),
            Effect::Effective => format!("counts, but for a part: {lost}"),
        }
    }
}

impl Missing {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Deleted => "deleted",
            Self::Deactivated => "deactivated",
            Self::OtherDirectory { .. } => "other_directory",
            Self::Disconnecting => "disconnecting",
            Self::NotShared => "not_shared",
            Self::NotAmongShares { .. } => "not_among_shares",
            Self::HubOnly => "hub_only",
        }
    }

    /// What is missing, and what would change it, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Unknown => "the workspace does not know this person, or has forgotten them after their \
                              deletion; check the id, or assign the person in the identity provider"
                .to_owned(),
            Self::Deleted => "the identity provider deleted this person, for good; whoever comes back is \
                              somebody new"
                .to_owned(),
            Self::Deactivated => {
                "the identity provider deactivated this person; activate them there".to_owned()
            }
            Self::OtherDirectory { wanted, found } => format!(
                "this integration seats the users of its own connection {wanted}, and this person comes \
                 from {found}; assign the person in the identity provider's app that pushes to {wanted}"
            ),
            Self::Disconnecting => {
                "the integration is being disconnected and gives nobody a seat any more".to_owned()
            }
            Self::NotShared => "the hub is shared with nobody; share it with the person or with one of \
                                their teams"
                .to_owned(),
            Self::NotAmongShares { teams } if teams.is_empty() => {
                "the hub is shared with single people only, and not with this one; share it with the \
                 person or with one of their teams"
                    .to_owned()
            }
            Self::NotAmongShares { teams } => {
                let names: Vec<_> = teams.iter().map(|team| format!("“{}”", team.name)).collect();
                format!(
                    "the person has no share of their own and is in no team that has one; the teams that \
                     have one are {}. Add the person to one of them, or share the hub with the person",
                    names.join(", ")
                )
            }
            Self::HubOnly => "what reaches the person is for the hub in Usher alone; give the share a seat \
                              in the app"
                .to_owned(),
        }
    }
}
