use std::collections::{BTreeMap, BTreeSet};

use usher_domain::{access::AccountState, directory::Profile};

use super::*;

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn seat(role: &str, teams: &[(&str, &str)]) -> Seat {
    let assets: BTreeMap<_, _> =
        teams.iter().map(|(team, held)| ((*team).to_owned(), set(&[held]))).collect();
    Seat { roles: set(&[role]), assets, ..Seat::default() }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile { email: Some("ada@example.org".into()), ..Profile::default() };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seen(seat: Seat, others: &[&str]) -> Observation {
    let account = Account { id: "1".into(), state: AccountState::Active, profile: Profile::default() };
    Observation::of_member(account, seat, &set(others))
}

fn sentences(presence: Presence, observation: &Observation) -> Vec<String> {
    plan(&desired(presence), observation).unwrap().into_iter().map(|step| step.sentence).collect()
}

#[test]
fn a_new_user_gets_the_whole_seat() {
    let wanted = seat("10", &[("team:7", "primary")]);
    let steps = plan(&desired(Presence::Seated(wanted.clone())), &Observation::default()).unwrap();
    let [Step { op: Op::Create { seat: carried, .. }, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*carried, wanted);
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat("10", &[("team:7", "primary"), ("team:8", "secondary")]);
    let seen = seen(has.clone(), &["team:9"]);
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    assert_eq!(
        sentences(Presence::Seated(seat("11", &[("team:7", "secondary")])), &seen),
        ["Set the roles to 11", "Granted secondary on the asset team:7", "Revoked the asset team:8"]
    );
}

#[test]
fn a_removal_takes_the_teams_first_those_from_elsewhere_too() {
    let seen = seen(seat("10", &[("team:7", "primary")]), &["team:9"]);
    assert_eq!(
        sentences(Presence::Absent, &seen),
        ["Revoked the asset team:7", "Revoked the asset team:9", "Removed the account"]
    );
}

#[test]
fn a_super_admin_is_left_to_people() {
    let seen = seen(seat(SUPER_ADMIN, &[]), &[]);
    for presence in [Presence::Absent, Presence::Seated(seat("10", &[]))] {
        assert_eq!(plan(&desired(presence), &seen).unwrap_err().class(), Class::PolicyDenied);
    }
}

#[test]
fn what_hubspot_has_no_place_for_is_refused() {
    let mut two = seat("10", &[]);
    two.roles.insert("11".into());
    let mut entitled = seat("10", &[]);
    entitled.entitlements.insert("sales-hub".into());
    for wrong in [
        Seat::default(),
        two,
        entitled,
        seat("10", &[("7", "primary")]),
        seat("10", &[("team:7", "owner")]),
        seat("10", &[("team:7", "primary"), ("team:8", "primary")]),
    ] {
        let error = plan(&desired(Presence::Seated(wrong.clone())), &Observation::default()).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
}
