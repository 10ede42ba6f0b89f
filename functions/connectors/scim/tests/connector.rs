//! The connector against an app that behaves, and against one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod app;

use std::time::Duration;

use app::{
    Fault, Shared,
    drive::{ada, connector, connector_over, converge, converge_as, seat, subject, transport},
};
use axum::http::Method;
use serde_json::{Value, json};
use usher_connector::{Class, Connector, Subject};
use usher_domain::{
    access::{AccountState, Observed, Presence, Seat},
    directory::Profile,
};

/// A colleague comes, moves and goes, with roles and entitlements where `settings` says.
async fn joiner_mover_leaver(base_url: &str, token: &str, settings: Value) {
    let connector = connector(base_url, settings.clone(), token).await;
    connector.probe().await.unwrap();
    let (done, seen) = converge(&*connector, seat(&["Viewer"], &["pro"])).await.unwrap();
    assert_eq!(done[0], "Created the account", "{settings}");
    assert_eq!(Presence::Seated(seen.seat), seat(&["Viewer"], &["pro"]), "{settings}");
    let id = seen.account.unwrap().id;

    let (done, seen) = converge(&*connector, seat(&["Editor"], &["pro"])).await.unwrap();
    assert!(!done.contains(&"Created the account".to_owned()));
    assert_eq!(seen.account.unwrap().id, id, "the seat is not lost in between");
    assert_eq!(Presence::Seated(seen.seat), seat(&["Editor"], &["pro"]), "{settings}");
    let (done, _) = converge(&*connector, seat(&["Editor"], &["pro"])).await.unwrap();
    assert_eq!(done, [""; 0], "nothing is done twice");

    let married = Profile {
        user_name: "ada.king".into(),
        email: Some("ada.king@example.org".into()),
        display_name: Some("Ada King".into()),
        family_name: Some("King".into()),
        ..ada()
    };
    let presence = seat(&["Editor"], &["pro"]);
    let renamed = Subject { profile: married.clone(), ..subject(Some(&id), &presence) };
    let (done, seen) = converge_as(&*connector, renamed, presence).await.unwrap();
    assert_eq!(done, ["Brought the profile up to date"], "{settings}");
    assert_eq!(seen.account.unwrap().profile.family_name, married.family_name);
    let presence = seat(&["Editor"], &["pro"]);
    let back = subject(Some(&id), &presence);
    converge_as(&*connector, back, presence).await.unwrap();

    let members = connector.list_members(None).await.unwrap();
    assert!(members.items.iter().any(|member| member.account.id == id));

    let (_, seen) = converge(&*connector, Presence::Absent).await.unwrap();
    if settings["removal"] == "deactivate" {
        assert_eq!(seen.account.unwrap().state, AccountState::Suspended);
        assert_eq!(seen.seat, Seat::default(), "nothing is left behind");
        let (done, seen) = converge(&*connector, seat(&["Viewer"], &[])).await.unwrap();
        assert_eq!(done[0], "Activated the account");
        assert_eq!(seen.account.unwrap().id, id);
    } else {
        assert_eq!(seen, Observed::default());
        assert_eq!(converge(&*connector, Presence::Absent).await.unwrap().0, [""; 0]);
    }
}

fn shapes() -> Vec<Value> {
    vec![
        json!({"roles": {"as": "roles_attribute"}, "entitlements": {"as": "entitlements_attribute"}}),
        json!({"roles": {"as": "roles_attribute"}, "entitlements": {"as": "groups"}, "create_groups": true}),
        json!({"roles": {"as": "groups"}, "entitlements": {"as": "groups"}, "create_groups": true}),
        json!({"roles": {"as": "groups"}, "entitlements": {"as": "entitlements_attribute"},
            "create_groups": true, "removal": "deactivate"}),
        json!({"roles": {"as": "attribute", "path": "userType"}, "entitlements": {"as": "groups"},
            "create_groups": true, "match": ["external_id", "user_name"], "user_name_from": "email"}),
    ]
}

#[tokio::test]
async fn a_colleague_comes_moves_and_goes_in_every_shape_of_app() {
    for settings in shapes() {
        for tells_groups in [false, true] {
            let (base, data) = app::start().await;
            data.lock().unwrap().tells_groups = tells_groups;
            joiner_mover_leaver(&base, "token", settings.clone()).await;
            let data = data.lock().unwrap();
            for headers in &data.headers {
                assert_eq!(headers["authorization"], "Bearer token");
                assert_eq!(headers["x-request-id"], "request-1");
            }
            assert!(data.bodies.iter().all(|body| body.get("password").is_none()));
            let members = data.groups.values().filter(|group| group["members"] != json!([]));
            assert!(
                settings["removal"] == "deactivate" || members.count() == 0,
                "memberships are left behind"
            );
        }
    }
}

/// A SCIM server that somebody else wrote: `SCIM_BASE_URL`, `SCIM_TOKEN`. Empty at the start.
#[tokio::test]
#[ignore = "needs a SCIM server at SCIM_BASE_URL"]
async fn a_colleague_comes_moves_and_goes_in_a_real_app() {
    let base = std::env::var("SCIM_BASE_URL").unwrap();
    let token = std::env::var("SCIM_TOKEN").unwrap();
    for settings in shapes().into_iter().filter(|settings| settings["removal"] != "deactivate") {
        joiner_mover_leaver(&base, &token, settings).await;
    }
    let removal = json!({"roles": {"as": "groups"}, "entitlements": {"as": "entitlements_attribute"},
        "create_groups": true, "removal": "deactivate"});
    joiner_mover_leaver(&base, &token, removal).await;
}

async fn roles_app() -> (Box<dyn Connector>, Shared) {
    let (base, data) = app::start().await;
    (connector(&base, json!({"roles": {"as": "roles_attribute"}}), "token").await, data)
}

fn user(data: &Shared, id: &str, resource: Value) {
    let mut user = resource;
    user["id"] = id.into();
    data.lock().unwrap().users.insert(id.into(), user);
}

fn writes(data: &Shared) -> Vec<String> {
    data.lock().unwrap().requests.iter().filter(|request| !request.starts_with("GET")).cloned().collect()
}

#[tokio::test]
async fn somebody_who_is_in_the_app_already_is_matched() {
    let (connector, data) = roles_app().await;
    user(
        &data,
        "old",
        json!({"userName": "ADA@corp", "active": false, "externalId": "other",
        "emails": [{"value": "Ada@Example.org"}], "roles": [{"value": "Viewer"}, {"value": "app-default"}]}),
    );
    let (done, seen) = converge(&*connector, seat(&["Editor"], &[])).await.unwrap();
    assert_eq!(done, ["Activated the account", "Set the roles to Editor", "Brought the profile up to date"]);
    assert_eq!(seen.account.unwrap().id, "old");
    let data = data.lock().unwrap();
    assert_eq!(data.users["old"]["externalId"], "other", "another system's id stays");
    let roles = &data.users["old"]["roles"];
    assert_eq!(*roles, json!([{"value": "app-default"}, {"value": "Editor"}]), "the app's own role stays");
}

#[tokio::test]
async fn two_matches_need_a_person() {
    let (connector, data) = roles_app().await;
    for id in ["a", "b"] {
        user(&data, id, json!({"userName": id, "emails": [{"value": "ada@example.org"}]}));
    }
    let error = converge(&*connector, Presence::Absent).await.unwrap_err();
    assert_eq!(error.class(), Class::PolicyDenied);
    assert!(error.message().contains("emails.value") && !error.message().contains("ada@"), "{error}");
    assert_eq!(writes(&data), [""; 0]);
}

#[tokio::test]
async fn a_known_account_that_is_gone_is_looked_for() {
    let (connector, data) = roles_app().await;
    user(&data, "new", json!({"userName": "ada"}));
    let presence = seat(&[], &[]);
    let seen = connector.observe(&subject(Some("gone"), &presence)).await.unwrap();
    assert_eq!(seen.observed.account.unwrap().id, "new");
    assert_eq!(data.lock().unwrap().requests, ["GET /Users/gone", "GET /Users"]);
}

#[tokio::test]
async fn a_look_that_fails_is_never_nobody() {
    let transient = Class::Transient { after: None };
    let faults = [
        (Fault::Answer(500, "", vec![]), transient),
        (Fault::Answer(200, "<html>", vec![]), transient),
        (Fault::Answer(200, "{}", vec![]), Class::Invalid),
        (Fault::Answer(200, r#"{"totalResults": 1}"#, vec![]), Class::Invalid),
        (Fault::Answer(302, "", vec![("location", "/elsewhere")]), Class::Invalid),
        (Fault::Answer(401, "", vec![]), Class::AuthRevoked),
        (Fault::Answer(403, "", vec![]), Class::ScopeMissing),
        (Fault::Answer(404, "", vec![]), Class::Invalid),
        (Fault::Answer(400, r#"{"scimType": "invalidFilter"}"#, vec![]), Class::Invalid),
        (
            Fault::Answer(429, "", vec![("retry-after", "7")]),
            Class::RateLimited { after: Some(Duration::from_secs(7)) },
        ),
        (
            Fault::Answer(503, "", vec![("retry-after", "Thu, 01 Jan 2026 20:00:00 GMT")]),
            Class::Transient { after: Some(Duration::from_secs(8 * 60 * 60)) },
        ),
        (Fault::CutAfter, transient),
        (Fault::IgnoreFilter, Class::Invalid),
        (Fault::Partial, transient),
    ];
    for (fault, class) in faults {
        for presence in [seat(&["Viewer"], &[]), Presence::Absent] {
            let (connector, data) = roles_app().await;
            user(&data, "other", json!({"userName": "bob"}));
            data.lock().unwrap().faults.push((Method::GET, "/Users", fault.clone()));
            let error = converge(&*connector, presence).await.unwrap_err();
            assert_eq!(error.class(), class, "{fault:?}: {error}");
            assert!(!error.message().contains("ada"), "{error}");
            assert_eq!(writes(&data), [""; 0], "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_write_that_fails_has_its_class() {
    let faults = [
        (Fault::Answer(409, r#"{"scimType": "uniqueness", "detail": "ada"}"#, vec![]), Class::AlreadyExists),
        (Fault::Answer(409, "", vec![]), Class::AlreadyExists),
        (Fault::Answer(400, r#"{"scimType": "uniqueness"}"#, vec![]), Class::AlreadyExists),
        (Fault::Answer(400, r#"{"scimType": "mutability"}"#, vec![]), Class::PolicyDenied),
        (Fault::Answer(400, "", vec![]), Class::Invalid),
        (Fault::Answer(402, "", vec![]), Class::SeatLimit),
        (Fault::Answer(403, "", vec![]), Class::PolicyDenied),
        (Fault::Answer(500, r#"{"scimType": "uniqueness"}"#, vec![]), Class::Transient { after: None }),
        (Fault::Answer(504, "", vec![]), Class::Ambiguous),
        (Fault::Answer(201, "", vec![]), Class::Ambiguous),
        (Fault::CutAfter, Class::Ambiguous),
    ];
    for (fault, class) in faults {
        let (connector, data) = roles_app().await;
        data.lock().unwrap().faults.push((Method::POST, "/Users", fault.clone()));
        let error = converge(&*connector, seat(&["Viewer"], &[])).await.unwrap_err();
        assert_eq!(error.class(), class, "{fault:?}: {error}");
        assert!(!error.message().contains("ada"), "{error}");
        // Whatever it was: the next look decides, and makes no second account.
        converge(&*connector, seat(&["Viewer"], &[])).await.unwrap();
        assert_eq!(data.lock().unwrap().users.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_group_that_is_missing_or_double_is_told() {
    let (base, data) = app::start().await;
    let connector = connector(&base, json!({"roles": {"as": "groups"}}), "token").await;
    let error = converge(&*connector, seat(&["Editor"], &[])).await.unwrap_err();
    assert!(error.class() == Class::Invalid && error.message().contains("Editor"), "{error}");
    // Names of groups are not unique in SCIM: everybody uses the one that was made first.
    for (id, created) in [("b", "2026-01-02T00:00:00Z"), ("a", "2026-01-03T00:00:00Z")] {
        let group = json!({"id": id, "displayName": "Editor", "meta": {"created": created}});
        data.lock().unwrap().groups.insert(id.into(), group);
    }
    converge(&*connector, seat(&["Editor"], &[])).await.unwrap();
    assert_eq!(data.lock().unwrap().groups["b"]["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_app_that_keeps_a_group_does_not_keep_the_person() {
    let (base, data) = app::start().await;
    let connector = connector(&base, json!({"roles": {"as": "groups"}}), "token").await;
    user(&data, "u", json!({"userName": "ada"}));
    for (id, name) in [("g1", "Everyone"), ("g2", "Viewer")] {
        let group = json!({"id": id, "displayName": name, "members": [{"value": "u"}]});
        data.lock().unwrap().groups.insert(id.into(), group);
    }
    data.lock().unwrap().faults.push((Method::PATCH, "/Groups/g1", Fault::Answer(403, "", vec![])));
    converge(&*connector, Presence::Absent).await.unwrap();
    let data = data.lock().unwrap();
    assert!(data.users.is_empty());
    assert_eq!(data.groups["g2"]["members"], json!([]), "what Usher gave is taken");
}

#[tokio::test]
async fn listing_goes_to_the_end_or_fails() {
    let (base, data) = app::start().await;
    let connector = connector(&base, json!({"page_size": 2}), "token").await;
    for number in 0..5 {
        user(&data, &format!("u{number}"), json!({"userName": format!("n{number}")}));
    }
    let mut cursor = None;
    let mut names = Vec::new();
    loop {
        let page = connector.list_members(cursor.as_deref()).await.unwrap();
        names.extend(page.items.into_iter().map(|member| member.account.profile.user_name));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["n0", "n1", "n2", "n3", "n4"]);

    let first = connector.list_members(None).await.unwrap();
    data.lock().unwrap().users.remove("u0");
    let error = connector.list_members(first.next.as_deref()).await.unwrap_err();
    assert_eq!(error.class(), Class::Conflict, "somebody moved to a page that was read already");
    data.lock().unwrap().faults.push((Method::GET, "/Users", Fault::Partial));
    assert!(connector.list_members(None).await.is_err());
    assert!(connector.list_members(Some("nonsense")).await.is_err());
    assert_eq!(connector.list_invitations(None).await.unwrap().items.len(), 0);
}

#[tokio::test]
async fn a_probe_finds_apps_that_do_not_filter() {
    let (connector, data) = roles_app().await;
    user(&data, "other", json!({"userName": "bob"}));
    connector.probe().await.unwrap();
    data.lock().unwrap().faults.push((Method::GET, "/Users", Fault::IgnoreFilter));
    assert_eq!(connector.probe().await.unwrap_err().class(), Class::Invalid);
}

#[tokio::test]
async fn people_who_need_a_new_group_at_once_meet_in_one() {
    let (base, data) = app::start().await;
    let settings = json!({"roles": {"as": "groups"}, "create_groups": true, "match": ["user_name"]});
    let transport = transport();
    let joining: Vec<_> = (0..20)
        .map(|number| {
            let (transport, base, settings) = (transport.clone(), base.clone(), settings.clone());
            tokio::spawn(async move {
                let connector = connector_over(&transport, &base, settings, "token").await;
                let presence = seat(&["Editor"], &[]);
                let profile = Profile { user_name: format!("n{number}"), ..Profile::default() };
                let subject = Subject { profile, ..subject(None, &presence) };
                converge_as(&*connector, subject, presence).await.unwrap();
            })
        })
        .collect();
    for joined in joining {
        joined.await.unwrap();
    }
    let data = data.lock().unwrap();
    let sizes: Vec<usize> =
        data.groups.values().map(|group| group["members"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [20]);
    let made = data.requests.iter().filter(|request| *request == "POST /Groups").count();
    assert!(made > 1, "the test did not make them meet");
}
