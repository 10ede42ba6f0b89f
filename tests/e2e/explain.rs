//! Explanations, through the admin API, of access that the real functions made.

use serde_json::{Value, json};

use crate::access_patterns::world::World;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

async fn explained(world: &World, person: &str) -> Value {
    let path = format!("/api/v1/integrations/{}/people/{person}/explain", world.hub);
    let answer = world.console(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn user(world: &World, name: &str) -> String {
    let made = world.scim("POST", "/Users", json!({"userName": name, "active": true})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.id()
}

async fn put_share(world: &World, with: &str, access: Value) {
    let path = format!("/integrations/{}/shares/{with}", world.hub);
    let put = world.api("PUT", &path, json!({ "app_access": access })).await;
    assert_eq!(put.status, 200, "{}", put.body);
}

fn codes(explained: &Value) -> Vec<&str> {
    explained["missing"].as_array().unwrap().iter().map(|missing| missing["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_seat_is_traced_to_the_scim_request_that_made_it() {
    let world = World::new().await;
    let ada = user(&world, "ada").await;
    let team = world.scim("POST", "/Groups", json!({"displayName": "Marketing"})).await.id();
    world.plan().await;
    put_share(&world, &format!("people/{ada}"), json!({"kind": "invite", "roles": ["viewer"]})).await;
    world.share(&team).await;
    world.settle().await;
    let join = json!({"schemas": [PATCH_OP], "Operations":
        [{"op": "add", "path": "members", "value": [{"value": ada}]}]});
    let joined = world.scim("PATCH", &format!("/Groups/{team}"), join).await;
    assert!(joined.status < 300, "{}", joined.body);
    let request = joined.headers["x-correlation-id"].to_str().unwrap();
    world.plan().await;

    let queued = explained(&world, &ada).await;
    assert_eq!(queued["open_job"]["state"], "queued");
    assert_eq!(queued["is_planned"], true);
    world.settle().await;

    let told = explained(&world, &ada).await;
    assert_eq!(told["resolved"]["roles"], json!(["editor"]));
    assert_eq!(told["access"]["observed"]["seat"]["roles"], json!(["editor"]));
    assert_eq!((&told["open_job"], &told["lease_until"], codes(&told)), (&Value::Null, &Value::Null, vec![]));
    let grants = told["grants"].as_array().unwrap();
    let by_team = grants.iter().find(|grant| grant["kind"] == "team_share").unwrap();
    let own = grants.iter().find(|grant| grant["kind"] == "person_share").unwrap();
    assert_eq!((&by_team["effect"], &by_team["team"]), (&json!("effective"), &json!(team)));
    assert_eq!(by_team["path"], "group “Marketing” of main.idp → team “Marketing” → share of The hub");
    assert_eq!(own["effect"], "shadowed");
    assert_eq!(
        own["lost"],
        json!([{"role": "viewer", "exclusion_group": "role", "winner": "editor", "because": "higher_rank",
            "given_by": ["the share with team “Marketing”"]}])
    );

    let history = told["history"].as_array().unwrap();
    assert_eq!(history.len(), 2, "the individual share's job, and the team's: {history:?}");
    let newest = &history[0];
    assert_eq!(newest["job"]["correlation_id"], request);
    assert_eq!((&newest["trigger"], &newest["actor"]["kind"]), (&json!("scim"), &json!("connection")));
    assert_eq!(newest["job"]["task"], "updating_user_roles");
    let events: Vec<_> =
        newest["activity"].as_array().unwrap().iter().map(|it| it["event"].clone()).collect();
    assert!(events.contains(&json!("update_requested")) && events.contains(&json!("updated")), "{events:?}");
    assert_eq!((&history[1]["trigger"], &history[1]["job"]["task"]), (&json!("api"), &json!("adding_users")));
}

#[tokio::test]
async fn somebody_without_a_seat_is_told_what_is_missing() {
    let world = World::new().await;
    let ada = user(&world, "ada").await;
    assert_eq!(codes(&explained(&world, &ada).await), ["not_shared"]);
    assert_eq!(codes(&explained(&world, "nobody").await), ["unknown"]);

    let team = world.scim("POST", "/Groups", json!({"displayName": "Marketing"})).await.id();
    world.share(&team).await;
    let outside = explained(&world, &ada).await;
    assert_eq!(codes(&outside), ["not_among_shares"]);
    assert_eq!(outside["missing"][0]["teams"], json!([{"id": team, "name": "Marketing"}]));

    put_share(&world, &format!("people/{ada}"), json!({"kind": "hub_only"})).await;
    let hub_only = explained(&world, &ada).await;
    assert_eq!((codes(&hub_only), &hub_only["grants"][0]["effect"]), (vec!["hub_only"], &json!("hub_only")));

    put_share(&world, &format!("people/{ada}"), json!({"kind": "invite", "roles": ["viewer"]})).await;
    let off = json!({"schemas": [PATCH_OP], "Operations":
        [{"op": "replace", "path": "active", "value": false}]});
    world.scim("PATCH", &format!("/Users/{ada}"), off).await;
    let inactive = explained(&world, &ada).await;
    assert_eq!(
        (codes(&inactive), &inactive["grants"][0]["effect"]),
        (vec!["deactivated"], &json!("inactive"))
    );

    world.scim("DELETE", &format!("/Users/{ada}"), Value::Null).await;
    assert!(codes(&explained(&world, &ada).await).contains(&"deleted"));

    let elsewhere = world.console("/api/v1/integrations/nowhere/people/nobody/explain").await;
    assert_eq!(elsewhere.status, 404);
}

#[tokio::test]
async fn a_removal_that_waits_says_until_when() {
    let world = World::new().await;
    let hub = format!("/integrations/{}", world.hub);
    assert_eq!(world.api("PATCH", &hub, json!({"grace_seconds": 600})).await.status, 200);
    let ada = user(&world, "ada").await;
    put_share(&world, &format!("people/{ada}"), json!({"kind": "invite", "roles": ["viewer"]})).await;
    world.settle().await;
    let removed = world.api("DELETE", &format!("{hub}/shares/people/{ada}"), Value::Null).await;
    assert_eq!(removed.status, 204);
    let before_planning = explained(&world, &ada).await;
    assert_eq!(before_planning["is_planned"], false, "the share has ended, and nobody has planned it yet");
    world.plan().await;
    let waits = explained(&world, &ada).await;
    let begins: jiff::Timestamp = waits["removal_begins_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(begins.duration_since(world.now()).as_secs(), 600);
    assert_eq!((&waits["open_job"]["state"], &waits["is_planned"]), (&json!("waiting"), &json!(true)));
}
