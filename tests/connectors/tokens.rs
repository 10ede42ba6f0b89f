//! Access tokens that are fetched: kept, and fetched anew once when the app rejects one.

use usher_connector::Class;
use usher_tests::apps::{Fault, FaultRule};

use crate::{
    apps,
    kit::{ADA, Fixture, Person},
};

/// How many tokens were asked for.
fn asked(fixture: &dyn Fixture) -> usize {
    let is = |path: &str| ["/token", "/access_tokens", "/ims/token/v2"].iter().any(|end| path.ends_with(end));
    fixture.journal().entries().iter().filter(|entry| is(&entry.path)).count()
}

async fn is_kept_and_fetched_anew_once(fixture: &dyn Fixture) {
    let connector = &*fixture.connector(50).await;
    let mut ada = Person::new(ADA);
    ada.look(connector).await.unwrap();
    ada.look(connector).await.unwrap();
    assert_eq!(asked(fixture), 1, "kept");

    let rejects =
        |times| FaultRule { fault: Fault::BadToken, times, method: Some("GET".to_owned()), path: None };
    fixture.faults().add(rejects(1));
    ada.look(connector).await.unwrap();
    assert_eq!(asked(fixture), 2, "fetched anew");

    // Whatever is asked, and not the token itself.
    for part in ["/members", "/invit", "/googleAds:search", "/users/", "/Users"] {
        fixture.faults().add(FaultRule { path: Some(part.to_owned()), ..rejects(1_000) });
    }
    assert_eq!(ada.look(connector).await.unwrap_err().class(), Class::AuthRevoked);
    assert_eq!(asked(fixture), 3, "once");
}

#[tokio::test]
async fn a_token_for_a_refresh_token_is_kept_and_fetched_anew_once_when_it_is_rejected() {
    is_kept_and_fetched_anew_once(&apps::pinterest::fixture().await).await;
}

#[tokio::test]
async fn a_token_for_a_clients_secret_is_kept_and_fetched_anew_once_when_it_is_rejected() {
    is_kept_and_fetched_anew_once(&apps::adobe::fixture().await).await;
}

#[tokio::test]
async fn a_token_for_a_scim_apps_client_is_kept_and_fetched_anew_once_when_it_is_rejected() {
    is_kept_and_fetched_anew_once(&apps::scim::ScimFixture::of_a_client().await).await;
}

#[tokio::test]
async fn a_token_of_googles_is_kept_and_fetched_anew_once_when_it_is_rejected() {
    is_kept_and_fetched_anew_once(&apps::google::fixture().await).await;
}

#[tokio::test]
async fn a_token_for_an_apps_key_is_kept_and_fetched_anew_once_when_it_is_rejected() {
    is_kept_and_fetched_anew_once(&apps::github::fixture().await).await;
}
