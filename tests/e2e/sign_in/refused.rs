//! What must not lead in.

use serde_json::{Value, json};

use super::{
    Scene,
    browser::{Browser, Seen},
    colleague,
    provider::Signature,
    state,
};

/// Refused with these words, and nobody is signed in.
async fn refused(browser: &mut Browser<'_>, seen: Seen, status: u16, says: &str) {
    assert_eq!(seen.status, status, "{says}: {}", seen.text);
    assert!(seen.text.contains(says), "{says}: {}", seen.text);
    assert_eq!(browser.session(), None, "{says}");
    assert_eq!(browser.who().await, None, "{says}");
}

#[tokio::test]
async fn claims_that_do_not_fit_lead_nowhere() {
    let scene = Scene::new().await;
    let now = scene.world.now().as_second();
    colleague(&scene.world, "ada2").await;
    let twice = json!({"op": "add", "path": "emails", "value": [{"value": "twin@example.com"}]});
    let twin = colleague(&scene.world, "twin").await;
    scene.patch(&scene.ada, twice).await;
    scene.promote(&twin, "admin").await;
    for (claims, status, says) in [
        (json!({"nonce": "another"}), 424, "not for this sign-in"),
        (json!({"nonce": null}), 424, "not for this sign-in"),
        (json!({"exp": now - 1}), 424, "has ended"),
        (json!({"aud": "another-app"}), 424, "for another application"),
        (json!({"aud": ["usher", "another-app"]}), 424, "for another application"),
        (json!({"iss": "https://evil.example"}), 424, "another issuer"),
        (json!({"email_verified": false}), 403, "has not verified"),
        (json!({"email_verified": null}), 403, "has not verified"),
        (json!({"email": "nobody@example.com"}), 403, "Nobody in the workspace"),
        (json!({"email": "twin@example.com"}), 403, "Several people"),
    ] {
        let mut browser = Browser::new(&scene.world);
        let seen = scene.sign_in(&mut browser, claims).await;
        refused(&mut browser, seen, status, says).await;
    }
}

#[tokio::test]
async fn a_token_that_is_not_signed_by_the_provider_leads_nowhere() {
    let scene = Scene::new().await;
    for signature in [Signature::OtherKey, Signature::None, Signature::ClientSecret] {
        let mut browser = Browser::new(&scene.world);
        let asked = scene.begin(&mut browser, "/").await;
        let code = scene.provider.grant(&asked, scene.world.now(), json!({}));
        scene.provider.signs(signature);
        let seen = scene.come_back(&mut browser, &asked, &code).await;
        assert_eq!(seen.status, 424, "{signature:?}: {}", seen.text);
        assert_eq!(browser.who().await, None, "{signature:?}");
    }
}

#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let scene = Scene::new().await;
    let grant = |asked: &reqwest::Url| scene.provider.grant(asked, scene.world.now(), json!({}));

    // Somebody makes another browser end what they began themselves, to be found signed in there.
    let (mut theirs, mut mine) = (Browser::new(&scene.world), Browser::new(&scene.world));
    let asked = scene.begin(&mut theirs, "/").await;
    let code = grant(&asked);
    let seen = scene.come_back(&mut mine, &asked, &code).await;
    refused(&mut mine, seen, 403, "not begun in this browser").await;
    scene.begin(&mut mine, "/").await;
    let seen = scene.come_back(&mut mine, &asked, &code).await;
    refused(&mut mine, seen, 403, "not to what this browser asked").await;

    // No state, and one that was changed.
    let seen = mine.open(&format!("/sign-in/openid/callback?code={code}")).await;
    refused(&mut mine, seen, 403, "not to what this browser asked").await;
    let seen = mine.open(&format!("/sign-in/openid/callback?code={code}&state={}x", state(&asked))).await;
    refused(&mut mine, seen, 403, "not to what this browser asked").await;

    // Twice, by whoever has the cookie and the address.
    let mut thief = Browser::new(&scene.world);
    thief.cookies = theirs.cookies.clone();
    assert_eq!(scene.come_back(&mut theirs, &asked, &code).await.status, 303);
    let seen = scene.come_back(&mut thief, &asked, &code).await;
    refused(&mut thief, seen, 403, "was used already").await;

    // Too late.
    let mut late = Browser::new(&scene.world);
    let asked = scene.begin(&mut late, "/").await;
    let code = grant(&asked);
    scene.world.wait(601);
    let seen = scene.come_back(&mut late, &asked, &code).await;
    refused(&mut late, seen, 403, "more than ten minutes").await;

    // An answer that says it is another provider's (RFC 9207), a refusal, and one without anything.
    for (rest, status, says) in [
        ("code=x&iss=https%3A%2F%2Fevil.example", 403, "another identity provider"),
        ("error=access_denied&error_description=%3Cb%3E", 403, "refused"),
        ("error=invalid_request", 424, "redirect URI"),
        ("", 403, "has no code"),
        ("code=wrong", 424, "did not take the code"),
    ] {
        let mut browser = Browser::new(&scene.world);
        let asked = scene.begin(&mut browser, "/").await;
        let seen = browser.open(&format!("/sign-in/openid/callback?{rest}&state={}", state(&asked))).await;
        assert!(!seen.text.contains("<b>"));
        refused(&mut browser, seen, status, says).await;
    }
}

#[tokio::test]
async fn who_was_deactivated_or_has_a_foreign_address_stays_out() {
    let scene = Scene::new().await;
    scene.set(json!({"email_domains": ["northwind.example"]})).await;
    let mut browser = Browser::new(&scene.world);
    let seen = scene.sign_in(&mut browser, json!({})).await;
    refused(&mut browser, seen, 403, "takes no e-mail addresses").await;
    scene.set(json!({"email_domains": ["example.com"]})).await;
    assert_eq!(scene.sign_in(&mut Browser::new(&scene.world), json!({})).await.status, 303);

    scene.patch(&scene.ada, json!({"op": "replace", "path": "active", "value": false})).await;
    let seen = scene.sign_in(&mut browser, json!({})).await;
    refused(&mut browser, seen, 403, "was deactivated").await;
}

#[tokio::test]
async fn nobody_is_sent_on_to_another_site() {
    let scene = Scene::new().await;
    for foreign in
        ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)"]
    {
        let mut browser = Browser::new(&scene.world);
        let asked = scene.begin(&mut browser, foreign).await;
        let code = scene.provider.grant(&asked, scene.world.now(), json!({}));
        let seen = scene.come_back(&mut browser, &asked, &code).await;
        assert_eq!((seen.status, seen.location()), (303, "/"), "{foreign}");
        let page = browser.open(&format!("/sign-in?workspace=main&return_to={foreign}")).await;
        assert!(!page.text.contains("evil.example") && !page.text.contains("javascript:"), "{foreign}");
    }
}

/// A form of another site carries the cookie (or does not), and never proves that it comes from a page of ours.
#[tokio::test]
async fn no_form_of_another_site_does_anything() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    scene.promote(&scene.ada, "owner").await;
    assert_eq!(scene.sign_in(&mut browser, json!({})).await.status, 303);
    let pages = include_str!("../../../functions/console/src/pages/mod.rs");
    let routes: Vec<String> = pages
        .split(".route(")
        .skip(1)
        .filter(|route| route.split(".route(").next().unwrap().contains("post("))
        .map(|route| route.trim().trim_start_matches('"').split('"').next().unwrap().to_owned())
        .collect();
    assert!(routes.len() > 15 && routes.contains(&"/sign-out".to_owned()), "{routes:?}");
    for route in routes {
        let path = route.replace(['{', '}'], "");
        for headers in [
            &[][..],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "https://usher.example"), ("sec-fetch-site", "cross-site")],
        ] {
            let seen = browser.send("POST", &path, "a=b", headers).await;
            assert_eq!(seen.status, 403, "{path} {headers:?}: {}", seen.text);
            assert!(seen.text.contains("did not come from a page"), "{path}: {}", seen.text);
        }
    }
    let seen = browser.send("PATCH", "/api/v1/workspace", r#"{"name":"Mine"}"#, &[]).await;
    assert_eq!(seen.status, 403, "the API too");
    assert!(browser.who().await.is_some(), "still signed in");
}

#[tokio::test]
async fn sign_ins_from_one_address_are_bounded() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene.world);
    for _ in 0..100 {
        scene.begin(&mut browser, "/").await;
    }
    let path = "/sign-in/openid?workspace=main";
    let seen = browser.open(path).await;
    assert_eq!(seen.status, 429, "{}", seen.text);
    let mut elsewhere = Browser::new(&scene.world);
    elsewhere.address = "203.0.113.8".to_owned();
    assert_eq!(elsewhere.open(path).await.status, 303);
    scene.world.wait(300);
    assert_eq!(browser.open(path).await.status, 303);
}

/// Whether a workspace exists is nobody's business.
#[tokio::test]
async fn a_workspace_without_a_provider_looks_like_none() {
    let scene = Scene::new().await;
    scene.world.other_workspace().await;
    let mut browser = Browser::new(&scene.world);
    let mut pages = Vec::new();
    for workspace in ["other", "nil"] {
        let begun = browser.open(&format!("/sign-in/openid?workspace={workspace}")).await;
        assert_eq!(begun.status, 403);
        let page = browser.open(&format!("/sign-in?workspace={workspace}")).await;
        assert_eq!(page.status, 200);
        pages.push(page.text.replace(&format!("<strong>{workspace}<"), "<strong>…<"));
    }
    assert_eq!(pages[0], pages[1]);
    let gone = scene.world.api("DELETE", "/sign-in/openid", Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_eq!(browser.open("/sign-in/openid?workspace=main").await.status, 403);
}
