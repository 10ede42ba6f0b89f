//! A workspace with an app that people look after, and the people.

use serde_json::{Value, json};

use crate::access_patterns::world::{Answer, World};

/// A hub of an app without an API. Bob and Eve are its assignees, Mallory is nobody in particular, and Ada is who it is about.
pub(super) struct Office {
    pub(super) world: World,
    pub(super) hub: String,
    pub(super) ada: String,
    pub(super) bob: String,
    pub(super) eve: String,
    pub(super) mallory: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub(super) fn good(answer: Answer) -> Answer {
    assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    answer
}

fn user(name: &str) -> Value {
    json!({"userName": name, "active": true, "emails": [{"value": format!("{name}@acme.example"), "primary": true}],
        "name": {"givenName": name}})
}

impl Office {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let role =
            |key: &str, rank: u32| json!({"key": key, "name": key, "exclusion_group": "role", "rank": rank});
        let form = json!({
            "name": "X Ads", "kind": "business_hub", "connector": "manual",
            "config": {"assignees": "bob@acme.example, EVE", "place": "ads.x.example, Account access",
                "roles": "Analyst, Manager, Admin", "assets": "Main account"},
            "catalogue": {"roles": [role("Analyst", 1), role("Manager", 2), role("Admin", 3)],
                "assets": [{"id": "Main account", "name": "Main account", "permissions": [role("Access", 1)]}]},
            "grace_seconds": 0,
        });
        let made = good(world.api("POST", "/integrations", form).await);
        let hub = text(&made.body["integration"]["id"]);
        let ada = good(world.scim("POST", "/Users", user("ada")).await).id();
        let mut keys = Vec::new();
        for name in ["bob", "eve", "mallory"] {
            let person = good(world.scim("POST", "/Users", user(name)).await).id();
            let form = json!({"name": name, "role": "user", "person": person});
            keys.push(text(&good(world.api("POST", "/api-keys", form).await).body["token"]));
        }
        let [bob, eve, mallory] = keys.try_into().unwrap();
        world.settle().await;
        Self { world, hub, ada, bob, eve, mallory }
    }

    /// A team with Ada in it.
    pub(super) async fn team(&self, name: &str) -> String {
        let group = json!({"displayName": name, "members": [{"value": self.ada}]});
        good(self.world.scim("POST", "/Groups", group).await).id()
    }

    /// Shares the hub with a team, and does what follows by itself.
    pub(super) async fn share(&self, team: &str, role: &str) {
        let access = json!({"kind": "invite", "roles": [role], "assets": {"Main account": ["Access"]}});
        let path = format!("/integrations/{}/shares/teams/{team}", self.hub);
        good(self.world.api("PUT", &path, json!({ "app_access": access })).await);
        self.world.settle().await;
    }

    pub(super) async fn end_share(&self, team: &str) {
        let path = format!("/integrations/{}/shares/teams/{team}", self.hub);
        good(self.world.api("DELETE", &path, Value::Null).await);
        self.world.settle().await;
    }

    /// The open tasks, as somebody sees them.
    pub(super) async fn tasks(&self, key: &str) -> Vec<Value> {
        let listed = good(self.world.api_as(key, "GET", "/tasks", Value::Null).await);
        listed.body["items"].as_array().unwrap().clone()
    }

    /// The one open task.
    pub(super) async fn task(&self) -> Value {
        let mut tasks = self.tasks(&self.bob).await;
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        tasks.remove(0)
    }

    pub(super) async fn ask(&self, key: &str, task: &Value, verb: &str, body: Value) -> Answer {
        let path = format!("/tasks/{}/{verb}", task["id"].as_str().unwrap());
        let answer = self.world.api_as(key, "POST", &path, body).await;
        self.world.settle().await;
        answer
    }

    pub(super) async fn report(&self, key: &str, task: &Value) -> Answer {
        self.ask(key, task, "complete", json!({"evidence": "https://ads.x.example/log/1"})).await
    }

    /// Bob does it, and Eve confirms it.
    pub(super) async fn done(&self, task: &Value) {
        good(self.report(&self.bob, task).await);
        good(self.ask(&self.eve, task, "confirm", Value::Null).await);
    }

    /// Ada's row among those with access.
    pub(super) async fn access(&self) -> Value {
        let path = format!("/integrations/{}/access", self.hub);
        let listed = good(self.world.api("GET", &path, Value::Null).await);
        let rows = listed.body["items"].as_array().unwrap();
        rows.iter().find(|row| row["person"] == self.ada.as_str()).cloned().unwrap_or_default()
    }

    pub(super) async fn job(&self, task: &Value) -> Value {
        let path = format!("/jobs/{}", task["id"].as_str().unwrap());
        good(self.world.api("GET", &path, Value::Null).await).body
    }

    /// What the Activity tab tells, oldest first.
    pub(super) async fn events(&self) -> Vec<String> {
        let path = format!("/integrations/{}/activity", self.hub);
        let listed = good(self.world.api("GET", &path, Value::Null).await);
        let events = listed.body["items"].as_array().unwrap().iter().rev();
        events.map(|event| text(&event["event"])).collect()
    }
}

/// The steps of a task.
pub(super) fn steps(task: &Value) -> Vec<&str> {
    task["steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect()
}
