use std::collections::{BTreeMap, BTreeSet};

use usher_connector::Class;
use usher_domain::directory::Profile;

use super::*;

const ADVERTISER: &str = "ADVERTISER:1";

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
fn an_invitation_carries_the_role_and_the_advertiser_accounts_of_one_role() {
    let wanted = seat(
        "STANDARD",
        &[
            (ADVERTISER, &["ANALYST"]),
            ("ADVERTISER:2", &["ADMIN"]),
            ("ADVERTISER:3", &["ANALYST"]),
            ("CATALOG:8", &["ADMIN"]),
        ],
    );
    let steps = plan(&desired(Presence::Seated(wanted)), &Observation::default()).unwrap();
    let [Step { op: Op::Invite { seat: carried, .. }, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*carried, seat("STANDARD", &[(ADVERTISER, &["ANALYST"]), ("ADVERTISER:3", &["ANALYST"])]));
}

#[test]
fn what_an_invitation_carries_is_not_guessed() {
    let wanted = Presence::Seated(seat("ADMIN", &[(ADVERTISER, &["ANALYST"])]));
    let seen = seen(AccountState::Invited, seat("STANDARD", &[]), &[]);
    assert_eq!(sentences(wanted, &seen), ["Set the roles to ADMIN"]);
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat("STANDARD", &[(ADVERTISER, &["OPERATOR"]), ("TT_ACCOUNT:7", &["POST"])]);
    let seen = seen(AccountState::Active, has.clone(), &["CATALOG:8"]);
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    let wanted = seat("ADMIN", &[(ADVERTISER, &["ADMIN", "ANALYST"])]);
    assert_eq!(
        sentences(Presence::Seated(wanted), &seen),
        [
            "Set the roles to ADMIN",
            "Granted ADMIN on the asset ADVERTISER:1",
            "Revoked the asset TT_ACCOUNT:7"
        ]
    );
}

#[test]
fn less_on_an_asset_is_granted_in_place_of_more() {
    let seen = seen(AccountState::Active, seat("STANDARD", &[(ADVERTISER, &["ADMIN"])]), &[]);
    let wanted = seat("STANDARD", &[(ADVERTISER, &["ANALYST"])]);
    assert_eq!(sentences(Presence::Seated(wanted), &seen), ["Granted ANALYST on the asset ADVERTISER:1"]);
}

#[test]
fn a_removal_takes_the_assets_first_those_from_elsewhere_too() {
    let seen = seen(AccountState::Active, seat("ADMIN", &[(ADVERTISER, &["ADMIN"])]), &["CATALOG:8"]);
    assert_eq!(
        sentences(Presence::Absent, &seen),
        ["Revoked the asset ADVERTISER:1", "Revoked the asset CATALOG:8", "Removed the account"]
    );
    assert_eq!(sentences(Presence::Absent, &Observation::default()), [""; 0]);
}

#[test]
fn an_invitation_that_is_over_is_made_anew_or_taken_away() {
    for state in [AccountState::Expired, AccountState::Declined] {
        let seen = seen(state, seat("STANDARD", &[]), &[]);
        let wanted = Presence::Seated(seat("STANDARD", &[]));
        assert_eq!(sentences(wanted, &seen), ["Cancelled the invitation", "Sent the invitation"]);
        assert_eq!(sentences(Presence::Absent, &seen), ["Cancelled the invitation"]);
    }
}

#[test]
fn what_tiktok_has_no_place_for_is_refused() {
    let nobody = Observation::default();
    let mut two = seat("ADMIN", &[]);
    two.roles.insert("STANDARD".into());
    let mut entitled = seat("ADMIN", &[]);
    entitled.entitlements.insert("pro".into());
    for wrong in [
        Seat::default(),
        two,
        entitled,
        seat("ADMIN", &[("PIXEL:1", &["EDIT"])]),
        seat("ADMIN", &[(ADVERTISER, &["MODERATE"])]),
        seat("ADMIN", &[(ADVERTISER, &[])]),
    ] {
        let error = plan(&desired(Presence::Seated(wrong.clone())), &nobody).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
    let unreachable =
        Desired { profile: Profile::default(), ..desired(Presence::Seated(seat("ADMIN", &[]))) };
    assert_eq!(plan(&unreachable, &nobody).unwrap_err().class(), Class::Invalid);
}
