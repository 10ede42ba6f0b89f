//! What is asked of every server, and whether it is answered rightly.

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    http::{Prepared, Target, once},
    people,
    servers::Server,
};

pub(crate) const GET: &str = "GET user by id";
pub(crate) const FILTER: &str = "filter userName eq";
pub(crate) const LIST: &str = "list a page of 100";
pub(crate) const PATCH_USER: &str = "PATCH user";
pub(crate) const CREATE: &str = "create user";
pub(crate) const PATCH_SMALL: &str = "PATCH group of 10";
pub(crate) const PATCH_LARGE: &str = "PATCH group of 10,000";

/// How many different people are asked for.
const ASKED: usize = 1_000;
/// How many different PATCHes there are: some for each person, so that each one changes something.
const PATCHES: usize = 5 * ASKED;
/// How many join and how many leave by one PATCH of a group.
const MOVERS: usize = 30;

/// Requests of one kind.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) requests: Vec<Prepared>,
    /// Whether they may be sent again.
    pub(crate) repeated: bool,
}

/// What is asked by one client and by many; `round` keeps the newcomers of rounds apart.
pub(crate) fn of_users(server: &Server, round: usize, most: usize) -> Vec<Operation> {
    let (target, held) = (&server.target, server.holds);
    let asked = held.min(ASKED);
    let person = |number: usize| (number % asked) * held / asked;
    let repeated = |name, requests| Operation { name, requests, repeated: true };
    let create = |number| {
        let user = people::user(&format!("new-{round}-{number:06}@example.com"));
        target.request(Method::POST, "/Users", Some(&user))
    };
    vec![
        repeated(GET, (0..asked).map(|number| get(target, person(number))).collect()),
        repeated(FILTER, (0..asked).map(|number| filter(target, person(number))).collect()),
        repeated(LIST, (0..10).map(|page| list(target, page)).collect()),
        repeated(
            PATCH_USER,
            (0..PATCHES)
                .map(|number| patch_user(target, person(number), &format!("Title {round} {number}")))
                .collect(),
        ),
        Operation { name: CREATE, requests: (0..most).map(create).collect(), repeated: false },
    ]
}

fn get(target: &Target, person: usize) -> Prepared {
    target.get(&format!("/Users/{}", people::id(person)))
}

fn filter(target: &Target, person: usize) -> Prepared {
    target.get(&format!("/Users?filter=userName%20eq%20%22{}%22", people::user_name(person)))
}

fn list(target: &Target, page: usize) -> Prepared {
    target.get(&format!("/Users?startIndex={}&count=100", 1 + page * 100))
}

fn patch_user(target: &Target, person: usize, title: &str) -> Prepared {
    let operation = json!({"op": "replace", "path": "title", "value": title});
    patch(target, &format!("/Users/{}", people::id(person)), &json!([operation]))
}

fn patch(target: &Target, path: &str, operations: &Value) -> Prepared {
    let body =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    target.request(Method::PATCH, path, Some(&body))
}

/// A group of so many members, and 30 more who come and go.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) members: usize,
}

/// The groups that are patched. The large one only where there are people enough.
pub(crate) fn groups(people: usize) -> Vec<Group> {
    let all = [Group { name: PATCH_SMALL, members: 10 }, Group { name: PATCH_LARGE, members: 10_000 }];
    all.into_iter().filter(|group| group.members + 2 * MOVERS <= people).collect()
}

impl Group {
    /// The request that makes it.
    pub(crate) fn create(&self, target: &Target) -> Prepared {
        let members: Vec<Value> = (0..MOVERS)
            .chain(2 * MOVERS..2 * MOVERS + self.members)
            .map(|person| json!({"value": people::id(person)}))
            .collect();
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": format!("Group of {}", self.members),
            "members": members,
        });
        target.request(Method::POST, "/Groups", Some(&group))
    }

    /// 30 join and 30 leave, and by the next request the other way round.
    pub(crate) fn patches(target: &Target, group: &str) -> Vec<Prepared> {
        [false, true].map(|back| patch(target, &format!("/Groups/{group}"), &moves(back))).into()
    }
}

/// 60 changes: one operation that adds 30, and 30 that remove one each, as identity providers send them.
pub(crate) fn moves(back: bool) -> Value {
    let (here, there) = (0..MOVERS, MOVERS..2 * MOVERS);
    let (leave, join) = if back { (there, here) } else { (here, there) };
    let join: Vec<Value> = join.map(|person| json!({"value": people::id(person)})).collect();
    let leave = leave.map(
        |person| json!({"op": "remove", "path": format!("members[value eq \"{}\"]", people::id(person))}),
    );
    [json!({"op": "add", "path": "members", "value": join})].into_iter().chain(leave).collect()
}

/// Whether a server really does what it is asked; tells what it does not.
pub(crate) async fn verify(server: &Server) -> Vec<String> {
    let target = &server.target;
    let person = server.holds / 2;
    let (id, name) = (people::id(person).to_string(), people::user_name(person));
    let mut wrong = Vec::new();
    let mut expect = |what: &str, holds: bool| {
        if !holds {
            wrong.push(format!("{}: {what}", server.kind.name()));
        }
    };
    let found = once(target, get(target, person)).await.json();
    expect("GET answers somebody else", found["id"] == *id && found["userName"] == *name);
    let found = once(target, filter(target, person)).await.json();
    expect(
        "the filter finds somebody else",
        found["totalResults"] == 1 && found["Resources"][0]["id"] == *id,
    );
    let found = once(target, list(target, 1)).await.json();
    let shown = found["Resources"].as_array().map_or(0, Vec::len);
    expect("a page is not full", shown == 100 && found["totalResults"] == server.holds);
    once(target, patch_user(target, person, "Verified")).await;
    let found = once(target, get(target, person)).await.json();
    expect("PATCH of a user changes nothing", found["title"] == "Verified");
    wrong
}

/// Whether a group has the members that it should have after patches; tells if not.
pub(crate) async fn verify_group(server: &Server, group: &Group, id: &str) -> Option<String> {
    let target = &server.target;
    let patches = Group::patches(target, id);
    for patch in &patches {
        once(target, patch.clone()).await;
    }
    once(target, patches[0].clone()).await;
    let found = once(target, target.get(&format!("/Groups/{id}"))).await.json();
    once(target, patches[1].clone()).await;
    let members = found["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has = |person: usize| members.iter().any(|member| member["value"] == *people::id(person).to_string());
    let right = members.len() == group.members + MOVERS && has(MOVERS) && !has(0) && has(2 * MOVERS);
    (!right).then(|| format!("{}: {} leaves wrong members", server.kind.name(), group.name))
}
