use std::collections::BTreeMap;

use serde_json::json;
use usher_domain::{access::Observed, directory::Profile};

use super::*;

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn seat(role: &str, assets: &[(&str, &str)]) -> Seat {
    let assets: BTreeMap<_, _> =
        assets.iter().map(|(asset, held)| ((*asset).to_owned(), set(&[held]))).collect();
    Seat { roles: set(&[role]), assets, ..Seat::default() }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile { email: Some("ada@example.org".into()), ..Profile::default() };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seen(state: AccountState, seat: Seat, others: &[&str]) -> Observation {
    let account = Account { id: "1".into(), state, profile: Profile::default() };
    let observed = Observed { account: Some(account), seat, ..Observed::default() };
    Observation { observed, detail: json!({"others": others, "in_review": false}) }
}

fn sentences(presence: Presence, observation: &Observation) -> Vec<String> {
    plan(&desired(presence), observation).unwrap().into_iter().map(|step| step.sentence).collect()
}

const CONTAINER: &str = "tag_manager_container:6/61";
const PROPERTY: &str = "analytics_property:7";

#[test]
fn somebody_new_or_whose_invitation_is_over_is_invited() {
    let wanted = || Presence::Seated(seat("STANDARD", &[(CONTAINER, "read")]));
    let over = |state| seen(state, Seat::default(), &[]);
    for seen in [Observation::default(), over(AccountState::Expired), over(AccountState::Declined)] {
        assert_eq!(sentences(wanted(), &seen), ["Sent the invitation"]);
        assert_eq!(sentences(Presence::Absent, &seen), [""; 0]);
    }
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat("STANDARD", &[(CONTAINER, "edit"), (PROPERTY, "viewer")]);
    let seen = seen(AccountState::Active, has.clone(), &["tag_manager_container:6/62"]);
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    assert_eq!(
        sentences(Presence::Seated(seat("ADMIN", &[(CONTAINER, "publish")])), &seen),
        [
            "Set the roles to ADMIN",
            "Granted publish on the asset tag_manager_container:6/61",
            "Revoked the asset analytics_property:7"
        ]
    );
}

#[test]
fn a_removal_takes_what_came_from_elsewhere_too_and_what_was_left_behind() {
    let member = seen(AccountState::Active, seat("STANDARD", &[(PROPERTY, "viewer")]), &[CONTAINER]);
    assert_eq!(
        sentences(Presence::Absent, &member),
        [
            "Revoked the asset analytics_property:7",
            "Revoked the asset tag_manager_container:6/61",
            "Removed the account"
        ]
    );
    let mut gone = member;
    gone.observed = Observed::default();
    assert_eq!(sentences(Presence::Absent, &gone), ["Revoked the asset tag_manager_container:6/61"]);
    let invited = seen(AccountState::Invited, seat("STANDARD", &[]), &[]);
    assert_eq!(sentences(Presence::Absent, &invited), ["Cancelled the invitation"]);
}

#[test]
fn a_change_that_another_admin_has_to_approve_is_waited_for() {
    let has = seat("STANDARD", &[]);
    let mut seen = seen(AccountState::Active, has.clone(), &[]);
    seen.detail["in_review"] = true.into();
    for presence in [Presence::Absent, Presence::Seated(seat("ADMIN", &[]))] {
        assert_eq!(plan(&desired(presence), &seen).unwrap_err().class(), Class::NotAcceptedYet);
    }
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0], "what is as decided needs nobody");
}

#[test]
fn what_google_has_no_place_for_is_refused() {
    let mut two = seat("STANDARD", &[]);
    two.roles.insert("ADMIN".into());
    let mut entitled = seat("STANDARD", &[]);
    entitled.entitlements.insert("premium".into());
    for wrong in [
        Seat::default(),
        two,
        entitled,
        seat("OWNER", &[]),
        seat("STANDARD", &[("7", "viewer")]),
        seat("STANDARD", &[(PROPERTY, "publish")]),
        seat("STANDARD", &[("tag_manager_account:6", "user")]),
    ] {
        let error = plan(&desired(Presence::Seated(wrong.clone())), &Observation::default()).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
}
