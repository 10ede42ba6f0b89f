//! Looks that fail, and refusals.

use std::time::Duration;

use usher_connector::{Class, Error};
use usher_domain::access::Presence;
use usher_tests::apps::{Fault, FaultRule};

use super::{
    ADA, Fixture,
    drive::{Person, seat, seated},
};

fn on_reads(fixture: &dyn Fixture, fault: Fault) {
    fixture.faults().add(FaultRule { fault, times: 1_000, method: Some("GET".to_owned()), path: None });
}

pub(crate) async fn a_look_that_fails_is_never_nobody(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    // The last one of every list is the one who is looked for.
    let mut ada = seated(fixture, connector, ADA).await;
    let mut faults = vec![
        Fault::ServerError,
        Fault::HalfAnswer,
        Fault::CutBeforeEffect,
        Fault::CutAfterEffect,
        Fault::TooManyRequests { retry_after: 60 },
        Fault::BadToken,
        Fault::Forbidden,
    ];
    if fixture.knowledge().tells_totals {
        faults.push(Fault::ShortList);
    }
    fixture.journal().clear();
    for fault in faults {
        // Known by an id, and looked for.
        for account in [ada.subject.account.clone(), None] {
            for presence in [Presence::Absent, seat(fixture.knowledge().roles[1], None)] {
                ada.should_have(presence);
                ada.subject.account.clone_from(&account);
                on_reads(fixture, fault);
                let looked = ada.look(connector).await;
                fixture.faults().clear();
                // One that is found by its id needs no list.
                let found = looked.as_ref().is_ok_and(|seen| seen.observed.account.is_some());
                assert!(looked.is_err() || (found && fault == Fault::ShortList), "{fault:?}: {looked:?}");
                ada.subject.account.clone_from(&account);
            }
        }
    }
    assert_eq!(fixture.journal().changes(), [""; 0]);
}

pub(crate) async fn a_refusal_has_its_class(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let knows = fixture.knowledge();
    for asked in [60, 4 * 3_600] {
        let after = (knows.after)(asked).map(Duration::from_secs);
        let error = refused(fixture, Fault::TooManyRequests { retry_after: asked }).await;
        assert_eq!(error.class(), Class::RateLimited { after }, "{error}");
    }
    let error = refused(fixture, Fault::BadToken).await;
    assert!(matches!(error.class(), Class::AuthRevoked | Class::AuthExpired), "{error}");
    let error = refused(fixture, Fault::Forbidden).await;
    assert!(matches!(error.class(), Class::ScopeMissing | Class::PolicyDenied), "{error}");
    let error = refused(fixture, Fault::ServerError).await;
    assert!(matches!(error.class(), Class::Transient { .. } | Class::Ambiguous), "{error}");

    // Whatever it was, nothing was done, and the next attempt comes through.
    assert_eq!(fixture.in_app(ADA).await, []);
    let mut ada = Person::new(ADA);
    ada.should_have(seat(knows.roles[0], None));
    ada.converge(connector).await.unwrap();
    assert_eq!(fixture.in_app(ADA).await.len(), 1);
}

/// The first write of a person's coming meets `fault`, as often as it is sent.
async fn refused(fixture: &dyn Fixture, fault: Fault) -> Error {
    let connector = &*fixture.connector(50).await;
    let mut ada = Person::new(ADA);
    ada.should_have(seat(fixture.knowledge().roles[0], None));
    // A token is had by now.
    ada.look(connector).await.unwrap();
    fixture.faults().add(FaultRule { fault, times: 1_000, method: Some("POST".to_owned()), path: None });
    let error = ada.converge(connector).await.unwrap_err();
    fixture.faults().clear();
    error
}
