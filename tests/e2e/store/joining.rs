//! Few people who join or leave: such writes do not stand in each other's way, and nothing gets past them.

use std::collections::BTreeSet;

use usher_domain::{
    directory::{GroupRecord, MemberDelta},
    id::PersonId,
    ports::{Directory, StoreError, StoreResult},
};

use super::{Fixture, cause, change};

fn joins(people: &[&PersonId]) -> MemberDelta {
    MemberDelta { add: people.iter().map(|person| (*person).clone()).collect(), remove: BTreeSet::new() }
}

fn leaves(people: &[&PersonId]) -> MemberDelta {
    MemberDelta { remove: joins(people).add, add: BTreeSet::new() }
}

async fn write(
    f: &Fixture,
    group: &GroupRecord,
    members: MemberDelta,
    settled: MemberDelta,
) -> StoreResult<()> {
    f.db.store.change_members(group, &members, &settled, change(), &cause()).await
}

async fn made(f: &Fixture, members: &[&PersonId]) -> GroupRecord {
    let group = f.group(&uuid::Uuid::new_v4().to_string());
    f.db.store.create_group(&group, &joins(members).add, change(), &cause()).await.unwrap();
    group
}

async fn now(f: &Fixture, group: &GroupRecord) -> Option<(GroupRecord, Vec<PersonId>)> {
    let found = f.db.store.group_with_members(&f.connection, &group.id, None).await.unwrap();
    found.map(|(group, members)| (group, members.unwrap()))
}

fn refused(written: StoreResult<()>) -> bool {
    matches!(written, Err(StoreError::Conflict { .. }))
}

fn people() -> [PersonId; 3] {
    ["ada", "bob", "cy"].map(|id| id.parse().unwrap())
}

#[tokio::test]
async fn writes_on_one_reading_all_count() {
    let f = Fixture::new().await;
    let [ada, bob, cy] = people();
    let group = made(&f, &[&ada]).await;
    // All three rest on the group as it was made.
    write(&f, &group, joins(&[&bob]), MemberDelta::default()).await.unwrap();
    write(&f, &group, leaves(&[&ada]), MemberDelta::default()).await.unwrap();
    write(&f, &group, joins(&[&cy]), MemberDelta::default()).await.unwrap();
    let (after, members) = now(&f, &group).await.unwrap();
    assert_eq!((after.version, members), (4, vec![bob, cy]));
    assert!(after.modified_at > group.modified_at);
    let (one, listed) =
        (f.db.store.group(&f.connection, &group.id).await, f.db.store.list_groups(&f.connection, 1, 1).await);
    assert_eq!(one.unwrap().as_ref(), Some(&after));
    assert_eq!(listed.unwrap().items, [after]);
}

/// A rename that rests on a version sees every membership that was written since.
#[tokio::test]
async fn a_write_of_a_version_is_refused_after_one() {
    let f = Fixture::new().await;
    let [ada, bob, _] = people();
    let group = made(&f, &[&ada]).await;
    write(&f, &group, joins(&[&bob]), MemberDelta::default()).await.unwrap();
    let next = |group: &GroupRecord| GroupRecord { version: group.version + 1, ..group.clone() };
    let none = MemberDelta::default();
    let store = &f.db.store;
    assert!(refused(store.replace_group(&group, &next(&group), &none, change(), &cause()).await));
    assert!(refused(store.delete_group(&group, change(), &cause()).await));
    let (read, _) = now(&f, &group).await.unwrap();
    store.replace_group(&read, &next(&read), &none, change(), &cause()).await.unwrap();
    assert_eq!(now(&f, &group).await.unwrap().0.version, 3);
}

/// What a write leaves out because it is so already is still so when it is committed.
#[tokio::test]
async fn what_a_write_rests_on_holds() {
    let f = Fixture::new().await;
    let [ada, bob, cy] = people();
    let group = made(&f, &[&ada]).await;
    // "Add ada and bob", while somebody removes ada; "remove bob and cy", while somebody adds cy.
    write(&f, &group, leaves(&[&ada]), MemberDelta::default()).await.unwrap();
    assert!(refused(write(&f, &group, joins(&[&bob]), joins(&[&ada])).await));
    write(&f, &group, joins(&[&bob, &cy]), MemberDelta::default()).await.unwrap();
    assert!(refused(write(&f, &group, leaves(&[&bob]), leaves(&[&cy])).await));
    assert_eq!(now(&f, &group).await.unwrap().1, [bob.clone(), cy.clone()]);
    write(&f, &group, joins(&[&ada]), joins(&[&bob])).await.unwrap();
    write(&f, &group, leaves(&[&cy]), leaves(&[&"dee".parse().unwrap()])).await.unwrap();
    assert_eq!(now(&f, &group).await.unwrap().1, [ada, bob]);
}

#[tokio::test]
async fn nobody_joins_a_group_that_is_not_there() {
    let f = Fixture::new().await;
    let [ada, ..] = people();
    let group = made(&f, &[]).await;
    f.db.store.delete_group(&group, change(), &cause()).await.unwrap();
    for group in [group, f.group("never made")] {
        assert!(refused(write(&f, &group, joins(&[&ada]), MemberDelta::default()).await));
        assert!(now(&f, &group).await.is_none());
        let found = f.db.store.group_and_people(&f.connection, &group.id, &[].into(), &[].into()).await;
        assert!(found.unwrap().is_none());
    }
}

/// A large change that is committed comes first, wherever the process that made it died.
#[tokio::test]
async fn a_staged_change_is_applied_before() {
    let f = Fixture::new().await;
    let [ada, bob, _] = people();
    let many: BTreeSet<PersonId> = (0..120).map(|n| format!("p{n:03}").parse().unwrap()).collect();
    for reads_people in [true, false] {
        let group = made(&f, &[&ada]).await;
        let next = GroupRecord { version: 2, ..group.clone() };
        let delta = MemberDelta { add: many.clone(), remove: [ada.clone()].into() };
        // Far enough that it is committed, and not that it is applied.
        let mut cut = 0;
        loop {
            f.db.faults.cut_after(cut);
            let written = f.db.store.replace_group(&group, &next, &delta, change(), &cause()).await;
            f.db.faults.mend();
            if written.is_ok() {
                break;
            }
            cut += 1;
        }
        assert!(refused(write(&f, &group, joins(&[&bob]), MemberDelta::default()).await));
        if reads_people {
            let touched = [ada.clone(), many.first().unwrap().clone()].into();
            let found = f.db.store.group_and_people(&f.connection, &group.id, &touched, &[].into()).await;
            let found = found.unwrap().unwrap();
            assert_eq!((found.group.version, found.members.len()), (2, 1));
        } else {
            assert_eq!(now(&f, &group).await.unwrap().1.len(), 120);
        }
        write(&f, &group, joins(&[&bob]), MemberDelta::default()).await.unwrap();
    }
}
