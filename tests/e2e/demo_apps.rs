//! The simulated apps of the demo, as somebody uses them who tries Usher out: everything is read from their pages.

use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use usher_tests::{
    apps::showcase::VENDORS,
    client::{JsonClient, eventually_ok},
    process::Usher,
};

use crate::path::PATIENCE;

/// What a browser does.
async fn page(method: Method, url: &str) -> (StatusCode, String) {
    let answer = reqwest::Client::new().request(method, url).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// What the index tells to fill in, for a part of an app's connection form.
fn told(index: &str, app: &str, part: &str) -> Value {
    let id = format!(r#"<code id="{app}.{part}."#);
    let values = index.split(&id).skip(1).map(|rest| {
        let (key, rest) = rest.split_once(r#"">"#).unwrap();
        let (value, _) = rest.split_once("</code>").unwrap();
        (key.to_owned(), Value::from(value))
    });
    values.collect::<Map<_, _>>().into()
}

/// The only access to an integration, as soon as it is so.
async fn access(api: &JsonClient, integration: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    eventually_ok(PATIENCE, async || {
        let path = format!("/integrations/{integration}/access");
        let listed = api.send(Method::GET, &path, None).await.unwrap().json;
        let access = &listed["items"][0];
        if so(access) { Ok(access.clone()) } else { Err(format!("not {what}: {listed}")) }
    })
    .await
}

#[tokio::test]
async fn a_simulated_app_is_connected_watched_and_broken_by_what_its_pages_tell() {
    let usher = Usher::options().demo().start().await.unwrap();
    let (api, apps) = (usher.api(), format!("{}/apps", usher.ready().origin));
    let (status, index) = page(Method::GET, &apps).await;
    assert_eq!(status, StatusCode::OK);
    for vendor in VENDORS {
        assert!(index.contains(vendor.name), "{index}");
        let (status, members) = page(Method::GET, &format!("{apps}/{}/", vendor.key)).await;
        assert_eq!(status, StatusCode::OK);
        assert!(members.contains("founder@acme.example"), "{members}");
    }

    let new = json!({"name": "Our Meta", "kind": "business_hub", "connector": "meta",
        "config": told(&index, "meta", "setting"), "credentials": told(&index, "meta", "credential"),
        "catalogue": {"roles": [{"key": "EMPLOYEE", "name": "Employee"}]}});
    let made = api.send(Method::POST, "/integrations", Some(&new)).await.unwrap();
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let hub = made.json["integration"]["id"].as_str().unwrap();

    // While the app is broken nobody comes, and the work goes on when it is not.
    let turn =
        async |fault: &str| page(Method::POST, &format!("{apps}/meta/_control/faults/{fault}")).await.0;
    assert_eq!(turn("server-error").await, StatusCode::NO_CONTENT);
    let ada = usher.scim().create_user("ada", &json!({})).await.unwrap().id().to_owned();
    let share = json!({"app_access": {"kind": "invite", "roles": ["EMPLOYEE"]}});
    let path = format!("/integrations/{hub}/shares/people/{ada}");
    api.send(Method::PUT, &path, Some(&share)).await.unwrap().ok().unwrap();
    let begun = access(&api, hub, "under way", |access| access["job"].is_string()).await;
    let broken = begun["job"].as_str().unwrap();
    eventually_ok(PATIENCE, async || {
        let job = api.send(Method::GET, &format!("/jobs/{broken}"), None).await.unwrap().json;
        if job["error"]["class"] == "transient" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;
    assert!(!page(Method::GET, &format!("{apps}/meta")).await.1.contains("ada@example.com"));
    assert_eq!(turn("none").await, StatusCode::NO_CONTENT);
    assert_eq!(turn("nothing-known").await, StatusCode::NOT_FOUND);
    let invited = access(&api, hub, "invited", |access| access["state"] == "pending_acceptance").await;

    // She accepts by the button on the app's page, and Usher is asked to look now.
    let (_, members) = page(Method::GET, &format!("{apps}/meta")).await;
    let button = "/apps/meta/_control/invitations/ada@example.com/accept";
    assert!(members.contains(&format!(r#"action="{button}""#)), "{members}");
    let (status, _) = page(Method::POST, &format!("{}{button}", usher.ready().origin)).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let retry = format!("/jobs/{}/retry", invited["job"].as_str().unwrap());
    api.send(Method::POST, &retry, None).await.unwrap().ok().unwrap();
    access(&api, hub, "in", |access| access["state"] == "onboarded").await;
    let (_, members) = page(Method::GET, &format!("{apps}/meta")).await;
    assert!(members.contains("ada@example.com") && !members.contains(button), "{members}");
}

#[tokio::test]
async fn without_the_demo_there_are_no_simulated_apps() {
    let usher = Usher::start().await.unwrap();
    for path in ["/apps", "/apps/meta", "/apps/meta/v26.0/me", "/apps/social"] {
        let (status, _) = page(Method::GET, &format!("{}{path}", usher.ready().origin)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}
