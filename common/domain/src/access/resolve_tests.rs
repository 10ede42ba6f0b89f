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
