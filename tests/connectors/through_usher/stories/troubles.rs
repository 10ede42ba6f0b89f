//! An app that does not answer, does not want, or cannot.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;
use usher_tests::apps::{Fault, FaultRule};

use super::on;
use crate::through_usher::{Row, world::World};

pub(crate) async fn an_unanswered_invitation_is_not_sent_twice(row: &'static Row) {
    let world = World::new(row).await;
    world.app.app().faults().add(on(row.invites, Fault::CutAfterEffect, 1));
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    assert_eq!(world.invitations(), 1);
}

/// Every step of a removal once, for somebody for whom it is the first one. It is cut after its effect, and before.
pub(crate) async fn an_unanswered_removal_is_looked_at_before_it_is_repeated(row: &'static Row) {
    let world = World::new(row).await;
    let [takes_asset, takes_person] = row.removes;
    let second = &row.assets[1];
    let with_asset = ["ada", "bob"];
    let without = ["cyd", "dan"];
    let mut people = world.seated("Brand", &with_asset, &[second]).await;
    people.extend(world.seated("Marketing", &without, &[]).await);
    let cases = [
        (Fault::CutAfterEffect, takes_asset, vec![takes_asset, takes_person]),
        (Fault::CutBeforeEffect, takes_asset, vec![takes_asset, takes_asset, takes_person]),
        (Fault::CutAfterEffect, takes_person, vec![takes_person]),
        (Fault::CutBeforeEffect, takes_person, vec![takes_person, takes_person]),
    ];
    for ((name, person), (fault, unanswered, expected)) in
        with_asset.iter().chain(&without).zip(&people).zip(cases)
    {
        world.app.app().journal().clear();
        world.app.app().faults().add(on(unanswered, fault, 1));
        world.deactivate(person).await;
        if fault == Fault::CutBeforeEffect {
            // It may still be on its way through the app: Usher waits before it asks again.
            let job = world.job(person, |job| job["state"] == "retrying").await;
            assert_eq!(job["error"]["class"], "ambiguous", "{job}");
            world.retry(&job).await;
        }
        world.gone(name).await;
        world.access_is(person, "removed").await;
        let changes = world.changes();
        let as_expected = changes.len() == expected.len()
            && changes.iter().zip(&expected).all(|(change, step)| change.starts_with(step));
        assert!(as_expected, "{name}, {fault:?}: {changes:?}, not {expected:?}");
    }
}

pub(crate) async fn a_limit_of_hours_is_waited_for(row: &'static Row) {
    let world = World::new(row).await;
    let fault = Fault::TooManyRequests { retry_after: 4 * 3_600 };
    world.app.app().faults().add(on(row.invites, fault, 1_000));
    let (ada, _) = world.ada().await;
    let job = world.job(&ada, |job| job["state"] == "retrying").await;
    assert_eq!(job["error"]["class"], "rate_limited");
    let due: Timestamp = job["due_at"].as_str().unwrap().parse().unwrap();
    let hours = due.since(Timestamp::now()).unwrap().total(jiff::Unit::Hour).unwrap();
    assert_eq!((3.9..4.2).contains(&hours), row.says_how_long, "due in {hours} h");
    assert!(hours > 0.0, "not at once");
}

pub(crate) async fn no_room_needs_a_person(row: &'static Row) {
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
    world.retry(job).await;
    world.came("ada", &ada).await;
}

pub(crate) async fn revoked_credentials_pause_the_work_until_they_are_mended(row: &'static Row) {
    let world = World::with_credentials(row, (row.bad_credentials)()).await;
    let (ada, _) = world.ada().await;
    world
        .job(&ada, |job| matches!(job["error"]["class"].as_str(), Some("auth_revoked" | "auth_expired")))
        .await;
    let hub = world.api().send(Method::GET, &world.path(), None).await.unwrap();
    assert_eq!(hub.json["status"], "paused", "{}", hub.text);
    assert!(world.seen("ada").is_empty());

    let mended = json!({"credentials": (row.vendor.credentials)()});
    assert_eq!(world.api().send(Method::PATCH, &world.path(), Some(&mended)).await.unwrap().status, 200);
    let resumed = world.api().send(Method::POST, &format!("{}/resume", world.path()), None).await.unwrap();
    assert!(resumed.status.is_success(), "{}", resumed.text);
    world.came("ada", &ada).await;
}

/// The app gives another refresh token for each one, and takes none twice.
pub(crate) async fn refresh_tokens_that_the_app_replaces_are_kept(row: &'static Row) {
    let mut world = World::new(row).await;
    let replaced = |world: &World| world.app.app().organisation().consent.replaced();
    world.app.app().change(|organisation| organisation.consent.replace_when_used());
    let (ada, team) = world.ada().await;
    world.came("ada", &ada).await;
    assert_eq!(replaced(&world), 1);

    // Access tokens end with the process that has them.
    world.usher.restart().await.unwrap();
    let bob = world.join("bob", &team).await;
    world.came("bob", &bob).await;
    assert_eq!(replaced(&world), 2);

    // The one that is kept is rejected.
    let rejected = FaultRule { fault: Fault::BadToken, times: 1, method: Some("GET".to_owned()), path: None };
    world.app.app().faults().add(rejected);
    let eve = world.join("eve", &team).await;
    world.came("eve", &eve).await;
    assert_eq!(replaced(&world), 3);

    let hub = world.api().send(Method::GET, &world.path(), None).await.unwrap().json;
    assert_eq!(hub["status"], "active", "{hub}");
    let first = (row.vendor.credentials)()["refresh_token"].as_str().unwrap().to_owned();
    assert!(!world.usher.log().contains(&first), "{}", world.usher.log());
    for file in std::fs::read_dir(world.usher.data()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(first.len()).any(|part| part == first.as_bytes()), "it is sealed");
    }
}
