//! A PATCH of more members than one transaction holds.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_domain::{
    directory::{GroupRecord, MemberDelta},
    id::PersonId,
    ports::Directory,
};

use super::Service;
use crate::store::{cause, change};

const MEMBERS: usize = 6_000;
const LEAVING: usize = 5_000;

fn ids() -> Vec<PersonId> {
    (0..MEMBERS).map(|number| format!("person-{number:05}").parse().unwrap()).collect()
}

/// Five thousand leave at once: wherever the process dies, everybody has left or nobody; a repetition changes nothing; and
/// the thousand who stay are not read.
#[tokio::test]
async fn five_thousand_members_are_removed_at_once() {
    let service = Service::new().await;
    let store = &service.db.store;
    let group = service.group("large", &[]).await;
    let before = store.group(&"main.okta".parse().unwrap(), &group.parse().unwrap()).await.unwrap().unwrap();
    let after = GroupRecord { version: 2, ..before.clone() };
    let everybody = MemberDelta { add: ids().into_iter().collect(), remove: BTreeSet::new() };
    store.replace_group(&before, &after, &everybody, change(), &cause()).await.unwrap();

    let path = format!("/Groups/{group}?excludedAttributes=members");
    let leaving: Vec<Value> = ids()[..LEAVING].iter().map(|id| json!({"value": id.as_str()})).collect();
    let leave = json!({"op": "remove", "path": "members", "value": leaving});
    // The process dies while it stages: nothing is seen of it.
    service.db.faults.cut_after(2);
    let cut = service.patch(&path, leave.clone()).await;
    service.db.faults.mend();
    assert_eq!(cut.status, 503, "{cut:?}");
    assert_eq!(store.members(&before).await.unwrap().len(), MEMBERS);
    // And once it has committed and applied a part: the client is told so, and nobody sees the part.
    let calls = service.db.calls();
    service.db.faults.cut_after(20);
    let done = service.patch(&path, leave.clone()).await;
    service.db.faults.mend();
    let calls = service.db.calls().since(&calls);
    assert_eq!((done.status, done.header("etag")), (200, "W/\"3\""), "{done:?}");
    assert!(calls.of("Query").read_units < 100.0, "the staged pages are read, the group is not: {calls:?}");
    let shown = service.get(&format!("/Groups/{group}")).await;
    let staying: BTreeSet<String> = ids()[LEAVING..].iter().map(ToString::to_string).collect();
    assert_eq!(shown.members(), staying);

    let again = service.patch(&path, leave).await;
    assert_eq!((again.status, again.header("etag")), (200, "W/\"3\""), "{again:?}");
}
