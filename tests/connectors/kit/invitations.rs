//! Invitations: accepted, declined, expired, taken back.

use usher_connector::Op;
use usher_domain::access::{AccountState, Presence};

use super::{
    ADA, Fixture,
    drive::{Person, seat},
};

pub(crate) async fn an_invitation_is_accepted_or_taken_back(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let can = connector.meta().capabilities;
    let [low, high] = fixture.knowledge().roles;
    let mut ada = Person::new(ADA);
    ada.should_have(seat(low, None));
    let run = ada.converge(connector).await.unwrap();
    if !can.invite {
        assert_eq!(run.state(), Some(AccountState::Active), "without invitations people are in at once");
        assert!(can.create_active);
        return;
    }
    assert_eq!(run.state(), Some(AccountState::Invited));
    assert!(matches!(run.done.as_slice(), [Op::Invite { .. }]), "{:?}", run.done);

    if can.update_pending {
        ada.should_have(seat(high, None));
        let run = ada.converge(connector).await.unwrap();
        assert_eq!(run.state(), Some(AccountState::Invited));
        let there = fixture.in_app(ADA).await;
        assert!(there.len() == 1 && there[0].pending && there[0].role == high, "{there:?}");
    }
    if can.cancel_invite {
        ada.should_have(Presence::Absent);
        let run = ada.converge(connector).await.unwrap();
        assert_eq!(run.done, [Op::CancelInvitation]);
        assert!(fixture.in_app(ADA).await.iter().all(|there| !there.pending));
        ada.should_have(seat(low, None));
        ada.converge(connector).await.unwrap();
    }
    fixture.accept(ADA);
    let run = ada.converge(connector).await.unwrap();
    assert_eq!(
        (run.state(), run.done.len()),
        (Some(AccountState::Active), usize::from(!can.cancel_invite && can.update_pending))
    );
    assert_eq!(fixture.in_app(ADA).await.len(), 1);
}

pub(crate) async fn an_invitation_that_is_over_is_made_anew_once(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    if !connector.meta().capabilities.invite {
        return;
    }
    let knows = fixture.knowledge();
    let mut ada = Person::new(ADA);
    ada.should_have(seat(knows.roles[0], None));
    let mut ends = vec![AccountState::Expired];
    if knows.tells_declined {
        ends.push(AccountState::Declined);
    }
    for state in ends {
        let end = || match state {
            AccountState::Declined => fixture.decline(ADA),
            _ => fixture.expire(ADA),
        };
        ada.converge(connector).await.unwrap();
        end();
        let seen = ada.look(connector).await.unwrap();
        let shown = seen.observed.account.as_ref().map(|account| account.state);
        assert!(shown == Some(state) || shown.is_none(), "{shown:?} for {state:?}");
        let run = ada.converge(connector).await.unwrap();
        assert_eq!(run.state(), Some(AccountState::Invited));
        assert_eq!(run.done.iter().filter(|op| op.invites()).count(), 1);
        let pending = fixture.in_app(ADA).await.into_iter().filter(|there| there.pending).count();
        assert_eq!(pending, 1);

        end();
        ada.should_have(Presence::Absent);
        ada.converge(connector).await.unwrap();
        let left = fixture.in_app(ADA).await;
        assert!(left.iter().all(|there| there.over), "nothing that counts is left: {left:?}");
        ada.should_have(seat(knows.roles[0], None));
    }
}
