//! Pages by cursor: of users, of groups, and of the resources of a registered type.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use usher_domain::ports::{Directory, Page, StoreError, StoreResult};

use super::{Fixture, cause, change, custom::badge};

/// What of a directory a walk goes through.
#[derive(Debug, Clone, Copy)]
enum List {
    Users,
    Groups,
    Badges,
}

const LISTS: [List; 3] = [List::Users, List::Groups, List::Badges];

impl List {
    async fn create(self, f: &Fixture, number: u32) -> String {
        let store = &f.db.store;
        let name = format!("n{number}");
        match self {
            Self::Users => {
                let user = f.user(&name);
                store.create_user(&user, change(), &cause()).await.unwrap();
                user.id.to_string()
            }
            Self::Groups => {
                let group = f.group(&name);
                store.create_group(&group, &BTreeSet::new(), change(), &cause()).await.unwrap();
                group.id.to_string()
            }
            Self::Badges => {
                let badge = badge(f, number);
                store.create_custom(&badge).await.unwrap();
                badge.id.to_string()
            }
        }
    }

    async fn delete(self, f: &Fixture, id: &str) {
        let store = &f.db.store;
        match self {
            Self::Users => {
                let user = store.user(&f.connection, &id.parse().unwrap()).await.unwrap().unwrap();
                store.delete_user(&user, change(), &cause()).await.unwrap();
            }
            Self::Groups => {
                let group = store.group(&f.connection, &id.parse().unwrap()).await.unwrap().unwrap();
                store.delete_group(&group, change(), &cause()).await.unwrap();
            }
            Self::Badges => {
                let badge =
                    store.custom(&f.connection, "Badge", &id.parse().unwrap()).await.unwrap().unwrap();
                store.delete_custom(&badge).await.unwrap();
            }
        }
    }

    async fn page(self, f: &Fixture, cursor: Option<&str>, limit: u32) -> StoreResult<Page<String>> {
        fn ids<T>(page: Page<T>, id: impl Fn(T) -> String) -> Page<String> {
            Page { items: page.items.into_iter().map(id).collect(), next: page.next }
        }
        let (store, connection) = (&f.db.store, &f.connection);
        Ok(match self {
            Self::Users => ids(store.page_users(connection, cursor, limit).await?, |user| user.id.into()),
            Self::Groups => ids(store.page_groups(connection, cursor, limit).await?, |group| group.id.into()),
            Self::Badges => {
                ids(store.page_custom(connection, "Badge", cursor, limit).await?, |badge| badge.id.into())
            }
        })
    }

    async fn by_index(self, f: &Fixture, start: u64, count: u32) -> (u64, Vec<String>) {
        let (store, connection) = (&f.db.store, &f.connection);
        match self {
            Self::Users => {
                let listing = store.list_users(connection, start, count).await.unwrap();
                (listing.total, listing.items.into_iter().map(|user| user.id.into()).collect())
            }
            Self::Groups => {
                let listing = store.list_groups(connection, start, count).await.unwrap();
                (listing.total, listing.items.into_iter().map(|group| group.id.into()).collect())
            }
            Self::Badges => {
                let listing = store.list_custom(connection, "Badge", start, count).await.unwrap();
                (listing.total, listing.items.into_iter().map(|badge| badge.id.into()).collect())
            }
        }
    }
}

#[tokio::test]
async fn a_walk_by_cursor_is_the_list() {
    let f = Fixture::new().await;
    let mut rng = StdRng::seed_from_u64(4);
    for list in LISTS {
        for number in 0..24 {
            list.create(&f, number).await;
        }
        let (total, whole) = list.by_index(&f, 1, 100).await;
        assert_eq!((total, whole.len()), (24, 24));
        // A page that ends with the list tells so: 24 is divided by some of these.
        for limit in [1, 5, 8, 23, 24, 25, rng.random_range(2..20)] {
            let mut walked = Vec::new();
            let mut cursor = None;
            let mut pages = 0;
            loop {
                let page = list.page(&f, cursor.as_deref(), limit).await.unwrap();
                assert!(!page.items.is_empty() && page.items.len() <= limit as usize, "{list:?} by {limit}");
                walked.extend(page.items);
                pages += 1;
                let Some(next) = page.next else { break };
                cursor = Some(next);
            }
            assert_eq!((&walked, pages), (&whole, 24u32.div_ceil(limit)), "{list:?} by {limit}");
        }
        let nothing = list.page(&f, None, 0).await.unwrap();
        assert_eq!(nothing, Page { items: Vec::new(), next: None });
    }
}

/// Others come and go meanwhile, the one that the cursor points to among them.
#[tokio::test]
async fn a_walk_by_cursor_skips_and_repeats_nobody_who_stays() {
    let mut rng = StdRng::seed_from_u64(5);
    for list in LISTS {
        let f = Fixture::new().await;
        let mut there = Vec::new();
        for number in 0..30 {
            there.push(list.create(&f, number).await);
        }
        let mut staying: BTreeSet<String> = there.iter().cloned().collect();
        let (mut seen, mut cursor, mut number) = (Vec::new(), None::<String>, 30);
        loop {
            let page = list.page(&f, cursor.as_deref(), rng.random_range(1..6)).await.unwrap();
            seen.extend(page.items.iter().cloned());
            let Some(next) = page.next else { break };
            cursor = Some(next);
            let gone = match page.items.last() {
                Some(last) if rng.random_ratio(1, 2) => last.clone(),
                _ => there[rng.random_range(0..there.len())].clone(),
            };
            if there.contains(&gone) {
                list.delete(&f, &gone).await;
                there.retain(|id| *id != gone);
                staying.remove(&gone);
            }
            list.create(&f, number).await;
            number += 1;
        }
        let once: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(once.len(), seen.len(), "{list:?}: somebody was shown twice");
        assert!(staying.is_subset(&once), "{list:?}: somebody was skipped");
    }
}

#[tokio::test]
async fn a_cursor_is_taken_by_its_own_list_only() {
    let f = Fixture::new().await;
    let mut cursors = Vec::new();
    for list in LISTS {
        for number in 0..3 {
            list.create(&f, number).await;
        }
        cursors.push(list.page(&f, None, 2).await.unwrap().next.unwrap());
    }
    let elsewhere = Fixture { connection: "main.other".parse().unwrap(), ..f };
    for (number, own) in cursors.iter().enumerate() {
        for (other, list) in LISTS.into_iter().enumerate() {
            let foreign = list.page(&elsewhere, Some(own), 2).await;
            assert!(
                matches!(foreign, Err(StoreError::Missing { .. })),
                "{number} in {other} elsewhere: {foreign:?}"
            );
        }
    }
    let f = Fixture { connection: "main.idp".parse().unwrap(), ..elsewhere };
    for (number, own) in cursors.iter().enumerate() {
        for (other, list) in LISTS.into_iter().enumerate() {
            let page = list.page(&f, Some(own), 2).await;
            let taken = !matches!(page, Err(StoreError::Missing { .. }));
            assert_eq!(taken, number == other, "{number} in {other}: {page:?}");
        }
    }
    let doors = f.db.store.page_custom(&f.connection, "Door", Some(&cursors[2]), 2).await;
    assert!(matches!(doors, Err(StoreError::Missing { .. })), "{doors:?}");
}

/// Whatever somebody makes of a cursor is refused by its form, and never by the database.
#[tokio::test]
async fn a_forged_cursor_is_no_page() {
    let f = Fixture::new().await;
    for number in 0..3 {
        List::Badges.create(&f, number).await;
    }
    let good = List::Badges.page(&f, None, 2).await.unwrap().next.unwrap();
    let key: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(&good).unwrap()).unwrap();
    let key = key.as_object().unwrap();
    let mut forged = vec![json!([]), json!("x"), json!({})];
    for name in key.keys() {
        for value in [json!(""), json!(7), Value::Null, json!("x".repeat(3_000))] {
            let mut key = key.clone();
            key.insert(name.clone(), value);
            forged.push(Value::Object(key));
        }
        let mut less = key.clone();
        less.remove(name);
        forged.push(Value::Object(less));
    }
    let mut more = key.clone();
    more.insert("doc".into(), json!("x"));
    forged.push(Value::Object(more));
    let texts = forged.iter().map(|value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string()));
    for cursor in texts.chain(["".into(), "!".into(), "abc".into(), format!("{good}=")]) {
        for limit in [0, 2] {
            let page = List::Badges.page(&f, Some(&cursor), limit).await;
            assert!(matches!(page, Err(StoreError::Missing { .. })), "{cursor}: {page:?}");
        }
    }
    assert_eq!(List::Badges.page(&f, Some(&good), 2).await.unwrap().items.len(), 1);
}
