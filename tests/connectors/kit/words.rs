//! What is said: in errors, in the log of a job, in `Debug`.

use usher_connector::{Connector, Step};
use usher_domain::access::Presence;
use usher_tests::apps::{Fault, FaultRule};

use super::{
    ADA, Fixture,
    drive::{Person, seat, seated},
};

pub(crate) async fn nothing_secret_or_personal_is_said(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let mut said = Vec::new();
    for fault in [
        Fault::ServerError,
        Fault::HalfAnswer,
        Fault::CutBeforeEffect,
        Fault::TooManyRequests { retry_after: 60 },
        Fault::BadToken,
        Fault::Forbidden,
    ] {
        for method in ["GET", "POST"] {
            let mut ada = Person::new(ADA);
            ada.should_have(seat(fixture.knowledge().roles[0], None));
            let rule = FaultRule { fault, times: 1_000, method: Some(method.to_owned()), path: None };
            fixture.faults().add(rule);
            let ended = ada.converge(connector).await;
            fixture.faults().clear();
            if let Err(error) = ended {
                said.push(format!("{error} {error:?}"));
            }
            // A half answer to a write that was done.
            ada.should_have(Presence::Absent);
            ada.converge(connector).await.unwrap();
        }
    }
    assert!(said.len() >= 10, "{said:#?}");
    if let Err(error) = fixture.stranger().await {
        said.push(format!("{error} {error:?}"));
    }
    let mut ada = seated(fixture, connector, ADA).await;
    let seen = ada.look(connector).await.unwrap();
    said.push(format!("{seen:?} {:?}", ada.subject));
    ada.should_have(Presence::Absent);
    said.extend(sentences(&ada.plan(connector, &seen).unwrap()));
    said.extend(sentences(&plan_anew(connector, &ada)));
    for said in said {
        let lower = said.to_lowercase();
        let secret = fixture.knowledge().secrets.iter().find(|secret| said.contains(**secret));
        assert!(secret.is_none(), "{said}");
        for personal in ["ada", "lovelace", "example.org"] {
            assert!(!lower.contains(personal), "`{personal}` in: {said}");
        }
    }
}

fn plan_anew(connector: &dyn Connector, person: &Person) -> Vec<Step> {
    person.plan(connector, &usher_connector::Observation::default()).unwrap()
}

fn sentences(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.sentence.clone()).collect()
}
