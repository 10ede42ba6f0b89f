//! The simulated app keeps to the RFCs, remembers, and fails as it is told.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use serde_json::json;
use usher_tests::{
    apps::scim::{Fault, FaultRule, RunningScimApp, ScimApp},
    client::{AppListing, JsonClient, ScimClient, eventually},
};

async fn app() -> (RunningScimApp, ScimClient) {
    let app = RunningScimApp::start("token").await.unwrap();
    let client = ScimClient::new(&app.base_url(), app.token());
    (app, client)
}

#[tokio::test]
async fn a_user_lives_from_post_to_delete() {
    let (app, client) = app().await;
    let created = client
        .create_user("Ada@example.com", &json!({"externalId": "E1", "password": "secret"}))
        .await
        .unwrap();
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.header("content-type"), "application/scim+json");
    assert_eq!(created.header("location"), format!("{}/Users/{}", app.base_url(), created.id()));
    assert_eq!(created.header("etag"), "W/\"1\"");
    assert_eq!(created.json["password"], json!(null));
    assert_eq!(client.get("Users", created.id()).await.unwrap().json, created.json);

    let replaced =
        client.replace("Users", created.id(), &json!({"userName": "ada", "active": false})).await.unwrap();
    assert_eq!((replaced.status.as_u16(), &replaced.json["active"]), (200, &json!(false)));
    assert_eq!(replaced.json["externalId"], json!(null));

    assert_eq!(client.delete("Users", created.id()).await.unwrap().status, 204);
    assert_eq!(client.get("Users", created.id()).await.unwrap().status, 404);
    assert_eq!(client.delete("Users", created.id()).await.unwrap().status, 404);
}

#[tokio::test]
async fn user_names_are_unique_whatever_their_case() {
    let (_app, client) = app().await;
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    let twice = client.create_user("ADA", &json!({})).await.unwrap();
    assert_eq!((twice.status.as_u16(), &twice.json["scimType"]), (409, &json!("uniqueness")));

    let bob = client.create_user("bob", &json!({})).await.unwrap();
    let renamed = client.replace("Users", bob.id(), &json!({"userName": "Ada"})).await.unwrap();
    assert_eq!(renamed.status, 409);

    client.replace("Users", ada.id(), &json!({"userName": "lovelace"})).await.unwrap().ok().unwrap();
    let freed = client.replace("Users", bob.id(), &json!({"userName": "Ada"})).await.unwrap();
    assert_eq!(freed.status, 200, "{}", freed.text);
}

#[tokio::test]
async fn filters_find_and_unknown_filters_are_refused() {
    let (_app, client) = app().await;
    client.create_user("ada", &json!({"externalId": "E1"})).await.unwrap().ok().unwrap();
    client.create_user("bob", &json!({"externalId": "e1"})).await.unwrap().ok().unwrap();
    for (filter, expected) in [
        (r#"userName eq "ADA""#, 1),
        (r#"externalId eq "E1""#, 1),
        (r#"externalId eq "none""#, 0),
        (r#"emails.value eq "Bob@example.com""#, 1),
        (r#"emails eq "bob@example.com" and active eq true"#, 1),
        (r#"userName eq "ada" and externalId eq "e1""#, 0),
        ("externalId pr", 2),
    ] {
        assert_eq!(client.find("Users", filter).await.unwrap().len(), expected, "{filter}");
    }
    for filter in [
        r#"userName co "a""#,
        r#"shoeSize eq "42""#,
        "userName",
        "",
        r#"(userName eq "ada")"#,
        "userName eq ada",
    ] {
        let refused = client.list("Users", &[("filter", filter)]).await.unwrap();
        assert_eq!(
            (refused.status.as_u16(), &refused.json["scimType"]),
            (400, &json!("invalidFilter")),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn lists_are_paged_and_read_completely() {
    let (_app, client) = app().await;
    for number in 0..205 {
        client.create_user(&format!("user{number}"), &json!({})).await.unwrap().ok().unwrap();
    }
    let page = client.list("Users", &[("startIndex", "204"), ("count", "50")]).await.unwrap().json;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(205), &json!(2)));
    let counted = client.list("Users", &[("count", "0")]).await.unwrap().json;
    assert_eq!((&counted["totalResults"], &counted["Resources"]), (&json!(205), &json!([])));
    assert_eq!(client.list("Users", &[("count", "1000")]).await.unwrap().json["itemsPerPage"], 100);

    let names: BTreeSet<_> =
        client.all("Users").await.unwrap().iter().map(|user| user["userName"].to_string()).collect();
    assert_eq!(names.len(), 205);
}

#[tokio::test]
async fn attributes_can_be_left_out() {
    let (_app, client) = app().await;
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    let path = format!("/Users/{}?excludedAttributes=emails,%20Name,id", ada.id());
    let one = client.send(Method::GET, &path, None).await.unwrap().json;
    let listed = client.list("Users", &[("excludedAttributes", "emails,name")]).await.unwrap().json;
    for body in [&one, &listed["Resources"][0]] {
        assert_eq!(
            (&body["emails"], &body["name"], &body["userName"]),
            (&json!(null), &json!(null), &json!("ada"))
        );
        assert_eq!(body["id"], ada.id());
    }
}

#[tokio::test]
async fn the_app_describes_itself() {
    let (_app, client) = app().await;
    for list in ["ResourceTypes", "Schemas"] {
        for described in client.all(list).await.unwrap() {
            let id = described["id"].as_str().unwrap();
            assert_eq!(client.get(list, id).await.unwrap().json, described, "{id}");
        }
        assert_eq!(client.get(list, "none").await.unwrap().status, 404);
    }
}

#[tokio::test]
async fn patches_of_every_shape_change_what_they_name() {
    let (_app, client) = app().await;
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for (operation, pointer, expected) in [
        (json!({"op": "Replace", "path": "active", "value": false}), "/active", json!(false)),
        (json!({"op": "replace", "value": {"active": true, "shoeSize": 42}}), "/active", json!(true)),
        (json!({"op": "add", "path": "name.givenName", "value": "Ada"}), "/name/givenName", json!("Ada")),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@b.c"}),
            "/emails/0/value",
            json!("a@b.c"),
        ),
        (
            json!({"op": "add", "path": "roles", "value": [{"value": "editor"}]}),
            "/roles/0/value",
            json!("editor"),
        ),
        (json!({"op": "add", "path": "roles", "value": [{"value": "editor"}]}), "/roles/1", json!(null)),
        (
            json!({"op": "add", "path": "roles", "value": [{"value": "admin"}]}),
            "/roles/1/value",
            json!("admin"),
        ),
        (json!({"op": "remove", "path": "roles[value eq \"editor\"]"}), "/roles/0/value", json!("admin")),
        (json!({"op": "remove", "path": "roles"}), "/roles", json!(null)),
        (
            json!({"op": "add", "path": format!("{enterprise}:department"), "value": "Art"}),
            &format!("/{enterprise}/department"),
            json!("Art"),
        ),
    ] {
        let patched = client.patch("Users", ada.id(), &json!([operation])).await.unwrap();
        assert_eq!(patched.status, 200, "{operation}: {}", patched.text);
        assert_eq!(patched.json.pointer(pointer).cloned().unwrap_or_default(), expected, "{operation}");
    }
}

#[tokio::test]
async fn a_patch_happens_as_a_whole_or_not_at_all() {
    let (_app, client) = app().await;
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    let good = json!({"op": "replace", "path": "title", "value": "Designer"});
    for (bad, scim_type) in [
        (json!({"op": "replace", "path": "shoeSize", "value": 42}), "invalidPath"),
        (json!({"op": "replace", "path": "active", "value": "maybe"}), "invalidValue"),
        (json!({"op": "replace", "path": "emails[type eq \"home\"].value", "value": "x"}), "noTarget"),
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "explode", "path": "title"}), "invalidSyntax"),
        (json!({"op": "remove", "path": "userName"}), "invalidValue"),
    ] {
        let refused = client.patch("Users", ada.id(), &json!([good, bad])).await.unwrap();
        assert_eq!((refused.status.as_u16(), &refused.json["scimType"]), (400, &json!(scim_type)), "{bad}");
    }
    assert_eq!(client.get("Users", ada.id()).await.unwrap().json, ada.json);
}

#[tokio::test]
async fn groups_hold_users_and_let_go_of_the_deleted() {
    let (app, client) = app().await;
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    let bob = client.create_user("bob", &json!({})).await.unwrap();
    let group = client.create_group("Marketing", &[ada.id()]).await.unwrap();
    let listing = AppListing::new(&app.base_url(), app.token());

    let add = json!([{"op": "add", "path": "members", "value": [{"value": bob.id()}]}]);
    client.patch("Groups", group.id(), &add).await.unwrap().ok().unwrap();
    assert!(listing.member("bob").await.unwrap().unwrap().groups.contains("Marketing"));
    assert_eq!(client.get("Users", bob.id()).await.unwrap().json["groups"][0]["value"], group.id());

    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", bob.id())}]);
    client.patch("Groups", group.id(), &remove).await.unwrap().ok().unwrap();
    assert!(listing.member("bob").await.unwrap().unwrap().groups.is_empty());
    assert!(listing.member("ada").await.unwrap().unwrap().groups.contains("Marketing"));

    client.delete("Users", ada.id()).await.unwrap().ok().unwrap();
    assert_eq!(client.get("Groups", group.id()).await.unwrap().json["members"], json!([]));
    let stranger = client.create_group("Brand", &["nobody"]).await.unwrap();
    assert_eq!(stranger.status, 400, "{}", stranger.text);
}

#[tokio::test]
async fn bad_requests_change_nothing() {
    let (app, client) = app().await;
    let scim = "application/scim+json";
    for (path, media_type, body, status) in [
        ("/Users", scim, "{", 400),
        ("/Users", scim, "[]", 400),
        ("/Users", scim, r#"{"displayName": "Ada"}"#, 400),
        ("/Users", scim, r#"{"userName": "ada", "emails": "ada@example.com"}"#, 400),
        ("/Users", "text/plain", r#"{"userName": "ada"}"#, 415),
        ("/Robots", scim, r#"{"userName": "ada"}"#, 404),
    ] {
        let headers = [("content-type", media_type)];
        let refused = client.send_raw(Method::POST, path, &headers, Some(body.into())).await.unwrap();
        assert_eq!(refused.status, status, "{path} {body}");
        assert_eq!(refused.json["status"], status.to_string(), "{path} {body}");
    }
    let stranger =
        ScimClient::new(&app.base_url(), "another token").create_user("ada", &json!({})).await.unwrap();
    assert_eq!((stranger.status.as_u16(), stranger.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(client.all("Users").await.unwrap(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let (_app, client) = app().await;
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    let path = format!("/Users/{}", ada.id());
    let body = |title: &str| Some(json!({"userName": "ada", "title": title}).to_string().into_bytes());
    let put = async |version: &str, title: &str| {
        client.send_raw(Method::PUT, &path, &[("if-match", version)], body(title)).await.unwrap().status
    };
    assert_eq!(put("W/\"1\"", "Designer").await, 200);
    assert_eq!(put("W/\"1\"", "Director").await, 412);
    assert_eq!(client.get("Users", ada.id()).await.unwrap().json["title"], "Designer");
}

#[tokio::test]
async fn faults_come_as_ordered_and_then_end() {
    let (app, client) = app().await;
    app.app().faults().next(2, Fault::TooManyRequests { retry_after: 7 });
    app.app().faults().next(1, Fault::ServerError);
    let answers = [(429, "7"), (429, "7"), (500, ""), (201, "")];
    for (status, retry_after) in answers {
        let reply = client.create_user("ada", &json!({})).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (status, retry_after));
    }
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_before_or_after_the_effect() {
    let (app, client) = app().await;
    let listing = AppListing::new(&app.base_url(), app.token());

    app.app().faults().next_method("POST", Fault::CutBeforeEffect);
    let error = client.create_user("ada", &json!({})).await.expect_err("no answer");
    assert!(error.to_string().contains("error sending request"), "no status may arrive: {error}");
    assert_eq!(listing.member("ada").await.unwrap(), None);

    app.app().faults().next_method("POST", Fault::CutAfterEffect);
    client.create_user("ada", &json!({})).await.expect_err("no answer");
    assert!(listing.member("ada").await.unwrap().is_some());
    let cut: Vec<_> =
        app.app().journal().entries().into_iter().filter(|entry| entry.status.is_none()).collect();
    assert_eq!(cut.len(), 2);
}

#[tokio::test]
async fn an_app_that_never_answers_leaves_it_to_the_client() {
    let (app, client) = app().await;
    app.app().faults().next(1, Fault::NoAnswer);
    let asking = tokio::spawn(async move { client.create_user("ada", &json!({})).await.is_ok() });
    let arrived = async || app.app().journal().entries().len() == 1;
    eventually(Duration::from_secs(10), "the request arrives", arrived).await;
    assert!(!asking.is_finished());
    asking.abort();
    assert_eq!(AppListing::new(&app.base_url(), app.token()).members().await.unwrap(), []);
}

#[tokio::test]
async fn faults_can_be_set_from_another_process() {
    let (app, client) = app().await;
    let control = JsonClient::new(&format!("{}/_control", app.origin()), app.token());
    let rule =
        FaultRule { fault: Fault::ServerError, times: 1, method: None, path: Some("/Groups".to_owned()) };
    let body = serde_json::to_value(rule).unwrap();
    assert_eq!(control.send(Method::POST, "/faults", Some(&body)).await.unwrap().status, 204);
    assert_eq!(client.list("Users", &[]).await.unwrap().status, 200);
    assert_eq!(client.list("Groups", &[]).await.unwrap().status, 500);

    control
        .send(Method::POST, "/faults", Some(&json!({"fault": {"too_many_requests": {"retry_after": 1}}})))
        .await
        .unwrap();
    assert_eq!(control.send(Method::DELETE, "/faults", None).await.unwrap().status, 204);
    assert_eq!(client.list("Groups", &[]).await.unwrap().status, 200);

    let journal = control.send(Method::GET, "/journal", None).await.unwrap().json;
    assert_eq!(journal[1], json!({"method": "GET", "path": "/Groups?", "status": 500, "reads": true}));
    let stranger = control.with_token("another token").send(Method::GET, "/journal", None).await.unwrap();
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn members_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || ScimApp::open(Some(folder.path().join("app.json")), "token".to_owned());
    let first = RunningScimApp::serve(open().unwrap()).await.unwrap();
    let client = ScimClient::new(&first.base_url(), first.token());
    let ada = client.create_user("ada", &json!({})).await.unwrap();
    client.create_group("Marketing", &[ada.id()]).await.unwrap().ok().unwrap();
    drop(first);

    let second = RunningScimApp::serve(open().unwrap()).await.unwrap();
    let client = ScimClient::new(&second.base_url(), second.token());
    let listing = AppListing::new(&second.base_url(), second.token());
    assert!(listing.member("ada").await.unwrap().expect("ada is still there").groups.contains("Marketing"));
    assert_eq!(client.create_user("ADA", &json!({})).await.unwrap().status, 409);

    std::fs::write(folder.path().join("app.json"), "{").unwrap();
    assert!(open().is_err(), "a damaged file is not an empty app");
}

#[tokio::test]
async fn a_change_that_cannot_be_stored_did_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone").join("app.json");
    let app = RunningScimApp::serve(ScimApp::open(Some(path), "token".to_owned()).unwrap()).await.unwrap();
    let client = ScimClient::new(&app.base_url(), app.token());
    assert_eq!(client.create_user("ada", &json!({})).await.unwrap().status, 500);
    assert_eq!(client.all("Users").await.unwrap(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn the_page_shows_members_and_asks_nobody_else() {
    let (app, client) = app().await;
    let page = async || reqwest::get(app.origin()).await.unwrap().text().await.unwrap();
    assert!(page().await.contains("Nobody has a seat yet."));

    let mischief = json!({"displayName": "<script>alert(1)</script>", "roles": [{"value": "editor"}]});
    let ada = client.create_user("ada", &mischief).await.unwrap();
    client.create_group("Marketing", &[ada.id()]).await.unwrap().ok().unwrap();
    let shown = page().await;
    for text in ["1 member<", "&lt;script&gt;alert", "editor", "Marketing", "Active"] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert!(!shown.contains("://"), "a link to elsewhere in {shown}");
}
