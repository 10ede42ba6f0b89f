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
mod tests {
    use super::super::fixtures::{self, person, share, team};
    use super::*;
    use crate::integration::{AppAsset, AppEntitlement};

    fn role(key: &str, group: Option<&str>, rank: u32) -> AppRole {
        AppRole { key: key.into(), name: key.into(), exclusion_group: group.map(Into::into), rank }
    }

    fn integration(kind: Kind) -> Integration {
        let roles = vec![
            role("viewer", Some("role"), 1),
            role("editor", Some("role"), 2),
            role("admin", Some("role"), 3),
            role("billing", None, 0),
        ];
        let entitlements = vec![AppEntitlement { value: "pro-seat".into(), name: "Pro".into() }];
        let asset = |id: &str, keys: &[&str]| AppAsset {
            id: id.into(),
            name: id.into(),
            permissions: keys
                .iter()
                .zip(1..)
                .map(|(key, rank)| role(key, (*key != "report").then_some("level"), rank))
                .collect(),
        };
        let assets = vec![asset("page", &["read", "write", "report"]), asset("pixel", &["read"])];
        fixtures::integration(kind, Catalogue { roles, entitlements, assets, ..Catalogue::default() })
    }

    fn teams(names: &[&str]) -> BTreeMap<TeamId, TeamFacts> {
        names
            .iter()
            .map(|name| {
                let facts = TeamFacts { name: name.to_string(), connection: "main.idp".parse().unwrap() };
                (name.parse().unwrap(), facts)
            })
            .collect()
    }

    fn roles_of(resolution: &Resolution) -> Vec<&str> {
        match &resolution.presence {
            Presence::Seated(seat) => seat.roles.iter().map(String::as_str).collect(),
            Presence::Absent => panic!("absent"),
        }
    }

    #[test]
    fn the_highest_role_wins_in_any_order_and_permissions_add_up() {
        let hub = integration(Kind::BusinessHub);
        let mut shares = vec![
            share(team("a"), &["viewer", "billing"]),
            share(team("b"), &["admin"]),
            share(Principal::Person("ada".parse().unwrap()), &["editor"]),
        ];
        let (person, teams) = (person(&["a", "b"]), teams(&["a", "b"]));
        let forward = resolve(Inputs { integration: &hub, shares: &shares, person: &person, teams: &teams });
        shares.reverse();
        let backward = resolve(Inputs { integration: &hub, shares: &shares, person: &person, teams: &teams });
        assert_eq!(forward, backward);
        assert_eq!(roles_of(&forward), ["admin", "billing"]);
        let shadowed: Vec<_> =
            forward.reasons.iter().filter(|reason| reason.effect == Effect::Shadowed).collect();
        assert_eq!(shadowed.len(), 1, "the individual share gives a lower role: kept as a reason");
        assert!(matches!(shadowed[0].path, GrantPath::PersonShare { .. }));
    }

    #[test]
    fn a_lower_individual_share_takes_effect_when_the_team_share_ends() {
        let hub = integration(Kind::BusinessHub);
        let shares =
            [share(team("b"), &["admin"]), share(Principal::Person("ada".parse().unwrap()), &["viewer"])];
        let (person, teams) = (person(&[]), teams(&["b"]));
        let left = resolve(Inputs { integration: &hub, shares: &shares, person: &person, teams: &teams });
        assert_eq!(roles_of(&left), ["viewer"]);
    }

    #[test]
    fn a_membership_in_a_team_that_is_gone_counts_for_nothing() {
        let hub = integration(Kind::BusinessHub);
        let shares = [share(team("gone"), &["admin"])];
        let resolution = resolve(Inputs {
            integration: &hub,
            shares: &shares,
            person: &person(&["gone"]),
            teams: &BTreeMap::new(),
        });
        assert_eq!(resolution.presence, Presence::Absent);
        assert!(!resolution.urgent, "losing grants waits for the grace window");
    }

    #[test]
    fn a_deactivated_person_has_no_seat_at_once() {
        let hub = integration(Kind::BusinessHub);
        let shares = [share(team("a"), &["viewer"])];
        let person = PersonFacts { active: false, ..person(&["a"]) };
        let resolution =
            resolve(Inputs { integration: &hub, shares: &shares, person: &person, teams: &teams(&["a"]) });
        assert_eq!(resolution.presence, Presence::Absent);
        assert!(resolution.urgent);
        assert_eq!(resolution.reasons[0].effect, Effect::Inactive);
    }

    #[test]
    fn a_hub_only_share_gives_no_seat() {
        let hub = integration(Kind::BusinessHub);
        let shares = [Share { app_access: AppAccess::HubOnly, ..share(team("a"), &[]) }];
        let resolution = resolve(Inputs {
            integration: &hub,
            shares: &shares,
            person: &person(&["a"]),
            teams: &teams(&["a"]),
        });
        assert_eq!(resolution.presence, Presence::Absent);
        assert_eq!(resolution.reasons[0].effect, Effect::HubOnly);
    }

    #[test]
    fn an_assignment_is_a_seat_and_groups_carry_entitlements() {
        let app = integration(Kind::IdLcm { connection: "main.idp".parse().unwrap() });
        let mut person = person(&["pro-seat", "admin", "lunch-club"]);
        person.roles.insert("viewer".into());
        let teams = teams(&["pro-seat", "admin", "lunch-club"]);
        let resolution = resolve(Inputs { integration: &app, shares: &[], person: &person, teams: &teams });
        assert_eq!(roles_of(&resolution), ["admin"]);
        let Presence::Seated(seat) = &resolution.presence else { panic!() };
        assert_eq!(seat.entitlements.iter().collect::<Vec<_>>(), ["pro-seat"]);
        let stranger = PersonFacts { connection: "main.other".parse().unwrap(), ..person };
        let resolution = resolve(Inputs { integration: &app, shares: &[], person: &stranger, teams: &teams });
        assert_eq!(resolution.presence, Presence::Absent);
    }

    /// A share with a team that gives these permissions on an asset.
    fn asset_share(principal: Principal, asset: &str, permissions: &[&str]) -> Share {
        let permissions = permissions.iter().map(ToString::to_string).collect();
        let app_access = AppAccess::Invite {
            roles: BTreeSet::new(),
            assets: [(asset.to_owned(), permissions)].into(),
            entitlements: BTreeSet::new(),
        };
        Share { app_access, ..share(principal, &[]) }
    }

    #[test]
    fn a_full_grant_is_for_all_assets_and_per_asset_the_highest_permission_wins() {
        let mut hub = integration(Kind::BusinessHub);
        let shares = [
            asset_share(team("a"), ALL_ASSETS, &["read"]),
            asset_share(team("b"), "page", &["write", "report"]),
            asset_share(team("c"), "page", &["read"]),
        ];
        let (person, teams) = (person(&["a", "b", "c"]), teams(&["a", "b", "c"]));
        let resolved = |hub: &Integration| {
            resolve(Inputs { integration: hub, shares: &shares, person: &person, teams: &teams })
        };
        let assets = |resolution: &Resolution| match &resolution.presence {
            Presence::Seated(seat) => seat.assets.clone(),
            Presence::Absent => panic!("absent"),
        };
        let set = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let now = resolved(&hub);
        let expected = [("page".to_owned(), set(&["report", "write"])), ("pixel".to_owned(), set(&["read"]))];
        assert_eq!(assets(&now), expected.into());
        let effects: Vec<_> = now.reasons.iter().map(|reason| &reason.effect).collect();
        assert_eq!(effects, [&Effect::Effective, &Effect::Effective, &Effect::Shadowed]);
        assert!(now.reasons[0].seat.assets.contains_key(ALL_ASSETS), "the reason tells the grant as it is");

        // An asset that is new in the app, and one on which nothing of it can be granted.
        let blank = AppAsset { id: "blank".into(), name: "Blank".into(), permissions: vec![] };
        let shop = AppAsset { id: "shop".into(), ..hub.catalogue.assets[1].clone() };
        hub.catalogue.assets.extend([blank, shop]);
        assert_eq!(assets(&resolved(&hub)).keys().collect::<Vec<_>>(), ["page", "pixel", "shop"]);
    }
}
