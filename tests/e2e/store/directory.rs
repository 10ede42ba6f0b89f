//! Users: unique names, strongly consistent look-ups, no lost updates.

use serde_json::json;
use usher_domain::{
    directory::{IndexedAttribute, IndexedValue},
    ports::{Admin, Directory, StoreError},
};

use super::{Fixture, cause, change};

fn by_name(name: &str) -> IndexedValue {
    IndexedValue::new(IndexedAttribute::UserName, name)
}

#[tokio::test]
async fn a_name_belongs_to_one_user_in_any_case_and_is_free_after_deletion() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let ada = f.user("Ada");
    store.create_user(&ada, change(), &cause()).await.unwrap();
    assert_eq!(
        store.find_users(&f.connection, &by_name("aDA")).await.unwrap(),
        std::slice::from_ref(&ada.id)
    );

    let twin = f.user("ada");
    let refused = store.create_user(&twin, change(), &cause()).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Taken { attribute } if attribute == "userName"), "{refused:?}");
    assert_eq!(
        store.user(&f.connection, &twin.id).await.unwrap(),
        None,
        "nothing of the refused one is left"
    );
    assert_eq!(store.list_users(&f.connection, 1, 10).await.unwrap().total, 1);

    store.delete_user(&ada, change(), &cause()).await.unwrap();
    assert_eq!(store.user(&f.connection, &ada.id).await.unwrap(), None);
    assert!(store.find_users(&f.connection, &by_name("ada")).await.unwrap().is_empty());
    store.create_user(&twin, change(), &cause()).await.unwrap();
    assert_eq!(store.list_users(&f.connection, 1, 10).await.unwrap().total, 1);
}

#[tokio::test]
async fn an_update_of_an_older_version_changes_nothing() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let ada = f.user("ada");
    store.create_user(&ada, change(), &cause()).await.unwrap();
    let mut first = ada.clone();
    first.version = 2;
    first.resource.insert("userName".into(), json!("lovelace"));
    store.replace_user(&ada, &first, change(), &cause()).await.unwrap();

    let mut second = ada.clone();
    second.version = 2;
    second.resource.insert("userName".into(), json!("byron"));
    let refused = store.replace_user(&ada, &second, change(), &cause()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }), "{refused:?}");
    assert!(store.find_users(&f.connection, &by_name("byron")).await.unwrap().is_empty());
    assert!(
        store.find_users(&f.connection, &by_name("ada")).await.unwrap().is_empty(),
        "the old name is free"
    );
    assert_eq!(store.find_users(&f.connection, &by_name("lovelace")).await.unwrap(), [ada.id]);
}

#[tokio::test]
async fn another_connection_sees_nothing() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let ada = f.user("ada");
    store.create_user(&ada, change(), &cause()).await.unwrap();
    for other in ["main.other", "elsewhere.idp"] {
        let other = other.parse().unwrap();
        assert_eq!(store.user(&other, &ada.id).await.unwrap(), None);
        assert_eq!(store.user_with_groups(&other, &ada.id).await.unwrap(), None);
        assert!(store.find_users(&other, &by_name("ada")).await.unwrap().is_empty());
        assert!(store.existing_users(&other, &[ada.id.clone()].into()).await.unwrap().is_empty());
        assert_eq!(store.list_users(&other, 1, 10).await.unwrap().total, 0);
    }
}

#[tokio::test]
async fn a_list_walks_in_order_and_a_cursor_stays_in_its_list() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let mut names = Vec::new();
    for number in 0..25 {
        let user = f.user(&format!("user{number:02}"));
        names.push(user.resource["userName"].clone());
        store.create_user(&user, change(), &cause()).await.unwrap();
    }
    let mut walked = Vec::new();
    for start in [1, 11, 21, 31] {
        let page = store.list_users(&f.connection, start, 10).await.unwrap();
        assert_eq!(page.total, 25);
        walked.extend(page.items.into_iter().map(|user| user.resource["userName"].clone()));
    }
    assert_eq!(walked, names);

    let page = store.people(&f.connection, None, 10).await.unwrap();
    let foreign = store.people(&"elsewhere.idp".parse().unwrap(), page.next.as_deref(), 10).await;
    assert!(matches!(foreign, Err(StoreError::Missing { .. })), "a cursor of another list is refused");
}
