//! "Who may do what", cell by cell, through the API: every operation of the OpenAPI document by every kind of caller.

pub(crate) mod rows;
pub(crate) mod stage;

use std::collections::BTreeSet;

use rows::{Row, Who, rows};
use serde_json::{Value, json};
use stage::{Stage, good, text};

use crate::access_patterns::world::Answer;

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
