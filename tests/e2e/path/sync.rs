//! People change the app by hand, and a sync finds it.

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{
    apps::scim::{Fault, RunningScimApp},
    client::{ScimClient, eventually_ok},
};

use super::{PATIENCE, World};

const PEOPLE: [&str; 6] = ["ada", "bob", "cyd", "dan", "eve", "fay"];

/// A hub with six editors, and a way into its app past Usher.
struct Team {
    app: RunningScimApp,
    world: World,
    inside: ScimClient,
    team: String,
}

impl Team {
    async fn new() -> Self {
        let app = RunningScimApp::start("app-token").await.unwrap();
        let world = World::new(&app.base_url(), app.token(), 0).await;
        let mut ids = Vec::new();
        for name in PEOPLE {
            ids.push(world.scim().create_user(name, &json!({})).await.unwrap().id().to_owned());
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let team = world.scim().create_group("Editors", &ids).await.unwrap().id().to_owned();
        world.share(&format!("teams/{team}"), "editor").await;
        for name in PEOPLE {
            world.seated(name, "editor").await;
        }
        world.settled().await;
        let inside = ScimClient::new(&app.base_url(), app.token());
        Self { app, world, inside, team }
    }

    /// Somebody with rights in the app deletes accounts.
    async fn delete(&self, names: &[&str]) {
        for name in names {
            let account = self.world.listing.member(name).await.unwrap().unwrap().id;
            assert!(self.inside.delete("Users", &account).await.unwrap().status.is_success());
        }
    }

    /// Begins a sync or health check and waits for its end.
    async fn run(&self, what: &str, body: Value) -> Value {
        let path = format!("/integrations/{}/{what}", self.world.hub);
        let begun = self.world.api().send(Method::POST, &path, Some(&body)).await.unwrap();
        assert_eq!(begun.status, 202, "{}", begun.text);
        let path = format!("/integrations/{}/sync", self.world.hub);
        eventually_ok(PATIENCE, async || {
            let run =
                self.world.api().send(Method::GET, &path, None).await.map_err(|it| it.to_string())?.json;
            let over =
                run["id"] == begun.json["id"] && matches!(run["state"].as_str(), Some("finished" | "halted"));
            if over { Ok(run) } else { Err(format!("it goes on: {run}")) }
        })
        .await
    }

    async fn get(&self, what: &str) -> Vec<Value> {
        let path = format!("/integrations/{}/{what}", self.world.hub);
        let listed = self.world.api().send(Method::GET, &path, None).await.unwrap();
        listed.json["items"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until just these differences are listed.
    async fn drift(&self, expected: &[(&str, &str)]) {
        eventually_ok(PATIENCE, async || {
            let drift = self.get("drift").await;
            let kind = |it: &Value| {
                (
                    it["kind"].as_str().unwrap_or_default().to_owned(),
                    it["name"].as_str().unwrap_or_default().to_owned(),
                )
            };
            let shown: Vec<_> = drift.iter().map(kind).collect();
            let same = shown.len() == expected.len()
                && expected
                    .iter()
                    .all(|(kind, name)| shown.iter().any(|it| it.0 == *kind && it.1.starts_with(name)));
            if same { Ok(()) } else { Err(format!("{drift:?}")) }
        })
        .await;
    }

    async fn events(&self) -> Vec<String> {
        let activity = self.get("activity?limit=100").await;
        activity.iter().filter_map(|it| Some(it["event"].as_str()?.to_owned())).collect()
    }

    async fn settings(&self, sync: Value) {
        let path = format!("/integrations/{}", self.world.hub);
        let changed = self.world.api().send(Method::PATCH, &path, Some(&json!({ "sync": sync }))).await;
        assert_eq!(changed.unwrap().status, 200);
    }
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right_and_strangers_are_told() {
    let team = Team::new().await;
    team.delete(&["ada"]).await;
    let bob = team.world.listing.member("bob").await.unwrap().unwrap().id;
    let promote = json!([{"op": "replace", "path": "roles", "value": [{"value": "admin"}]}]);
    assert!(team.inside.patch("Users", &bob, &promote).await.unwrap().status.is_success());
    // An admin, so that Bob is not the last one.
    let admin = json!({"active": true, "roles": [{"value": "admin"}]});
    team.inside.create_user("zoe", &admin).await.unwrap();

    let run = team.run("sync", json!({})).await;
    assert_eq!(
        (&run["state"], &run["members"], &run["seats"]),
        (&json!("finished"), &json!(6), &json!(6)),
        "{run}"
    );
    assert_eq!(run["drift"], json!({"missing": 1, "other_role": 1, "unmatched": 1}));
    assert_eq!(run["repaired"], 2);
    team.world.seated("ada", "editor").await;
    team.world.seated("bob", "editor").await;
    let log = team.world.settled().await;
    let repair = log.iter().find(|it| it["task"] == "syncing_users").unwrap();
    assert_eq!((&repair["trigger"], &repair["status"]), (&json!("api"), &json!("completed")), "{repair}");
    team.drift(&[("unmatched", "zoe")]).await;
    let events = team.events().await;
    for event in ["health_check_passed", "sync_started", "sync_finished"] {
        assert!(events.iter().any(|it| it == event), "{events:?}");
    }

    // The stranger leaves; nothing else differs, and nobody is touched.
    team.delete(&["zoe"]).await;
    team.app.app().journal().clear();
    let run = team.run("sync", json!({})).await;
    assert_eq!((&run["matched"], &run["drift"]), (&json!(6), &json!({})), "{run}");
    team.drift(&[]).await;
    assert_eq!(team.app.app().journal().changes(), Vec::<String>::new());
}

#[tokio::test]
async fn too_many_missing_halt_and_an_admin_may_say_that_they_are() {
    let team = Team::new().await;
    team.delete(&["ada", "bob"]).await;
    team.app.app().journal().clear();
    let run = team.run("sync", json!({})).await;
    assert_eq!(run["state"], "halted");
    assert!(run["reason"].as_str().unwrap().contains("2 of 6 seats"), "{run}");
    team.world.settled().await;
    assert_eq!(team.app.app().journal().changes(), Vec::<String>::new());
    team.drift(&[]).await;
    assert!(team.events().await.iter().any(|it| it == "sync_halted"));

    let run = team.run("sync", json!({"safeguard_percent": 40})).await;
    assert_eq!((&run["state"], &run["repaired"]), (&json!("finished"), &json!(2)), "{run}");
    team.world.seated("ada", "editor").await;
    team.world.seated("bob", "editor").await;
}

#[tokio::test]
async fn an_app_that_lists_nobody_or_fails_has_no_effect() {
    let team = Team::new().await;
    // A failure is tried again, and is not an empty list.
    team.app.app().faults().next(1, Fault::ServerError);
    let run = team.run("sync", json!({})).await;
    assert_eq!((&run["state"], &run["drift"]), (&json!("finished"), &json!({})), "{run}");

    team.delete(&PEOPLE).await;
    team.app.app().journal().clear();
    let run = team.run("sync", json!({"safeguard_percent": 100})).await;
    assert_eq!(run["state"], "halted");
    assert!(run["reason"].as_str().unwrap().contains("lists nobody"), "{run}");
    assert_eq!(team.app.app().journal().changes(), Vec::<String>::new());
}

#[tokio::test]
async fn who_was_let_in_again_by_hand_is_taken_out_or_told_as_the_settings_say() {
    let team = Team::new().await;
    let ada = team.world.person("ada").await;
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")}]);
    assert!(team.world.scim().patch("Groups", &team.team, &leave).await.unwrap().status.is_success());
    team.world.gone("ada").await;
    team.world.settled().await;
    team.inside.create_user("ada", &json!({})).await.unwrap();

    team.settings(json!({"left_behind": "report"})).await;
    let run = team.run("sync", json!({})).await;
    assert_eq!((&run["drift"], &run["repaired"]), (&json!({"left_behind": 1}), &json!(0)), "{run}");
    team.drift(&[("left_behind", "ada")]).await;
    team.settings(json!({"left_behind": "repair"})).await;
    let run = team.run("sync", json!({})).await;
    assert_eq!((&run["drift"], &run["repaired"]), (&json!({"left_behind": 1}), &json!(1)), "{run}");
    team.world.gone("ada").await;
    team.drift(&[]).await;
}

#[tokio::test]
async fn people_of_the_directory_are_taken_in_as_they_are() {
    let team = Team::new().await;
    team.world.scim().create_user("zoe", &json!({})).await.unwrap();
    team.inside.create_user("zoe", &json!({})).await.unwrap();
    team.settings(json!({"unmatched": "adopt"})).await;
    let run = team.run("sync", json!({})).await;
    assert_eq!((&run["adopted"], &run["drift"]), (&json!(1), &json!({"unmatched": 1})), "{run}");
    let access = team.get("access").await;
    let zoe = access.iter().find(|it| it["state"] == "exempted").unwrap();
    assert_eq!(zoe["observed"]["state"], "active");
    let run = team.run("sync", json!({})).await;
    assert_eq!((&run["matched"], &run["drift"]), (&json!(7), &json!({})), "{run}");
    assert!(team.world.listing.member("zoe").await.unwrap().is_some(), "nothing is taken away");
}

#[tokio::test]
async fn a_health_check_tells_and_pauses() {
    let team = Team::new().await;
    assert_eq!(team.run("health-check", json!({})).await["state"], "finished");
    let path = format!("/integrations/{}", team.world.hub);
    let wrong = json!({"credentials": {"bearer_token": "a token of last year"}});
    team.world.api().send(Method::PATCH, &path, Some(&wrong)).await.unwrap();
    let run = team.run("health-check", json!({})).await;
    assert_eq!(run["state"], "halted", "{run}");
    let paused = team.world.api().send(Method::GET, &path, None).await.unwrap();
    assert_eq!(paused.json["status"], "paused");
    let events = team.events().await;
    assert!(["health_check_passed", "health_check_failed"].iter().all(|it| events.iter().any(|e| e == it)));
    // What cannot be read is not compared.
    assert_eq!(team.run("sync", json!({})).await["state"], "halted");
    assert!(!events.iter().any(|it| it.starts_with("sync_")), "{events:?}");
}

#[tokio::test]
async fn syncs_are_begun_and_shown_from_the_command_line() {
    let team = Team::new().await;
    let hub = team.world.hub.as_str();
    let set = ["sync", "set", hub, "--every", "6", "--safeguard", "30", "--on", "missing=report"];
    let settings = team.world.usher.command(&set).await.unwrap();
    assert_eq!(
        (&settings["interval_hours"], &settings["safeguard_percent"], &settings["missing"]),
        (&json!(6), &json!(30), &json!("report"))
    );
    team.delete(&["ada"]).await;
    team.world.usher.command(&["sync", "now", hub]).await.unwrap();
    team.drift(&[("missing", "ada")]).await;
    let drift = team.world.usher.command(&["sync", "drift", hub]).await.unwrap();
    assert_eq!(drift["items"][0]["expected"]["roles"], json!(["editor"]));
    let ada = team.world.person("ada").await;
    assert!(team.world.usher.command(&["sync", "resend", hub, &ada]).await.is_err(), "nobody is invited");
}
