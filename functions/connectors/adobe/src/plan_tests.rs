use usher_domain::access::{AccountState, Observed};

use super::*;

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn seat(roles: &[&str], profiles: &[&str], user_groups: &[&str]) -> Seat {
    let assets = user_groups.iter().map(|group| (groups::asset(group), groups::held())).collect();
    Seat { roles: set(roles), entitlements: set(profiles), assets }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile {
        email: Some("ada@example.org".into()),
        given_name: Some("Ada".into()),
        family_name: Some("Lovelace".into()),
        ..Profile::default()
    };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seen(seat: Seat) -> Observation {
    let account = Account { id: "1".into(), state: AccountState::Active, profile: Profile::default() };
    let observed = Observed { account: Some(account), seat, ..Observed::default() };
    Observation { observed, ..Observation::default() }
}

fn sentences(presence: Presence, observation: &Observation) -> Vec<String> {
    let steps = plan(Identity::Federated, &desired(presence), observation).unwrap();
    steps.into_iter().map(|step| step.sentence).collect()
}

#[test]
fn a_new_user_gets_the_whole_seat_and_needs_names_for_an_account_of_the_organisation() {
    let wanted = seat(&["_support_admin"], &["Creative Cloud 1"], &["Studio"]);
    let mut desired = desired(Presence::Seated(wanted.clone()));
    let steps = plan(Identity::Federated, &desired, &Observation::default()).unwrap();
    let [Step { op: Op::Create { seat: carried, .. }, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*carried, wanted);
    desired.profile.family_name = None;
    let error = plan(Identity::Enterprise, &desired, &Observation::default()).unwrap_err();
    assert!(error.class() == Class::Invalid && error.message().contains("family name"), "{error}");
    assert!(plan(Identity::Adobe, &desired, &Observation::default()).is_ok());
    assert!(
        plan(Identity::Federated, &desired, &seen(wanted)).unwrap().is_empty(),
        "who is there has a name"
    );
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat(&["_support_admin"], &["Creative Cloud 1"], &["Studio", "Print"]);
    let seen = seen(has.clone());
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    assert_eq!(
        sentences(Presence::Seated(seat(&[], &["Stock 1"], &["Studio", "Film"])), &seen),
        [
            "Took all roles away",
            "Set the entitlements to Stock 1",
            "Granted member on the asset user_group:Film",
            "Revoked the asset user_group:Print"
        ]
    );
}

#[test]
fn a_removal_takes_the_user_groups_first() {
    let seen = seen(seat(&["_support_admin"], &["Creative Cloud 1"], &["Studio"]));
    assert_eq!(
        sentences(Presence::Absent, &seen),
        ["Revoked the asset user_group:Studio", "Removed the account"]
    );
    assert_eq!(sentences(Presence::Absent, &Observation::default()), [""; 0]);
}

#[test]
fn a_system_administrator_is_left_to_people() {
    let seen = seen(seat(&[ORGANIZATION_ADMIN], &[], &[]));
    for presence in [Presence::Absent, Presence::Seated(seat(&[], &[], &[]))] {
        let error = plan(Identity::Federated, &desired(presence), &seen).unwrap_err();
        assert_eq!(error.class(), Class::PolicyDenied);
    }
}

#[test]
fn what_adobe_has_no_place_for_is_refused() {
    let mut two = seat(&[], &[], &["Studio"]);
    two.assets.insert("user_group:Studio".into(), set(&["admin", "member"]));
    for wrong in [
        seat(&[ORGANIZATION_ADMIN], &[], &[]),
        seat(&[], &["_admin_Studio"], &[]),
        seat(&[], &[], &["_org_admin"]),
        two,
    ] {
        let wanted = desired(Presence::Seated(wrong.clone()));
        let error = plan(Identity::Federated, &wanted, &Observation::default()).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
}
