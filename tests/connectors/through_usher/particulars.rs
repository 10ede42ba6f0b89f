//! What is one vendor's own.

use std::collections::BTreeMap;

use serde_json::json;
use usher_tests::apps::business::Seen;

use super::{
    Granted, META,
    world::{World, email},
};

/// Meta's list tells all tasks that come along, and shares may name some of these too.
#[tokio::test]
async fn metas_tasks_that_come_along_with_others_are_no_difference() {
    let world = World::new(&META).await;
    let advertise = META.assets[0];
    let analyze = Granted { permission: "ANALYZE", ..advertise };
    let people = world.seated("Marketing", &["ada"], &[&advertise]).await;
    world.team("Analysts", &[&people[0]], META.roles[0], &[&analyze]).await;
    let both = json!({advertise.asset: [advertise.permission, analyze.permission]});
    world
        .access_so(&people[0], |access| {
            access["job"].is_null() && access["observed"]["seat"]["assets"] == both
        })
        .await;

    world.app.app().journal().clear();
    let run = world.sync().await;
    assert_eq!((&run["repaired"], world.drift().await), (&json!(0), BTreeMap::new()), "{run}");
    assert_eq!(world.changes(), [""; 0]);
}

#[tokio::test]
async fn more_than_was_granted_on_an_asset_of_metas_is_taken_back() {
    let world = World::new(&META).await;
    let advertise = META.assets[0];
    let people = world.seated("Marketing", &["ada"], &[&advertise]).await;
    let tasks = |seen: &Seen| seen.assets[advertise.in_app].clone();
    let given = tasks(&world.seen("ada")[0]);
    world.app.app().change(|organisation| {
        let ada = organisation.seen(&email("ada")).remove(0).id;
        let more = given.iter().cloned().chain(["MANAGE".to_owned()]).collect();
        organisation.grant(&ada, advertise.in_app, more).unwrap();
    });

    world.react("report").await;
    world.sync().await;
    assert_eq!(world.drift().await, BTreeMap::from([(people[0].clone(), "other_assets".to_owned())]));
    world.react("repair").await;
    world.sync().await;
    world.until("ada", "with what was granted", |seen| tasks(seen) == given).await;
}
