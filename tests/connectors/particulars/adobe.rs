//! What only Adobe has: product profiles as entitlements, ten memberships in one command, failures inside a success, people
//! whom the API does not change.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_connector::{Class, Connector, Op};
use usher_domain::access::{Presence, Seat};
use usher_tests::apps::{
    adobe::{ADOBE, CLIENT_SECRET},
    business::RunningBusinessApp,
};

use crate::{
    apps::adobe::credentials,
    kit::{ADA, Person, connect, transport},
};

const PROFILES: [&str; 2] = ["Creative Cloud 1", "Stock 1"];

async fn organisation() -> (RunningBusinessApp, Box<dyn Connector>) {
    let app = RunningBusinessApp::start(&ADOBE).await.unwrap();
    let connector = connected(&app, json!({})).await;
    (app, connector)
}

async fn connected(app: &RunningBusinessApp, settings: Value) -> Box<dyn Connector> {
    let mut all = (ADOBE.settings)(&app.base_url());
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let factory = usher_connector_adobe::factory(transport());
    connect(&factory, all, &credentials(CLIENT_SECRET)).await.unwrap()
}

fn entitled<T: AsRef<str>>(person: &mut Person, profiles: &[T]) {
    let entitlements: BTreeSet<String> = profiles.iter().map(|profile| profile.as_ref().to_owned()).collect();
    person.subject.known.entitlements.extend(entitlements.clone());
    person.should_have(Presence::Seated(Seat { entitlements, ..Seat::default() }));
}

/// The groups that the organisation has somebody in.
fn groups(app: &RunningBusinessApp) -> Vec<String> {
    let mut seen = app.app().organisation().seen(ADA);
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0).assets.into_keys().collect()
}

#[tokio::test]
async fn product_profiles_are_entitlements_by_name_and_others_are_left_alone() {
    let (app, connector) = organisation().await;
    let listed = connector.list_entitlements(None).await.unwrap();
    assert!(listed.items.iter().map(|it| it.value.as_str()).eq(PROFILES), "{listed:?}");
    let [creative, stock] = PROFILES;

    let mut ada = Person::new(ADA);
    entitled(&mut ada, &[creative]);
    ada.converge(&*connector).await.unwrap();
    assert_eq!(groups(&app), [creative]);
    // Somebody puts her into a group by hand.
    let id = app.app().organisation().seen(ADA)[0].id.clone();
    app.app().change(|organisation| organisation.grant(&id, "Print", ["member".to_owned()].into()).unwrap());

    entitled(&mut ada, &[stock]);
    let run = ada.converge(&*connector).await.unwrap();
    assert!(matches!(run.done.as_slice(), [Op::SetEntitlements { .. }]), "{:?}", run.done);
    assert_eq!(groups(&app), ["Print", stock]);
}

#[tokio::test]
async fn more_memberships_than_one_command_takes_all_arrive_and_all_go() {
    let app = RunningBusinessApp::start(&ADOBE).await.unwrap();
    let names: Vec<String> = (10..33).map(|number| format!("Profile {number}")).collect();
    app.app().change(|organisation| {
        for name in &names {
            *organisation = organisation.clone().with_asset("PRODUCT_PROFILE", name, name);
        }
    });
    let connector = connected(&app, json!({})).await;
    let mut ada = Person::new(ADA);
    entitled(&mut ada, &names);
    ada.converge(&*connector).await.unwrap();
    assert_eq!(groups(&app), names);
    entitled::<&str>(&mut ada, &[]);
    ada.converge(&*connector).await.unwrap();
    assert_eq!(groups(&app), [""; 0]);
}

#[tokio::test]
async fn a_failure_inside_a_success_is_one_and_what_was_done_before_it_is_seen() {
    let (app, connector) = organisation().await;
    let mut ada = Person::new(ADA);
    entitled(&mut ada, &["Photoshop 9"]);
    let error = ada.converge(&*connector).await.unwrap_err();
    assert_eq!(error.class(), Class::NotFound, "{error}");
    assert_eq!(groups(&app), [""; 0], "the account was made and its product was not found");
    entitled::<&str>(&mut ada, &[]);
    assert_eq!(ada.converge(&*connector).await.unwrap().done, []);
}

#[tokio::test]
async fn a_system_administrator_is_left_to_people() {
    let (app, connector) = organisation().await;
    let before = app.app().organisation();
    let mut founder = Person::new("founder@acme.example");
    let error = founder.converge(&*connector).await.unwrap_err();
    assert_eq!(error.class(), Class::PolicyDenied);
    assert_eq!(app.app().organisation().people(), before.people());
}

#[tokio::test]
async fn an_account_of_each_kind_is_made() {
    for identity in ["federated", "enterprise", "adobe"] {
        let app = RunningBusinessApp::start(&ADOBE).await.unwrap();
        let connector = connected(&app, json!({"identity": identity})).await;
        let mut ada = Person::new(ADA);
        entitled::<&str>(&mut ada, &[]);
        ada.converge(&*connector).await.unwrap();
        assert_eq!(groups(&app), [""; 0], "{identity}");
    }
}

#[tokio::test]
async fn an_organisation_that_is_not_there_is_not_an_empty_one() {
    let (app, _) = organisation().await;
    let elsewhere = connected(&app, json!({"organization": "1A2B3C@AdobeOrg"})).await;
    let error = Person::new(ADA).look(&*elsewhere).await.unwrap_err();
    assert_eq!(error.class(), Class::Invalid, "{error}");
}
