//! Invitations that end otherwise than by being accepted.

use std::collections::BTreeMap;

use reqwest::Method;
use usher_tests::apps::business::{InvitationState, Seen};

use super::has;
use crate::through_usher::{
    Row,
    world::{World, email},
};

pub(crate) async fn an_invitation_that_nobody_needs_any_more_is_taken_back(row: &'static Row) {
    let world = World::new(row).await;
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    world.deactivate(&ada).await;
    world.gone("ada").await;
    world.access_is(&ada, "removed").await;
}

pub(crate) async fn one_that_expired_is_told_by_a_sync_or_sent_again(row: &'static Row) {
    let world = World::new(row).await;
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    let expired = |seen: &Seen| seen.invitation == Some(InvitationState::Expired);
    world
        .app
        .app()
        .change(|organisation| organisation.end_invitation(&email("ada"), InvitationState::Expired));

    world.react("report").await;
    let run = world.sync().await;
    assert_eq!(run["repaired"], 0, "{run}");
    assert_eq!(world.drift().await, BTreeMap::from([(ada.clone(), "invitation_over".to_owned())]));
    assert!(world.seen("ada").iter().all(expired) && world.invitations() == 1);

    world.react("repair").await;
    let run = world.sync().await;
    assert_eq!(run["repaired"], 1, "{run}");
    world.came("ada", &ada).await;
    assert_eq!(world.invitations(), 2);
    world.accept("ada", &ada).await;
    world.until("ada", "seated", |seen| seen.invitation.is_none() && has(seen, &row.assets[0])).await;
    world.access_is(&ada, "onboarded").await;
    assert_eq!((world.invitations(), world.drift().await), (2, BTreeMap::new()));
}

pub(crate) async fn one_that_nobody_ever_answers_is_left_to_people(row: &'static Row) {
    let world = World::new(row).await;
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    for sent in 2..=3 {
        world.expire("ada", &ada).await;
        world.until("ada", "invited again", |seen| seen.invitation == Some(InvitationState::Pending)).await;
        assert_eq!(world.invitations(), sent);
    }
    world.expire("ada", &ada).await;
    world.access_is(&ada, "failed").await;
    assert!(world.seen("ada").iter().all(|seen| seen.invitation != Some(InvitationState::Pending)));

    let resend = format!("{}/people/{ada}/resend-invitation", world.path());
    let resent = world.api().send(Method::POST, &resend, None).await.unwrap();
    assert_eq!(resent.status, 200, "{}", resent.text);
    world.came("ada", &ada).await;
    assert_eq!(world.invitations(), 4);
    world.accept("ada", &ada).await;
    world.access_is(&ada, "onboarded").await;
}
