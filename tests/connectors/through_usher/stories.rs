//! What happens, whoever the vendor is.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use usher_tests::{
    apps::{Fault, FaultRule, business::Seen},
    client::eventually_ok,
};

use super::{
    Granted, Row,
    world::{PATIENCE, World},
};

fn has(seen: &Seen, granted: &Granted) -> bool {
    seen.assets.get(granted.in_app).is_some_and(|held| held.contains(granted.permission))
}

fn on_invitations(row: &Row, fault: Fault, times: u32) -> FaultRule {
    let path = row.invites.split_once(' ').map(|(_, path)| path.to_owned());
    FaultRule { fault, times, method: Some("POST".to_owned()), path }
}

pub(super) async fn a_person_comes_moves_and_goes(row: &'static Row) {
    let world = World::new(row).await;
    let [low, high] = row.roles;
    let [first, second] = &row.assets;
    let (ada, marketing) = world.ada().await;
    assert_eq!(world.came("ada", &ada).await.role, low);
    if row.accepts {
        world.accept("ada", &ada).await;
    }
    let seat = world
        .until("ada", "seated with the first asset", |seen| {
            seen.invitation.is_none() && seen.role == low && has(seen, first)
        })
        .await;
    world.access_is(&ada, "onboarded").await;

    // A move: one role, the other asset, the same account.
    let brand = world.team("Brand", &[&ada], high, second).await;
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")}]);
    world.scim().patch("Groups", &marketing, &leave).await.unwrap();
    let moved = world
        .until("ada", "moved", |seen| {
            seen.role == high && has(seen, second) && !seen.assets.contains_key(first.in_app)
        })
        .await;
    assert_eq!(moved.id, seat.id);
    world.access_is(&ada, "onboarded").await;
    assert_eq!(world.invitations(), 1);

    // Leaving the last team takes everything, in order.
    world.app.app().journal().clear();
    world.scim().patch("Groups", &brand, &leave).await.unwrap();
    world.gone("ada").await;
    world.access_is(&ada, "removed").await;
    let changes = world.changes();
    let at = |step: &str| changes.iter().position(|change| change.starts_with(step));
    let order = (at(row.removes[0]), changes.iter().rposition(|change| change.starts_with(row.removes[1])));
    assert!(matches!(order, (Some(asset), Some(person)) if asset < person), "{changes:?}");
}

pub(super) async fn somebody_who_is_there_already_is_matched(row: &'static Row) {
    let world = World::new(row).await;
    let account =
        world.app.app().change(|organisation| organisation.add("Ada@Example.com", "Ada", row.roles[1]));
    let (ada, _) = world.ada().await;
    let seat = world
        .until("ada", "seated as decided", |seen| seen.role == row.roles[0] && has(seen, &row.assets[0]))
        .await;
    assert_eq!((seat.id, world.invitations()), (account, 0));
    world.access_is(&ada, "onboarded").await;
}

pub(super) async fn a_sync_lists_the_assets_for_whoever_has_all_of_them(row: &'static Row) {
    let world = World::new(row).await;
    let first = &row.assets[0];
    let sync = format!("{}/sync", world.path());
    let begun = world.api().send(Method::POST, &sync, Some(&json!({}))).await.unwrap();
    assert_eq!(begun.status, 202, "{}", begun.text);
    eventually_ok(PATIENCE, async || {
        let run = world.api().send(Method::GET, &sync, None).await.map_err(|error| error.to_string())?.json;
        if run["state"] == "finished" { Ok(()) } else { Err(run.to_string()) }
    })
    .await;
    let hub = world.api().send(Method::GET, &world.path(), None).await.unwrap().json;
    let listed = hub["catalogue"]["assets"].as_array().unwrap();
    for granted in &row.assets {
        assert!(listed.iter().any(|asset| asset["id"] == granted.asset), "{}: {listed:?}", granted.asset);
    }
    let everything = Granted { asset: "*", ..*first };
    let ada = world.scim().create_user("ada", &json!({})).await.unwrap().id().to_owned();
    world.team("Everything", &[&ada], row.roles[0], &everything).await;
    world.came("ada", &ada).await;
    if row.accepts {
        world.accept("ada", &ada).await;
    }
    world.until("ada", "seated with the asset", |seen| seen.invitation.is_none() && has(seen, first)).await;
}

pub(super) async fn an_invitation_that_nobody_needs_any_more_is_taken_back(row: &'static Row) {
    let world = World::new(row).await;
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    world.scim().patch("Users", &ada, &off).await.unwrap();
    world.gone("ada").await;
    world.access_is(&ada, "removed").await;
}

pub(super) async fn an_unanswered_invitation_is_not_sent_twice(row: &'static Row) {
    let world = World::new(row).await;
    world.app.app().faults().add(on_invitations(row, Fault::CutAfterEffect, 1));
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    assert_eq!(world.invitations(), 1);
}

pub(super) async fn a_limit_of_hours_is_waited_for(row: &'static Row) {
    let world = World::new(row).await;
    let fault = Fault::TooManyRequests { retry_after: 4 * 3_600 };
    world.app.app().faults().add(on_invitations(row, fault, 1_000));
    let (ada, _) = world.ada().await;
    let job = world.job(&ada, |job| job["state"] == "retrying").await;
    assert_eq!(job["error"]["class"], "rate_limited");
    let due: Timestamp = job["due_at"].as_str().unwrap().parse().unwrap();
    let hours = due.since(Timestamp::now()).unwrap().total(jiff::Unit::Hour).unwrap();
    assert_eq!((3.9..4.2).contains(&hours), row.says_how_long, "due in {hours} h");
    assert!(hours > 0.0, "not at once");
}

pub(super) async fn no_room_needs_a_person(row: &'static Row) {
    let world = World::new(row).await;
    world.app.app().change(|organisation| organisation.seats = Some(1));
    let (ada, _) = world.ada().await;
    world.access_is(&ada, "failed").await;
    let listed = world.api().send(Method::GET, "/automations", None).await.unwrap();
    let automation = listed.json["items"][0]["id"].as_str().unwrap().to_owned();
    let jobs = world.api().send(Method::GET, &format!("/automations/{automation}/jobs"), None).await.unwrap();
    let job = &jobs.json["items"][0];
    assert_eq!((&job["state"], &job["error"]["class"]), (&json!("failed"), &json!(row.no_room)), "{job}");

    world.app.app().change(|organisation| organisation.seats = None);
    let retry = format!("/jobs/{}/retry", job["id"].as_str().unwrap());
    assert!(world.api().send(Method::POST, &retry, None).await.unwrap().status.is_success());
    world.came("ada", &ada).await;
}

pub(super) async fn revoked_credentials_pause_the_work_until_they_are_mended(row: &'static Row) {
    let world = World::with_credentials(row, (row.bad_credentials)()).await;
    let (ada, _) = world.ada().await;
    world
        .job(&ada, |job| matches!(job["error"]["class"].as_str(), Some("auth_revoked" | "auth_expired")))
        .await;
    let hub = world.api().send(Method::GET, &world.path(), None).await.unwrap();
    assert_eq!(hub.json["status"], "paused", "{}", hub.text);
    assert!(world.seen("ada").is_empty());

    let mended = json!({"credentials": (row.credentials)()});
    assert_eq!(world.api().send(Method::PATCH, &world.path(), Some(&mended)).await.unwrap().status, 200);
    let resumed = world.api().send(Method::POST, &format!("{}/resume", world.path()), None).await.unwrap();
    assert!(resumed.status.is_success(), "{}", resumed.text);
    world.came("ada", &ada).await;
}
