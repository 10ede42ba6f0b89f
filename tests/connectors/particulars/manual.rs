//! What only an app without an API has: each step is a task for people, and what they confirmed is all that is known. The kit
//! is about apps that can be asked; here is what of it applies.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_connector::{Connector, Observation, Outcome, StepContext, Subject};
use usher_domain::{
    access::{Account, AccountState, Desired, Observed, Presence, Seat},
    directory::Profile,
};

use crate::kit::connect;

async fn app() -> Box<dyn Connector> {
    let config = json!({"assignees": "bob, eve", "roles": "Analyst, Admin", "assets": "Main account"});
    connect(&usher_connector_manual::factory(), config, &Value::Null).await.unwrap()
}

fn profile() -> Profile {
    let email = Some("ada@acme.example".to_owned());
    Profile { user_name: "ada".into(), email, display_name: Some("Ada Byron".into()), ..Profile::default() }
}

fn desired(presence: Presence) -> Desired {
    let profile = profile();
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seated() -> Seat {
    Seat { roles: ["Admin".to_owned()].into(), ..Seat::default() }
}

async fn looked(app: &dyn Connector, recorded: Observed) -> Observation {
    let subject = Subject { profile: profile(), recorded, ..Subject::default() };
    app.observe(&subject).await.unwrap()
}

#[tokio::test]
async fn what_people_confirmed_is_what_a_look_shows() {
    let app = app().await;
    let account = Account { id: "ada@acme.example".into(), state: AccountState::Active, profile: profile() };
    let recorded = Observed { account: Some(account), seat: seated(), ..Observed::default() };
    let seen = looked(&*app, recorded.clone()).await;
    assert_eq!(seen.observed, recorded);
    assert!(app.plan(&desired(Presence::Seated(seated())), &seen).unwrap().is_empty());
    assert!(
        app.plan(&desired(Presence::Absent), &looked(&*app, Observed::default()).await).unwrap().is_empty()
    );
}

/// A plan of two steps would be two tasks, of which the second is handed out once the first was confirmed.
#[tokio::test]
async fn each_change_is_one_task_and_names_nobody() {
    let app = app().await;
    let account = Account { id: "ada@acme.example".into(), state: AccountState::Active, profile: profile() };
    let inside = Observed { account: Some(account), seat: seated(), ..Observed::default() };
    let lower = Seat { roles: ["Analyst".to_owned()].into(), ..Seat::default() };
    for (recorded, presence) in [
        (Observed::default(), Presence::Seated(seated())),
        (Observed { unsure: true, ..Observed::default() }, Presence::Absent),
        (inside.clone(), Presence::Seated(lower)),
        (Observed { unsure: true, ..inside.clone() }, Presence::Seated(seated())),
        (inside, Presence::Absent),
    ] {
        let observation = looked(&*app, recorded).await;
        let steps = app.plan(&desired(presence), &observation).unwrap();
        let [step] = steps.as_slice() else { panic!("{steps:?}") };
        let subject = Subject { profile: profile(), ..Subject::default() };
        let context =
            StepContext { subject: &subject, observation: &observation, account: None, operation: "job.1.1" };
        let Outcome::Manual { steps, assignees } = app.apply(step, context).await.unwrap() else {
            panic!("Usher cannot do it itself")
        };
        assert_eq!(assignees, ["bob", "eve"]);
        let words = format!("{steps:?} {}", step.sentence).to_lowercase();
        assert!(steps.len() >= 2 && !words.contains("ada@") && !words.contains("byron"), "{words}");
    }
}

#[tokio::test]
async fn the_flags_are_true() {
    let app = app().await;
    let can = app.meta().capabilities;
    assert!(app.by_hand() && !can.list_members && app.list_members(None).await.is_err());
    assert!(app.list_entitlements(None).await.is_err() && !can.list_entitlements);
    let roles: BTreeSet<_> = app.list_roles(None).await.unwrap().items.into_iter().map(|it| it.key).collect();
    assert!(can.list_roles && roles == BTreeSet::from(["Admin".to_owned(), "Analyst".to_owned()]));
    assert_eq!(app.list_assets(None).await.unwrap().items.len(), 1);
    let health = app.probe().await.unwrap();
    assert!(health.missing_scopes.is_empty() && health.acting_account.is_none());
}
