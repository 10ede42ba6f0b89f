//! MLflow, a real server, by the document that comes with the connector of described apps.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use usher_connector::{Class, Connector, Op, Transport};
use usher_domain::access::{AccountState, Presence, Seat};
use usher_tests::process::Mlflow;

use crate::kit::{ADA, Person, connect, transport};

async fn connector(mlflow: &Mlflow, password: &str) -> Box<dyn Connector> {
    let config = json!({"base_url": mlflow.base_url(), "document": "mlflow", "page_size": 2});
    let credentials = json!({"username": Mlflow::ADMIN, "password": password});
    connect(&usher_connector_rest::factory(patient()), config, &credentials).await.unwrap()
}

/// MLflow works a password's hash out with every call, for as long as that takes on a busy machine.
fn patient() -> Transport {
    transport().with_timeout(Duration::from_secs(120))
}

fn seat(role: &str, experiments: &[(&str, &str)]) -> Presence {
    let assets = experiments.iter().map(|(id, held)| ((*id).to_owned(), [(*held).to_owned()].into()));
    Presence::Seated(Seat { roles: [role.to_owned()].into(), assets: assets.collect(), ..Seat::default() })
}

/// What MLflow itself says of somebody: whether they administer it, and their rights by experiment.
async fn in_mlflow(mlflow: &Mlflow, user: &str) -> Option<(bool, BTreeMap<String, String>)> {
    let users = mlflow.call(Method::GET, "/2.0/mlflow/users/list", &Value::Null).await.unwrap();
    let users = users["users"].as_array().unwrap().clone();
    let found = users.into_iter().find(|found| found["username"] == user)?;
    let path = format!("/3.0/mlflow/users/permissions/list?username={user}");
    let rights = mlflow.call(Method::GET, &path, &Value::Null).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rights = rights["permissions"].as_array().unwrap().iter();
    let rights = rights.map(|right| (text(&right["resource_pattern"]), text(&right["permission"]))).collect();
    Some((found["is_admin"].as_bool().unwrap(), rights))
}

fn rights(rights: &[(&str, &str)]) -> BTreeMap<String, String> {
    rights.iter().map(|(id, held)| ((*id).to_owned(), (*held).to_owned())).collect()
}

#[tokio::test]
async fn a_person_comes_moves_and_goes_in_a_real_mlflow() {
    let mlflow = Mlflow::start().await.unwrap();
    let connector = &*connector(&mlflow, Mlflow::PASSWORD).await;
    let (first, second) =
        (mlflow.experiment("first").await.unwrap(), mlflow.experiment("second").await.unwrap());
    let health = connector.probe().await.unwrap();
    assert_eq!((health.acting_account.as_deref(), health.notes.len()), (Some(Mlflow::ADMIN), 0));

    let mut ada = Person::new(ADA);
    ada.should_have(seat("user", &[(&first, "READ")]));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!((run.state(), run.id()), (Some(AccountState::Active), ADA));
    assert_eq!(in_mlflow(&mlflow, ADA).await, Some((false, rights(&[(&first, "READ")]))));
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "nothing is done twice");

    ada.should_have(seat("admin", &[(&first, "EDIT"), (&second, "MANAGE")]));
    ada.converge(connector).await.unwrap();
    assert_eq!(in_mlflow(&mlflow, ADA).await, Some((true, rights(&[(&first, "EDIT"), (&second, "MANAGE")]))));

    // Somebody who knows nothing of the account finds it.
    let mut again = Person::new(ADA);
    again.should_have(seat("user", &[(&second, "MANAGE")]));
    let run = again.converge(connector).await.unwrap();
    assert!(!run.done.iter().any(|op| matches!(op, Op::Create { .. })), "{:?}", run.done);
    let (admin, held) = in_mlflow(&mlflow, ADA).await.unwrap();
    assert!(!admin && held[&second] == "MANAGE", "{held:?}");

    ada.should_have(Presence::Absent);
    let run = ada.converge(connector).await.unwrap();
    assert!(matches!(run.done.last(), Some(Op::Remove)), "{:?}", run.done);
    assert_eq!(in_mlflow(&mlflow, ADA).await, None);
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "who is gone is gone");

    // The lists, page by page; a wrong base path and a wrong password are not an empty app.
    let members = connector.list_members(None).await.unwrap().items;
    assert!(members.iter().any(|member| member.account.id == Mlflow::ADMIN), "{}", members.len());
    let (mut experiments, mut cursor) = (Vec::new(), None);
    loop {
        let page = connector.list_assets(cursor.as_deref()).await.unwrap();
        experiments.extend(page.items.into_iter().map(|asset| asset.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(experiments.contains(&first) && experiments.contains(&second), "{experiments:?}");
    let stranger = self::connector(&mlflow, "of-last-year").await;
    assert_eq!(stranger.probe().await.unwrap_err().class(), Class::AuthRevoked);
    let elsewhere = json!({"base_url": format!("{}/elsewhere", mlflow.base_url()), "document": "mlflow"});
    let credentials = json!({"username": Mlflow::ADMIN, "password": Mlflow::PASSWORD});
    let elsewhere =
        connect(&usher_connector_rest::factory(patient()), elsewhere, &credentials).await.unwrap();
    assert_eq!(Person::new(ADA).look(&*elsewhere).await.unwrap_err().class(), Class::Invalid);
}
