use std::collections::BTreeMap;

use usher_connector::Class;
use usher_domain::{access::Observed, directory::Profile};

use super::*;

const TEAM: &str = "team:design";

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn seat(role: &str, teams: &[(&str, &[&str])]) -> Seat {
    let assets: BTreeMap<_, _> = teams.iter().map(|(team, roles)| ((*team).to_owned(), set(roles))).collect();
    Seat { roles: set(&[role]), assets, ..Seat::default() }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile { email: Some("ada@example.org".into()), ..Profile::default() };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seen(state: AccountState, seat: Seat) -> Observation {
    let account = Account { id: "1".into(), state, profile: Profile::default() };
    let observed = Observed { account: Some(account), seat, ..Observed::default() };
    Observation { observed, ..Observation::default() }
}

fn sentences(presence: Presence, observation: &Observation) -> Vec<String> {
    plan(&desired(presence), observation).unwrap().into_iter().map(|step| step.sentence).collect()
}

#[test]
fn an_invitation_carries_the_whole_seat() {
    let wanted = seat("member", &[(TEAM, &["maintainer"])]);
    let steps = plan(&desired(Presence::Seated(wanted.clone())), &Observation::default()).unwrap();
    let [Step { op: Op::Invite { seat: carried, .. }, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*carried, wanted);
}

#[test]
fn only_what_differs_is_changed_and_gain_comes_before_loss() {
    let has = seat("member", &[(TEAM, &["member"]), ("team:sales", &["maintainer"])]);
    let seen = seen(AccountState::Active, has.clone());
    assert_eq!(sentences(Presence::Seated(has), &seen), [""; 0]);
    assert_eq!(
        sentences(Presence::Seated(seat("admin", &[("team:legal", &["member"])])), &seen),
        [
            "Set the roles to admin",
            "Granted member on the asset team:legal",
            "Revoked the asset team:design",
            "Revoked the asset team:sales"
        ]
    );
}

#[test]
fn the_higher_of_two_roles_in_a_team_is_given() {
    let wanted = Presence::Seated(seat("member", &[(TEAM, &["maintainer", "member"])]));
    let has = |role| seen(AccountState::Active, seat("member", &[(TEAM, &[role])]));
    assert_eq!(sentences(wanted.clone(), &has("member")), ["Granted maintainer on the asset team:design"]);
    assert_eq!(sentences(wanted, &has("maintainer")), [""; 0]);
    let less = Presence::Seated(seat("member", &[(TEAM, &["member"])]));
    assert_eq!(sentences(less, &has("maintainer")), ["Granted member on the asset team:design"]);
}

#[test]
fn an_owner_is_a_maintainer_whatever_is_asked() {
    let owner = seen(AccountState::Active, seat("admin", &[(TEAM, &["maintainer"])]));
    assert_eq!(sentences(Presence::Seated(seat("admin", &[(TEAM, &["member"])])), &owner), [""; 0]);
}

#[test]
fn an_invitation_is_not_made_anew_for_what_it_cannot_carry() {
    let invited = seen(AccountState::Invited, seat("member", &[(TEAM, &["member"])]));
    assert_eq!(sentences(Presence::Seated(seat("member", &[(TEAM, &["maintainer"])])), &invited), [""; 0]);
    assert_eq!(
        sentences(Presence::Seated(seat("member", &[("team:legal", &["member"])])), &invited),
        ["Granted member on the asset team:legal", "Revoked the asset team:design"]
    );
}

#[test]
fn a_removal_takes_the_teams_first() {
    let member = seen(AccountState::Active, seat("admin", &[(TEAM, &["maintainer"])]));
    assert_eq!(
        sentences(Presence::Absent, &member),
        ["Revoked the asset team:design", "Removed the account"]
    );
    let invited = seen(AccountState::Invited, seat("member", &[]));
    assert_eq!(sentences(Presence::Absent, &invited), ["Cancelled the invitation"]);
    assert_eq!(sentences(Presence::Absent, &Observation::default()), [""; 0]);
}

#[test]
fn an_invitation_that_failed_is_made_anew_and_takes_nothing_away() {
    let failed = seen(AccountState::Expired, seat("member", &[]));
    assert_eq!(sentences(Presence::Seated(seat("member", &[])), &failed), ["Sent the invitation"]);
    assert_eq!(sentences(Presence::Absent, &failed), [""; 0]);
}

#[test]
fn what_github_has_no_place_for_is_refused() {
    let mut two = seat("admin", &[]);
    two.roles.insert("member".into());
    let mut entitled = seat("admin", &[]);
    entitled.entitlements.insert("copilot".into());
    for wrong in [
        Seat::default(),
        two,
        entitled,
        seat("billing_manager", &[]),
        seat("member", &[("repository:acme/site", &["push"])]),
        seat("member", &[(TEAM, &["owner"])]),
        seat("member", &[(TEAM, &[])]),
    ] {
        let error = plan(&desired(Presence::Seated(wrong.clone())), &Observation::default()).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
}
