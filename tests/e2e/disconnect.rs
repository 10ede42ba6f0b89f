//! Disconnecting an integration: nothing of it is left, late work ends well, and the app anew starts clean.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_domain::ports::Execution;

use crate::{access_patterns::world::World, guards::Office};

/// The kinds of rows that are left of the hub, past the store. Jobs and automations are the log's.
async fn left(world: &World, integration: &str) -> BTreeSet<String> {
    let own = format!("W#main#I#{integration}");
    let ends = [format!("A#{integration}"), format!("S#{integration}"), format!("I#{integration}")];
    let text = |row: &Value, name: &str| row[name]["S"].as_str().unwrap_or("counter").to_owned();
    let of_it = |row: &Value| {
        let (partition, sort) = (text(row, "pk"), text(row, "sk"));
        partition == own || partition.starts_with(&format!("{own}#")) || ends.contains(&sort)
    };
    world.rows().await.iter().filter(|row| of_it(row)).map(|row| text(row, "type")).collect()
}

/// Those that are kept for a while: what happened, and what ends by itself.
const KEPT: [&str; 3] = ["activity", "name", "sync_page"];

async fn assert_forgotten(world: &World, integration: &str) {
    let left = left(world, integration).await;
    assert!(left.iter().all(|kind| KEPT.contains(&kind.as_str())), "{left:?}");
    let path = format!("/integrations/{integration}");
    assert_eq!(world.api("GET", &path, Value::Null).await.status, 404);
}

async fn disconnect(world: &World, integration: &str, people: &str) -> Value {
    let path = format!("/integrations/{integration}?people={people}");
    let answer = world.api("DELETE", &path, Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Somebody more in the office's team.
async fn join(office: &Office, name: &str) -> String {
    let user = json!({"userName": name, "active": true});
    let person = office.world.scim("POST", "/Users", user).await.id();
    let operation = json!({"op": "add", "path": "members", "value": [{"value": person}]});
    let patch =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    let answer = office.world.scim("PATCH", &format!("/Groups/{}", office.team), patch).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    person
}

#[tokio::test]
async fn people_who_are_left_stay_in_the_app_and_nothing_of_it_is_left_here() {
    let office = Office::new(30, json!({})).await;
    let world = &office.world;
    office.ok("POST", "/sync", Value::Null).await;
    world.settle().await;
    // Shared without a seat: nothing is ever decided for these, and no list of the hub has them.
    let alone = json!({"userName": "alone", "active": true});
    let alone = world.scim("POST", "/Users", alone).await.id();
    office.ok("PUT", &format!("/shares/people/{alone}"), json!({"app_access": {"kind": "hub_only"}})).await;
    join(&office, "late").await;
    world.plan().await;
    let late = world.messages();
    assert_eq!(late.len(), 1, "somebody is about to be seated");
    let automation = office.automation().await;
    world.app_calls();
    let hub = world.hub.to_string();

    let told = disconnect(world, &hub, "leave").await;
    assert_eq!(
        (&told["disconnected"], &told["seats"], &told["shares"]),
        (&json!(true), &json!(30), &json!(2))
    );
    assert_eq!(world.api("GET", &format!("/integrations/{hub}"), Value::Null).await.status, 404, "at once");
    let again = world.api("DELETE", &format!("/integrations/{hub}?people=leave"), Value::Null).await;
    assert_eq!(again.status, 404);
    // A message, before the rest has gone and after.
    world.execute(&late[0]).await;
    world.settle().await;
    world.execute(&late[0]).await;
    // And work that is found by its due time, when no message is left.
    world.wait(3_600);
    world.reconcile().await;
    world.settle().await;
    assert_forgotten(world, &hub).await;
    assert_eq!(world.app_calls(), 0, "the app is left as it is");

    // The log still tells, and what was open is called off.
    let path = format!("/automations/{}", automation["id"].as_str().unwrap());
    let told = world.api("GET", &path, Value::Null).await.body;
    assert_eq!((&told["counts"], &told["status"]), (&json!({"cancelled": 1}), &json!("completed")), "{told}");
    let jobs = world.api("GET", &format!("{path}/jobs"), Value::Null).await.body;
    assert_eq!(jobs["items"][0]["error"]["class"], "disconnected", "{jobs}");
    for page in ["/", "/automations", path.as_str(), "/integrations", "/usage", "/audit"] {
        let shown = world.page(page).await;
        assert!(shown.contains("<main"), "{page}: {shown}");
    }

    // The same app, connected anew, knows everybody by who is there.
    let role =
        |key: &str, rank: u32| json!({"key": key, "name": key, "exclusion_group": "role", "rank": rank});
    let form = json!({
        "name": "The hub again", "kind": "business_hub", "connector": "scim",
        "config": {"base_url": world.app_url(), "roles": {"as": "roles_attribute"}},
        "credentials": {"bearer_token": "app-token"},
        "catalogue": {"roles": [role("viewer", 1), role("editor", 2), role("admin", 3)]},
    });
    let made = world.api("POST", "/integrations", form).await;
    let anew = made.body["integration"]["id"].as_str().unwrap().to_owned();
    let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
    let path = format!("/integrations/{anew}/shares/teams/{}", office.team);
    assert_eq!(world.api("PUT", &path, share).await.status, 200);
    world.settle().await;
    let seats = world.store.tally(&world.workspace, &anew.parse().unwrap()).await.unwrap().seats;
    assert_eq!(seats, 31);
}

#[tokio::test]
async fn everybody_is_removed_first_through_the_guards_and_the_last_one_ends_it() {
    let office = Office::new(12, json!({})).await;
    let world = &office.world;
    let hub = world.hub.to_string();
    let stays = office.people[0].clone();
    let mark = json!({"kind": "protected", "reason": "the agency's own"});
    office.ok("PUT", &format!("/people/{stays}/mark"), mark).await;
    world.settle().await;

    let asked = office.ok("POST", "/preview", json!({"change": {"kind": "disconnect"}})).await;
    let foretold = asked["items"][0].clone();
    assert_eq!(foretold["totals"], json!({"removed": 12}), "{foretold}");
    let told = disconnect(world, &hub, "remove").await;
    assert_eq!((&told["disconnected"], &told["seats"]), (&json!(false), &json!(12)));
    world.settle().await;
    let held = office.jobs_in("held").await.len();
    assert_eq!(foretold["works"]["held"], json!(held), "{foretold}");
    assert!(held > 0, "a disconnection is no way around the guards");
    assert_eq!(office.automation().await["actor"]["name"], "Measure");

    // Nobody gets in meanwhile, and nobody asks for it.
    join(&office, "late").await;
    let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
    let path = format!("/integrations/{hub}/shares/people/{stays}");
    assert_eq!(world.api("PUT", &path, share).await.status, 409);
    world.reconcile().await;
    world.settle().await;
    assert_eq!(office.seats().await as usize, held + 1);
    let why = office.ok("GET", &format!("/people/{stays}/explain"), Value::Null).await;
    assert_eq!(why["missing"][0]["code"], "disconnecting", "{why}");
    assert!(world.page(&format!("/integrations/{hub}")).await.contains("Being disconnected since"));

    office.ok("POST", "/held/approve", Value::Null).await;
    world.settle().await;
    world.reconcile().await;
    world.settle().await;
    assert_eq!(office.seats().await, 1, "whoever is protected stays, and so does the integration");

    // Until somebody decides about them.
    world.api("DELETE", &format!("/integrations/{hub}/people/{stays}/mark"), Value::Null).await;
    world.settle().await;
    office.ok("POST", "/held/approve", Value::Null).await;
    world.settle().await;
    assert_eq!(office.seats().await, 0);
    world.wait(2 * 60 * 60);
    world.reconcile().await;
    world.settle().await;
    assert_forgotten(world, &hub).await;
}

#[tokio::test]
async fn who_got_in_at_the_moment_of_the_wish_is_found_and_removed() {
    let office = Office::new(2, json!({"losses": {"count": 100, "percent": 100}})).await;
    let world = &office.world;
    let hub = world.hub.to_string();
    // Nobody is on the list yet when the planner comes for the first time.
    let wish = disconnect(world, &hub, "remove");
    let (_, late) = tokio::join!(wish, join(&office, "late"));
    world.settle().await;
    world.reconcile().await;
    world.settle().await;
    world.reconcile().await;
    world.settle().await;
    assert_forgotten(world, &hub).await;
    assert!(!late.is_empty());
}

#[tokio::test]
async fn an_integrations_own_connection_goes_with_its_directory_and_its_name_is_free_again() {
    let world = World::new().await;
    let form = || {
        json!({"name": "Gateway", "kind": "id_lcm", "connector": "scim", "connection": {"slug": "app"},
            "config": {"base_url": world.app_url()}, "credentials": {"bearer_token": "app-token"}})
    };
    let made = world.api("POST", "/integrations", form()).await.body;
    let id = made["integration"]["id"].as_str().unwrap().to_owned();
    let token = made["scim"]["token"].as_str().unwrap().to_owned();
    let schemas = json!({
        "schemas": [{"id": "urn:example:badge:2.0:Badge", "attributes": [{"name": "number", "type": "string"}]}],
        "resourceTypes": [{"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:badge:2.0:Badge"}],
    });
    let set = world.api("PUT", "/connections/main.app/schemas", schemas).await;
    assert_eq!(set.status, 200, "{}", set.body);
    let client = json!({"name": "Robot", "authentication": "client_secret"});
    assert_eq!(world.api("POST", "/connections/main.app/clients", client).await.status, 201);
    let scim = async |path: &str, body| world.scim_at("main.app", &token, ("POST", path), body).await;
    for number in 0..30 {
        let user = json!({"userName": format!("p{number}"), "active": true});
        assert_eq!(scim("/Users", user).await.status, 201);
    }
    assert_eq!(scim("/Groups", json!({"displayName": "Editors"})).await.status, 201);
    let badge = json!({"schemas": ["urn:example:badge:2.0:Badge"], "number": "7"});
    assert_eq!(scim("/Badges", badge).await.status, 201);
    world.settle().await;

    disconnect(&world, &id, "leave").await;
    world.cool_down();
    let user = json!({"userName": "late", "active": true});
    assert_eq!(scim("/Users", user).await.status, 401, "its tokens open nothing any more");
    let taken = world.api("POST", "/integrations", form()).await;
    assert_eq!(taken.status, 409, "the name is free when the old directory has gone: {}", taken.body);
    world.settle().await;
    assert_forgotten(&world, &id).await;
    let of_connection = world.rows().await.into_iter().filter(|row| {
        let kind = row["type"]["S"].as_str().unwrap_or("counter");
        // Deleted users and groups are kept for a month, as everywhere; what happened for longer.
        let ends = ["change", "audit", "user", "group", "job", "automation", "activity", "retired"];
        !ends.contains(&kind) && row.to_string().contains("main.app")
    });
    let of_connection: Vec<Value> = of_connection.collect();
    assert!(of_connection.is_empty(), "{of_connection:?}");
    assert_eq!(world.api("GET", "/connections/main.app", Value::Null).await.status, 404);

    let anew = world.api("POST", "/integrations", form()).await.body;
    let token = anew["scim"]["token"].as_str().unwrap();
    let found = world.scim_at("main.app", token, ("GET", "/Users"), Value::Null).await.body;
    assert_eq!(found["totalResults"], 0, "{found}");
}

#[tokio::test]
async fn what_a_disconnected_integration_used_stays_on_the_bill() {
    let office = Office::new(3, json!({})).await;
    let world = &office.world;
    let usage = async || world.api("GET", "/usage", Value::Null).await.body;
    let before = usage().await;
    assert_eq!(before["total"]["jobs"], 3, "{before}");
    disconnect(world, world.hub.as_str(), "leave").await;
    let during = usage().await;
    world.settle().await;
    let after = usage().await;
    for told in [during, after] {
        assert_eq!(
            (&told["total"]["jobs"], &told["total"]["app_calls"]),
            (&before["total"]["jobs"], &before["total"]["app_calls"]),
            "{told}"
        );
        assert_eq!(told["integrations"][0]["name"], "The hub (disconnected)");
    }
    world.wait(31 * 24 * 60 * 60);
    world.reconcile().await;
    world.wait(31 * 24 * 60 * 60);
    let later = usage().await;
    assert_eq!((&later["total"]["jobs"], &later["integrations"]), (&json!(0), &json!([])), "{later}");
}
