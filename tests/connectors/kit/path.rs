//! Coming, moving, going.

use usher_connector::{Class, Connector, Op};
use usher_domain::access::{AccountState, Presence};
use usher_tests::apps::{Fault, FaultRule};

use super::{
    ADA, Fixture, InApp,
    drive::{Person, seat, seated},
};

const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

pub(crate) async fn a_person_comes_moves_and_goes(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let knows = fixture.knowledge();
    let [low, high] = knows.roles;
    let mut ada = seated(fixture, connector, ADA).await;
    let there = only(fixture).await;
    assert!(!there.pending && there.role == low, "{there:?}");
    assert_eq!(there.on_asset.len(), knows.grant.map_or(0, |grant| grant.less.held.len()));

    // Nothing is done twice.
    fixture.journal().clear();
    let run = ada.converge(connector).await.unwrap();
    assert_eq!((run.done, run.seen.account.as_ref().unwrap().id.as_str()), (vec![], there.id.as_str()));
    assert_eq!(fixture.journal().changes(), [""; 0]);

    ada.should_have(seat(high, knows.grant.map(|grant| (grant, grant.more))));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!(run.state(), Some(AccountState::Active));
    let moved = only(fixture).await;
    assert_eq!((moved.id.as_str(), moved.role.as_str()), (there.id.as_str(), high), "the same account");
    if let Some(grant) = knows.grant {
        assert!(moved.on_asset.iter().map(String::as_str).eq(grant.more.held.iter().copied()), "{moved:?}");
        ada.should_have(seat(high, Some((grant, grant.less))));
        ada.converge(connector).await.unwrap();
        let less = only(fixture).await.on_asset;
        assert!(less.iter().map(String::as_str).eq(grant.less.held.iter().copied()), "{less:?}");
        ada.should_have(seat(high, None));
        ada.converge(connector).await.unwrap();
        assert!(only(fixture).await.on_asset.is_empty(), "assets follow");
        ada.should_have(seat(high, Some((grant, grant.more))));
        ada.converge(connector).await.unwrap();
    }

    ada.should_have(Presence::Absent);
    let run = ada.converge(connector).await.unwrap();
    assert!(run.seen.account.is_none());
    assert_eq!(fixture.in_app(ADA).await, []);
    let rank = |op: &Op| match op {
        Op::RevokeAsset { .. } => 0,
        Op::SetRoles { .. } | Op::SetEntitlements { .. } | Op::LeaveGroup { .. } => 1,
        Op::Remove | Op::CancelInvitation | Op::Deactivate => 2,
        other => panic!("{other:?} takes nothing"),
    };
    assert!(run.done.iter().map(rank).is_sorted(), "assets, role, membership: {:?}", run.done);
    assert_eq!(
        run.done.iter().filter(|op| rank(op) == 0).count(),
        usize::from(knows.grant.is_some()),
        "assets are taken away before the person is"
    );
    assert_eq!(ada.converge(connector).await.unwrap().done, [], "who is gone is gone");
}

pub(crate) async fn somebody_who_is_there_already_is_matched(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(2).await;
    for number in 0..5 {
        fixture.add(&format!("colleague{number}@example.org")).await;
    }
    let account = fixture.add("Ada@Example.org").await;
    fixture.journal().clear();
    let mut ada = Person::new(ADA);
    ada.should_have(seat(fixture.knowledge().roles[1], None));
    let run = ada.converge(connector).await.unwrap();
    assert_eq!((run.id(), run.state()), (account.as_str(), Some(AccountState::Active)));
    assert!(!run.done.iter().any(|op| op.invites() || matches!(op, Op::Create { .. })), "{:?}", run.done);
    assert_eq!(only(fixture).await.role, fixture.knowledge().roles[1]);
    // Known by the id from now on, whatever the address becomes.
    let mut renamed = Person::new("ada.king@example.org");
    renamed.subject.account = Some(account.clone());
    assert_eq!(renamed.look(connector).await.unwrap().observed.account.unwrap().id, account);
    // An id that is nobody's any more says nothing of the person.
    ada.subject.account = Some("549755899999".to_owned());
    assert_eq!(ada.look(connector).await.unwrap().observed.account.unwrap().id, account);
}

pub(crate) async fn an_unanswered_write_is_looked_at_and_not_repeated(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let knows = fixture.knowledge();
    let [low, high] = knows.roles;
    let mut ada = Person::new(ADA);
    let grant = |more: bool| knows.grant.map(|it| (it, if more { it.more } else { it.less }));
    for fault in [Fault::CutAfterEffect, Fault::CutBeforeEffect] {
        ada.should_have(seat(low, grant(false)));
        unanswered(fixture, connector, &mut ada, fault).await;
        if connector.meta().capabilities.invite {
            fixture.accept(ADA);
            unanswered(fixture, connector, &mut ada, fault).await;
        }
        only(fixture).await;
        ada.should_have(seat(high, grant(true)));
        unanswered(fixture, connector, &mut ada, fault).await;
        assert_eq!(only(fixture).await.role, high);
        ada.should_have(Presence::Absent);
        unanswered(fixture, connector, &mut ada, fault).await;
        assert_eq!(fixture.in_app(ADA).await, []);
    }
}

/// Converges while every other write is not answered. Each is sent once if it had its effect, else twice.
async fn unanswered(fixture: &dyn Fixture, connector: &dyn Connector, person: &mut Person, fault: Fault) {
    loop {
        let seen = person.look(connector).await.unwrap();
        let Some(step) = person.plan(connector, &seen).unwrap().into_iter().next() else { break };
        for method in WRITES {
            let rule = FaultRule { fault, times: 1, method: Some(method.to_owned()), path: None };
            fixture.faults().add(rule);
        }
        let error = person.apply(connector, &step, &seen).await.unwrap_err();
        fixture.faults().clear();
        assert_eq!(error.class(), Class::Ambiguous, "{}: {error}", step.sentence);
        let seen = person.look(connector).await.unwrap();
        let still_needed = person.plan(connector, &seen).unwrap().iter().any(|left| left.op == step.op);
        assert_eq!(still_needed, fault == Fault::CutBeforeEffect, "{fault:?}: {}", step.sentence);
        if still_needed {
            person.apply(connector, &step, &seen).await.unwrap();
        }
    }
}

async fn only(fixture: &dyn Fixture) -> InApp {
    let mut there = fixture.in_app(ADA).await;
    assert_eq!(there.len(), 1, "{there:?}");
    there.remove(0)
}
