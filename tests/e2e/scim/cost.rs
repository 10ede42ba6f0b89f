//! What a request asks of the database. Round trips and capacity are counted by the embedded database itself.

use axum::body::Body;
use serde_json::{Value, json};
use usher_domain::{
    directory::{GroupRecord, MemberDelta},
    ports::Directory,
};
use usher_local::embedded::Calls;

use super::{Answer, Service, filtered};
use crate::store::{cause, change};

impl Service {
    /// The answer of a request, and what it asked of the database; without the connection, which is read before.
    async fn costing(&self, method: &str, path: &str, body: &Value) -> (Answer, Calls) {
        self.with("GET", "/Users?count=0", &[], Body::empty()).await.ok(200);
        let before = self.db.calls();
        let answer = self.json(method, path, body.clone()).await;
        (answer, self.db.calls().since(&before))
    }
}

/// `GetItem 1, Query 2`.
fn counts(calls: &Calls) -> String {
    let counts: Vec<String> = calls.iter().map(|(name, usage)| format!("{name} {}", usage.calls)).collect();
    counts.join(", ")
}

/// The round trips of the calls that identity providers make all day. A change here is a change of everybody's bill.
#[tokio::test]
async fn each_call_has_its_price() {
    let service = Service::new().await;
    let ada = service.user("ada").await;
    let bob = service.user("bob").await;
    let group = service.group("G", &[&ada]).await;
    let (user, group) = (format!("/Users/{ada}"), format!("/Groups/{group}"));
    let slim = format!("{group}?excludedAttributes=members");
    let patch = |operation: Value| json!({ "Operations": [operation] });
    let join = patch(json!({"op": "add", "path": "members", "value": [{"value": bob}]}));
    let again = patch(json!({"op": "add", "path": "members", "value": [{"value": ada}]}));
    let off = patch(json!({"op": "replace", "path": "active", "value": false}));
    let none = Value::Null;
    for (method, path, body, wanted) in [
        ("POST", "/Users", &json!({"userName": "cy"}), "TransactWriteItems 1"),
        ("GET", &*user, &none, "BatchGetItem 1, Query 1"),
        ("GET", &*format!("{user}?excludedAttributes=groups"), &none, "GetItem 1"),
        ("GET", &*filtered("/Users", "userName eq \"ada\""), &none, "GetItem 2"),
        ("GET", &*filtered("/Users", "userName eq \"nobody\""), &none, "GetItem 1"),
        ("GET", "/Users?startIndex=1&count=100", &none, "Query 2"),
        ("PATCH", &*user, &off, "GetItem 1, TransactWriteItems 1"),
        ("PATCH", &*user, &off, "GetItem 1"),
        ("GET", &*slim, &none, "GetItem 1"),
        ("GET", &*group, &none, "Query 1"),
        ("PATCH", &*slim, &again, "BatchGetItem 1"),
        ("PATCH", &*slim, &join, "BatchGetItem 1, TransactWriteItems 1"),
        (
            "GET",
            &*filtered("/Groups", &format!("members eq \"{ada}\"")),
            &none,
            "BatchGetItem 1, GetItem 1, Query 2",
        ),
        ("DELETE", &*group, &none, "GetItem 1, TransactWriteItems 1"),
        ("DELETE", &*user, &none, "GetItem 1, Query 1, TransactWriteItems 1"),
    ] {
        let (answer, calls) = service.costing(method, path, body).await;
        assert!(answer.status < 300, "{method} {path} {answer:?}");
        assert_eq!(counts(&calls), wanted, "{method} {path}");
    }
}

/// Makes members of people whom nobody asks for, past the function: a thousand requests would take their time.
async fn fill(service: &Service, group: &str, members: usize) {
    let store = &service.db.store;
    let before = store.group(&"main.okta".parse().unwrap(), &group.parse().unwrap()).await.unwrap().unwrap();
    let after = GroupRecord { version: before.version + 1, ..before.clone() };
    let add = (0..members).map(|number| format!("person-{number:04}").parse().unwrap()).collect();
    let delta = MemberDelta { add, ..MemberDelta::default() };
    store.replace_group(&before, &after, &delta, change(), &cause()).await.unwrap();
}

/// A group of any size costs the same to change: the members who are there are not read.
#[tokio::test]
async fn a_large_group_is_changed_without_being_read() {
    let service = Service::new().await;
    let (small, large) = (service.group("small", &[]).await, service.group("large", &[]).await);
    fill(&service, &small, 1).await;
    fill(&service, &large, 1_500).await;
    let newcomer = service.user("newcomer").await;
    let mut costs = Vec::new();
    for group in [small, large] {
        let path = format!("/Groups/{group}?excludedAttributes=members");
        let join = json!({"op": "add", "path": "members", "value": [{"value": newcomer}]});
        let (joined, first) = service.costing("PATCH", &path, &json!({"Operations": [join]})).await;
        assert_eq!((joined.status, joined.body.get("members")), (200, None));
        let leave = json!({"op": "remove", "path": format!("members[value eq \"{newcomer}\"]")});
        let (left, second) = service.costing("PATCH", &path, &json!({"Operations": [leave]})).await;
        assert_eq!(left.status, 200);
        assert_eq!(first.of("Query").calls + second.of("Query").calls, 0);
        costs.push((first.total(), second.total()));
    }
    assert_eq!(costs[0], costs[1]);
}

/// Up to a thousand members are shown; with more, the answer would cost more than the change.
#[tokio::test]
async fn a_change_of_a_large_group_is_answered_without_a_body() {
    let service = Service::new().await;
    let newcomer = service.user("newcomer").await;
    let join = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": newcomer}]}]});
    let mut costs = Vec::new();
    for (members, status) in [(999, 200), (1_000, 204), (1_500, 204)] {
        let group = service.group(&format!("of {members}"), &[]).await;
        fill(&service, &group, members).await;
        let (answer, calls) = service.costing("PATCH", &format!("/Groups/{group}"), &join).await;
        assert_eq!((answer.status, answer.header("etag")), (status, "W/\"3\""), "{members}");
        let shown = if status == 200 { members + 1 } else { 0 };
        assert_eq!(answer.members().len(), shown);
        costs.push(calls.of("Query"));
    }
    assert_eq!(costs[1], costs[2], "no more is read than tells that it is too many");
}

/// A client that has the version is not sent, and the database not asked for, the members.
#[tokio::test]
async fn a_known_version_of_a_group_costs_one_read() {
    let service = Service::new().await;
    let ada = service.user("ada").await;
    let path = format!("/Groups/{}", service.group("G", &[&ada]).await);
    service.get("/Users?count=0").await.ok(200);
    let before = service.db.calls();
    let answer = service.with("GET", &path, &[("if-none-match", "W/\"1\"")], Body::empty()).await;
    assert_eq!((answer.status, &answer.body), (304, &Value::Null));
    assert_eq!(counts(&service.db.calls().since(&before)), "GetItem 1");
}

#[tokio::test]
async fn capacity_is_counted_as_dynamodb_bills_it() {
    let service = Service::new().await;
    let ada = service.user("ada").await;
    let path = format!("/Users/{ada}?excludedAttributes=groups");
    let (_, read) = service.costing("GET", &path, &Value::Null).await;
    // Strongly consistent, less than 4 KB.
    assert_eq!((read.total().read_units, read.total().write_units), (1.0, 0.0));
    let (_, made) = service.costing("POST", "/Users", &json!({"userName": "bob"})).await;
    // The row, its name's guard, the counter and the change, each twice, as in every transaction; the list once.
    assert_eq!((made.total().read_units, made.total().write_units), (0.0, 9.0));
    let (twin, refused) = service.costing("POST", "/Users", &json!({"userName": "bob"})).await;
    assert_eq!((twin.status, refused.total().refused), (409, 1));
}
