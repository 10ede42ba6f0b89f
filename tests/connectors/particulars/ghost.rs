//! Ghost, a real server, by the document that comes with the connector of described apps. `./test --full` installs it.

use reqwest::Method;
use serde_json::{Value, json};
use usher_connector::{Class, Connector, Op};
use usher_domain::access::{AccountState, Presence};
use usher_tests::process::Ghost;

use crate::kit::{ADA, Person, connect, seat, transport};

async fn connector(ghost: &Ghost, key: &str) -> Box<dyn Connector> {
    let config = json!({"base_url": ghost.base_url(), "document": "ghost", "page_size": 2});
    connect(&usher_connector_rest::factory(transport()), config, &json!({"key": key})).await.unwrap()
}

/// What Ghost itself says of somebody: the id of the account or the invitation, and whether it is one.
async fn in_ghost(ghost: &Ghost, email: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (kind, invited) in [("users", false), ("invites", true)] {
        let listed = ghost.call(Method::GET, &format!("/{kind}/?limit=all"), &Value::Null).await.unwrap();
        let of = listed[kind].as_array().unwrap().iter().filter(|item| item["email"] == email);
        found.extend(of.map(|item| (item["id"].as_str().unwrap().to_owned(), invited)));
    }
    found
}

async fn role_in_ghost(ghost: &Ghost, email: &str) -> Value {
    let path = format!("/users/email/{email}/?include=roles");
    ghost.call(Method::GET, &path, &Value::Null).await.unwrap()["users"][0]["roles"][0]["name"].clone()
}

#[tokio::test]
#[ignore = "Ghost takes minutes to install; `./test --full` does"]
async fn a_person_is_invited_comes_moves_and_goes_in_a_real_ghost() {
    let ghost = Ghost::start().await.unwrap();
    let connector = &*connector(&ghost, ghost.key()).await;
    let health = connector.probe().await.unwrap();
    assert!(health.acting_account.is_some() && health.notes.is_empty(), "{health:?}");

    let mut ada = Person::new(ADA);
    ada.should_have(seat("author", None));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!(run.state(), Some(AccountState::Invited));
    let invited = in_ghost(&ghost, ADA).await;
    assert!(matches!(invited.as_slice(), [(_, true)]), "{invited:?}");
    // Ghost mails again whenever it is asked to.
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "nobody is mailed twice");
    assert_eq!(in_ghost(&ghost, ADA).await, invited);

    // An invitation that ended is told from one that waits, and a removal takes it back.
    ghost.expire(ADA).unwrap();
    let seen = ada.look(connector).await.unwrap();
    assert_eq!(seen.observed.account.unwrap().state, AccountState::Expired);
    ada.should_have(Presence::Absent);
    ada.converge(connector).await.unwrap();
    assert_eq!(in_ghost(&ghost, ADA).await, []);

    ada.should_have(seat("author", None));
    ada.converge(connector).await.unwrap();
    ghost.accept(ADA).await.unwrap();
    let run = ada.converge(connector).await.unwrap();
    assert_eq!(run.state(), Some(AccountState::Active));
    let account = run.id().to_owned();
    assert_eq!(role_in_ghost(&ghost, ADA).await, "Author");

    ada.should_have(seat("editor", None));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!((role_in_ghost(&ghost, ADA).await, run.id()), (json!("Editor"), account.as_str()));

    // Somebody who knows nothing of the account finds it.
    let mut again = Person::new(ADA);
    again.should_have(seat("editor", None));
    assert_eq!(again.converge(connector).await.unwrap().done, []);

    // The owner is listed, and stays.
    let mut members = Vec::new();
    let mut cursor = None;
    loop {
        let page = connector.list_members(cursor.as_deref()).await.unwrap();
        members.extend(page.items.into_iter().filter_map(|member| member.account.profile.email));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    members.sort();
    assert_eq!(members, [ADA, Ghost::OWNER]);
    let mut owner = Person::new(Ghost::OWNER);
    let refused = owner.converge(connector).await.unwrap_err();
    assert!(matches!(refused.class(), Class::PolicyDenied), "{refused}");

    ada.should_have(Presence::Absent);
    let run = ada.converge(connector).await.unwrap();
    assert!(matches!(run.done.last(), Some(Op::Remove)), "{:?}", run.done);
    assert_eq!(in_ghost(&ghost, ADA).await, []);
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "who is gone is gone");

    // A key that is not one is not an empty app.
    let (id, _) = ghost.key().split_once(':').unwrap();
    let stranger = self::connector(&ghost, &format!("{id}:00ff")).await;
    assert_eq!(stranger.probe().await.unwrap_err().class(), Class::AuthRevoked);
}
