//! Changes of more members than one transaction holds, and groups of any size.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};
use usher_domain::{
    directory::{GroupRecord, MemberDelta, UserRecord},
    id::{ConnectionId, PersonId},
    ports::Directory,
};
use usher_local::embedded::Calls;

use super::{Answer, Service};
use crate::store::{attributes, cause, change, now};

/// As many as identity providers send at once, and more than half of what one call applies.
const MANY: usize = 5_000;

fn okta() -> ConnectionId {
    "main.okta".parse().unwrap()
}

fn id(number: usize) -> String {
    format!("person-{number:06}")
}

fn ids(numbers: std::ops::Range<usize>) -> BTreeSet<String> {
    numbers.map(id).collect()
}

fn parsed(ids: &BTreeSet<String>) -> BTreeSet<PersonId> {
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

fn operation(op: &str, people: &BTreeSet<String>) -> Value {
    let people: Vec<Value> = people.iter().map(|id| json!({ "value": id })).collect();
    json!({"op": op, "path": "members", "value": people})
}

impl Service {
    /// Users with ids of their own, past the function: thousands of requests would take their time.
    async fn people(&self, numbers: std::ops::Range<usize>) {
        let create = |number: usize| async move {
            let user = UserRecord {
                id: id(number).parse().unwrap(),
                connection: okta(),
                version: 1,
                created_at: now(),
                modified_at: now(),
                deleted_at: None,
                resource: attributes(json!({"userName": id(number)})),
                unique: BTreeSet::new(),
            };
            self.db.store.create_user(&user, change(), &cause()).await.unwrap();
        };
        stream::iter(numbers).for_each_concurrent(8, create).await;
    }

    /// Makes members of people whom nobody asks for, past the function.
    async fn fill(&self, group: &str, people: &BTreeSet<String>) -> GroupRecord {
        let before = self.db.store.group(&okta(), &group.parse().unwrap()).await.unwrap().unwrap();
        let after = GroupRecord { version: before.version + 1, ..before.clone() };
        let delta = MemberDelta { add: parsed(people), remove: BTreeSet::new() };
        self.db.store.replace_group(&before, &after, &delta, change(), &cause()).await.unwrap();
        after
    }

    async fn counted(&self, path: &str, operation: Value) -> (Answer, Calls) {
        let before = self.db.calls();
        let answer = self.patch(path, operation).await;
        (answer, self.db.calls().since(&before))
    }
}

/// Five thousand leave at once: wherever the process dies, everybody has left or nobody; a repetition changes nothing; and
/// the thousand who stay are not read.
#[tokio::test]
async fn five_thousand_members_are_removed_at_once() {
    let service = Service::new().await;
    let group = service.group("large", &[]).await;
    let before = service.fill(&group, &ids(0..MANY + 1_000)).await;
    let store = &service.db.store;

    let path = format!("/Groups/{group}?excludedAttributes=members");
    let leave = operation("remove", &ids(0..MANY));
    // The process dies while it stages: nothing is seen of it.
    service.db.faults.cut_after(2);
    let cut = service.patch(&path, leave.clone()).await;
    service.db.faults.mend();
    assert_eq!(cut.status, 503, "{cut:?}");
    assert_eq!(store.members(&before).await.unwrap().len(), MANY + 1_000);
    // And once it has committed and applied a part: the client is told so, and nobody sees the part.
    service.db.faults.cut_after(20);
    let (done, calls) = service.counted(&path, leave.clone()).await;
    service.db.faults.mend();
    assert_eq!((done.status, done.header("etag")), (200, "W/\"3\""), "{done:?}");
    assert!(calls.of("Query").read_units < 100.0, "the staged pages are read, the group is not: {calls:?}");
    let shown = service.get(&format!("/Groups/{group}")).await;
    assert_eq!(shown.members(), ids(MANY..MANY + 1_000));

    let (again, calls) = service.counted(&path, leave).await;
    assert_eq!((again.status, again.header("etag")), (200, "W/\"3\""), "{again:?}");
    assert_eq!((calls.of("Query").calls, calls.of("TransactWriteItems").calls), (0, 0));
}

/// Five thousand join at once, each of whom must be a user: everybody joins or nobody, and once.
#[tokio::test]
async fn five_thousand_members_are_added_at_once() {
    let service = Service::new().await;
    service.people(0..MANY).await;
    let group = service.group("large", &[]).await;
    let plain = format!("/Groups/{group}");
    let path = format!("{plain}?excludedAttributes=members");
    let join = operation("add", &ids(0..MANY));

    // One who is nobody stops all.
    let nobody = service.patch(&path, operation("add", &ids(1..MANY + 1))).await;
    assert_eq!(nobody.error(), (400, "invalidValue"));
    // So does a process that dies before the commit, which four transactions stage for.
    for writes in [3, 4] {
        service.db.faults.cut_after(writes);
        let cut = service.patch(&path, join.clone()).await;
        service.db.faults.mend();
        assert_eq!(cut.status, 503, "cut after {writes}: {cut:?}");
        let shown = service.get(&plain).await;
        assert_eq!((shown.members().len(), shown.header("etag")), (0, "W/\"1\""), "cut after {writes}");
    }
    let (done, calls) = service.counted(&path, join.clone()).await;
    assert_eq!((done.status, done.header("etag")), (200, "W/\"2\""), "{done:?}");
    // Who is a member, who is a user; four to stage, the commit, 103 pages, and the mark.
    assert_eq!(
        (calls.of("BatchGetItem").calls, calls.of("TransactWriteItems").calls),
        (51 + 50, 4 + 1 + 103 + 1)
    );
    assert_eq!(calls.total().refused, 0);
    assert_eq!(service.get(&plain).await.members(), ids(0..MANY));
    let (again, calls) = service.counted(&path, join).await;
    assert_eq!((again.status, again.header("etag")), (200, "W/\"2\""), "{again:?}");
    assert_eq!(
        (calls.of("BatchGetItem").calls, calls.total().calls),
        (51, 52),
        "nobody is asked for who is there"
    );

    // The process dies after the commit: it is acknowledged, and the next who looks sees all of it.
    let leave = operation("remove", &ids(0..MANY));
    service.db.faults.cut_after(4 + 1 + 50);
    let done = service.patch(&path, leave).await;
    service.db.faults.mend();
    assert_eq!((done.status, done.header("etag")), (200, "W/\"3\""), "{done:?}");
    let groups = service.get("/Groups").await.body;
    assert_eq!(groups["Resources"][0].get("members"), None, "a list shows no half either");
}

/// Large and small changes of one group at the same moment, and the process dies somewhere: every client repeats until it
/// is told that its change is made, and then all changes are.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn large_and_small_changes_at_the_same_moment_lose_nothing() {
    const STAYING: std::ops::Range<usize> = 0..60;
    const LEAVING: std::ops::Range<usize> = 60..360;
    const LARGE: std::ops::Range<usize> = 400..1_300;
    let service = Service::new().await;
    service.people(0..1_400).await;
    for seed in 0..6 {
        let mut rng = StdRng::seed_from_u64(seed);
        let group = service.group(&format!("G{seed}"), &[]).await;
        let plain = format!("/Groups/{group}");
        service.fill(&group, &ids(STAYING.start..LEAVING.end)).await;
        let mut changes = vec![
            operation("add", &ids(LARGE)),
            operation("remove", &ids(LEAVING.start + 20..LEAVING.end)),
            json!({"op": "replace", "path": "displayName", "value": format!("H{seed}")}),
        ];
        changes.extend((1_300..1_320).map(|number| operation("add", &ids(number..number + 1))));
        changes.extend((60..80).map(|number| operation("remove", &ids(number..number + 1))));
        changes.shuffle(&mut rng);
        // Staging, commits, pages, marks, and forty small ones: about a hundred writes.
        service.db.faults.cut_after(rng.random_range(0..110));
        let path = format!("{plain}?excludedAttributes=members");
        let sent = changes.iter().map(|change| service.patch(&path, change.clone()));
        let answers = futures::future::join_all(sent).await;
        service.db.faults.mend();
        let open: Vec<&Value> =
            answers.iter().zip(&changes).filter(|(a, _)| a.status != 200).map(|(_, c)| c).collect();
        for (answer, _) in answers.iter().zip(&changes).filter(|(a, _)| a.status != 200) {
            assert_eq!(answer.status, 503, "seed {seed}: {answer:?}");
        }
        let again = open.iter().map(|change| service.patch(&path, (*change).clone()));
        for answer in futures::future::join_all(again).await {
            assert_eq!(answer.status, 200, "seed {seed}: {answer:?}");
        }

        let shown = service.get(&plain).await;
        let mut wanted = ids(STAYING);
        wanted.extend(ids(LARGE).into_iter().chain(ids(1_300..1_320)));
        assert_eq!(shown.members(), wanted, "seed {seed}");
        assert_eq!(shown.body["displayName"], format!("H{seed}"));
        // From the people's side too.
        for number in [0, 60, 79, 80, 359, 400, 1_299, 1_300, 1_319, 1_320] {
            let found = service.db.store.groups_of(&okta(), &id(number).parse().unwrap()).await.unwrap();
            let is_in = found.iter().any(|found| found.as_str() == group);
            assert_eq!(is_in, wanted.contains(&id(number)), "seed {seed}: person {number}");
        }
    }
}

/// A group of a hundred thousand costs what one of ten costs: the members who are there are not read.
#[tokio::test]
async fn a_change_costs_the_same_in_a_group_of_a_hundred_thousand() {
    let service = Service::new().await;
    service.people(0..60).await;
    let (small, huge) = (service.group("small", &[]).await, service.group("huge", &[]).await);
    service.fill(&small, &ids(1_000..1_010)).await;
    for page in 0..20 {
        service.fill(&huge, &ids(1_000 + page * MANY..1_000 + (page + 1) * MANY)).await;
    }
    // As often written as the other one: versions have as many digits.
    for page in 1..20 {
        service.fill(&small, &ids(1_000 + page..1_001 + page)).await;
    }
    // The connection is read now, and believed for a while.
    service.get("/Users?count=0").await.ok(200);
    let mut costs = Vec::new();
    for group in [&small, &huge] {
        let path = format!("/Groups/{group}?excludedAttributes=members");
        let mut calls = Vec::new();
        for change in [
            operation("add", &ids(0..60)),
            operation("add", &ids(0..60)),
            operation("remove", &ids(0..59)),
            operation("remove", &ids(59..60)),
        ] {
            let (answer, cost) = service.counted(&path, change).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            calls.push(cost);
        }
        let before = service.db.calls();
        assert_eq!(service.get(&path).await.status, 200);
        calls.push(service.db.calls().since(&before));
        costs.push(calls);
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[1][4].total().calls, 1, "without its members a group is one row");
    let store = &service.db.store;
    let group = store.group(&okta(), &huge.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(store.members(&group).await.unwrap().len(), 20 * MANY);
    // An answer with the members would cost more than the change: it has no body.
    let (answer, calls) = service.counted(&format!("/Groups/{huge}"), operation("add", &ids(0..1))).await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    assert!(calls.of("Query").read_units < 50.0, "{calls:?}");

    // All are taken out: acknowledged as soon as it is committed, and one call applies its share only.
    let none = json!({"op": "replace", "path": "members", "value": []});
    let (answer, calls) = service.counted(&format!("/Groups/{huge}"), none).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let pages = (20 * MANY + 1).div_ceil(49) as u64;
    assert_eq!(calls.of("TransactWriteItems").calls, (pages - 25).div_ceil(25) + 1 + 2 * 128);
    assert_eq!(service.get(&format!("/Groups/{huge}")).await.status, 503, "it is not shown half");
}
