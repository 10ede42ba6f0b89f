//! "Who may do what", cell by cell, through the API: every operation of the OpenAPI document by every kind of caller.

pub(crate) mod rows;

use std::collections::BTreeSet;

use rows::{Row, Who, rows};
use serde_json::{Value, json};

use crate::{
    access_patterns::world::{Answer, World},
    sign_in::{browser::Browser, provider::Provider},
};

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Owner,
    SuperAdmin,
    Admin,
    HubOwner,
    HubManager,
    HubCollaborator,
    /// Owns another hub.
    OtherHubOwner,
    User,
    Guest,
}

const COLUMNS: [Column; 9] = [
    Column::Owner,
    Column::SuperAdmin,
    Column::Admin,
    Column::HubOwner,
    Column::HubManager,
    Column::HubCollaborator,
    Column::OtherHubOwner,
    Column::User,
    Column::Guest,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Allowed,
    Refused,
    NotFound,
}

/// The cell of the table.
fn expected(who: Who, column: Column) -> Answered {
    use Column::*;
    let allowed = match who {
        Who::Everybody => true,
        Who::Workspace => matches!(column, Owner | SuperAdmin),
        Who::Admins => matches!(column, Owner | SuperAdmin | Admin),
        Who::HubOwner => matches!(column, Owner | SuperAdmin | Admin | HubOwner),
        Who::HubManager => matches!(column, Owner | SuperAdmin | Admin | HubOwner | HubManager),
        Who::AnyHubManager => {
            matches!(column, Owner | SuperAdmin | Admin | HubOwner | HubManager | OtherHubOwner)
        }
    };
    let in_a_hub = matches!(who, Who::HubOwner | Who::HubManager);
    match (allowed, column) {
        (true, _) => Answered::Allowed,
        // A hub in which one has no role reads as not found.
        (false, OtherHubOwner | User | Guest) if in_a_hub => Answered::NotFound,
        (false, _) => Answered::Refused,
    }
}

fn answered(answer: &Answer) -> Answered {
    match answer.status {
        400 | 401 | 422 => panic!("the row's request is not good: {}", answer.body),
        403 => Answered::Refused,
        404 => Answered::NotFound,
        _ => Answered::Allowed,
    }
}

/// A workspace with two hubs, and somebody of each kind.
pub(crate) struct Stage {
    pub(crate) world: World,
    provider: Provider,
    keys: Vec<(Column, String)>,
    people: Vec<(Column, String)>,
    team: String,
    person: String,
    automation: String,
    job: String,
    pub(crate) other_hub: String,
}

fn hub_form(name: &str) -> Value {
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

    fn key(&self, column: Column) -> &str {
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

    async fn make(&self, name: &str) -> String {
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

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn good(answer: Answer) -> Answer {
    assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    answer
}

async fn colleague(world: &World, name: &str) -> String {
    good(
        world
            .scim("POST", "/Users", json!({"userName": format!("{name}@example.com"), "active": true}))
            .await,
    )
    .id()
}

async fn team(world: &World, name: &str, people: &[&str]) -> String {
    let members: Value = people.iter().map(|person| json!({ "value": person })).collect();
    good(world.scim("POST", "/Groups", json!({"displayName": name, "members": members})).await).id()
}

async fn share_alone(world: &World, hub: &str, person: &str, role: &str) {
    let body = json!({"hub_role": role, "app_access": {"kind": "hub_only"}});
    good(world.api("PUT", &format!("/integrations/{hub}/shares/people/{person}"), body).await);
}

async fn share_by_team(world: &World, hub: &str, person: &str, role: &str) {
    let team = team(world, &format!("Those who are {role} of {hub}"), &[person]).await;
    let body = json!({"hub_role": role, "app_access": {"kind": "hub_only"}});
    good(world.api("PUT", &format!("/integrations/{hub}/shares/teams/{team}"), body).await);
}

#[tokio::test]
async fn every_operation_by_everybody() {
    let stage = Stage::new().await;
    let document = stage.world.console("/api/openapi.json").await.body;
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let operations: BTreeSet<String> = operations.map(|operation| text(&operation["operationId"])).collect();
    let rows = rows();
    let known: BTreeSet<String> = rows.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(operations, known, "tests/e2e/permissions/rows.rs has a line for each operation");

    let mut wrong = Vec::new();
    for row in &rows {
        for column in COLUMNS {
            let (path, body) = stage.fill(row).await;
            let answer = stage.ask(column, row.request.0, &path, body).await;
            let (expected, answered) = (expected(row.who, column), answered(&answer));
            if answered != expected {
                let Row { operation, .. } = row;
                wrong.push(format!(
                    "{operation} by {column:?}: {answered:?} instead of {expected:?}: {}",
                    answer.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn lists_show_ones_own_hubs_only() {
    let stage = Stage::new().await;
    let ids = |answer: &Answer, field: &str| -> BTreeSet<String> {
        answer.body["items"].as_array().unwrap().iter().map(|item| text(&item[field])).collect()
    };
    let hub = BTreeSet::from([stage.world.hub.to_string()]);
    let other = BTreeSet::from([stage.other_hub.clone()]);
    let get = async |column, path| good(stage.ask(column, "GET", path, Value::Null).await);
    assert_eq!(ids(&get(Column::HubManager, "/integrations").await, "id"), hub);
    assert_eq!(ids(&get(Column::OtherHubOwner, "/integrations").await, "id"), other);
    assert_eq!(ids(&get(Column::HubManager, "/automations").await, "integration"), hub);
    assert_eq!(get(Column::OtherHubOwner, "/automations").await.body["items"], json!([]));
    let asked = json!({"change": {"kind": "deactivate_person", "person": stage.person}});
    let foreseen = good(stage.ask(Column::OtherHubOwner, "POST", "/preview", asked).await);
    assert!(!foreseen.body.to_string().contains(stage.world.hub.as_str()), "{}", foreseen.body);
}

#[tokio::test]
async fn everybody_sees_their_own_access_and_why() {
    let stage = Stage::new().await;
    let hub = stage.world.hub.as_str();
    for column in COLUMNS {
        let path = format!("/integrations/{hub}/people/{}/explain", stage.person(column));
        good(stage.ask(column, "GET", &path, Value::Null).await);
        let me = good(stage.ask(column, "GET", "/me", Value::Null).await).body;
        assert_eq!(me["person"], stage.person(column));
        let own: Vec<String> =
            me["integrations"].as_array().unwrap().iter().map(|own| text(&own["integration"])).collect();
        let expected: Vec<&str> = match column {
            Column::HubOwner | Column::HubManager | Column::HubCollaborator => vec![hub],
            Column::OtherHubOwner => vec![&stage.other_hub],
            _ => vec![],
        };
        assert_eq!(own, expected, "{column:?}");
    }
}

#[tokio::test]
async fn a_manager_gives_no_more_than_they_have() {
    let stage = Stage::new().await;
    let (hub, team, owner) = (stage.world.hub.as_str(), &stage.team, stage.person(Column::HubOwner));
    let path = format!("/integrations/{hub}/shares/teams/{team}");
    let share = |hub_role: &str, access: Value| json!({"hub_role": hub_role, "app_access": access});
    let plain = || json!({"kind": "invite", "roles": ["viewer"]});
    let with_assets = || json!({"kind": "invite", "roles": ["viewer"], "assets": {"page": ["read"]}});
    let put = async |column, body| stage.ask(column, "PUT", &path, body).await.status;
    assert_eq!(put(Column::HubManager, share("manager", plain())).await, 200);
    assert_eq!(put(Column::HubManager, share("owner", plain())).await, 403, "a higher hub role");
    assert_eq!(put(Column::HubManager, share("manager", with_assets())).await, 403, "assets");
    assert_eq!(put(Column::HubOwner, share("owner", with_assets())).await, 200);
    assert_eq!(
        put(Column::HubManager, share("collaborator", with_assets())).await,
        403,
        "an Owner is demoted"
    );
    assert_eq!(stage.ask(Column::HubManager, "DELETE", &path, Value::Null).await.status, 403);
    // The Owner's own individual share is that of a Collaborator.
    let path = format!("/integrations/{hub}/shares/people/{owner}");
    assert_eq!(stage.ask(Column::HubManager, "DELETE", &path, Value::Null).await.status, 204);
}

#[tokio::test]
async fn the_owner_promotes_anybody_a_super_admin_up_to_admin() {
    let stage = Stage::new().await;
    let put = async |by, whom: &str, role: &str| {
        stage.ask(by, "PUT", &format!("/members/{whom}"), json!({ "role": role })).await.status
    };
    let user = stage.person(Column::User);
    assert_eq!(put(Column::SuperAdmin, user, "admin").await, 200);
    assert_eq!(put(Column::SuperAdmin, user, "super_admin").await, 403);
    assert_eq!(put(Column::SuperAdmin, user, "owner").await, 403);
    assert_eq!(put(Column::SuperAdmin, stage.person(Column::Owner), "user").await, 403);
    assert_eq!(put(Column::Owner, user, "super_admin").await, 200);
    assert_eq!(
        put(Column::SuperAdmin, user, "admin").await,
        403,
        "a Super Admin is not a Super Admin's to demote"
    );
    assert_eq!(put(Column::Admin, user, "user").await, 403);
    let key = async |by, role: &str| {
        stage.ask(by, "POST", "/api-keys", json!({"name": "k", "role": role})).await.status
    };
    assert_eq!(key(Column::SuperAdmin, "super_admin").await, 201);
    assert_eq!(key(Column::SuperAdmin, "owner").await, 403);
    let link = format!("/members/{}/sign-in-links", stage.person(Column::Owner));
    assert_eq!(stage.ask(Column::SuperAdmin, "POST", &link, Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_workspace_has_exactly_one_owner() {
    let stage = Stage::new().await;
    let owners = async || {
        let members = stage.world.api("GET", "/members", Value::Null).await;
        let members = members.body["items"].as_array().unwrap().clone();
        members
            .into_iter()
            .filter(|member| member["role"] == "owner")
            .map(|member| text(&member["person"]))
            .collect::<Vec<_>>()
    };
    let (owner, heir) = (stage.person(Column::Owner), stage.person(Column::Admin));
    assert_eq!(owners().await, [owner]);
    let demoted =
        stage.ask(Column::Owner, "PUT", &format!("/members/{owner}"), json!({"role": "admin"})).await;
    assert_eq!(demoted.status, 409, "{}", demoted.body);
    let left = stage.ask(Column::Owner, "DELETE", &format!("/members/{owner}"), Value::Null).await;
    assert_eq!(left.status, 409, "{}", left.body);
    // Two at once: one of them is it in the end.
    let other = stage.person(Column::SuperAdmin);
    let (heir_path, other_path) = (format!("/members/{heir}"), format!("/members/{other}"));
    let make = |path| stage.ask(Column::Owner, "PUT", path, json!({"role": "owner"}));
    let (first, second) = tokio::join!(make(&heir_path), make(&other_path));
    assert!(first.status == 200 || second.status == 200);
    assert_eq!(owners().await.len(), 1);
    let now = stage.ask(Column::Owner, "GET", "/me", Value::Null).await;
    assert_eq!(now.body["role"], "super_admin", "who handed it over is a Super Admin");
}

#[tokio::test]
async fn a_key_ends_with_its_person_and_with_its_role() {
    let stage = Stage::new().await;
    let person = stage.person(Column::Admin);
    good(stage.world.api("DELETE", &format!("/members/{person}"), Value::Null).await);
    assert_eq!(stage.ask(Column::Admin, "GET", "/workspace", Value::Null).await.status, 403, "at once");
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    good(stage.world.scim("PATCH", &format!("/Users/{person}"), patch).await);
    assert_eq!(stage.ask(Column::Admin, "GET", "/me", Value::Null).await.status, 401);
}

#[tokio::test]
async fn the_ids_of_another_workspace_read_as_not_found() {
    let stage = Stage::new().await;
    let foreign = stage.world.other_workspace().await;
    let mut wrong = Vec::new();
    for row in rows().iter().filter(|row| row.request.1.contains('{')) {
        let (path, body) = stage.fill(row).await;
        let answer = stage.world.api_as(&foreign, row.request.0, &path, body).await;
        if answer.status != 404 {
            wrong.push(format!("{}: {} {}", row.operation, answer.status, answer.body));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
