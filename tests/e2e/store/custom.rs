//! Resources of registered types, and values that a schema declares unique.

use std::collections::BTreeSet;

use serde_json::json;
use usher_domain::{
    directory::{CustomRecord, GroupRecord, IndexedAttribute, IndexedValue, MemberDelta, UserRecord},
    id::ConnectionId,
    ports::{Directory, StoreError, StoreResult},
};

use super::{Fixture, attributes, cause, change, now};

const NUMBER: &str = "urn:example:badge:number";

fn unique(number: u32) -> BTreeSet<String> {
    [format!("{NUMBER}={number}")].into()
}

fn by_number(number: u32) -> IndexedValue {
    IndexedValue::new(IndexedAttribute::Unique, &format!("{NUMBER}={number}"))
}

pub(super) fn badge(f: &Fixture, number: u32) -> CustomRecord {
    CustomRecord {
        id: uuid::Uuid::new_v4().into(),
        connection: f.connection.clone(),
        resource_type: "Badge".to_owned(),
        version: 1,
        created_at: now(),
        modified_at: now(),
        resource: attributes(json!({"externalId": format!("x{number}"), "number": number})),
        unique: unique(number),
    }
}

fn renumbered(badge: &CustomRecord, number: u32) -> CustomRecord {
    CustomRecord { version: badge.version + 1, unique: unique(number), ..badge.clone() }
}

fn is_taken(written: StoreResult<()>) -> bool {
    matches!(written, Err(StoreError::Taken { attribute }) if attribute == NUMBER)
}

fn is_conflict(written: StoreResult<()>) -> bool {
    matches!(written, Err(StoreError::Conflict { .. }))
}

/// Who has a number among the badges.
async fn owner(f: &Fixture, number: u32) -> Vec<String> {
    let found = f.db.store.find_custom(&f.connection, "Badge", &by_number(number)).await.unwrap();
    found.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_unique_value_belongs_to_one_resource_of_its_type() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let (seven, eight) = (badge(&f, 7), badge(&f, 8));
    store.create_custom(&seven).await.unwrap();
    store.create_custom(&eight).await.unwrap();
    let twin = badge(&f, 7);
    assert!(is_taken(store.create_custom(&twin).await));
    assert_eq!(store.custom(&f.connection, "Badge", &twin.id).await.unwrap(), None);
    assert!(is_taken(store.replace_custom(&eight, &renumbered(&eight, 7)).await));
    assert_eq!(store.custom(&f.connection, "Badge", &eight.id).await.unwrap(), Some(eight.clone()));
    assert_eq!(
        (owner(&f, 7).await, owner(&f, 8).await),
        (vec![seven.id.to_string()], vec![eight.id.to_string()])
    );
    assert_eq!(store.list_custom(&f.connection, "Badge", 1, 10).await.unwrap().total, 2);
    // The same value of another type is another value.
    store.create_custom(&CustomRecord { resource_type: "Door".to_owned(), ..badge(&f, 7) }).await.unwrap();

    // What is given up is free, by a change and by a deletion.
    let nine = renumbered(&eight, 9);
    store.replace_custom(&eight, &nine).await.unwrap();
    store.create_custom(&badge(&f, 8)).await.unwrap();
    assert_eq!(owner(&f, 9).await, [nine.id.to_string()]);
    store.delete_custom(&seven).await.unwrap();
    assert!(owner(&f, 7).await.is_empty());
    store.create_custom(&twin).await.unwrap();
    assert_eq!(owner(&f, 7).await, [twin.id.to_string()]);
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let seven = badge(&f, 7);
    store.create_custom(&seven).await.unwrap();
    let by_id = IndexedValue::new(IndexedAttribute::ExternalId, "x7");
    assert_eq!(
        store.find_custom(&f.connection, "Badge", &by_id).await.unwrap(),
        std::slice::from_ref(&seven.id)
    );
    store.delete_custom(&seven).await.unwrap();
    assert_eq!(store.custom(&f.connection, "Badge", &seven.id).await.unwrap(), None);
    assert!(store.find_custom(&f.connection, "Badge", &by_id).await.unwrap().is_empty());
    let listed = store.list_custom(&f.connection, "Badge", 1, 10).await.unwrap();
    assert_eq!((listed.total, listed.items.len()), (0, 0));
    assert!(is_conflict(store.delete_custom(&seven).await));
    // Its id is as free as its values: the row is not a tombstone.
    store.create_custom(&seven).await.unwrap();
    assert!(is_conflict(store.create_custom(&CustomRecord { unique: unique(8), ..seven }).await));
}

#[tokio::test]
async fn a_write_of_an_older_version_changes_nothing() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let old = badge(&f, 7);
    store.create_custom(&old).await.unwrap();
    let new = renumbered(&old, 8);
    store.replace_custom(&old, &new).await.unwrap();
    assert!(is_conflict(store.replace_custom(&old, &renumbered(&old, 9)).await));
    assert!(is_conflict(store.delete_custom(&old).await));
    assert_eq!(store.custom(&f.connection, "Badge", &old.id).await.unwrap(), Some(new));
    assert_eq!((owner(&f, 7).await, owner(&f, 8).await.len(), owner(&f, 9).await), (vec![], 1, vec![]));
    assert_eq!(store.list_custom(&f.connection, "Badge", 1, 10).await.unwrap().total, 1);
}

#[tokio::test]
async fn another_connection_or_type_sees_nothing() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let seven = badge(&f, 7);
    store.create_custom(&seven).await.unwrap();
    for (connection, of_type) in [("main.other", "Badge"), ("elsewhere.idp", "Badge"), ("main.idp", "Door")] {
        let connection: ConnectionId = connection.parse().unwrap();
        assert_eq!(store.custom(&connection, of_type, &seven.id).await.unwrap(), None);
        assert!(store.find_custom(&connection, of_type, &by_number(7)).await.unwrap().is_empty());
        let listed = store.list_custom(&connection, of_type, 1, 10).await.unwrap();
        assert_eq!((listed.total, listed.items.len()), (0, 0));
        assert!(store.page_custom(&connection, of_type, None, 10).await.unwrap().items.is_empty());
        // And may have the same value, and even the same id.
        let same =
            CustomRecord { connection: connection.clone(), resource_type: of_type.into(), ..seven.clone() };
        store.create_custom(&same).await.unwrap();
        store.delete_custom(&same).await.unwrap();
        assert_eq!(store.custom(&f.connection, "Badge", &seven.id).await.unwrap(), Some(seven.clone()));
    }
    assert_eq!(owner(&f, 7).await.len(), 1);
}

#[tokio::test]
async fn users_have_unique_values() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let user = |name: &str, number| UserRecord { unique: unique(number), ..f.user(name) };
    let (ada, bob) = (user("ada", 7), user("bob", 8));
    store.create_user(&ada, change(), &cause()).await.unwrap();
    store.create_user(&bob, change(), &cause()).await.unwrap();
    assert!(is_taken(store.create_user(&user("cy", 7), change(), &cause()).await));
    let next = |before: &UserRecord, number| UserRecord {
        version: before.version + 1,
        unique: unique(number),
        ..before.clone()
    };
    assert!(is_taken(store.replace_user(&bob, &next(&bob, 7), change(), &cause()).await));
    let moved = next(&bob, 9);
    store.replace_user(&bob, &moved, change(), &cause()).await.unwrap();
    assert_eq!(store.user(&f.connection, &bob.id).await.unwrap(), Some(moved));
    store.delete_user(&ada, change(), &cause()).await.unwrap();
    for (name, number) in [("cy", 7), ("dee", 8)] {
        store.create_user(&user(name, number), change(), &cause()).await.unwrap();
    }
    assert!(is_taken(store.create_user(&user("eve", 9), change(), &cause()).await));
    assert_eq!(store.find_users(&f.connection, &by_number(9)).await.unwrap(), [bob.id]);
}

#[tokio::test]
async fn groups_have_unique_values() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let none = BTreeSet::new();
    let group = |name: &str, number| GroupRecord { unique: unique(number), ..f.group(name) };
    let (a, b) = (group("A", 7), group("B", 8));
    store.create_group(&a, &none, change(), &cause()).await.unwrap();
    store.create_group(&b, &none, change(), &cause()).await.unwrap();
    assert!(is_taken(store.create_group(&group("C", 7), &none, change(), &cause()).await));
    let next = |before: &GroupRecord, number| GroupRecord {
        version: before.version + 1,
        unique: unique(number),
        ..before.clone()
    };
    let nobody = MemberDelta::default();
    assert!(is_taken(store.replace_group(&b, &next(&b, 7), &nobody, change(), &cause()).await));
    // A taken value stops a change of any size.
    let many = (0..200).map(|n| format!("p{n}").parse().unwrap()).collect();
    let many = MemberDelta { add: many, ..MemberDelta::default() };
    assert!(is_taken(store.replace_group(&b, &next(&b, 7), &many, change(), &cause()).await));
    assert!(store.members(&b).await.unwrap().is_empty());
    store.replace_group(&b, &next(&b, 9), &many, change(), &cause()).await.unwrap();
    store.delete_group(&a, change(), &cause()).await.unwrap();
    for (name, number) in [("C", 7), ("D", 8)] {
        store.create_group(&group(name, number), &none, change(), &cause()).await.unwrap();
    }
    assert!(is_taken(store.create_group(&group("E", 9), &none, change(), &cause()).await));
    assert_eq!(store.find_groups(&f.connection, &by_number(9)).await.unwrap(), [b.id]);
}

/// As many values as the SCIM function lets through, all of them replaced at once.
#[tokio::test]
async fn as_many_values_as_are_allowed_fit_a_transaction() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let unique = |from: usize| (from..from + 43).map(|n| format!("{NUMBER}={n}")).collect();
    let user = UserRecord { unique: unique(0), ..f.user("ada") };
    let before =
        UserRecord { resource: attributes(json!({"userName": "ada"})), unique: unique(0), ..user.clone() };
    store.create_user(&before, change(), &cause()).await.unwrap();
    let after = UserRecord { version: 2, unique: unique(100), ..before.clone() };
    store.replace_user(&before, &after, change(), &cause()).await.unwrap();
    assert_eq!(
        store.find_users(&f.connection, &by_number(142)).await.unwrap(),
        std::slice::from_ref(&user.id)
    );
    store.delete_user(&after, change(), &cause()).await.unwrap();

    let before = GroupRecord { unique: unique(0), ..f.group("G") };
    store.create_group(&before, &BTreeSet::new(), change(), &cause()).await.unwrap();
    let after = GroupRecord { version: 2, unique: unique(100), ..before.clone() };
    let add = (0..10).map(|n| format!("p{n}").parse().unwrap()).collect();
    let members = MemberDelta { add, ..MemberDelta::default() };
    store.replace_group(&before, &after, &members, change(), &cause()).await.unwrap();
    assert_eq!(store.members(&after).await.unwrap().len(), 10);
}
