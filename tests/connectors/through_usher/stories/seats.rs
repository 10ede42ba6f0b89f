//! People come, move and go.

use reqwest::Method;
use serde_json::json;

use super::has;
use crate::through_usher::{Granted, Row, world::World};

pub(crate) async fn a_person_comes_moves_and_goes(row: &'static Row) {
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
    let brand = world.team("Brand", &[&ada], high, &[second]).await;
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

pub(crate) async fn somebody_who_is_there_already_is_matched(row: &'static Row) {
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

pub(crate) async fn a_sync_lists_the_assets_for_whoever_has_all_of_them(row: &'static Row) {
    let world = World::new(row).await;
    let first = &row.assets[0];
    world.sync().await;
    let hub = world.api().send(Method::GET, &world.path(), None).await.unwrap().json;
    let listed = hub["catalogue"]["assets"].as_array().unwrap();
    for granted in &row.assets {
        assert!(listed.iter().any(|asset| asset["id"] == granted.asset), "{}: {listed:?}", granted.asset);
    }
    let everything = Granted { asset: "*", ..*first };
    let ada = world.scim().create_user("ada", &json!({})).await.unwrap().id().to_owned();
    world.team("Everything", &[&ada], row.roles[0], &[&everything]).await;
    world.came("ada", &ada).await;
    if row.accepts {
        world.accept("ada", &ada).await;
    }
    world.until("ada", "seated with the asset", |seen| seen.invitation.is_none() && has(seen, first)).await;
}

/// Another admin is left in the app, and nobody is marked: only the setting stands in the way.
pub(crate) async fn whoever_usher_acts_as_is_neither_demoted_nor_removed(row: &'static Row) {
    let [_, high] = row.roles;
    let acts_as = json!({"acts_as": "ada@example.com"});
    let world = World::with(row, acts_as, (row.vendor.credentials)()).await;
    world.app.app().change(|organisation| organisation.add("ada@example.com", "Ada", high));
    let before = world.seen("ada");
    let (ada, team) = world.ada().await;
    assert!(world.refusal("adding_users").await.contains("Usher acts as this account"));
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")}]);
    world.scim().patch("Groups", &team, &leave).await.unwrap();
    assert!(world.refusal("removing_users").await.contains("Usher acts as this account"));
    assert_eq!((world.seen("ada"), world.changes()), (before, vec![]));
}
