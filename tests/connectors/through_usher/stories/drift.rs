//! Somebody changes the app by hand, and a sync looks.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::json;

use super::has;
use crate::through_usher::{
    Row,
    world::{World, email},
};

pub(crate) async fn what_was_changed_by_hand_is_told_or_put_right(row: &'static Row) {
    let world = World::new(row).await;
    let [low, high] = row.roles;
    let [first, second] = &row.assets;
    let people = world.seated("Marketing", &["ada", "bob", "cyd", "dan", "eve", "fay"], &[first]).await;
    let [ada, bob, cyd, dan, ..] = people.as_slice() else { panic!("{people:?}") };
    // From now on the app's assets are the catalogue's.
    world.sync().await;

    world.app.app().change(|organisation| {
        let [ada, bob, cyd, dan] =
            ["ada", "bob", "cyd", "dan"].map(|name| organisation.seen(&email(name)).remove(0).id);
        organisation.set_role(&ada, high).unwrap();
        organisation.grant(&bob, first.in_app, BTreeSet::new()).unwrap();
        organisation.grant(&cyd, second.in_app, [second.permission.to_owned()].into()).unwrap();
        organisation.remove(&dan).unwrap();
    });
    let mut differ =
        BTreeMap::from([(ada.clone(), "other_role".to_owned()), (dan.clone(), "missing".to_owned())]);
    if row.tells_assets {
        differ.extend([bob, cyd].map(|person| (person.clone(), "other_assets".to_owned())));
    }

    world.react("report").await;
    world.app.app().journal().clear();
    let run = world.sync().await;
    assert_eq!((&run["repaired"], world.drift().await), (&json!(0), differ.clone()), "{run}");
    assert_eq!(world.changes(), [""; 0]);

    world.react("repair").await;
    let run = world.sync().await;
    assert_eq!(run["repaired"], differ.len(), "{run}");
    world.until("ada", "as decided", |seen| seen.role == low && has(seen, first)).await;
    world.came("dan", dan).await;
    if row.accepts {
        world.accept("dan", dan).await;
    }
    world.until("dan", "seated again", |seen| seen.invitation.is_none() && has(seen, first)).await;
    if row.tells_assets {
        world.until("bob", "with the asset again", |seen| has(seen, first)).await;
        world.until("cyd", "without the other asset", |seen| !has(seen, second) && has(seen, first)).await;
    } else {
        the_next_job_sees_the_assets(&world, bob, cyd).await;
    }
    for person in &people {
        world
            .access_is(person, if !row.tells_assets && person == cyd { "removed" } else { "onboarded" })
            .await;
    }

    world.app.app().journal().clear();
    let run = world.sync().await;
    assert_eq!((&run["repaired"], world.drift().await), (&json!(0), BTreeMap::new()), "{run}");
    assert_eq!(world.changes(), [""; 0]);
}

/// What the app's list does not tell: what was taken away is there again, and what came from elsewhere stays, until it goes
/// with the person.
async fn the_next_job_sees_the_assets(world: &World, bob: &str, cyd: &str) {
    let [first, second] = &world.row.assets;
    let high = world.row.roles[1];
    for (name, person) in [("bob", bob), ("cyd", cyd)] {
        let path = format!("{}/shares/people/{person}", world.path());
        let share = json!({"app_access": {"kind": "invite", "roles": [high]}});
        let shared = world.api().send(Method::PUT, &path, Some(&share)).await.unwrap();
        assert!(shared.status.is_success(), "{}", shared.text);
        world.until(name, "moved, with the asset", |seen| seen.role == high && has(seen, first)).await;
        world.access_is(person, "onboarded").await;
    }
    assert!(world.seen("cyd").iter().all(|seen| has(seen, second)));
    world.deactivate(cyd).await;
    world.gone("cyd").await;
}
