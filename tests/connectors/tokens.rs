//! Access tokens that are fetched: kept, and fetched anew once when the app rejects one.

use usher_connector::Class;
use usher_tests::apps::{Fault, FaultRule};

use crate::{
    apps,
    kit::{ADA, Fixture, Person},
};

/// How many tokens were asked for.
fn asked(fixture: &dyn Fixture) -> usize {
    fixture.journal().entries().iter().filter(|entry| entry.path == "/oauth/token").count()
}

#[tokio::test]
async fn a_token_is_kept_and_fetched_anew_once_when_it_is_rejected() {
    let fixture = apps::pinterest::fixture().await;
    let connector = &*fixture.connector(50).await;
    let mut ada = Person::new(ADA);
    ada.look(connector).await.unwrap();
    ada.look(connector).await.unwrap();
    assert_eq!(asked(&fixture), 1, "kept");

    let rejects =
        |times| FaultRule { fault: Fault::BadToken, times, method: Some("GET".to_owned()), path: None };
    fixture.faults().add(rejects(1));
    ada.look(connector).await.unwrap();
    assert_eq!(asked(&fixture), 2, "fetched anew");

    fixture.faults().add(rejects(1_000));
    assert_eq!(ada.look(connector).await.unwrap_err().class(), Class::AuthRevoked);
    assert_eq!(asked(&fixture), 3, "once");
}
