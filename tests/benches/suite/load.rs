//! SCIM requests by one client and by several at the same time.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::client::{Reply, ScimClient, patch_op};

use crate::{report::Figure, stand::Stand};

/// Clients that fill the directory.
const FILLERS: usize = 8;

/// What is in the directory.
pub(crate) struct Directory {
    /// Ids and user names.
    people: Vec<(String, String)>,
}

impl Directory {
    /// Makes so many users.
    pub(crate) async fn fill(stand: &Stand, people: usize) -> Self {
        let (made, _) = run(stand, FILLERS, people, async |scim, index| {
            create(scim, &format!("person-{index:06}@example.com")).await
        })
        .await;
        let made = made.into_iter().map(|reply| named(&reply)).collect();
        stand.settle("settle-filled@example.com").await;
        Self { people: made }
    }

    fn person(&self, index: usize) -> &(String, String) {
        &self.people[index % self.people.len()]
    }
}

fn named(reply: &Reply) -> (String, String) {
    (reply.id().to_owned(), reply.json["userName"].as_str().unwrap_or_default().to_owned())
}

async fn create(scim: &ScimClient, name: &str) -> Reply {
    let more = json!({"externalId": format!("00u-{name}"), "displayName": name, "title": "Colleague"});
    scim.create_user(name, &more).await.expect("an answer")
}

async fn patch(scim: &ScimClient, path: &str, operation: Value) -> Reply {
    let body = patch_op(&json!([operation]));
    scim.send(Method::PATCH, path, Some(&body)).await.expect("an answer")
}

fn member(person: &str) -> Value {
    json!({"op": "add", "path": "members", "value": [{"value": person}]})
}

/// One figure for each operation, by so many clients.
pub(crate) async fn measure(
    stand: &Stand,
    directory: &mut Directory,
    clients: usize,
    operations: usize,
) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut figure = |operation, times: Times| figures.push(Figure::of(operation, clients, times));
    let settle = async |step: &str| stand.settle(&format!("settle-{clients}-{step}@example.com")).await;
    let people = &*directory;

    let work =
        async |scim: &ScimClient, index| create(scim, &format!("new-{clients}-{index:06}@example.com")).await;
    let (made, times) = run(stand, clients, operations, work).await;
    figure("create user", times);
    let newcomers: Vec<_> = made.iter().map(named).collect();
    settle("created").await;

    let work =
        async |scim: &ScimClient, index| scim.get("Users", &people.person(index).0).await.expect("an answer");
    figure("get user by id", run(stand, clients, operations, work).await.1);

    let work = async |scim: &ScimClient, index| {
        let filter = format!("userName eq \"{}\"", people.person(index).1);
        let reply = scim.list("Users", &[("filter", &filter)]).await.expect("an answer");
        assert_eq!(reply.json["totalResults"], 1, "{}", reply.text);
        reply
    };
    figure("filter users by userName", run(stand, clients, operations, work).await.1);

    let work = async |scim: &ScimClient, index| {
        let title = json!({"op": "replace", "path": "title", "value": format!("Title {clients} {index}")});
        patch(scim, &format!("/Users/{}", people.person(index).0), title).await
    };
    figure("PATCH user", run(stand, clients, operations, work).await.1);
    settle("patched").await;

    let work = async |scim: &ScimClient, index| {
        scim.create_group(&format!("Group {clients} {index:06}"), &[]).await.expect("an answer")
    };
    let (groups, times) = run(stand, clients, operations, work).await;
    figure("create group", times);

    let work = async |scim: &ScimClient, index: usize| {
        let path = format!("/Groups/{}", groups[index].id());
        patch(scim, &path, member(&people.person(index).0)).await
    };
    figure("PATCH group, add one member (a group each)", run(stand, clients, operations, work).await.1);

    let large = stand.scim.create_group(&format!("Large {clients}"), &[]).await.expect("an answer");
    let path = format!("/Groups/{}?excludedAttributes=members", large.id());
    let work = async |scim: &ScimClient, index: usize| patch(scim, &path, member(&newcomers[index].0)).await;
    figure("PATCH group, add one member (all to one)", run(stand, clients, operations, work).await.1);
    settle("joined").await;
    directory.people.extend(newcomers);
    figures
}

/// How long each request took, and all of them together.
pub(crate) struct Times {
    pub(crate) each: Vec<Duration>,
    pub(crate) all: Duration,
}

/// Sends `operations` requests by so many clients, each of which waits for its answer. Every answer must be a success.
async fn run(
    stand: &Stand,
    clients: usize,
    operations: usize,
    work: impl AsyncFn(&ScimClient, usize) -> Reply,
) -> (Vec<Reply>, Times) {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let (next, work) = (&next, &work);
    let of_clients = join_all((0..clients).map(|_| async move {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= operations {
                return done;
            }
            let sent = Instant::now();
            let reply = work(&stand.scim, index).await;
            let took = sent.elapsed();
            assert!(reply.status.is_success(), "{}: {}", reply.status, reply.text);
            done.push((index, reply, took));
        }
    }))
    .await;
    let all = began.elapsed();
    let mut done: Vec<_> = of_clients.into_iter().flatten().collect();
    done.sort_by_key(|(index, ..)| *index);
    let each = done.iter().map(|(.., took)| *took).collect();
    (done.into_iter().map(|(_, reply, _)| reply).collect(), Times { each, all })
}
