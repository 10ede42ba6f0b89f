//! The audit log: no act is missing from it, and no secret is in it.

use serde_json::{Value, json};

use crate::{
    access_patterns::world::World,
    permissions::{Column, rows::rows, stage::Stage},
    sign_in::{Scene, browser::Browser},
};

async fn entries(world: &World, query: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/audit?limit=200&cursor={cursor}&{query}");
        let answer = world.api("GET", &path, Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        found.extend(answer.body["items"].as_array().unwrap().iter().cloned());
        match answer.body["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return found,
        }
    }
}

/// Every secret that an answer shows once.
fn secrets(answer: &Value, found: &mut Vec<String>) {
    match answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if matches!(name.as_str(), "token" | "secret" | "client_secret") => {
                        found.push(text.to_owned())
                    }
                    Some(text) if name == "url" && text.contains("/sign-in") => found.push(text.to_owned()),
                    _ => secrets(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| secrets(item, found)),
        _ => {}
    }
}

/// Every operation that may change something, done by the Owner and refused to a Guest: each is in the log exactly once, under
/// its own name, by whom, from where, with what became of it.
#[tokio::test]
async fn every_act_is_in_the_log_once_and_refused_ones_too() {
    let stage = Stage::new().await;
    let (owner, guest) = (stage.person(Column::Owner), stage.person(Column::Guest));
    let (mut wrong, mut shown) = (Vec::new(), Vec::new());
    for row in rows().iter().filter(|row| row.request.0 != "GET") {
        let asks_only = row.operation.starts_with("preview");
        for (column, person) in [(Column::Owner, owner), (Column::Guest, guest)] {
            let (path, body) = stage.fill(row).await;
            let asked = format!("actor={person}&act={}", row.operation);
            let before = entries(&stage.world, &asked).await.len();
            let answer = stage.ask(column, row.request.0, &path, body).await;
            secrets(&answer.body, &mut shown);
            let after = entries(&stage.world, &asked).await;
            let new = &after[..after.len() - before];
            let expected = match answer.status {
                200..300 => "done",
                _ => "refused",
            };
            let fits = match new {
                [] => asks_only,
                [entry] => {
                    !asks_only
                        && entry["outcome"] == expected
                        && entry["target"].as_str() == path.split('?').next()
                        && entry["actor"]["by"] == "api_key"
                        && entry["problem"].is_null() == (expected == "done")
                }
                _ => false,
            };
            if !fits {
                wrong.push(format!("{} as {column:?}: {} {new:?}", row.operation, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(shown.len() > 5, "{shown:?}");
    let log = Value::from(entries(&stage.world, "").await).to_string();
    for secret in shown {
        assert!(!log.contains(&secret), "a secret is in the log");
    }
    assert!(entries(&stage.world, "outcome=begun").await.is_empty());
}

#[tokio::test]
async fn an_entry_says_what_was_before_and_after() {
    let world = World::new().await;
    let patch = json!({"name": "Renamed", "grace_seconds": 60, "audit_days": 30});
    assert_eq!(world.api("PATCH", "/workspace", patch).await.status, 200);
    let entry = &entries(&world, "act=patchWorkspace").await[0];
    assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("Main"), &json!("Renamed")));
    assert_eq!((&entry["before"]["audit_days"], &entry["after"]["audit_days"]), (&json!(400), &json!(30)));
    assert_eq!(entry["label"], "Change the workspace's settings");

    // Credentials that an admin enters are no part of what the API shows.
    let config = json!({"base_url": "https://app.example/scim/v2"});
    let patch = json!({"config": config, "credentials": {"bearer_token": "s3cret-of-the-app"}});
    let path = format!("/integrations/{}", world.hub);
    assert_eq!(world.api("PATCH", &path, patch).await.status, 200);
    let entry = entries(&world, "act=patchIntegration").await[0].clone();
    assert_eq!(entry["after"]["config"], config);
    assert_eq!(entry["integration"], world.hub.as_str());
    assert!(!entry.to_string().contains("s3cret"));

    // What is not acceptable is refused, and nothing else of it is kept.
    assert_eq!(world.api("PATCH", "/workspace", json!({"audit_days": 29})).await.status, 422);
    let entry = &entries(&world, "act=patchWorkspace").await[0];
    assert_eq!(
        (&entry["outcome"], &entry["problem"], &entry["after"]),
        (&json!("refused"), &json!("invalid"), &Value::Null)
    );
}

/// A page's form and the API are one act; signing in is one too.
#[tokio::test]
async fn what_a_page_does_is_in_the_log_as_the_api_calls_it() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let hub = scene.world.hub.as_str();
    assert_eq!(browser.submit(&format!("/integrations/{hub}/pause"), "reason=A+look").await.status, 303);
    let team = scene.world.scim("POST", "/Groups", json!({"displayName": "Team"})).await.id();
    let share = format!("team={team}&hub_role=collaborator&role.role=viewer");
    assert_eq!(browser.submit(&format!("/integrations/{hub}/share"), &share).await.status, 303);
    let log = entries(&scene.world, &format!("actor={}", scene.ada)).await;
    let acts: Vec<(&str, &str)> =
        log.iter().map(|entry| (entry["act"].as_str().unwrap(), entry["target"].as_str().unwrap())).collect();
    let shared = format!("/integrations/{hub}/shares/teams/{team}");
    let (paused, session) =
        (format!("/integrations/{hub}/pause"), format!("/sessions/{}", browser.session().unwrap()));
    assert_eq!(
        acts,
        [("putTeamShare", shared.as_str()), ("pauseIntegration", &paused), ("signIn", &session)]
    );
    for entry in &log {
        assert_eq!((&entry["actor"]["by"], &entry["outcome"]), (&json!("session"), &json!("done")));
        assert_eq!(entry["actor"]["address"], "203.0.113.7");
        assert!(entry["actor"]["program"].as_str().unwrap().contains("Firefox"));
    }
    // The page and its files show the same.
    let page = browser.open("/audit").await;
    assert!(
        page.text.contains("Pause an integration") && page.text.contains("What changed"),
        "{}",
        page.text
    );
    let csv = browser.open("/audit/export.csv?act=pauseIntegration").await;
    assert_eq!(csv.text.lines().count(), 2, "{}", csv.text);
    let json = browser.open("/audit/export.json?act=pauseIntegration").await.json();
    assert_eq!(json[0]["target"], paused.as_str());
    assert_eq!(browser.open("/audit?from=yesterday").await.status, 400);
}

/// Whoever has some hubs sees what is about those.
#[tokio::test]
async fn owners_of_hubs_see_what_is_about_their_hubs() {
    let stage = Stage::new().await;
    let hub = format!("/integrations/{}", stage.world.hub);
    for path in
        [format!("{hub}/pause"), format!("{hub}/resume"), format!("/integrations/{}/pause", stage.other_hub)]
    {
        assert_eq!(stage.ask(Column::Admin, "POST", &path, Value::Null).await.status, 200);
    }
    for (column, expected) in
        [(Column::HubOwner, stage.world.hub.as_str()), (Column::OtherHubOwner, &stage.other_hub)]
    {
        let seen = stage.ask(column, "GET", "/audit?limit=200", Value::Null).await.body;
        let seen = seen["items"].as_array().unwrap();
        assert!(!seen.is_empty());
        assert!(seen.iter().all(|entry| entry["integration"] == expected), "{column:?}: {seen:?}");
    }
}

#[tokio::test]
async fn the_log_is_paged_and_filtered_by_time() {
    let world = World::new().await;
    for minute in 0..5 {
        assert_eq!(world.api("PATCH", "/workspace", json!({"name": format!("{minute}")})).await.status, 200);
        world.wait(60);
    }
    let first = world.api("GET", "/audit?act=patchWorkspace&limit=2", Value::Null).await.body;
    assert_eq!(first["items"][0]["after"]["name"], "4", "newest first");
    let next = first["next"].as_str().unwrap();
    let second =
        world.api("GET", &format!("/audit?act=patchWorkspace&limit=2&cursor={next}"), Value::Null).await;
    assert_eq!(second.body["items"][0]["after"]["name"], "2");
    let (third, fourth) = (&second.body["items"][0]["at"], &first["items"][1]["at"]);
    let window = format!("since={}&until={}", third.as_str().unwrap(), fourth.as_str().unwrap());
    let found = entries(&world, &format!("act=patchWorkspace&{window}")).await;
    assert_eq!(found.len(), 1, "from inclusive, to exclusive");
    // A place of another list is no place of this one.
    let wrong =
        world.api("GET", &format!("/audit?since=2027-01-01T00:00:00Z&cursor={next}"), Value::Null).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let foreign = world.other_workspace().await;
    let other = world.api_as(&foreign, "GET", "/audit", Value::Null).await.body;
    assert_eq!(other["items"], json!([]), "another workspace's");
}
