//! Setting the provider: checked before it counts, and its secret never seen again.

use serde_json::{Value, json};
use usher_domain::ports::SignIn;

use super::{
    Scene,
    browser::Browser,
    provider::{Provider, SECRET},
};
use crate::scim::managed::Managed;

async fn put(scene: &Scene, body: Value) -> (u16, Value) {
    let answer = scene.world.api("PUT", "/sign-in/openid", body).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn what_cannot_be_used_is_not_saved() {
    let scene = Scene::new().await;
    let before = scene.world.api("GET", "/sign-in", Value::Null).await.body;
    let issuer = &scene.provider.issuer;
    for (wrong, says) in [
        (json!({"issuer": format!("{issuer}/"), "client_id": "usher"}), "exactly as the document"),
        (json!({"issuer": format!("{issuer}/elsewhere"), "client_id": "usher"}), "404"),
        (json!({"issuer": "http://127.0.0.1:1", "client_id": "usher"}), "no connection"),
        (json!({"issuer": "nowhere", "client_id": "usher"}), "not a URL"),
        (json!({"issuer": issuer, "client_id": " "}), "1 to"),
        (json!({"issuer": issuer, "client_id": "usher", "email_domains": ["@acme"]}), "no domain"),
    ] {
        let (status, problem) = put(&scene, wrong).await;
        assert!(status == 422 && problem["detail"].as_str().unwrap().contains(says), "{says}: {problem}");
    }
    scene.provider.calls_itself("https://evil.example");
    let (status, problem) = put(&scene, json!({"issuer": issuer, "client_id": "usher"})).await;
    assert!(status == 422 && problem["detail"].as_str().unwrap().contains("another issuer"), "{problem}");
    assert_eq!(scene.world.api("GET", "/sign-in", Value::Null).await.body, before);
}

/// In a deployment an issuer's address leads to nothing that only Usher reaches.
#[tokio::test]
async fn a_private_address_is_no_issuer() {
    let (managed, provider) = (Managed::new().await, Provider::start().await);
    for issuer in
        [provider.issuer.as_str(), "https://127.0.0.1", "https://169.254.169.254", "https://localhost"]
    {
        let body = json!({"issuer": issuer, "client_id": "usher"});
        let (status, problem) = managed.as_owner("PUT", "/sign-in/openid", body).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(status == 422 && detail.contains("may not be called from here"), "{issuer}: {problem}");
    }
}

#[tokio::test]
async fn the_secret_is_sealed_and_goes_to_nobody_else() {
    let scene = Scene::new().await;
    let shown = scene.world.api("GET", "/sign-in", Value::Null).await.body;
    assert_eq!(shown["openid"]["has_client_secret"], true);
    assert!(!shown.to_string().contains(SECRET));
    let stored = async || scene.world.store.openid_provider(&scene.world.workspace).await.unwrap().unwrap();
    assert!(stored().await.sealed_secret.is_some_and(|sealed| !sealed.contains(SECRET)));

    // Kept while it is left out, and good.
    let same = json!({"issuer": scene.provider.issuer, "client_id": "usher"});
    assert_eq!(put(&scene, same).await.0, 200);
    assert_eq!(scene.sign_in(&mut Browser::new(&scene.world), json!({})).await.status, 303);
    // Whoever changes the issuer does not get the secret sent there.
    let other = Provider::start().await;
    assert_eq!(put(&scene, json!({"issuer": other.issuer, "client_id": "usher"})).await.0, 200);
    assert_eq!(stored().await.sealed_secret, None);
}

#[tokio::test]
async fn the_page_saves_what_is_entered() {
    let scene = Scene::new().await;
    scene.promote(&scene.ada, "owner").await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let page = browser.open("/settings/sign-in").await;
    assert!(
        page.text.contains("https://usher.example/sign-in/openid/callback") && !page.text.contains(SECRET)
    );
    let fields = [
        ("issuer", scene.provider.issuer.as_str()),
        ("client_id", "usher"),
        ("client_secret", ""),
        ("email_domains", "example.com, acme.example"),
        ("trusts_email", "true"),
    ];
    let form = reqwest::Url::parse_with_params("http://form", fields).unwrap();
    assert_eq!(browser.submit("/settings/sign-in", form.query().unwrap()).await.status, 303);
    let openid = scene.world.api("GET", "/sign-in", Value::Null).await.body["openid"].clone();
    assert_eq!(
        (&openid["email_domains"], &openid["trusts_email"], &openid["has_client_secret"]),
        (&json!(["acme.example", "example.com"]), &json!(true), &json!(true))
    );
    // Trusted: what is not said to be verified is taken for it.
    let unsaid = json!({"email_verified": null});
    assert_eq!(scene.sign_in(&mut Browser::new(&scene.world), unsaid).await.status, 303);
    let page = browser.open("/settings/sign-in/end").await;
    assert!(page.text.contains("2 browsers signed in with it stay"), "{}", page.text);
    assert_eq!(browser.submit("/settings/sign-in/end", "").await.status, 303);
    assert_eq!(scene.world.api("GET", "/sign-in", Value::Null).await.body["openid"], Value::Null);
}
