//! What only GitHub has: people whom nobody can tell, teams' roles before and after an owner, a token instead of an App.

use std::time::Duration;

use serde_json::json;
use usher_connector::{Class, Connector};
use usher_domain::access::{AccountState, Presence, Seat};
use usher_tests::apps::{
    Fault,
    business::RunningBusinessApp,
    github::{GITHUB, ORGANIZATION, OWNER_TOKEN},
};

use crate::kit::{ADA, Person, connect, seat, transport};

async fn organisation() -> (RunningBusinessApp, Box<dyn Connector>) {
    let app = RunningBusinessApp::start(&GITHUB).await.unwrap();
    let connector = connected(&app, ORGANIZATION).await;
    (app, connector)
}

async fn connected(app: &RunningBusinessApp, organization: &str) -> Box<dyn Connector> {
    let config = json!({"base_url": app.base_url(), "organization": organization});
    let factory = usher_connector_github::factory(transport());
    connect(&factory, config, &json!({"token": OWNER_TOKEN})).await.unwrap()
}

#[tokio::test]
async fn who_accepted_under_an_address_that_nobody_sees_is_not_invited_again() {
    let (app, connector) = organisation().await;
    let mut ada = Person::new(ADA);
    ada.should_have(seat("member", None));
    ada.converge(&*connector).await.unwrap();
    // The invitation is accepted by an account whose verified addresses are none of the organisation's domains.
    app.app().change(|organisation| {
        let invitation = organisation.invitations()[0].id.clone();
        organisation.cancel(&invitation).unwrap();
        organisation.add("ada-at-home", "Ada", "member");
    });
    let error = ada.look(&*connector).await.unwrap_err();
    assert_eq!(error.class(), Class::IdentityUnlinked, "{error}");

    // Once the address is there, it is the same person.
    app.app().change(|organisation| organisation.add("ada@example.org", "Ada", "member"));
    let seen = ada.look(&*connector).await.unwrap();
    assert_eq!(seen.observed.account.unwrap().state, AccountState::Active);
}

#[tokio::test]
async fn an_invitation_that_was_taken_back_is_not_taken_for_an_accepted_one() {
    let (app, connector) = organisation().await;
    app.app().change(|organisation| organisation.add("robot", "Robot", "member"));
    let mut ada = Person::new(ADA);
    ada.should_have(seat("member", None));
    ada.converge(&*connector).await.unwrap();
    ada.should_have(Presence::Absent);
    assert!(ada.converge(&*connector).await.unwrap().seen.account.is_none());
}

#[tokio::test]
async fn a_member_of_a_team_becomes_a_maintainer_and_a_member_again() {
    let (app, connector) = organisation().await;
    let id = app.app().change(|organisation| organisation.add(ADA, "Ada", "member"));
    let mut ada = Person::new(ADA);
    for role in ["member", "maintainer", "member"] {
        let assets = [("team:design".to_owned(), [role.to_owned()].into())].into();
        ada.should_have(Presence::Seated(Seat {
            roles: ["member".to_owned()].into(),
            assets,
            ..Seat::default()
        }));
        ada.converge(&*connector).await.unwrap();
        let held = app.app().organisation().person(&id).unwrap().grants["design"].clone();
        assert!(held.iter().eq([role]), "{held:?}");
    }
}

#[tokio::test]
async fn a_token_acts_as_its_owner() {
    let (app, connector) = organisation().await;
    let founder = app.app().organisation().people()[0].id.clone();
    assert_eq!(connector.acting_account().await.unwrap(), Some(founder));
}

#[tokio::test]
async fn a_secondary_limit_that_does_not_say_how_long_is_a_minute() {
    let (app, connector) = organisation().await;
    app.app().faults().next(1, Fault::TooManyRequests { retry_after: 0 });
    let error = Person::new(ADA).look(&*connector).await.unwrap_err();
    assert_eq!(error.class(), Class::RateLimited { after: Some(Duration::from_secs(60)) }, "{error}");
}

#[tokio::test]
async fn an_organisation_that_the_credentials_may_not_see_is_not_an_empty_one() {
    let (app, _) = organisation().await;
    let elsewhere = connected(&app, "somebody-elses").await;
    assert_eq!(elsewhere.list_members(None).await.unwrap_err().class(), Class::ScopeMissing);
    assert!(Person::new(ADA).look(&*elsewhere).await.is_err());
}
