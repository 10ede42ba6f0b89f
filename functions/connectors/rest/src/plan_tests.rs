use std::collections::BTreeMap;

use serde_json::json;
use usher_domain::directory::Profile;

use super::*;
use crate::config::{MLFLOW, document};

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn seat(role: &str, assets: &[(&str, &[&str])]) -> Seat {
    let assets: BTreeMap<_, _> =
        assets.iter().map(|(asset, held)| ((*asset).to_owned(), set(held))).collect();
    Seat { roles: set(&[role]), assets, ..Seat::default() }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile { user_name: "ada".into(), ..Profile::default() };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seen(state: AccountState, seat: Seat, others: &[&str]) -> Observation {
    let account = Account { id: "ada".into(), state, profile: Profile::default() };
    Observation::of_member(account, seat, &set(others))
}

fn mlflow() -> Document {
    document(&serde_json::from_str(MLFLOW).unwrap()).unwrap()
}

fn sentences(document: &Document, presence: Presence, observation: &Observation) -> Vec<String> {
    let steps = plan(document, &desired(presence), observation).unwrap();
    steps.into_iter().map(|step| step.sentence).collect()
}

#[test]
fn only_what_differs_is_changed() {
    let has = seat("user", &[("1", &["READ"]), ("2", &["EDIT"])]);
    let seen = seen(AccountState::Active, has.clone(), &["3"]);
    assert_eq!(sentences(&mlflow(), Presence::Seated(has), &seen), [""; 0]);
    let wanted = Presence::Seated(seat("admin", &[("2", &["EDIT"]), ("4", &["USE"])]));
    assert_eq!(
        sentences(&mlflow(), wanted, &seen),
        ["Set the roles to admin", "Granted USE on the asset 4", "Revoked the asset 1"]
    );
}

#[test]
fn of_permissions_of_which_one_is_held_the_highest_counts() {
    let wanted = Presence::Seated(seat("user", &[("1", &["MANAGE", "READ"])]));
    let has = |held| seen(AccountState::Active, seat("user", &[("1", &[held])]), &[]);
    assert_eq!(sentences(&mlflow(), wanted.clone(), &has("MANAGE")), [""; 0]);
    // MLflow grants nothing where something is granted.
    assert_eq!(
        sentences(&mlflow(), wanted.clone(), &has("READ")),
        ["Revoked the asset 1", "Granted MANAGE on the asset 1"]
    );
    let mut replaces = mlflow();
    replaces.assets.as_mut().unwrap().grant_replaces = true;
    assert_eq!(sentences(&replaces, wanted, &has("READ")), ["Granted MANAGE on the asset 1"]);
}

#[test]
fn permissions_that_add_up_are_compared_as_a_whole() {
    let mut adds_up = mlflow();
    adds_up.assets.as_mut().unwrap().one_of = false;
    let wanted = Presence::Seated(seat("user", &[("1", &["MANAGE", "READ"])]));
    let has = seen(AccountState::Active, seat("user", &[("1", &["MANAGE", "READ"])]), &[]);
    assert_eq!(sentences(&adds_up, wanted, &has), [""; 0]);
}

#[test]
fn a_removal_takes_the_assets_first_those_from_elsewhere_too() {
    let seen = seen(AccountState::Active, seat("user", &[("1", &["READ"])]), &["3"]);
    assert_eq!(
        sentences(&mlflow(), Presence::Absent, &seen),
        ["Revoked the asset 1", "Revoked the asset 3", "Removed the account"]
    );
}

#[test]
fn who_is_switched_off_is_left_to_the_apps_admins() {
    let seen = seen(AccountState::Suspended, seat("user", &[]), &[]);
    let wanted = desired(Presence::Seated(seat("user", &[])));
    assert_eq!(plan(&mlflow(), &wanted, &seen).unwrap_err().class(), Class::PolicyDenied);
}

#[test]
fn what_the_document_has_no_place_for_is_refused() {
    let mut two = seat("admin", &[]);
    two.roles.insert("user".into());
    let mut entitled = seat("admin", &[]);
    entitled.entitlements.insert("pro".into());
    let odd = seat("user", &[("1", &["OWN"])]);
    for wrong in [Seat::default(), two, entitled, seat("owner", &[]), odd, seat("user", &[("1", &[])])] {
        let error =
            plan(&mlflow(), &desired(Presence::Seated(wrong.clone())), &Observation::default()).unwrap_err();
        assert_eq!(error.class(), Class::Invalid, "{wrong:?}");
    }
    let mut without = serde_json::from_str::<serde_json::Value>(MLFLOW).unwrap();
    without["assets"] = json!(null);
    let without = document(&without).unwrap();
    let wanted = desired(Presence::Seated(seat("user", &[("1", &["READ"])])));
    assert!(plan(&without, &wanted, &Observation::default()).is_err());
}
