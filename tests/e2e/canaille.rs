//! The real identity provider: what it sends, and that a failed push is noticed.

use serde_json::json;
use usher_tests::{
    apps::scim::{Fault, RunningScimApp},
    client::AppListing,
    process::{Canaille, Scim2Server},
};

/// Ids differ from run to run: the shape of a request without them.
fn shape(request: &str) -> String {
    match request.rsplit_once('/') {
        Some((path, id)) if id.len() == 36 => format!("{path}/<id>"),
        _ => request.to_owned(),
    }
}

#[tokio::test]
async fn canaille_tells_a_colleagues_whole_story() {
    let app = RunningScimApp::start("token").await.unwrap();
    let listing = AppListing::new(&app.base_url(), app.token());
    let mut idp = Canaille::start(&app.base_url(), app.token()).await.unwrap();

    let ada = idp.create_user("ada", json!({"title": "Designer"})).await.unwrap();
    idp.create_user("bob", json!({})).await.unwrap();
    idp.create_group("Marketing", &["ada", "bob"]).await.unwrap();
    let member = listing.member("ada@example.com").await.unwrap().expect("ada has an account");
    assert_eq!(member.external_id, Some(ada.id));
    assert!(member.groups.contains("Marketing"));

    idp.set_group_members("Marketing", &["bob"]).await.unwrap();
    assert!(listing.member("ada").await.unwrap().expect("ada stays").groups.is_empty());

    idp.lock_user("ada").await.unwrap();
    assert!(!listing.member("ada").await.unwrap().expect("a deactivated account stays").active);
    idp.unlock_user("ada").await.unwrap();
    assert!(listing.member("ada").await.unwrap().expect("ada is back").active);

    idp.delete_user("ada").await.unwrap();
    idp.delete_group("Marketing").await.unwrap();
    assert_eq!(listing.active().await.unwrap().into_iter().collect::<Vec<_>>(), ["bob"]);

    let changes: Vec<_> = app.app().journal().changes().iter().map(|request| shape(request)).collect();
    assert_eq!(
        changes,
        [
            "POST /Users",
            "POST /Users",
            "POST /Groups",
            "PUT /Groups/<id>",
            "PUT /Users/<id>",
            "PUT /Users/<id>",
            "DELETE /Users/<id>",
            "DELETE /Groups/<id>",
        ]
    );
}

#[tokio::test]
async fn canaille_asks_before_it_writes() {
    let app = RunningScimApp::start("token").await.unwrap();
    let mut idp = Canaille::start(&app.base_url(), app.token()).await.unwrap();
    let ada = idp.create_user("ada", json!({})).await.unwrap();

    let seen: Vec<_> =
        app.app().journal().entries().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
    let (discovery, change) = seen.split_at(3);
    let mut discovery = discovery.to_vec();
    discovery.sort();
    assert_eq!(discovery, ["GET /ResourceTypes", "GET /Schemas", "GET /ServiceProviderConfig"]);
    let lookup = format!("GET /Users?filter=externalId+eq+%22{}%22", ada.id);
    assert_eq!(change, [lookup, "POST /Users".to_owned()]);
}

#[tokio::test]
async fn the_leaving_of_the_last_member_is_never_told() {
    let app = RunningScimApp::start("token").await.unwrap();
    let mut idp = Canaille::start(&app.base_url(), app.token()).await.unwrap();
    idp.create_user("ada", json!({})).await.unwrap();
    idp.create_group("Marketing", &["ada"]).await.unwrap();
    app.app().journal().clear();

    idp.set_group_members("Marketing", &[]).await.unwrap();

    assert_eq!(app.app().journal().entries(), []);
    assert_eq!(idp.directory().await.unwrap()["groups"], json!({"Marketing": []}));
}

#[tokio::test]
async fn a_push_that_does_not_arrive_is_an_error_and_can_be_repeated() {
    let app = RunningScimApp::start("token").await.unwrap();
    let listing = AppListing::new(&app.base_url(), app.token());
    let mut idp = Canaille::start(&app.base_url(), app.token()).await.unwrap();

    for fault in [Fault::ServerError, Fault::CutBeforeEffect, Fault::TooManyRequests { retry_after: 1 }] {
        app.app().faults().next_method("POST", fault);
        let name = format!("{fault:?}").chars().take_while(char::is_ascii_alphabetic).collect::<String>();
        let error = idp.create_user(&name, json!({})).await.expect_err("the app refused");
        assert!(error.to_string().contains("did not arrive"), "{error}");
        assert_eq!(listing.member(&name).await.unwrap(), None);

        idp.update_user(&name, json!({})).await.unwrap();
        assert!(listing.member(&name).await.unwrap().is_some());
    }
    let duplicate = idp.create_user("ServerError", json!({})).await.expect_err("she exists");
    assert!(duplicate.to_string().contains("exists"), "{duplicate}");
}

#[tokio::test]
async fn a_wrong_token_pushes_nothing_and_is_noticed() {
    let app = RunningScimApp::start("token").await.unwrap();
    let mut idp = Canaille::start(&app.base_url(), "another token").await.unwrap();
    idp.create_user("ada", json!({})).await.expect_err("the app does not know this token");
    assert_eq!(app.app().journal().changes(), Vec::<String>::new());
}

#[tokio::test]
async fn canaille_and_a_real_app_understand_each_other() {
    let app = Scim2Server::start().await.unwrap();
    let listing = AppListing::new(app.base_url(), app.token());
    let mut idp = Canaille::start(app.base_url(), app.token()).await.unwrap();
    idp.create_user("ada", json!({})).await.unwrap();
    idp.create_group("Marketing", &["ada"]).await.unwrap();
    idp.rename_group("Marketing", "Brand").await.unwrap();
    idp.update_user("ada", json!({"emails": ["ada@example.org"]})).await.unwrap();

    let ada = listing.member("ada@example.org").await.unwrap().expect("ada has an account");
    assert!(ada.groups.contains("Brand"));
}
