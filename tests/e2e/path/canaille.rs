//! A real identity provider that nobody here wrote, Usher, and a real app that nobody here wrote.

use serde_json::json;
use usher_tests::process::{Canaille, Scim2Server};

use super::World;

#[tokio::test]
async fn a_colleague_comes_moves_and_goes() {
    let app = Scim2Server::start().await.unwrap();
    // Long: whoever loses a seat in a move would be seen, and only deactivation and deletion remove.
    let world = World::new(app.base_url(), app.token(), 3_600).await;
    let access = world.usher.ready().scim.clone();
    let mut idp = Canaille::start(&access.base_url, &access.token).await.unwrap();

    // Create: known to Usher, no seat yet.
    idp.create_user("ada", json!({})).await.unwrap();
    idp.create_user("bob", json!({})).await.unwrap();
    world.person("ada").await;
    assert!(world.listing.members().await.unwrap().is_empty());

    // Join a group that the hub is shared with. Canaille announces a group only while it has a member, so
    // Bob stays in each.
    idp.create_group("Marketing", &["bob"]).await.unwrap();
    idp.create_group("Brand", &["bob"]).await.unwrap();
    idp.create_group("Interns", &["bob"]).await.unwrap();
    for (team, role) in [("Marketing", "editor"), ("Brand", "admin"), ("Interns", "viewer")] {
        let team = world.team(team).await;
        world.share(&format!("teams/{team}"), role).await;
    }
    idp.set_group_members("Marketing", &["ada", "bob"]).await.unwrap();
    let seat = world.seated("ada", "editor").await;
    world.seated("bob", "admin").await;

    // Move to a group with a higher role, leaving first.
    idp.set_group_members("Marketing", &["bob"]).await.unwrap();
    idp.set_group_members("Brand", &["ada", "bob"]).await.unwrap();
    assert_eq!(world.seated("ada", "admin").await.id, seat.id, "the same account");

    // Move to a group with a lower role, joining first.
    idp.set_group_members("Interns", &["ada", "bob"]).await.unwrap();
    idp.set_group_members("Brand", &["bob"]).await.unwrap();
    assert_eq!(world.seated("ada", "viewer").await.id, seat.id, "the same account");

    // An individual share keeps access after leaving the last group.
    let ada = world.person("ada").await;
    world.share(&format!("people/{ada}"), "editor").await;
    assert_eq!(world.seated("ada", "editor").await.id, seat.id);
    idp.set_group_members("Interns", &["bob"]).await.unwrap();
    world.settled().await;
    assert_eq!(world.seated("ada", "editor").await.id, seat.id, "the individual share holds the seat");

    // A new name reaches the app.
    idp.update_user("ada", json!({"given_name": "Augusta"})).await.unwrap();
    world.settled().await;

    // Deactivation takes the seat at once, whatever is shared; coming back gives it back.
    idp.lock_user("ada").await.unwrap();
    world.gone("ada").await;
    idp.unlock_user("ada").await.unwrap();
    world.seated("ada", "editor").await;

    // Deletion.
    idp.delete_user("ada").await.unwrap();
    world.gone("ada").await;
    let left: Vec<_> =
        world.listing.members().await.unwrap().into_iter().map(|member| member.user_name).collect();
    assert_eq!(left, ["bob"], "nobody else was touched");
    for automation in world.settled().await {
        assert_eq!(automation["status"], "completed", "{automation}");
    }
}
