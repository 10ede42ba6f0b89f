//! Invitations that end otherwise than by being accepted.

use crate::through_usher::{Row, world::World};

pub(crate) async fn an_invitation_that_nobody_needs_any_more_is_taken_back(row: &'static Row) {
    let world = World::new(row).await;
    let (ada, _) = world.ada().await;
    world.came("ada", &ada).await;
    world.deactivate(&ada).await;
    world.gone("ada").await;
    world.access_is(&ada, "removed").await;
}
