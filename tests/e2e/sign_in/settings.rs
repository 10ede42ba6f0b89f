//! Setting the provider: checked before it counts, and its secret never seen again.

use serde_json::{Value, json};
use usher_domain::ports::SignIn;

use super::{
    Scene,
    browser::Browser,
    colleague,
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

/// The pages of members and keys do what the API does, for those who may.
#[tokio::test]
async fn members_and_keys_are_managed_on_pages() {
    let scene = Scene::new().await;
    let bob = colleague(&scene.world, "bob").await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    for page in ["/settings/members", "/settings/keys"] {
        assert_eq!(browser.open(page).await.status, 403, "{page}: an Admin");
    }
    let promote = format!("/settings/members/{bob}");
    assert_eq!(browser.submit(&promote, "role=admin").await.status, 403);
    scene.promote(&scene.ada, "super_admin").await;

    let found = browser.open("/settings/members?q=bob").await;
    assert!(found.text.contains(&promote) && !found.text.contains("value=\"super_admin\""), "{}", found.text);
    assert_eq!(browser.submit(&promote, "role=admin").await.status, 303);
    assert_eq!(browser.submit(&promote, "role=super_admin").await.status, 403);
    let page = browser.submit(&format!("{promote}/sign-in-link"), "").await;
    let link = page.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut bobs = Browser::new(&scene.world);
    bobs.follow(&link).await;
    assert_eq!(bobs.who().await.unwrap()["role"], "admin");
    assert_eq!(browser.submit(&format!("{promote}/sign-out"), "").await.status, 303);
    assert_eq!(bobs.who().await, None);
    assert_eq!(browser.submit(&format!("{promote}/remove"), "").await.status, 303);
    let members = scene.world.api("GET", "/members", Value::Null).await.body;
    assert_eq!(members["items"].as_array().unwrap().len(), 1);

    let page = browser.submit("/settings/keys", "name=Report&role=admin&days=30").await;
    let key = page.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(scene.world.api_as(&key, "GET", "/me", Value::Null).await.body["name"], "Report");
    assert_eq!(browser.submit("/settings/keys", "name=Report&role=owner&days=0").await.status, 403);
    let keys = scene.world.api("GET", "/api-keys", Value::Null).await.body;
    let made = keys["items"].as_array().unwrap().iter().find(|key| key["name"] == "Report").unwrap();
    assert!(made["expires_at"].is_string(), "{made}");
    let revoke = format!("/settings/keys/{}/revoke", made["id"].as_str().unwrap());
    assert_eq!(browser.submit(&revoke, "").await.status, 303);
    assert_eq!(scene.world.api_as(&key, "GET", "/me", Value::Null).await.status, 401);
    let log = scene
        .world
        .api("GET", &format!("/audit?actor={}&act=createApiKey", scene.ada), Value::Null)
        .await
        .body;
    assert_eq!(log["items"][1]["after"]["name"], "Report");
    assert!(!log.to_string().contains(&key));
}
