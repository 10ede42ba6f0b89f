//! What is one vendor's own.

use std::collections::{BTreeMap, BTreeSet};

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

/// A business whose people worked in it before they came under Usher.
#[tokio::test]
async fn assets_of_many_who_have_more_are_left_until_somebody_says_so() {
    let world = World::new(&META).await;
    let [decided, by_hand] = [META.assets[0], META.assets[1]];
    let names = ["ada", "bob", "cyd", "dan", "eve", "fay"];
    let people = world.seated("Marketing", &names, &[&decided]).await;
    let given = world.seen("ada")[0].assets[decided.in_app].clone();
    world.app.app().change(|organisation| {
        for name in names {
            let account = organisation.seen(&email(name)).remove(0).id;
            organisation.grant(&account, by_hand.in_app, given.clone()).unwrap();
        }
        let eve = organisation.seen(&email("eve")).remove(0).id;
        organisation.grant(&eve, decided.in_app, BTreeSet::new()).unwrap();
    });
    let has = |name: &str| world.seen(name)[0].assets.keys().cloned().collect::<Vec<_>>();
    // Eve's difference is forgotten when her job has reached the app.
    let spared = people.iter().filter(|id| **id != people[4]);
    let spared: BTreeMap<_, _> = spared.map(|id| (id.clone(), "other_assets".to_owned())).collect();

    let run = world.sync().await;
    let reason = run["reason"].as_str().unwrap();
    assert!(reason.contains("6 of 6 people have assets in the app beyond"), "{run}");
    assert_eq!(run["repaired"], 1, "{run}");
    // What somebody lacks is given nevertheless, and nothing taken.
    let both = |seen: &Seen| seen.assets.len() == 2;
    world.until("eve", "with what was decided and what was by hand", both).await;
    world.access_is(&people[4], "onboarded").await;
    assert!(names.iter().all(|name| has(name).len() == 2));
    assert_eq!(world.drift().await, spared);

    world.sync_so(&json!({"safeguard_percent": 100})).await;
    for name in names {
        world.until(name, "with what was decided", |seen| seen.assets.len() == 1).await;
    }
    assert!(names.iter().all(|name| has(name) == [decided.in_app]));
}
