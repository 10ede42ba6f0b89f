//! The way in, as it should go, and who is let in.

use serde_json::{Value, json};

use super::{Scene, browser::Browser, colleague};

#[tokio::test]
async fn a_person_signs_in_and_lands_where_they_wanted_to_go() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    // Who is not signed in is asked for the workspace, and led on to the provider.
    let seen = browser.open("/people?q=ada").await;
    assert_eq!(seen.status, 401);
    assert!(seen.text.contains(r#"name="return_to" value="/people?q=ada""#), "{}", seen.text);
    let seen = browser.open("/sign-in?workspace=main&return_to=%2Fpeople%3Fq%3Dada").await;
    assert!(
        seen.text.contains("/sign-in/openid?workspace=main&amp;return_to=%2Fpeople%3Fq%3Dada"),
        "{}",
        seen.text
    );

    let asked = scene.begin(&mut browser, "%2Fpeople%3Fq%3Dada").await;
    let parameters: std::collections::BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
    assert_eq!(asked.host_str(), Some("idp.example"));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "usher"),
        ("redirect_uri", "https://usher.example/sign-in/openid/callback"),
        ("code_challenge_method", "S256"),
        ("scope", "openid email profile"),
    ] {
        assert_eq!(parameters[name], value);
    }
    let code = scene.provider.grant(&asked, scene.world.now(), json!({}));
    let seen = scene.come_back(&mut browser, &asked, &code).await;
    assert_eq!((seen.status, seen.location()), (303, "/people?q=ada"));
    assert_eq!(browser.cookies.len(), 1, "the attempt's cookie is gone");
    let who = browser.who().await.unwrap();
    assert_eq!((&who["person"], &who["role"]), (&json!(scene.ada), &json!("admin")));
    assert_eq!(browser.open("/people?q=ada").await.status, 200);
    // The rights are the person's: what an Admin may not, the session may not.
    assert_eq!(browser.open("/settings/sign-in").await.status, 403);
    assert_eq!(browser.open("/api/v1/sign-in").await.status, 403);

    let sessions = browser.open("/api/v1/sessions").await.json();
    let session = &sessions["items"][0];
    assert_eq!(
        (&session["signed_in"], &session["address"], &session["current"]),
        (&json!("identity_provider"), &json!("203.0.113.7"), &json!(true))
    );
}

/// The subject is whom the person was at the first sign-in; the address only found them.
#[tokio::test]
async fn a_subject_stays_whom_it_was() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let without = json!({"email": null, "email_verified": null});
    assert_eq!(
        scene.sign_in(&mut Browser::new(&scene.world), without).await.status,
        303,
        "no address is needed any more"
    );

    // Somebody else at the provider who has got Ada's address.
    let seen = scene.sign_in(&mut Browser::new(&scene.world), json!({"sub": "00u2"})).await;
    assert_eq!(seen.status, 403);
    assert!(seen.text.contains("with another account"), "{}", seen.text);
    // Ada's address is Bob's now; her account at the provider is still hers.
    let bob = colleague(&scene.world, "bob").await;
    scene.promote(&bob, "admin").await;
    let hers = json!({"email": "bob@example.com"});
    let mut again = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut again, hers).await.status, 303);
    assert_eq!(again.who().await.unwrap()["person"], json!(scene.ada));

    // An admin forgets the account: the next one with the address is Ada.
    let path = format!("/members/{}/identity", scene.ada);
    assert_eq!(scene.world.api("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(scene.sign_in(&mut Browser::new(&scene.world), json!({"sub": "00u2"})).await.status, 303);
    let seen = scene.sign_in(&mut Browser::new(&scene.world), json!({"sub": "00u1"})).await;
    assert_eq!(seen.status, 403, "one account at a time");
}

/// Whoever was deleted and comes back is somebody new in the directory, and the same at the provider.
#[tokio::test]
async fn who_comes_back_is_found_again() {
    let scene = Scene::new().await;
    assert_eq!(scene.sign_in(&mut Browser::new(&scene.world), json!({})).await.status, 303);
    scene.world.scim("DELETE", &format!("/Users/{}", scene.ada), Value::Null).await;
    let seen = scene.sign_in(&mut Browser::new(&scene.world), json!({})).await;
    assert!(seen.status == 403 && seen.text.contains("Nobody in the workspace"), "{}", seen.text);
    let new = colleague(&scene.world, "ada").await;
    scene.promote(&new, "admin").await;
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    assert_eq!(browser.who().await.unwrap()["person"], json!(new));
}

/// A member has something to do here, and so has who has a role in a hub.
#[tokio::test]
async fn only_who_has_a_role_comes_in() {
    let scene = Scene::new().await;
    let bob = colleague(&scene.world, "bob").await;
    let his = || json!({"sub": "00u2", "email": "bob@example.com"});
    let seen = scene.sign_in(&mut Browser::new(&scene.world), his()).await;
    assert!(seen.status == 403 && seen.text.contains("no role in this workspace"), "{}", seen.text);
    let share = json!({"hub_role": "manager", "app_access": {"kind": "hub_only"}});
    let path = format!("/integrations/{}/shares/people/{bob}", scene.world.hub);
    assert_eq!(scene.world.api("PUT", &path, share).await.status, 200);
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, his()).await.status, 303);
    assert_eq!(browser.open(&format!("/integrations/{}", scene.world.hub)).await.status, 200);
    assert_eq!(browser.open("/connections").await.status, 403);
}

/// OpenID Connect Core §5.4: with a code, the address may be at the UserInfo endpoint only.
#[tokio::test]
async fn an_address_may_come_from_the_userinfo_endpoint() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    for (sub, expected) in [("00u9", 424), ("00u1", 303)] {
        let asked = scene.begin(&mut browser, "/").await;
        let none = json!({"email": null, "email_verified": null});
        let code = scene.provider.grant(&asked, scene.world.now(), none);
        // One that is about somebody else counts for nothing.
        scene.provider.tells(json!({"sub": sub, "email": "ada@example.com", "email_verified": "true"}));
        assert_eq!(scene.come_back(&mut browser, &asked, &code).await.status, expected, "{sub}");
    }
}
