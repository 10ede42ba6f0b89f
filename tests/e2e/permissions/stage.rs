//! A workspace with a caller of every kind.

use serde_json::{Value, json};

use super::{COLUMNS, Column, rows::Row};
use crate::{
    access_patterns::world::{Answer, World},
    sign_in::{browser::Browser, provider::Provider},
};

/// A workspace with two hubs, and somebody of each kind.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(super) provider: Provider,
    pub(super) keys: Vec<(Column, String)>,
    pub(super) people: Vec<(Column, String)>,
    pub(super) team: String,
    pub(super) person: String,
    pub(super) automation: String,
    pub(super) job: String,
    pub(crate) other_hub: String,
}

pub(super) fn hub_form(name: &str) -> Value {
    json!({"name": name, "kind": "business_hub", "connector": "scim", "config": {"base_url": "https://app.example/scim/v2"}})
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let made = world.api("POST", "/integrations", hub_form("The other hub")).await;
        let other_hub = text(&made.body["integration"]["id"]);
        let hub = world.hub.to_string();
        let (mut keys, mut people) = (Vec::new(), Vec::new());
        for column in COLUMNS {
            let person = colleague(&world, &format!("{column:?}")).await;
            let role = match column {
                Column::Owner => "owner",
                Column::SuperAdmin => "super_admin",
                Column::Admin => "admin",
                Column::Guest => "guest",
                _ => "user",
            };
            good(world.api("PUT", &format!("/members/{person}"), json!({ "role": role })).await);
            match column {
                // The highest of both ways counts.
                Column::HubOwner => {
                    share_alone(&world, &hub, &person, "collaborator").await;
                    share_by_team(&world, &hub, &person, "owner").await;
                }
                Column::HubManager => share_by_team(&world, &hub, &person, "manager").await,
                Column::HubCollaborator => share_alone(&world, &hub, &person, "collaborator").await,
                Column::OtherHubOwner => share_alone(&world, &other_hub, &person, "owner").await,
                _ => {}
            }
            let form = json!({"name": format!("{column:?}"), "role": "owner", "person": person});
            let key = good(world.api("POST", "/api-keys", form).await);
            keys.push((column, text(&key.body["token"])));
            people.push((column, person));
        }
        let person = colleague(&world, "seated").await;
        let team = team(&world, "Shared", &[&person]).await;
        world.share(&team).await;
        world.settle().await;
        let automations = world.api("GET", "/automations", Value::Null).await;
        let automation = text(&automations.body["items"][0]["id"]);
        let jobs = world.api("GET", &format!("/automations/{automation}/jobs"), Value::Null).await;
        let job = text(&jobs.body["items"][0]["id"]);
        let provider = Provider::start().await;
        Self { world, provider, keys, people, team, person, automation, job, other_hub }
    }

    pub(super) fn key(&self, column: Column) -> &str {
        &self.keys.iter().find(|(known, _)| *known == column).unwrap().1
    }

    pub(crate) fn person(&self, column: Column) -> &str {
        &self.people.iter().find(|(known, _)| *known == column).unwrap().1
    }

    pub(crate) async fn ask(&self, column: Column, method: &str, path: &str, body: Value) -> Answer {
        self.world.api_as(self.key(column), method, path, body).await
    }

    /// The path and body of a row, with what they name.
    pub(crate) async fn fill(&self, row: &Row) -> (String, Value) {
        let (mut path, mut body) = (row.request.1.to_owned(), row.body.to_string());
        let hub = self.world.hub.as_str();
        for (name, id) in [
            ("{hub}", hub),
            ("{job}", &self.job),
            ("{automation}", &self.automation),
            ("{connection}", "main.idp"),
            ("{team}", &self.team),
            ("{person}", &self.person),
            ("{issuer}", &self.provider.issuer),
        ] {
            path = path.replace(name, id);
            body = body.replace(name, id);
        }
        for name in [
            "{new hub}",
            "{new team}",
            "{new client}",
            "{new token}",
            "{new key}",
            "{new member}",
            "{new session}",
            "{new webhook}",
            "{new delivery}",
            "{shared team}",
            "{shared person}",
        ] {
            if path.contains(name) {
                path = path.replace(name, &self.make(name).await);
            }
        }
        (path, serde_json::from_str(&body).unwrap())
    }

    pub(super) async fn make(&self, name: &str) -> String {
        let world = &self.world;
        let post = async |path: &str, body| good(world.api("POST", path, body).await).body;
        match name {
            "{new hub}" => {
                text(&post("/integrations", hub_form("A hub that goes")).await["integration"]["id"])
            }
            "{new team}" => {
                let made = world.api("GET", "/teams?limit=200", Value::Null).await.body["items"].clone();
                let name = format!("Crew {}", made.as_array().unwrap().len());
                text(&post("/teams", json!({ "name": name })).await["id"])
            }
            "{new client}" => {
                let form = json!({"name": "Robot", "authentication": "client_secret"});
                text(&post("/connections/main.idp/clients", form).await["client"]["id"])
            }
            "{new token}" => {
                let made = post("/connections/main.idp/tokens", json!({"overlap_seconds": 0})).await;
                text(&made["connection"]["tokens"][0]["id"])
            }
            "{new key}" => {
                text(&post("/api-keys", json!({"name": "Short", "role": "user"})).await["key"]["id"])
            }
            "{new member}" => {
                good(world.api("PUT", &format!("/members/{}", self.person), json!({"role": "admin"})).await);
                self.person.clone()
            }
            "{new webhook}" => {
                let form = json!({"name": "Pager", "url": "https://pager.example/", "events": ["job.held"]});
                let made = text(&post("/webhooks", form).await["webhook"]["id"]);
                // A workspace has so many at most.
                for old in world.api("GET", "/webhooks", Value::Null).await.body["items"].as_array().unwrap()
                {
                    if old["id"] != made.as_str() {
                        let path = format!("/webhooks/{}", text(&old["id"]));
                        good(world.api("DELETE", &path, Value::Null).await);
                    }
                }
                made
            }
            "{new delivery}" => {
                let all = good(world.api("GET", "/webhooks", Value::Null).await).body;
                let webhook = text(&all["items"][0]["id"]);
                text(&post(&format!("/webhooks/{webhook}/test"), Value::Null).await["id"])
            }
            "{new session}" => {
                let mut browser = Browser::new(world);
                let link = post(&format!("/members/{}/sign-in-links", self.person), Value::Null).await;
                browser.follow(link["url"].as_str().unwrap()).await;
                browser.session().unwrap()
            }
            "{shared team}" => {
                world.share(&self.team).await;
                self.team.clone()
            }
            "{shared person}" => {
                share_alone(world, world.hub.as_str(), &self.person, "collaborator").await;
                self.person.clone()
            }
            other => panic!("{other} is not known"),
        }
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub(super) fn good(answer: Answer) -> Answer {
    assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    answer
}

pub(super) async fn colleague(world: &World, name: &str) -> String {
    good(
        world
            .scim("POST", "/Users", json!({"userName": format!("{name}@example.com"), "active": true}))
            .await,
    )
    .id()
}

pub(super) async fn team(world: &World, name: &str, people: &[&str]) -> String {
    let members: Value = people.iter().map(|person| json!({ "value": person })).collect();
    good(world.scim("POST", "/Groups", json!({"displayName": name, "members": members})).await).id()
}

pub(super) async fn share_alone(world: &World, hub: &str, person: &str, role: &str) {
    let body = json!({"hub_role": role, "app_access": {"kind": "hub_only"}});
    good(world.api("PUT", &format!("/integrations/{hub}/shares/people/{person}"), body).await);
}

pub(super) async fn share_by_team(world: &World, hub: &str, person: &str, role: &str) {
    let team = team(world, &format!("Those who are {role} of {hub}"), &[person]).await;
    let body = json!({"hub_role": role, "app_access": {"kind": "hub_only"}});
    good(world.api("PUT", &format!("/integrations/{hub}/shares/teams/{team}"), body).await);
}
