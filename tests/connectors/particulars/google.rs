//! What only Google has: an account beside Google Ads for each address, approval by a second admin, an acceptance under
//! another address, a service account.

use std::collections::BTreeMap;

use serde_json::json;
use usher_connector::{Class, Connector, Op};
use usher_domain::access::{AccountState, Presence, Seat};
use usher_tests::apps::{
    business::{Organisation, RunningBusinessApp},
    google::{Approval, GOOGLE, REFRESH_TOKEN, SERVICE_ACCOUNT, SERVICE_KEY},
};

use crate::{
    apps::google::credentials,
    kit::{ADA, Person, connect, seat, transport},
};

const ACCOUNT: &str = "tag_manager_account:6001";
const WEB: &str = "tag_manager_container:6001/6101";
const SHOP: &str = "tag_manager_container:6001/6102";
const PROPERTY: &str = "analytics_property:7001";

async fn account() -> (RunningBusinessApp, Box<dyn Connector>) {
    let app = RunningBusinessApp::start(&GOOGLE).await.unwrap();
    let factory = usher_connector_google::factory(transport());
    let connector =
        connect(&factory, (GOOGLE.settings)(&app.base_url()), &credentials(REFRESH_TOKEN)).await.unwrap();
    (app, connector)
}

fn with(assets: &[(&str, &str)]) -> Presence {
    let assets = assets.iter().map(|(asset, held)| ((*asset).to_owned(), [(*held).to_owned()].into()));
    Presence::Seated(Seat {
        roles: ["STANDARD".to_owned()].into(),
        assets: assets.collect(),
        ..Seat::default()
    })
}

fn held(app: &RunningBusinessApp) -> BTreeMap<String, String> {
    let mut seen = app.app().organisation().seen(ADA);
    assert_eq!(seen.len(), 1, "{seen:?}");
    let assets = seen.remove(0).assets.into_iter();
    assets.map(|(asset, held)| (asset, held.into_iter().collect::<Vec<_>>().join(" "))).collect()
}

fn holds(app: &RunningBusinessApp, wanted: &[(&str, &str)]) {
    let wanted = wanted.iter().map(|(asset, held)| ((*asset).to_owned(), (*held).to_owned())).collect();
    assert_eq!(held(app), wanted);
}

#[tokio::test]
async fn containers_of_one_account_and_the_account_itself_do_not_take_each_other_away() {
    let (app, connector) = account().await;
    app.app().change(|account| account.add(ADA, "Ada", "STANDARD"));
    let mut ada = Person::new(ADA);
    ada.should_have(with(&[(WEB, "edit"), (SHOP, "read"), (ACCOUNT, "admin"), (PROPERTY, "analyst")]));
    ada.converge(&*connector).await.unwrap();
    holds(&app, &[("6001", "admin"), ("6101", "edit"), ("6102", "read"), ("7001", "analyst")]);
    ada.should_have(with(&[(SHOP, "publish")]));
    ada.converge(&*connector).await.unwrap();
    holds(&app, &[("6001", "user"), ("6102", "publish")]);
    ada.should_have(with(&[]));
    ada.converge(&*connector).await.unwrap();
    holds(&app, &[]);
}

#[tokio::test]
async fn a_restriction_that_somebody_set_in_analytics_stays_when_the_role_changes() {
    let (app, connector) = account().await;
    app.app().change(|account| {
        let id = account.add(ADA, "Ada", "STANDARD");
        account.grant(&id, "7001", ["no-cost-data".to_owned(), "viewer".to_owned()].into()).unwrap();
    });
    let mut ada = Person::new(ADA);
    ada.should_have(with(&[(PROPERTY, "editor")]));
    ada.converge(&*connector).await.unwrap();
    holds(&app, &[("7001", "editor no-cost-data")]);
}

#[tokio::test]
async fn who_was_taken_out_of_google_ads_by_hand_loses_the_rest_with_the_access() {
    let (app, connector) = account().await;
    app.app().change(|account| account.add(ADA, "Ada", "STANDARD"));
    let mut ada = Person::new(ADA);
    ada.should_have(with(&[(WEB, "edit"), (PROPERTY, "viewer")]));
    ada.converge(&*connector).await.unwrap();
    let id = ada.subject.account.clone().unwrap();
    app.app().change(|account: &mut Organisation| account.set_role(&id, "").unwrap());

    ada.should_have(Presence::Absent);
    let run = ada.converge(&*connector).await.unwrap();
    assert_eq!(run.done.len(), 2, "{:?}", run.done);
    assert!(app.app().organisation().seen(ADA).is_empty(), "nothing is left in Tag Manager and Analytics");
}

#[tokio::test]
async fn what_a_second_admin_has_to_approve_is_asked_for_once_and_waited_for() {
    let (app, connector) = account().await;
    app.app().change(Organisation::ask_another_admin);
    let decide = |approval| app.app().change(|account| account.decide_reviews(approval));
    let reviews = || app.app().organisation().own["reviews"].as_array().unwrap().len();
    let mut ada = Person::new(ADA);

    ada.should_have(seat("STANDARD", None));
    assert_eq!(ada.converge(&*connector).await.unwrap().state(), Some(AccountState::Invited));
    assert_eq!(ada.converge(&*connector).await.unwrap().done, []);
    assert_eq!((reviews(), app.app().organisation().invitations().len()), (1, 0));
    let listed = connector.list_invitations(None).await.unwrap();
    let listed = connector.list_invitations(listed.next.as_deref()).await.unwrap();
    assert!(listed.items.iter().map(|it| it.email.as_str()).eq([ADA]), "a sync sees it as an invitation");
    // The review cannot be taken back by the API.
    let seen = ada.look(&*connector).await.unwrap();
    let cancel = Op::CancelInvitation.into();
    assert_eq!(ada.apply(&*connector, &cancel, &seen).await.unwrap_err().class(), Class::PolicyDenied);

    ada.look(&*connector).await.unwrap();
    decide(Approval::Approved);
    assert_eq!(ada.converge(&*connector).await.unwrap().state(), Some(AccountState::Invited));
    assert!(app.app().change(|account| account.accept(ADA)));
    assert_eq!(ada.converge(&*connector).await.unwrap().state(), Some(AccountState::Active));

    // A role, and the removal.
    ada.should_have(seat("ADMIN", None));
    let seen = ada.look(&*connector).await.unwrap();
    let step = ada.plan(&*connector, &seen).unwrap().remove(0);
    ada.apply(&*connector, &step, &seen).await.unwrap();
    assert_eq!(ada.converge(&*connector).await.unwrap_err().class(), Class::NotAcceptedYet);
    decide(Approval::Approved);
    assert_eq!(ada.converge(&*connector).await.unwrap().done, []);
    assert_eq!((reviews(), app.app().organisation().seen(ADA)[0].role.as_str()), (2, "ADMIN"));
}

#[tokio::test]
async fn a_review_that_was_turned_down_is_a_no() {
    let (app, connector) = account().await;
    app.app().change(Organisation::ask_another_admin);
    let mut ada = Person::new(ADA);
    ada.should_have(seat("STANDARD", None));
    ada.converge(&*connector).await.unwrap();
    app.app().change(|account| account.decide_reviews(Approval::Rejected));
    let seen = ada.look(&*connector).await.unwrap().observed.account.unwrap();
    assert_eq!(seen.state, AccountState::Declined);
    // Somebody who is asked for again later is nobody yet.
    assert!(Person::new(ADA).look(&*connector).await.unwrap().observed.account.is_none());
}

#[tokio::test]
async fn who_accepted_under_another_address_is_not_invited_again() {
    let (app, connector) = account().await;
    let mut ada = Person::new(ADA);
    ada.should_have(seat("STANDARD", None));
    ada.converge(&*connector).await.unwrap();
    let withdraw = |account: &mut Organisation| {
        let invitation = account.invitations()[0].id.clone();
        account.cancel(&invitation).unwrap();
    };
    app.app().change(withdraw);
    let mut withdrawn = Person::new(ADA);
    withdrawn.subject.account.clone_from(&ada.subject.account);
    assert!(withdrawn.look(&*connector).await.unwrap().observed.account.is_none(), "nobody came since");

    app.app().change(|account| account.add("ada.at.home@example.com", "Ada", "STANDARD"));
    assert_eq!(ada.look(&*connector).await.unwrap_err().class(), Class::IdentityUnlinked);
}

#[tokio::test]
async fn a_service_account_acts_as_itself() {
    let app = RunningBusinessApp::start(&GOOGLE).await.unwrap();
    let itself = app.app().change(|account| account.add(SERVICE_ACCOUNT, "Usher", "ADMIN"));
    let factory = usher_connector_google::factory(transport());
    let key = |email: &str| json!({"service_account": {"type": "service_account", "client_email": email, "private_key": SERVICE_KEY}});
    let connector =
        connect(&factory, (GOOGLE.settings)(&app.base_url()), &key(SERVICE_ACCOUNT)).await.unwrap();
    assert_eq!(connector.acting_account().await.unwrap(), Some(itself.clone()));
    let health = connector.probe().await.unwrap();
    assert_eq!(
        (health.acting_account, health.missing_scopes.len(), health.notes.len()),
        (Some(itself), 0, 0)
    );
    let other =
        connect(&factory, (GOOGLE.settings)(&app.base_url()), &key("somebody@else.example")).await.unwrap();
    assert_eq!(other.probe().await.unwrap_err().class(), Class::AuthRevoked);
}

#[tokio::test]
async fn an_account_that_the_credentials_may_not_see_is_not_an_empty_one() {
    let (app, _) = account().await;
    let mut elsewhere = (GOOGLE.settings)(&app.base_url());
    elsewhere["login_customer_id"] = "1112223333".into();
    let factory = usher_connector_google::factory(transport());
    let connector = connect(&factory, elsewhere, &credentials(REFRESH_TOKEN)).await.unwrap();
    assert_eq!(Person::new(ADA).look(&*connector).await.unwrap_err().class(), Class::ScopeMissing);
}
