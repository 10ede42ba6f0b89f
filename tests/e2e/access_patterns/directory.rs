//! What the directory's port costs where no request is needed to know it: lists by cursor, resources of registered types,
//! and groups of any size.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use usher_domain::{
    change::{Actor, Cause, Trigger},
    directory::{CustomRecord, GroupRecord, IndexedAttribute, IndexedValue, MemberDelta},
    id::{ConnectionId, PersonId, TeamId},
    ports::Directory,
};

use super::{
    measure::{Rows, Section, join},
    world::World,
};

/// The members of the large group, who are nobody else.
const MANY: usize = 10_000;
/// As many as one transaction takes.
const AT_ONCE: usize = 5_000;
/// More than one transaction takes.
const JOINING: usize = 60;

fn connection() -> ConnectionId {
    "main.idp".parse().expect("an id")
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A badge with a number that no other badge has.
fn badge(world: &World, number: u32) -> CustomRecord {
    CustomRecord {
        id: uuid::Uuid::from_u128(u128::from(number)).into(),
        connection: connection(),
        resource_type: "Badge".to_owned(),
        version: 1,
        created_at: world.now(),
        modified_at: world.now(),
        resource: object(
            json!({"externalId": format!("badge-{number:04}"), "number": number, "colour": "green"}),
        ),
        unique: [format!("number={number:04}")].into(),
    }
}

/// A list by cursor, whose pages cost the same wherever they are.
pub(crate) async fn cursors(world: &World) -> Section {
    let mut rows = Rows::new("Directory: a list by cursor (port, without authentication)");
    let (store, connection) = (&world.store, connection());
    let (first, calls) = world.costing(store.page_users(&connection, None, 100)).await;
    rows.add("users, first page of 100", calls);
    let next = first.expect("a page").next.expect("a second page");
    let (second, calls) = world.costing(store.page_users(&connection, Some(&next), 100)).await;
    rows.add("users, second page of 100", calls);
    assert!(second.expect("a page").next.is_none(), "130 people are two pages");
    rows.0
}

/// Resources of a type that a connection registered.
pub(crate) async fn custom(world: &World) -> Section {
    let mut rows = Rows::new("Directory: resources of a registered type (port, without authentication)");
    let (store, connection) = (&world.store, connection());
    for number in 100..120 {
        store.create_custom(&badge(world, number)).await.expect("a badge");
    }
    let made = badge(world, 1);
    let (done, calls) = world.costing(store.create_custom(&made)).await;
    done.expect("a badge");
    rows.add("create, with a unique value and an externalId", calls);
    let (taken, calls) =
        world.costing(store.create_custom(&CustomRecord { id: badge(world, 2).id, ..made.clone() })).await;
    taken.expect_err("the number is taken");
    rows.add("create: the unique value is taken", calls);
    let (found, calls) = world.costing(store.custom(&connection, "Badge", &made.id)).await;
    assert_eq!(found.expect("an answer").as_ref(), Some(&made));
    rows.add("get", calls);
    let filter = async {
        let by = IndexedValue::new(IndexedAttribute::Unique, "number=0001");
        let ids = store.find_custom(&connection, "Badge", &by).await.expect("an answer");
        store.custom(&connection, "Badge", &ids[0]).await.expect("an answer").expect("the badge")
    };
    let (found, calls) = world.costing(filter).await;
    assert_eq!(found, made);
    rows.add("filter with `eq` on a unique attribute, found", calls);

    let mut red = CustomRecord { version: 2, ..made.clone() };
    red.resource.insert("colour".to_owned(), json!("red"));
    let (done, calls) = world.costing(store.replace_custom(&made, &red)).await;
    done.expect("the version is the one that was read");
    rows.add("replace an attribute without an index", calls);
    let other = CustomRecord { version: 3, unique: ["number=0003".to_owned()].into(), ..red.clone() };
    let (done, calls) = world.costing(store.replace_custom(&red, &other)).await;
    done.expect("the number is free");
    rows.add("replace the unique value", calls);
    let (listed, calls) = world.costing(store.list_custom(&connection, "Badge", 1, 100)).await;
    assert_eq!(listed.expect("a page").total, 21);
    rows.add("list, first page, 21 resources", calls);
    let (page, calls) = world.costing(store.page_custom(&connection, "Badge", None, 10)).await;
    assert!(page.expect("a page").next.is_some());
    rows.add("page of 10 by cursor", calls);
    let (done, calls) = world.costing(store.delete_custom(&other)).await;
    done.expect("the version is the one that was read");
    rows.add("delete", calls);
    rows.0
}

/// The same PATCH of a small group and of a large one.
pub(crate) async fn sizes(world: &World, people: &[String]) -> Section {
    let mut rows = Rows::new("SCIM: a PATCH that adds 60 members (staged), answered without `members`");
    let operations = ["to a group of 10", "to a group of 10,000"];
    for (operation, size) in operations.into_iter().zip([10, MANY]) {
        let made =
            world.scim("POST", "/Groups", json!({ "displayName": format!("Group of {size:05}") })).await;
        fill(world, &made.id(), size).await;
        let path = format!("/Groups/{}?excludedAttributes=members", made.id());
        let answer = world.scim("PATCH", &path, join(&people[..JOINING])).await;
        rows.answered(operation, 200, answer);
    }
    let [small, large] = &rows.0.rows[..] else { panic!("two rows") };
    assert_eq!(small.calls, large.calls, "the members who are there are not read");
    rows.0
}

/// Makes members of people whom nobody asks for, in two changes whatever their number.
async fn fill(world: &World, group: &str, size: usize) {
    let (connection, team): (_, TeamId) = (connection(), group.parse().expect("an id"));
    let everybody: Vec<PersonId> =
        (0..size).map(|number| format!("member-{number:05}").parse().expect("an id")).collect();
    let cause =
        Cause { actor: Actor::Usher, trigger: Trigger::Api, correlation_id: "fill".into(), at: world.now() };
    for (number, people) in everybody.chunks(AT_ONCE.min(size / 2)).enumerate() {
        let before = world.store.group(&connection, &team).await.expect("an answer").expect("the group");
        let after = GroupRecord { version: before.version + 1, ..before.clone() };
        let members = MemberDelta { add: people.iter().cloned().collect(), remove: BTreeSet::new() };
        let change = format!("fill-{group}-{number}").parse().expect("an id");
        world.store.replace_group(&before, &after, &members, change, &cause).await.expect("a change");
    }
}
