//! Guards, from a share to the app: what is held, what becomes of it, and who is left alone.

mod held;
mod people;

use serde_json::{Value, json};
use usher_domain::{
    access::Access,
    id::PersonId,
    ports::{Execution, Facts},
};

use crate::access_patterns::world::World;

/// A hub whose team is seated.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) people: Vec<String>,
    pub(crate) team: String,
}

impl Office {
    /// So many people, seated as editors, with guards like these.
    pub(crate) async fn new(people: usize, guards: Value) -> Self {
        let world = World::new().await;
        let mut office = Self { world, people: Vec::new(), team: String::new() };
        office.set(json!({ "guards": guards })).await;
        for number in 0..people {
            let user = json!({"userName": format!("p{number}"), "active": true});
            office.people.push(office.world.scim("POST", "/Users", user).await.id());
        }
        let members: Vec<_> = office.people.iter().map(|person| json!({ "value": person })).collect();
        let group = json!({"displayName": "Team", "members": members});
        office.team = office.world.scim("POST", "/Groups", group).await.id();
        office.share("editor").await;
        office.world.settle().await;
        assert_eq!(office.seats().await, people as u64);
        office
    }

    /// Changes the hub.
    pub(crate) async fn set(&self, patch: Value) {
        self.ok("PATCH", "", patch).await;
    }

    /// A call about the hub that succeeds.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.world.api(method, &format!("/integrations/{}{path}", self.world.hub), body).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.body);
        answer.body
    }

    /// Shares the hub with the team.
    pub(crate) async fn share(&self, role: &str) {
        let access = json!({"app_access": {"kind": "invite", "roles": [role]}});
        self.ok("PUT", &format!("/shares/teams/{}", self.team), access).await;
    }

    /// Ends the share with the team.
    pub(crate) async fn unshare(&self) {
        self.ok("DELETE", &format!("/shares/teams/{}", self.team), Value::Null).await;
    }

    pub(crate) async fn deactivate(&self, person: &str) {
        self.switch(person, false).await;
    }

    pub(crate) async fn activate(&self, person: &str) {
        self.switch(person, true).await;
    }

    async fn switch(&self, person: &str, active: bool) {
        let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "active", "value": active}]});
        assert_eq!(self.world.scim("PATCH", &format!("/Users/{person}"), patch).await.status, 200);
    }

    /// How many seats are counted.
    pub(crate) async fn seats(&self) -> u64 {
        self.world.store.tally(&self.world.workspace, &self.world.hub).await.unwrap().seats
    }

    pub(crate) async fn access(&self, person: &str) -> Access {
        let people: [PersonId; 1] = [person.parse().unwrap()];
        let found =
            Facts::accesses(&*self.world.store, &self.world.workspace, &self.world.hub, &people).await;
        found.unwrap().into_values().next().unwrap()
    }

    /// Whether the app has them, as it was last seen.
    pub(crate) async fn is_seated(&self, person: &str) -> bool {
        self.access(person).await.observed.is_some_and(|observed| observed.account.is_some())
    }

    /// The newest automation.
    pub(crate) async fn automation(&self) -> Value {
        self.world.api("GET", "/automations?limit=1", Value::Null).await.body["items"][0].clone()
    }

    /// Its jobs.
    pub(crate) async fn jobs(&self) -> Vec<Value> {
        let automation = self.automation().await;
        let path = format!("/automations/{}/jobs?limit=200", automation["id"].as_str().unwrap());
        self.world.api("GET", &path, Value::Null).await.body["items"].as_array().unwrap().clone()
    }

    /// Those of its jobs that stand here.
    pub(crate) async fn jobs_in(&self, state: &str) -> Vec<Value> {
        self.jobs().await.into_iter().filter(|job| job["state"] == state).collect()
    }

    /// Decides about a held job.
    pub(crate) async fn rule(&self, job: &Value, verdict: &str) -> Value {
        let path = format!("/jobs/{}/{verdict}", job["id"].as_str().unwrap());
        let answer = self.world.api("POST", &path, Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }
}
