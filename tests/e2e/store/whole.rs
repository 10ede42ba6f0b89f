//! Whole workspaces: what is exported, and that nothing is left of one that was erased.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use usher_aws::store::Place;
use usher_domain::{
    id::WorkspaceId,
    ports::{Admin, Operating},
    tenancy::Tenancy,
};

use crate::access_patterns::world::World;

/// The secrets that the world knows, in any form in which they could be told.
const SECRETS: [&str; 3] = ["app-token", "usher_", "hash"];

/// A workspace in which everything happened once: people, teams, shares, jobs, a sync, clients, tokens, acts of admins; and
/// another one whose name begins the same.
pub(super) async fn busy_world() -> World {
    let world = World::new().await;
    world.other_workspace().await;
    let ada = world.scim("POST", "/Users", json!({"userName": "ada@example.com", "active": true})).await.id();
    let group = json!({"displayName": "Everybody", "members": [{"value": ada}]});
    let team = world.scim("POST", "/Groups", group).await.id();
    world.share(&team).await;
    world.settle().await;
    let (client, secret) = world.client().await;
    assert_eq!(world.grant(&client, &secret).await.status, 200);
    let sync = world.api("POST", &format!("/integrations/{}/sync", world.hub), json!({})).await;
    assert!(sync.status < 300, "{}", sync.body);
    world.settle().await;
    world.api("PUT", &format!("/members/{ada}"), json!({"role": "admin"})).await;
    world.reconcile().await;
    world.store.put_tenancy(&world.workspace, &Tenancy::default()).await.unwrap();
    let gone =
        world.scim("POST", "/Users", json!({"userName": "bob@example.com", "active": true})).await.id();
    world.scim("DELETE", &format!("/Users/{gone}"), Value::Null).await;
    world.settle().await;
    let alike: WorkspaceId = "main2".parse().unwrap();
    let workspace = usher_domain::workspace::Workspace::new(alike, "Alike", world.now());
    world.store.put_workspace(&workspace, usher_domain::ports::AdminWrite::Create).await.unwrap();
    world
}

fn key(row: &Value, name: &str) -> String {
    row[name]["S"].as_str().unwrap_or("counter").to_owned()
}

/// How many rows of each kind a workspace has.
async fn kinds(world: &World, workspace: &str) -> BTreeMap<String, usize> {
    let (own, below) = (format!("W#{workspace}"), format!("W#{workspace}#"));
    let mut kinds = BTreeMap::new();
    for row in world.rows().await {
        let partition = key(&row, "pk");
        if partition == own || partition.starts_with(&below) || key(&row, "sk") == workspace {
            *kinds.entry(key(&row, "type")).or_default() += 1;
        }
    }
    kinds
}

async fn export(world: &World) -> Vec<Value> {
    let (mut rows, mut from): (Vec<Value>, Option<Place>) = (Vec::new(), None);
    loop {
        let found = world.store.export(&world.workspace, from).await.unwrap();
        rows.extend(found.rows);
        from = found.next;
        if from.is_none() {
            return rows;
        }
    }
}

#[tokio::test]
async fn an_export_has_every_row_but_credentials_and_what_only_finds_rows() {
    let world = busy_world().await;
    let rows = export(&world).await;
    let mut exported: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        *exported.entry(row["type"].as_str().unwrap().to_owned()).or_default() += 1;
        let text = row.to_string();
        for secret in SECRETS {
            // An act of making a token is told by its name.
            assert!(!text.replace("usher_connector", "").contains(secret), "{secret} in {text}");
        }
        assert!(row["pk"].as_str().unwrap().starts_with("W#main"), "{text}");
        assert!(!row["pk"].as_str().unwrap().starts_with("W#main2"), "{text}");
    }
    let stored = kinds(&world, "main").await;
    let withheld: BTreeSet<&str> =
        stored.keys().filter(|kind| !exported.contains_key(*kind)).map(String::as_str).collect();
    let expected = ["counter", "index", "integration_entry", "name", "oauth_token", "register", "sync_page"];
    assert_eq!(withheld, BTreeSet::from(expected), "a new kind is exported, or withheld for a reason");
    for (kind, count) in &exported {
        assert_eq!(stored[kind], *count, "{kind}");
    }
    let user = rows.iter().find(|row| row["type"] == "user" && row.to_string().contains("ada")).unwrap();
    assert!(user["doc"].is_object(), "{user}");
    let hub = rows.iter().find(|row| row["type"] == "integration").unwrap();
    assert_eq!(hub["doc"]["config"]["roles"], json!({"as": "roles_attribute"}));
    assert!(hub["doc"].get("sealed_credentials").is_none());
}

#[tokio::test]
async fn nothing_is_left_of_an_erased_workspace_and_all_of_its_neighbours() {
    let world = busy_world().await;
    let others = (kinds(&world, "other").await, kinds(&world, "main2").await);
    let before: usize = kinds(&world, "main").await.values().sum();
    let erase = async || {
        let (mut erased, mut from) = (0, None);
        loop {
            let found = world.store.erase(&world.workspace, from).await.unwrap();
            erased += found.rows;
            from = found.next;
            if from.is_none() {
                return erased;
            }
        }
    };
    // Until the end it is known that there is a workspace to erase.
    assert_eq!(erase().await as usize, before - 3);
    assert_eq!(
        kinds(&world, "main").await.into_keys().collect::<Vec<_>>(),
        ["register", "tenancy", "workspace"]
    );
    assert_eq!(erase().await, 0);
    world.store.erase_frame(&world.workspace).await.unwrap();
    assert_eq!(kinds(&world, "main").await, BTreeMap::new());
    assert_eq!((kinds(&world, "other").await, kinds(&world, "main2").await), others);

    // Whoever still comes finds nobody, and late deliveries write nothing.
    world.cool_down();
    assert_eq!(world.scim("GET", "/Users", Value::Null).await.status, 401);
    world.settle().await;
    world.reconcile().await;
    assert_eq!(kinds(&world, "main").await, BTreeMap::new());
}
