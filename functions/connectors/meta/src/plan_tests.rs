use std::collections::{BTreeMap, BTreeSet};

use usher_connector::Class;
use usher_domain::directory::Profile;

use super::*;

const AD_ACCOUNT: &str = "ad_account:act_1";

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
fn an_invitation_carries_the_role_and_no_assets() {
    let wanted = seat("EMPLOYEE", &[(AD_ACCOUNT, &["ANALYZE"])]);
    let steps = plan(&desired(Presence::Seated(wanted)), &Observation::default()).unwrap();
    let [Step { op: Op::Invite { seat: carried, .. }, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*carried, seat("EMPLOYEE", &[]));
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat("EMPLOYEE", &[(AD_ACCOUNT, &["ADVERTISE"]), ("page:7", &["ANALYZE"])]);
    let seen = seen(AccountState::Active, has.clone(), &["page:8"]);
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    let wanted = seat("ADMIN", &[(AD_ACCOUNT, &["MANAGE", "ANALYZE"])]);
    assert_eq!(
        sentences(Presence::Seated(wanted), &seen),
        [
            "Set the roles to ADMIN",
            "Granted MANAGE on the asset ad_account:act_1",
            "Revoked the asset page:7"
        ]
    );
}

#[test]
fn less_on_an_asset_is_granted_in_place_of_more() {
    let seen = seen(AccountState::Active, seat("EMPLOYEE", &[(AD_ACCOUNT, &["MANAGE"])]), &[]);
    let wanted = seat("EMPLOYEE", &[(AD_ACCOUNT, &["ANALYZE"])]);
    assert_eq!(sentences(Presence::Seated(wanted), &seen), ["Granted ANALYZE on the asset ad_account:act_1"]);
}

#[test]
fn a_removal_takes_the_assets_first_those_from_elsewhere_too() {
    let seen = seen(AccountState::Active, seat("ADMIN", &[(AD_ACCOUNT, &["MANAGE"])]), &["page:8"]);
    assert_eq!(
        sentences(Presence::Absent, &seen),
        ["Revoked the asset ad_account:act_1", "Revoked the asset page:8", "Removed the account"]
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
fn what_meta_has_no_place_for_is_refused() {
    let nobody = Observation::default();
    let mut two = seat("ADMIN", &[]);
    two.roles.insert("EMPLOYEE".into());
    let mut entitled = seat("ADMIN", &[]);
    entitled.entitlements.insert("pro".into());
    for wrong in [
        Seat::default(),
        two,
        entitled,
        seat("ADMIN", &[("pixel:1", &["EDIT"])]),
        seat("ADMIN", &[(AD_ACCOUNT, &["MODERATE"])]),
        seat("ADMIN", &[(AD_ACCOUNT, &[])]),
    ] {
        let error = plan(&desired(Presence::Seated(wrong.clone())), &nobody).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
    let unreachable =
        Desired { profile: Profile::default(), ..desired(Presence::Seated(seat("ADMIN", &[]))) };
    assert_eq!(plan(&unreachable, &nobody).unwrap_err().class(), Class::Invalid);
}
