//! Groups: membership seen from both sides, and large changes that are all or nothing wherever they are cut.

use std::collections::BTreeSet;

use usher_domain::{
    directory::{GroupRecord, MemberDelta, UserRecord},
    id::PersonId,
    ports::{Directory, StoreError},
};

use super::{Fixture, cause, change};

/// The store takes anybody's id: only the function asks whether they are users.
fn ids(count: usize) -> BTreeSet<PersonId> {
    (0..count).map(|number| format!("person-{number:05}").parse().unwrap()).collect()
}

async fn people(f: &Fixture, count: usize) -> BTreeSet<PersonId> {
    let users: Vec<UserRecord> = (0..count).map(|number| f.user(&format!("p{number}"))).collect();
    for user in &users {
        f.db.store.create_user(user, change(), &cause()).await.unwrap();
    }
    users.into_iter().map(|user| user.id).collect()
}

fn next(group: &GroupRecord) -> GroupRecord {
    GroupRecord { version: group.version + 1, ..group.clone() }
}

#[tokio::test]
async fn a_membership_is_seen_from_both_sides() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let two = people(&f, 2).await;
    let (one, other) = (two.first().unwrap(), two.last().unwrap());
    let group = f.group("Marketing");
    store.create_group(&group, &[one.clone()].into(), change(), &cause()).await.unwrap();
    assert_eq!(store.members(&group).await.unwrap(), std::slice::from_ref(one));
    assert_eq!(store.groups_of(&f.connection, one).await.unwrap(), std::slice::from_ref(&group.id));
    assert!(store.groups_of(&f.connection, other).await.unwrap().is_empty());
    let (_, memberships) = store.user_with_groups(&f.connection, one).await.unwrap().unwrap();
    assert_eq!(memberships[0].display_name, "Marketing");

    let moved = MemberDelta { add: [other.clone()].into(), remove: [one.clone()].into() };
    store.replace_group(&group, &next(&group), &moved, change(), &cause()).await.unwrap();
    assert_eq!(store.members(&group).await.unwrap(), std::slice::from_ref(other));
    assert!(store.groups_of(&f.connection, one).await.unwrap().is_empty());
    assert_eq!(store.members_among(&group, &two).await.unwrap(), [other.clone()].into());
}

#[tokio::test]
async fn a_large_change_is_all_or_nothing_wherever_it_is_cut() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    // Enough for two transactions that stage, and fifty that apply.
    const EVERYBODY: usize = 2_470;
    let everybody = ids(EVERYBODY);
    let staying: BTreeSet<_> = everybody.iter().take(10).cloned().collect();
    let joining: BTreeSet<_> = everybody.difference(&staying).cloned().collect();
    let mut cuts_before = 0;
    let mut cuts_after = 0;
    let mut cut = 0;
    loop {
        let group = f.group(&format!("Team {cut}"));
        store.create_group(&group, &staying, change(), &cause()).await.unwrap();
        f.db.faults.cut_after(cut);
        let delta = MemberDelta { add: joining.clone(), remove: BTreeSet::new() };
        let written = store.replace_group(&group, &next(&group), &delta, change(), &cause()).await;
        let writes_left = f.db.faults.mend();

        let found = store.group(&f.connection, &group.id).await.unwrap().unwrap();
        let members: BTreeSet<_> = store.members(&found).await.unwrap().into_iter().collect();
        if written.is_ok() {
            assert_eq!(
                (found.version, members.len()),
                (2, EVERYBODY),
                "acknowledged, cut after {cut} writes"
            );
            cuts_after += 1;
            // Every page is applied alike: not each needs a cut.
            cut += 25;
        } else {
            assert_eq!((found.version, members.len()), (1, 10), "refused, cut after {cut} writes");
            cuts_before += 1;
            cut += 1;
        }
        // The group can be written again, whatever was left behind.
        let out = MemberDelta { add: BTreeSet::new(), remove: members.clone() };
        store.replace_group(&found, &next(&found), &out, change(), &cause()).await.unwrap();
        assert!(store.members(&found).await.unwrap().is_empty());
        if writes_left > 0 {
            break;
        }
    }
    assert!(cuts_before > 2 && cuts_after > 2, "{cuts_before} before the commit, {cuts_after} after");
}

#[tokio::test]
async fn a_name_belongs_to_one_group() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let none = BTreeSet::new();
    store.create_group(&f.group("Marketing"), &none, change(), &cause()).await.unwrap();
    let refused = store.create_group(&f.group("MARKETING"), &none, change(), &cause()).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Taken { attribute } if attribute == "displayName"), "{refused:?}");
    assert_eq!(store.list_groups(&f.connection, 1, 10).await.unwrap().total, 1);
}

#[tokio::test]
async fn who_is_deleted_is_in_no_group() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let ada = f.user("ada");
    store.create_user(&ada, change(), &cause()).await.unwrap();
    let group = f.group("Marketing");
    store.create_group(&group, &[ada.id.clone()].into(), change(), &cause()).await.unwrap();
    store.delete_user(&ada, change(), &cause()).await.unwrap();
    assert!(store.members(&group).await.unwrap().is_empty());
}
