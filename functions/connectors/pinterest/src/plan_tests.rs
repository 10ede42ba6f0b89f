use std::collections::{BTreeMap, BTreeSet};

use usher_connector::Class;
use usher_domain::directory::Profile;

use super::*;

const AD_ACCOUNT: &str = "AD_ACCOUNT:1";

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn seat(role: &str, assets: &[(&str, &[&str])]) -> Seat {
    let assets: BTreeMap<_, _> =
        assets.iter().map(|(asset, tasks)| ((*asset).to_owned(), set(tasks))).collect();
    Seat { roles: set(&[role]), assets, ..Seat::default() }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile { email: Some("ada@example.org".into()), ..Profile::default() };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seen(state: AccountState, seat: Seat, others: &[&str]) -> Observation {
    let account = Account { id: "1".into(), state, profile: Profile::default() };
    Observation::of_member(account, seat, &set(others))
}

fn sentences(presence: Presence, observation: &Observation) -> Vec<String> {
    plan(&desired(presence), observation).unwrap().into_iter().map(|step| step.sentence).collect()
}

#[test]
fn an_invitation_carries_the_whole_seat() {
    let wanted = seat("EMPLOYEE", &[(AD_ACCOUNT, &["ANALYST"]), ("CATALOG:8", &["CATALOGS_MANAGER"])]);
    let steps = plan(&desired(Presence::Seated(wanted.clone())), &Observation::default()).unwrap();
    let [Step { op: Op::Invite { seat: carried, .. }, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*carried, wanted);
}

#[test]
fn what_an_invitation_carries_is_not_guessed() {
    let wanted = Presence::Seated(seat("BIZ_ADMIN", &[(AD_ACCOUNT, &["ANALYST"])]));
    let seen = seen(AccountState::Invited, seat("EMPLOYEE", &[]), &[]);
    assert_eq!(sentences(wanted, &seen), ["Set the roles to BIZ_ADMIN"]);
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat("EMPLOYEE", &[(AD_ACCOUNT, &["CAMPAIGN_MANAGER"]), ("PROFILE:7", &["PROFILE_PUBLISHER"])]);
    let seen = seen(AccountState::Active, has.clone(), &["CATALOG:8"]);
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    let wanted = seat("BIZ_ADMIN", &[(AD_ACCOUNT, &["ADMIN"])]);
    assert_eq!(
        sentences(Presence::Seated(wanted), &seen),
        [
            "Set the roles to BIZ_ADMIN",
            "Granted ADMIN on the asset AD_ACCOUNT:1",
            "Revoked the asset PROFILE:7"
        ]
    );
}

#[test]
fn less_on_an_asset_is_granted_in_place_of_more() {
    let seen = seen(AccountState::Active, seat("EMPLOYEE", &[(AD_ACCOUNT, &["ADMIN"])]), &[]);
    let wanted = seat("EMPLOYEE", &[(AD_ACCOUNT, &["ANALYST"])]);
    assert_eq!(sentences(Presence::Seated(wanted), &seen), ["Granted ANALYST on the asset AD_ACCOUNT:1"]);
}

#[test]
fn a_removal_takes_the_assets_first_those_from_elsewhere_too() {
    let seen = seen(AccountState::Active, seat("BIZ_ADMIN", &[(AD_ACCOUNT, &["ADMIN"])]), &["CATALOG:8"]);
    assert_eq!(
        sentences(Presence::Absent, &seen),
        ["Revoked the asset AD_ACCOUNT:1", "Revoked the asset CATALOG:8", "Removed the account"]
    );
    assert_eq!(sentences(Presence::Absent, &Observation::default()), [""; 0]);
}

#[test]
fn an_invitation_that_is_over_is_made_anew_or_taken_away() {
    for state in [AccountState::Expired, AccountState::Declined] {
        let seen = seen(state, seat("EMPLOYEE", &[]), &[]);
        let wanted = Presence::Seated(seat("EMPLOYEE", &[]));
        assert_eq!(sentences(wanted, &seen), ["Cancelled the invitation", "Sent the invitation"]);
        assert_eq!(sentences(Presence::Absent, &seen), ["Cancelled the invitation"]);
    }
}

#[test]
fn what_pinterest_has_no_place_for_is_refused() {
    let nobody = Observation::default();
    let mut two = seat("BIZ_ADMIN", &[]);
    two.roles.insert("EMPLOYEE".into());
    let mut entitled = seat("BIZ_ADMIN", &[]);
    entitled.entitlements.insert("pro".into());
    for wrong in [
        Seat::default(),
        two,
        entitled,
        seat("BIZ_ADMIN", &[("CONSUMER:1", &["EDIT"])]),
        seat("BIZ_ADMIN", &[(AD_ACCOUNT, &["PROFILE_PUBLISHER"])]),
        seat("BIZ_ADMIN", &[(AD_ACCOUNT, &[])]),
    ] {
        let error = plan(&desired(Presence::Seated(wrong.clone())), &nobody).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
    let unreachable =
        Desired { profile: Profile::default(), ..desired(Presence::Seated(seat("BIZ_ADMIN", &[]))) };
    assert_eq!(plan(&unreachable, &nobody).unwrap_err().class(), Class::Invalid);
}
