//! An app that refuses, is slow to say why, or cuts the line.

use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usher_tests::{
    apps::scim::{Fault, FaultRule, RunningScimApp},
    client::eventually_ok,
};

use super::{PATIENCE, World};

/// A world in which Ada is about to be seated.
async fn about_to_seat(app: &RunningScimApp) -> World {
    let world = World::new(&app.base_url(), app.token(), 0).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let team = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{team}"), "editor").await;
    world
}

/// Waits until the one job of the newest automation is in this state.
async fn job(world: &World, state: &str) -> Value {
    let get = async |path: String| {
        let listed = world.api().send(Method::GET, &path, None).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(listed.json["items"][0].clone())
    };
    eventually_ok(PATIENCE, async || {
        let automation = get("/automations".to_owned()).await?;
        let job = get(format!("/automations/{}/jobs", automation["id"].as_str().unwrap_or_default())).await?;
        if job["state"] == state { Ok(job) } else { Err(format!("not {state}: {job}")) }
    })
    .await
}

/// Has a job try again now.
async fn retry(world: &World, job: &Value) {
    let path = format!("/jobs/{}/retry", job["id"].as_str().unwrap());
    let retried = world.api().send(Method::POST, &path, None).await.unwrap();
    assert_eq!(retried.status, 200, "{}", retried.text);
}

#[tokio::test]
async fn a_cut_after_the_effect_is_resolved_by_looking() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    app.app().faults().next_method("POST", Fault::CutAfterEffect);
    let world = about_to_seat(&app).await;
    world.seated("ada", "editor").await;
    world.settled().await;
    let creations = app.app().journal().changes().iter().filter(|it| it.starts_with("POST")).count();
    assert_eq!(creations, 1, "not created blindly again");
}

#[tokio::test]
async fn a_cut_before_the_effect_is_tried_again() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    app.app().faults().next_method("POST", Fault::CutBeforeEffect);
    let world = about_to_seat(&app).await;
    world.seated("ada", "editor").await;
}

#[tokio::test]
async fn an_unanswered_removal_is_looked_at_before_it_is_repeated() {
    for (fault, deletions) in [(Fault::CutAfterEffect, 1), (Fault::CutBeforeEffect, 2)] {
        let app = RunningScimApp::start("app-token").await.unwrap();
        let world = about_to_seat(&app).await;
        world.seated("ada", "editor").await;
        world.settled().await;
        app.app().journal().clear();
        app.app().faults().next_method("DELETE", fault);
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        world.scim().patch("Users", &world.person("ada").await, &off).await.unwrap().ok().unwrap();
        if fault == Fault::CutBeforeEffect {
            let job = job(&world, "retrying").await;
            assert_eq!(job["error"]["class"], "ambiguous", "{job}");
            retry(&world, &job).await;
        }
        world.gone("ada").await;
        world.settled().await;
        let changes = app.app().journal().changes();
        assert_eq!(changes.iter().filter(|it| it.starts_with("DELETE")).count(), deletions, "{changes:?}");
    }
}

#[tokio::test]
async fn no_room_needs_a_person_and_passes_by_retry_once_there_is_some() {
    let statuses = [(StatusCode::PAYMENT_REQUIRED, "seat_limit"), (StatusCode::FORBIDDEN, "policy_denied")];
    for (status, class) in statuses {
        let app = RunningScimApp::start("app-token").await.unwrap();
        app.app().refuse_more_users(Some(status));
        let world = about_to_seat(&app).await;
        let job = job(&world, "failed").await;
        assert_eq!(job["error"]["class"], class, "{job}");
        assert_eq!(world.listing.member("ada").await.unwrap(), None);

        app.app().refuse_more_users(None);
        retry(&world, &job).await;
        world.seated("ada", "editor").await;
    }
}

#[tokio::test]
async fn a_limit_of_hours_is_waited_for_and_not_given_up() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let limit = Fault::TooManyRequests { retry_after: 4 * 3_600 };
    let rule = FaultRule { fault: limit, times: 1_000, method: Some("POST".to_owned()), path: None };
    app.app().faults().add(rule);
    let world = about_to_seat(&app).await;
    let job = job(&world, "retrying").await;
    assert_eq!(job["error"]["class"], "rate_limited", "{job}");
    let due: Timestamp = job["due_at"].as_str().unwrap().parse().unwrap();
    let hours = due.since(Timestamp::now()).unwrap().total(jiff::Unit::Hour).unwrap();
    assert!((3.9..4.2).contains(&hours), "due in {hours} h");

    app.app().faults().clear();
    retry(&world, &job).await;
    world.seated("ada", "editor").await;
}

#[tokio::test]
async fn the_apps_own_delay_is_kept() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    app.app().faults().next_method("POST", Fault::TooManyRequests { retry_after: 2 });
    let world = about_to_seat(&app).await;
    let before = std::time::Instant::now();
    let retrying = eventually_ok(PATIENCE, async || {
        let listed =
            world.api().send(Method::GET, "/automations", None).await.map_err(|error| error.to_string())?;
        let first = listed.json["items"][0].clone();
        if first["status"] == "retrying" { Ok(first) } else { Err(format!("not retrying: {first}")) }
    })
    .await;
    assert_eq!(retrying["task"], "adding_users");
    world.seated("ada", "editor").await;
    assert!(before.elapsed().as_secs() >= 1, "waited as the app asked");
}

#[tokio::test]
async fn somebody_who_is_there_already_is_matched_and_not_invited_again() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let there = usher_tests::client::ScimClient::new(&app.base_url(), app.token());
    let account = there.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    app.app().journal().clear();
    let world = about_to_seat(&app).await;
    assert_eq!(world.seated("ada", "editor").await.id, account);
    world.settled().await;
    assert!(app.app().journal().changes().iter().all(|change| !change.starts_with("POST")));
}

#[tokio::test]
async fn revoked_credentials_pause_the_integration_and_its_work_goes_on_when_mended() {
    let app = RunningScimApp::start("app-token").await.unwrap();
    let world = World::new(&app.base_url(), "a token of last year", 0).await;
    let scim = world.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let team = scim.create_group("Marketing", &[&ada]).await.unwrap().id().to_owned();
    world.share(&format!("teams/{team}"), "editor").await;
    let path = format!("/integrations/{}", world.hub);
    eventually_ok(PATIENCE, async || {
        let hub = world.api().send(Method::GET, &path, None).await.map_err(|error| error.to_string())?;
        if hub.json["status"] == "paused" { Ok(()) } else { Err(format!("not paused: {}", hub.text)) }
    })
    .await;

    let mended = json!({"credentials": {"bearer_token": "app-token"}});
    assert_eq!(world.api().send(Method::PATCH, &path, Some(&mended)).await.unwrap().status, 200);
    let resumed = world.api().send(Method::POST, &format!("{path}/resume"), None).await.unwrap();
    assert_eq!(resumed.status, 200, "{}", resumed.text);
    let listing = usher_tests::client::AppListing::new(&app.base_url(), app.token());
    eventually_ok(PATIENCE, async || match listing.member("ada").await {
        Ok(Some(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
}
