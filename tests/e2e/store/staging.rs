//! Changes of more members than one transaction holds: shared work, bounded calls, and no half of a change.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};
use usher_aws::{
    events::StreamEvent,
    system::{SystemClock, SystemIds},
};
use usher_domain::{
    directory::{GroupRecord, MemberDelta},
    id::PersonId,
    job::Message,
    ports::{Directory, Facts, JobQueue, StoreError, StoreResult},
    webhook::DeliveryMessage,
};
use usher_fn_planner::Planner;
use usher_local::embedded::Calls;

use super::{Fixture, cause, change};

/// Half of all pages that one call applies.
const PEOPLE: usize = 3_136;
const PAGES: u64 = 64;

fn ids(count: usize) -> BTreeSet<PersonId> {
    (0..count).map(|number| format!("person-{number:06}").parse().unwrap()).collect()
}

fn next(group: &GroupRecord) -> GroupRecord {
    GroupRecord { version: group.version + 1, ..group.clone() }
}

fn joins(people: BTreeSet<PersonId>) -> MemberDelta {
    MemberDelta { add: people, remove: BTreeSet::new() }
}

/// A group whose change is committed, and of which no page is applied. No call is under way when it is cut off: one that ends
/// later would be counted with what comes next.
async fn committed(f: &Fixture, people: usize) -> GroupRecord {
    let group = f.group(&uuid::Uuid::new_v4().to_string());
    let store = &f.db.store;
    store.create_group(&group, &BTreeSet::new(), change(), &cause()).await.unwrap();
    // The last 25 pages go with the commit.
    let staging = people.div_ceil(49).saturating_sub(25).div_ceil(25) as u64;
    f.db.faults.cut_after(staging + 1);
    store.replace_group(&group, &next(&group), &joins(ids(people)), change(), &cause()).await.unwrap();
    f.db.faults.mend();
    next(&group)
}

fn is_underway<T>(answer: &StoreResult<T>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { .. }))
}

/// Nobody's jobs.
struct NoQueue;

#[async_trait::async_trait]
impl JobQueue for NoQueue {
    async fn send(&self, _: &str, message: &Message, _: u32) -> StoreResult<()> {
        panic!("nothing is shared: {message:?}");
    }

    async fn send_delivery(&self, message: &DeliveryMessage, _: u32) -> StoreResult<()> {
        panic!("nobody is told: {message:?}");
    }
}

fn planner(f: &Fixture) -> Planner {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemIds));
    Planner::new(Arc::new(f.db.store.clone()), Arc::new(NoQueue), clock, random)
}

/// Hands one record of the stream to the planner.
async fn deliver(f: &Fixture, record: &Value) -> Calls {
    let (before, planner) = (f.db.calls(), planner(f));
    let event: StreamEvent = serde_json::from_value(json!({ "Records": [record] })).unwrap();
    let answer = event.handle(|wake| planner.handle(wake)).await;
    assert!(answer.failures.is_empty(), "{record}");
    f.db.calls().since(&before)
}

/// The planner's invocations, one for each record that the stream holds and that means something to it: what each asked
/// of the database. And the records.
async fn plan(f: &Fixture) -> (Vec<Calls>, Vec<Value>) {
    let (mut invocations, mut delivered) = (Vec::new(), Vec::new());
    loop {
        let records = f.db.stream.read(100).await.unwrap();
        let Some(last) = records.last().map(|record| record.sequence) else {
            return (invocations, delivered);
        };
        for record in records {
            let used = deliver(f, &record.event).await;
            // Other rows mean nothing to it.
            let is_change = record.event["dynamodb"]["NewImage"]["type"]["S"] == "change";
            if is_change && used.total().calls > 0 {
                invocations.push(used);
                delivered.push(record.event);
            }
        }
        f.db.stream.drop_through(last).await.unwrap();
    }
}

fn most_calls(invocations: &[Calls]) -> u64 {
    invocations.iter().map(|used| used.total().calls).max().unwrap_or_default()
}

/// Whoever finds a change half applied applies the rest: each page once, and no page by everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_find_a_change_share_its_pages() {
    const FINDERS: u64 = 8;
    let f = Fixture::new().await;
    let group = committed(&f, PEOPLE).await;
    let before = f.db.calls();
    let reads = (0..FINDERS).map(|_| f.db.store.group_with_members(&f.connection, &group.id, None));
    for found in futures::future::join_all(reads).await {
        let (found, members) = found.unwrap().unwrap();
        assert_eq!((found.version, members.map(|members| members.len())), (2, Some(PEOPLE)));
    }
    let writes = f.db.calls().since(&before).of("TransactWriteItems");
    assert_eq!(
        writes.calls - writes.refused,
        PAGES + 1,
        "each page is applied once, and the mark taken away"
    );
    assert!(writes.refused < FINDERS * PAGES / 2, "{} of {} were for nothing", writes.refused, writes.calls);
}

/// Until a change is applied to its end, every read refuses to show a part of it. Each does its share, and no more.
#[tokio::test]
async fn a_call_does_its_share_and_shows_no_half() {
    const SHARE: u64 = 128;
    // Three shares, and one page.
    const HUGE: usize = (3 * 128 + 1) * 49;
    let f = Fixture::new().await;
    let store = &f.db.store;
    let (connection, some) = (&f.connection, ids(3));
    let group = f.group("huge");
    store.create_group(&group, &BTreeSet::new(), change(), &cause()).await.unwrap();
    let mut before = f.db.calls();
    let mut writes = || {
        let calls = f.db.calls();
        let writes = calls.since(&before).of("TransactWriteItems").calls;
        before = calls;
        writes
    };
    store.replace_group(&group, &next(&group), &joins(ids(HUGE)), change(), &cause()).await.unwrap();
    assert_eq!(writes(), 15 + 1 + SHARE, "what stages, the commit, and a share");
    // Who wants few members can be told that they are not few.
    let few = store.group_with_members(connection, &group.id, Some(10)).await.unwrap().unwrap();
    assert_eq!((few.0.version, few.1, writes()), (2, None, SHARE));
    assert!(is_underway(&store.members(&group).await));
    assert_eq!(writes(), SHARE);
    // The last page, and the mark.
    assert_eq!(store.members_among(&group, &some).await.unwrap(), some);
    assert_eq!(writes(), 2);
    assert_eq!(store.members(&group).await.unwrap().len(), HUGE);
    assert_eq!(store.group(connection, &group.id).await.unwrap().unwrap().version, 2);
}

/// Nobody reads the group whose change was cut off: the planner applies it, a bounded part in each invocation.
#[tokio::test]
async fn the_planner_finishes_what_was_cut_off() {
    const PAGES: u64 = 135;
    let f = Fixture::new().await;
    let group = committed(&f, 135 * 49).await;
    let (invocations, _) = plan(&f).await;
    assert_eq!(invocations.len() as u64, PAGES + 1, "one for each page, and the group's creation");
    // A page, a share, the next page; and nobody of these is a user, so that each page is forgotten.
    let written = |used: &Calls| used.of("TransactWriteItems").calls + used.of("PutItem").calls;
    let writes: Vec<u64> = invocations.iter().map(written).collect();
    assert_eq!(writes.iter().max(), Some(&(1 + 128 + 1 + 1)));
    assert_eq!(writes.iter().filter(|writes| **writes > 3).count(), 2, "two shares: {writes:?}");
    assert!(most_calls(&invocations) < 200);
    let before = f.db.calls();
    assert!(f.db.store.group(&f.connection, &group.id).await.unwrap().is_some());
    assert_eq!(f.db.calls().since(&before).total().calls, 1, "nothing is left to do");
}

/// Streams deliver again, and late: what was undone since does not come back.
#[tokio::test]
async fn a_change_that_is_told_again_changes_nothing() {
    let f = Fixture::new().await;
    let store = &f.db.store;
    let mut everybody = BTreeSet::new();
    for number in 0..150 {
        let user = f.user(&number.to_string());
        store.create_user(&user, change(), &cause()).await.unwrap();
        everybody.insert(user.id);
    }
    plan(&f).await;
    let group = f.group("G");
    store.create_group(&group, &everybody, change(), &cause()).await.unwrap();
    let (_, joined) = plan(&f).await;
    assert_eq!(store.members(&group).await.unwrap().len(), 150);
    let leaves = MemberDelta { add: BTreeSet::new(), remove: everybody };
    store.replace_group(&group, &next(&group), &leaves, change(), &cause()).await.unwrap();
    for event in joined {
        deliver(&f, &event).await;
    }
    assert_eq!(store.members(&group).await.unwrap(), []);
    plan(&f).await;
    assert_eq!(store.members(&group).await.unwrap(), []);
}

/// What follows from the deletion of a group is as much in each invocation, whatever the size of the group.
#[tokio::test]
async fn a_deleted_group_is_forgotten_in_bounded_parts() {
    let mut most = Vec::new();
    for people in [150, 1_500] {
        let f = Fixture::new().await;
        let store = &f.db.store;
        let group = f.group("G");
        store.create_group(&group, &ids(people), change(), &cause()).await.unwrap();
        while f.db.stream.read(100).await.unwrap().last().is_some() {
            let last = f.db.stream.read(100).await.unwrap().last().unwrap().sequence;
            f.db.stream.drop_through(last).await.unwrap();
        }
        store.delete_group(&group, change(), &cause()).await.unwrap();
        let (invocations, _) = plan(&f).await;
        // The last page finds that nobody is left.
        assert_eq!(invocations.len(), people / 50 + 1);
        most.push(most_calls(&invocations));
        let left = store.team_members(&f.workspace, &group.id, None, 10).await.unwrap();
        assert!(left.items.is_empty());
        for person in ids(people) {
            assert!(store.groups_of(&f.connection, &person).await.unwrap().is_empty());
        }
    }
    assert_eq!(most[0], most[1]);
}

/// A person in very many teams is forgotten by one invocation, in few transactions.
#[tokio::test]
async fn a_person_in_five_hundred_teams_is_forgotten() {
    const TEAMS: usize = 500;
    let f = Fixture::new().await;
    let store = &f.db.store;
    let ada = f.user("ada");
    store.create_user(&ada, change(), &cause()).await.unwrap();
    let mut groups = Vec::new();
    for number in 0..TEAMS {
        let group = f.group(&number.to_string());
        store.create_group(&group, &[ada.id.clone()].into(), change(), &cause()).await.unwrap();
        groups.push(group);
    }
    plan(&f).await;
    let before = f.db.calls();
    store.delete_user(&ada, change(), &cause()).await.unwrap();
    assert_eq!(f.db.calls().since(&before).total().calls, 2, "the teams are read, and one transaction");
    let (invocations, _) = plan(&f).await;
    let [used] = &invocations[..] else { panic!("{} invocations", invocations.len()) };
    // Each team's shares are looked at; those memberships that the deletion did not end are ended fifty at a time.
    assert_eq!((used.of("TransactWriteItems").calls, used.total().calls), (10, TEAMS as u64 + 14));
    for group in groups {
        assert_eq!(store.members(&group).await.unwrap(), []);
    }
}
