//! Explanations of each kind, and that they never say anything else than resolution.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fixtures::{self, person as ada, share, team};
use super::{Access, Effect, Explanation, Missing, PersonFacts, Presence, TeamFacts, explain};
use crate::{
    integration::{AppRole, Catalogue, Integration, Kind},
    share::{AppAccess, Principal, Share},
};

fn role(key: &str, rank: u32) -> AppRole {
    AppRole { key: key.into(), name: key.into(), exclusion_group: Some("role".into()), rank }
}

fn hub(kind: Kind) -> Integration {
    let roles = vec![role("viewer", 1), role("editor", 2), role("writer", 2)];
    fixtures::integration(kind, Catalogue { roles, ..Catalogue::default() })
}

fn own() -> Principal {
    Principal::Person("ada".parse().unwrap())
}

fn ask(shares: &[Share], person: &PersonFacts) -> Explanation {
    let facts = |name: &str| TeamFacts { name: name.to_uppercase(), connection: "main.idp".parse().unwrap() };
    let teams = ["a", "b"].map(|id| (id.parse().unwrap(), facts(id))).into();
    explain(&hub(Kind::BusinessHub), shares, Some(person), &teams)
}

#[test]
fn a_lower_role_is_lost_to_the_grant_that_gives_the_higher_one() {
    let told = ask(&[share(own(), &["viewer"]), share(team("a"), &["editor"])], &ada(&["a"]));
    let shadowed = told.grants.iter().find(|grant| grant.reason.effect == Effect::Shadowed).unwrap();
    assert_eq!(
        shadowed.words(),
        "is shadowed: `editor`, from the share with team “A”, ranks higher than `viewer` in the exclusion group `role`"
    );
    assert_eq!(shadowed.path, "individual share of Hub");
    let counts = told.grants.iter().find(|grant| grant.reason.effect == Effect::Effective).unwrap();
    assert_eq!((counts.words().as_str(), counts.lost.len()), ("counts", 0));
    assert_eq!(counts.path, "group “A” of main.idp → team “A” → share of Hub");
}

#[test]
fn roles_of_one_rank_are_a_tie() {
    let told = ask(&[share(team("a"), &["editor"]), share(team("b"), &["writer"])], &ada(&["a", "b"]));
    let lost: Vec<_> = told.grants.iter().flat_map(|grant| &grant.lost).collect();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].tie && lost[0].winner == "writer", "{lost:?}");
    assert!(lost[0].words().contains("ranks the same"), "{}", lost[0].words());
}

#[test]
fn who_has_no_seat_is_told_everything_that_is_missing() {
    let missing = |shares: &[Share], person: &PersonFacts| ask(shares, person).missing;
    assert_eq!(missing(&[], &ada(&[])), [Missing::NotShared]);
    let off = PersonFacts { active: false, ..ada(&[]) };
    assert_eq!(missing(&[share(own(), &["viewer"])], &off), [Missing::Deactivated]);
    assert_eq!(missing(&[], &off), [Missing::Deactivated, Missing::NotShared], "both have to be mended");
    let outside = missing(&[share(team("b"), &["viewer"]), share(team("a"), &["viewer"])], &ada(&[]));
    let [Missing::NotAmongShares { teams }] = outside.as_slice() else { panic!("{outside:?}") };
    assert_eq!(teams.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert!(outside[0].words().contains("“A”, “B”"), "{}", outside[0].words());
    let hub_only = Share { app_access: AppAccess::HubOnly, ..share(team("a"), &[]) };
    assert_eq!(missing(&[hub_only], &ada(&["a"])), [Missing::HubOnly]);
    let gone = PersonFacts { active: false, deleted: true, ..ada(&[]) };
    assert_eq!(missing(&[share(own(), &["viewer"])], &gone), [Missing::Deleted]);

    let gateway = hub(Kind::IdLcm { connection: "main.app".parse().unwrap() });
    let told = explain(&gateway, &[], Some(&ada(&[])), &BTreeMap::new());
    assert!(matches!(told.missing.as_slice(), [Missing::OtherDirectory { .. }]), "{told:?}");
    assert_eq!(explain(&gateway, &[], None, &BTreeMap::new()).missing, [Missing::Unknown]);
}

proptest! {
    /// Somebody has a seat, or something is missing: never both, never neither. And each role of each grant is
    /// held, or is said to be lost to one that is.
    #[test]
    fn nothing_is_left_unexplained(
        grants in prop::collection::vec((0..3usize, 0..4usize), 0..4),
        memberships in prop::collection::btree_set(0..2usize, 0..3),
        active: bool,
    ) {
        let roles = ["viewer", "editor", "writer"];
        let shares: BTreeMap<_, Share> = grants
            .into_iter()
            .map(|(to, role)| {
                let principal = [own(), team("a"), team("b")][to].clone();
                let share = match roles.get(role) {
                    Some(role) => share(principal, &[role]),
                    None => Share { app_access: AppAccess::HubOnly, ..share(principal, &[]) },
                };
                (share.id.clone(), share)
            })
            .collect();
        let shares: Vec<Share> = shares.into_values().collect();
        let teams: Vec<_> = memberships.into_iter().map(|team| ["a", "b"][team]).collect();
        let told = ask(&shares, &PersonFacts { active, ..ada(&teams) });
        prop_assert_eq!(told.missing.is_empty(), matches!(told.presence, Presence::Seated(_)));
        if let Presence::Seated(seat) = &told.presence {
            for grant in &told.grants {
                for role in &grant.reason.seat.roles {
                    let lost = grant.lost.iter().find(|lost| lost.role == *role);
                    prop_assert_eq!(lost.is_none(), seat.roles.contains(role));
                    if let Some(lost) = lost {
                        prop_assert!(seat.roles.contains(&lost.winner) && !lost.given_by.is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn the_last_jobs_are_remembered_once_each() {
    let now = Default::default();
    let mut access =
        Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), now);
    // The fifth was retried: it is the open job again, and ends a second time.
    for job in ["1", "2", "3", "4", "5", "6", "5"] {
        access.job = job.parse().ok();
        access = access.without_job();
    }
    let remembered: Vec<_> = access.recent_jobs.iter().map(|job| job.as_str()).collect();
    assert_eq!((access.job, remembered), (None, vec!["2", "3", "4", "6", "5"]));
}
