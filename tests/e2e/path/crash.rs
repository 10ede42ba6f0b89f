//! kill -9 at any instant loses nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use usher_tests::{
    client::{ScimClient, eventually_ok},
    process::Scim2Server,
};

use super::World;

const PEOPLE: usize = 200;
const TEAMS: usize = 5;
const KILLS: usize = 20;

/// An identity provider as they are: it sends each request until it is answered, and looks before it creates.
struct Pusher {
    scim: ScimClient,
    progress: Arc<Notify>,
}

impl Pusher {
    async fn until_acknowledged(&self, method: Method, path: &str, body: &Value) {
        loop {
            match self.scim.send(method.clone(), path, Some(body)).await {
                Ok(reply) if reply.status.is_success() => break,
                Ok(reply) if !reply.status.is_server_error() => panic!("{method} {path}: {}", reply.text),
                // Not answered: Usher is down.
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        self.progress.notify_one();
    }

    async fn created(&self, collection: &str, attribute: &str, name: &str, body: &Value) -> String {
        loop {
            let filter = format!("{attribute} eq \"{name}\"");
            if let Ok(found) = self.scim.find(collection, &filter).await {
                if let Some(known) = found.first() {
                    self.progress.notify_one();
                    return known["id"].as_str().unwrap().to_owned();
                }
                if let Ok(reply) = self.scim.create(collection, body).await {
                    assert!(reply.status == 201 || reply.status.is_server_error(), "{}", reply.text);
                }
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// 200 people in 5 groups, one by one, some of whom move.
    async fn push(&self, teams: &[String]) {
        for number in 0..PEOPLE {
            let name = person(number);
            let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
                "active": true, "emails": [{"value": format!("{name}@example.com"), "primary": true}]});
            let id = self.created("Users", "userName", &name, &body).await;
            let join = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]});
            self.until_acknowledged(Method::PATCH, &format!("/Groups/{}", teams[number % TEAMS]), &join)
                .await;
            if number % 10 == 0 {
                let leave = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{"op": "replace", "path": "active", "value": false}]});
                self.until_acknowledged(Method::PATCH, &format!("/Users/{id}"), &leave).await;
            }
        }
    }
}

fn person(number: usize) -> String {
    format!("person{number:03}")
}

/// A small generator; a failure names its seed.
struct Chance(u64);

impl Chance {
    fn up_to(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[tokio::test]
async fn twenty_kills_during_a_push_lose_nothing_and_duplicate_nobody() {
    let app = Scim2Server::start().await.unwrap();
    let mut world = World::new(app.base_url(), app.token(), 0).await;
    let seed = u64::from(uuid::Uuid::new_v4().as_fields().0);
    let mut chance = Chance(seed);

    let roles = ["viewer", "editor", "admin", "viewer", "editor"];
    let mut teams = Vec::new();
    for (number, role) in roles.iter().enumerate() {
        let group = world.scim().create_group(&format!("Team {number}"), &[]).await.unwrap();
        let id = group.id().to_owned();
        world.share(&format!("teams/{id}"), role).await;
        teams.push(id);
    }

    let progress = Arc::new(Notify::new());
    let pusher = Pusher { scim: world.scim(), progress: progress.clone() };
    let pushing = tokio::spawn({
        let teams = teams.clone();
        async move { pusher.push(&teams).await }
    });
    for _ in 0..KILLS {
        // After some more of the push, at no particular instant.
        for _ in 0..=chance.up_to(16) {
            progress.notified().await;
        }
        tokio::time::sleep(Duration::from_micros(chance.up_to(20_000))).await;
        world.usher.kill9().await.unwrap();
        world.usher.restart().await.unwrap();
    }
    assert!(!pushing.is_finished(), "the kills should fall into the push");
    pushing.await.unwrap();

    let expected: BTreeMap<String, BTreeSet<String>> = (0..PEOPLE)
        .filter(|number| number % 10 != 0)
        .map(|number| (person(number), [roles[number % TEAMS].to_owned()].into()))
        .collect();
    // Leases of killed workers end by themselves.
    eventually_ok(Duration::from_secs(120), async || {
        let members = world.listing.members().await.map_err(|error| error.to_string())?;
        let found: BTreeMap<_, _> =
            members.iter().map(|member| (member.user_name.clone(), member.roles.clone())).collect();
        if found.len() != members.len() {
            return Err("somebody has two accounts".to_owned());
        }
        let differing: Vec<_> = expected
            .iter()
            .filter(|(name, roles)| found.get(*name) != Some(*roles))
            .map(|(name, _)| name)
            .chain(found.keys().filter(|name| !expected.contains_key(*name)))
            .collect();
        if differing.is_empty() {
            Ok(())
        } else {
            Err(format!("seed {seed}: the app differs in {differing:?}"))
        }
    })
    .await;
    for automation in world.settled().await {
        assert_eq!(automation["status"], "completed", "{automation}");
    }
}
