//! How sessions end.

use serde_json::{Value, json};

use super::{Scene, browser::Browser, colleague};

const HOUR: i64 = 3_600;

async fn signed_in<'a>(scene: &'a Scene) -> Browser<'a> {
    let mut browser = Browser::new(&scene.world);
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    browser
}

#[tokio::test]
async fn a_session_ends_with_the_person_at_once() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    scene.patch(&scene.ada, json!({"op": "replace", "path": "active", "value": false})).await;
    assert_eq!(browser.who().await, None, "the very next request");
    assert_eq!(browser.open("/").await.status, 401);
    scene.patch(&scene.ada, json!({"op": "replace", "path": "active", "value": true})).await;
    assert!(browser.who().await.is_some());
    scene.world.scim("DELETE", &format!("/Users/{}", scene.ada), Value::Null).await;
    assert_eq!(browser.who().await, None);
}

#[tokio::test]
async fn a_session_has_the_rights_of_this_moment() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    assert_eq!(browser.open("/api/v1/workspace").await.status, 200);
    scene.promote(&scene.ada, "user").await;
    assert_eq!(browser.open("/api/v1/workspace").await.status, 403);
    scene.promote(&scene.ada, "owner").await;
    assert_eq!(browser.open("/api/v1/members").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_after_half_a_day() {
    let scene = Scene::new().await;
    let mut busy = signed_in(&scene).await;
    for _ in 0..12 {
        scene.world.wait(HOUR - 10);
        assert!(busy.who().await.is_some());
    }
    scene.world.wait(120);
    assert_eq!(busy.who().await, None, "twelve hours");

    // A page that is left open asks by itself; that is no use.
    let mut idle = signed_in(&scene).await;
    for _ in 0..5 {
        scene.world.wait(HOUR / 6);
        let seen = idle.send("GET", "/automations?seen=x", "", &[("hx-request", "true")]).await;
        assert!(seen.status < 300, "{}", seen.text);
    }
    scene.world.wait(HOUR / 6);
    assert_eq!(idle.who().await, None, "an hour");
    let seen = idle.send("GET", "/automations?seen=x", "", &[("hx-request", "true")]).await;
    assert_eq!((seen.status, seen.headers["hx-refresh"].to_str().unwrap()), (401, "true"));
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_ends_the_old_one() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    let mut copy = Browser::new(&scene.world);
    copy.cookies = browser.cookies.clone();
    let before = browser.session();
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    assert_ne!(browser.session(), before);
    assert_eq!(copy.who().await, None, "a cookie that was there before opens nothing");
}

#[tokio::test]
async fn signing_out_ends_it_here_and_at_the_provider() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    let mut copy = Browser::new(&scene.world);
    copy.cookies = browser.cookies.clone();
    let seen = browser.submit("/sign-out", "").await;
    assert_eq!(seen.status, 200);
    let refresh = seen.headers["refresh"].to_str().unwrap();
    let there = reqwest::Url::parse(refresh.strip_prefix("0; url=").unwrap()).unwrap();
    let parameters: std::collections::BTreeMap<_, _> = there.query_pairs().into_owned().collect();
    assert_eq!((there.host_str(), there.path()), (Some("idp.example"), "/logout"));
    assert_eq!(parameters["client_id"], "usher");
    assert_eq!(parameters["post_logout_redirect_uri"], "https://usher.example/sign-in?workspace=main");
    assert!(parameters["id_token_hint"].starts_with("ey"));
    assert!(browser.cookies.is_empty());
    assert_eq!(copy.who().await, None);
    // A provider that has a problem keeps nobody signed in.
    let mut browser = signed_in(&scene).await;
    scene.provider.calls_itself("https://evil.example");
    let seen = browser.submit("/sign-out", "").await;
    assert_eq!((seen.status, seen.headers.get("refresh")), (200, None));
    assert_eq!(browser.who().await, None);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let scene = Scene::new().await;
    let (mut here, mut there) = (signed_in(&scene).await, signed_in(&scene).await);
    let bob = colleague(&scene.world, "bob").await;
    scene.promote(&bob, "super_admin").await;
    let mut bobs = Browser::new(&scene.world);
    let his = json!({"sub": "00u2", "email": "bob@example.com"});
    assert_eq!(scene.sign_in(&mut bobs, his).await.status, 303);
    let count = async |browser: &mut Browser<'_>| {
        browser.open("/api/v1/sessions").await.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(
        (count(&mut here).await, count(&mut bobs).await),
        (2, 3),
        "an Admin sees their own, a Super Admin all"
    );

    // One's own, elsewhere.
    let elsewhere = format!("/settings/sessions/{}/end", there.session().unwrap());
    assert_eq!(here.submit(&elsewhere, "").await.status, 303);
    assert_eq!(there.who().await, None);
    // Somebody else's needs more, and a higher role's more still.
    let his = format!("/settings/sessions/{}/end", bobs.session().unwrap());
    assert_eq!(here.submit(&his, "").await.status, 403);
    scene.promote(&scene.ada, "owner").await;
    let owners = format!("/settings/sessions/{}/end", here.session().unwrap());
    assert_eq!(bobs.submit(&owners, "").await.status, 403);
    assert!(bobs.who().await.is_some() && here.who().await.is_some());

    // Everywhere.
    let mut second = signed_in(&scene).await;
    assert!(here.open("/settings/sessions").await.text.contains("Sign me out everywhere: 2 browsers"));
    assert_eq!(here.submit("/settings/sessions/end-all", "").await.status, 303);
    assert_eq!((here.who().await, second.who().await), (None, None));
    assert!(bobs.who().await.is_some());
    let path = format!("/members/{bob}/sessions");
    assert_eq!(scene.world.api("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(bobs.who().await, None);
}

/// A cookie names its workspace, and opens no other one.
#[tokio::test]
async fn a_session_of_another_workspace_opens_nothing_here() {
    let scene = Scene::new().await;
    let browser = signed_in(&scene).await;
    scene.world.other_workspace().await;
    let mut other = Browser::new(&scene.world);
    for (name, value) in &browser.cookies {
        other.cookies.insert(name.clone(), value.replacen("main.", "other.", 1));
    }
    assert_eq!(other.who().await, None);
}
