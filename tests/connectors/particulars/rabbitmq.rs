//! RabbitMQ, a real server, by the document that comes with the connector of described apps.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use usher_connector::{Class, Connector, Op};
use usher_domain::access::{AccountState, Presence, Seat};
use usher_tests::process::RabbitMq;

use crate::kit::{ADA, Person, connect, transport};

async fn connector(base_url: &str, password: &str) -> Box<dyn Connector> {
    let config = json!({"base_url": base_url, "document": "rabbitmq"});
    let credentials = json!({"username": RabbitMq::ADMIN, "password": password});
    connect(&usher_connector_rest::factory(transport()), config, &credentials).await.unwrap()
}

fn seat(role: &str, hosts: &[(&str, &[&str])]) -> Presence {
    let held = |held: &[&str]| held.iter().map(|right| (*right).to_owned()).collect();
    let assets = hosts.iter().map(|(host, rights)| ((*host).to_owned(), held(rights)));
    Presence::Seated(Seat { roles: [role.to_owned()].into(), assets: assets.collect(), ..Seat::default() })
}

/// What RabbitMQ itself says of somebody: their tags, and what they may read, write and configure by virtual host.
async fn in_rabbitmq(rabbit: &RabbitMq, user: &str) -> Option<(Value, BTreeMap<String, [String; 3]>)> {
    let found = rabbit.call(Method::GET, &format!("/users/{user}"), &Value::Null).await.unwrap();
    if found.is_null() {
        return None;
    }
    let rights = rabbit.call(Method::GET, &format!("/users/{user}/permissions"), &Value::Null).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rights =
        rights.as_array().unwrap().iter().map(|right| {
            (text(&right["vhost"]), ["read", "write", "configure"].map(|kind| text(&right[kind])))
        });
    Some((found["tags"].clone(), rights.collect()))
}

fn rights(rights: &[(&str, [&str; 3])]) -> BTreeMap<String, [String; 3]> {
    rights.iter().map(|(host, kinds)| ((*host).to_owned(), kinds.map(str::to_owned))).collect()
}

#[tokio::test]
async fn a_person_comes_moves_and_goes_in_a_real_rabbitmq() {
    let rabbit = RabbitMq::start().await.unwrap();
    rabbit.call(Method::PUT, "/vhosts/orders", &json!({})).await.unwrap();
    let connector = &*connector(rabbit.base_url(), RabbitMq::PASSWORD).await;
    let health = connector.probe().await.unwrap();
    assert_eq!((health.acting_account.as_deref(), health.notes.len()), (Some(RabbitMq::ADMIN), 0));

    let mut ada = Person::new(ADA);
    ada.should_have(seat("management", &[("/", &["read"])]));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!((run.state(), run.id()), (Some(AccountState::Active), ADA));
    assert_eq!(
        in_rabbitmq(&rabbit, ADA).await,
        Some((json!(["management"]), rights(&[("/", [".*", "", ""])])))
    );
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "nothing is done twice");

    // Whoever was made can sign in with a password that somebody set, also after a move.
    let password = json!({"password": "ada's own", "tags": ["management"]});
    rabbit.call(Method::PUT, &format!("/users/{ADA}"), &password).await.unwrap();
    let hash =
        rabbit.call(Method::GET, &format!("/users/{ADA}"), &Value::Null).await.unwrap()["password_hash"]
            .clone();
    ada.should_have(seat("monitoring", &[("/", &["read", "write"]), ("orders", &["configure"])]));
    ada.converge(connector).await.unwrap();
    let moved = rights(&[("/", [".*", ".*", ""]), ("orders", ["", "", ".*"])]);
    assert_eq!(in_rabbitmq(&rabbit, ADA).await, Some((json!(["monitoring"]), moved)));
    let after = rabbit.call(Method::GET, &format!("/users/{ADA}"), &Value::Null).await.unwrap();
    assert_eq!(after["password_hash"], hash, "a move leaves the password");

    // Somebody who knows nothing of the account finds it.
    let mut again = Person::new(ADA);
    again.should_have(seat("messaging", &[("orders", &["configure"])]));
    let run = again.converge(connector).await.unwrap();
    assert!(!run.done.iter().any(|op| matches!(op, Op::Create { .. })), "{:?}", run.done);
    assert_eq!(in_rabbitmq(&rabbit, ADA).await.unwrap().0, json!([]));

    ada.should_have(Presence::Absent);
    let run = ada.converge(connector).await.unwrap();
    assert!(matches!(run.done.last(), Some(Op::Remove)), "{:?}", run.done);
    assert_eq!(in_rabbitmq(&rabbit, ADA).await, None);
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "who is gone is gone");

    // The lists; a wrong base path and a wrong password are not an empty app.
    let members = connector.list_members(None).await.unwrap().items;
    assert!(members.iter().any(|member| member.account.id == RabbitMq::ADMIN), "{}", members.len());
    let hosts = connector.list_assets(None).await.unwrap().items.into_iter().map(|asset| asset.id);
    assert_eq!(hosts.collect::<Vec<_>>(), ["/", "orders"]);
    let stranger = self::connector(rabbit.base_url(), "of-last-year").await;
    assert_eq!(stranger.probe().await.unwrap_err().class(), Class::AuthRevoked);
    let elsewhere = self::connector(&format!("{}/elsewhere", rabbit.base_url()), RabbitMq::PASSWORD).await;
    assert_eq!(Person::new(ADA).look(&*elsewhere).await.unwrap_err().class(), Class::Invalid);
}
