//! What a connector says of itself.

use usher_connector::{Class, Op};
use usher_domain::access::{AccountState, Presence};

use super::{
    ADA, Fixture,
    drive::{Person, seat, seated},
};

pub(crate) async fn flags_are_true(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let can = connector.meta().capabilities;
    let knows = fixture.knowledge();

    // What can be listed is listed; what cannot is an error or nothing, whichever is true.
    assert_eq!(connector.list_members(None).await.is_ok(), can.list_members);
    let invitations = connector.list_invitations(None).await;
    assert_eq!(invitations.is_ok(), can.list_invitations || !can.invite);
    let roles = connector.list_roles(None).await;
    assert_eq!(roles.is_ok(), can.list_roles);
    let assets = connector.list_assets(None).await;
    assert_eq!(assets.is_ok(), can.list_assets || !can.assign_assets);
    let entitlements = connector.list_entitlements(None).await;
    assert!(!can.list_entitlements || entitlements.is_ok());
    if can.invite {
        let roles = roles.unwrap().items;
        assert!(knows.roles.iter().all(|key| roles.iter().any(|role| role.key == *key)));
        let rank = |key: &str| roles.iter().find(|role| role.key == key).map(|role| role.rank);
        assert!(rank(knows.roles[0]) < rank(knows.roles[1]), "the higher role has the higher rank");
    }

    // How people come.
    assert_ne!(can.invite, can.create_active);
    assert_eq!(can.assign_assets, knows.grant.is_some());
    assert_eq!(can.assign_assets, can.revoke_assets, "what cannot be revoked must not be granted");
    let mut bob = Person::new("bob@example.org");
    bob.should_have(seat(knows.roles[0], knows.grant.map(|grant| (grant, grant.less))));
    let run = bob.converge(connector).await.unwrap();
    let expected = if can.invite { AccountState::Invited } else { AccountState::Active };
    assert_eq!(run.state(), Some(expected));
    if can.invite {
        fixture.accept("bob@example.org");
        let there = fixture.in_app("bob@example.org").await;
        assert_eq!(!there[0].on_asset.is_empty(), can.preassign_on_invite && can.assign_assets, "{there:?}");
    }

    // How they go.
    let mut ada = seated(fixture, connector, ADA).await;
    ada.should_have(Presence::Absent);
    let run = ada.converge(connector).await.unwrap();
    assert_eq!(run.done.contains(&Op::Remove), can.remove, "{:?}", run.done);
    assert_eq!(fixture.in_app(ADA).await.is_empty(), can.remove);
}

pub(crate) async fn health_tells_who_acts_and_what_is_missing(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    fixture.journal().clear();
    let health = connector.probe().await.unwrap();
    assert_eq!(health.acting_account.as_deref(), fixture.knowledge().acting_account);
    assert_eq!((health.missing_scopes, health.notes), (vec![], vec![]));
    assert_eq!(fixture.journal().changes(), [""; 0], "a look changes nothing");
    let class = match fixture.stranger().await {
        Ok(stranger) => stranger.probe().await.unwrap_err().class(),
        Err(error) => error.class(),
    };
    assert!(matches!(class, Class::AuthRevoked | Class::AuthExpired), "{class:?}");
}
