//! The operator's commands, as programs read them.

use std::fs;

use serde_json::json;
use tempfile::TempDir;
use usher_tests::process::Usher;

/// The demo of the README: a colleague joins, moves and leaves, and the app shows it.
#[tokio::test]
async fn the_demo_plays_to_its_end() {
    let usher = Usher::options().demo().start().await.unwrap();
    usher.output(&["demo"]).await.unwrap();
}

/// What one command sets another shows, and a schema file goes in and comes out as it is.
#[tokio::test]
async fn a_connection_is_made_changed_and_given_schemas() {
    let usher = Usher::start().await.unwrap();
    let create = [
        "connection",
        "create",
        "--name",
        "Okta",
        "--slug",
        "okta",
        "--dialect",
        "rfc",
        "--announce-cursors",
    ];
    let made = usher.command(&create).await.unwrap()["connection"].clone();
    assert_eq!((&made["dialect"], &made["announces_cursors"]), (&json!("rfc"), &json!(true)));
    let set = ["connection", "set", "main.okta", "--etags", "off", "--dialect", "interop-strict"];
    let set = usher.command(&[&set[..], &["--unknown-members", "skip"]].concat()).await.unwrap();
    assert_eq!(
        (&set["etags"], &set["dialect"], &set["unknown_members"], &set["announces_cursors"]),
        (&json!(false), &json!("interop-strict"), &json!("skip"), &json!(true))
    );
    assert_eq!(usher.command(&["connection", "show", "main.okta"]).await.unwrap(), set);

    let folder = TempDir::new().unwrap();
    let file = folder.path().join("schemas.json");
    let badge = "urn:example:badge:2.0:Badge";
    let schemas = json!({
        "schemas": [{"id": badge, "attributes": [{"name": "number", "type": "string"}]}],
        "resourceTypes": [{"name": "Badge", "endpoint": "/Badges", "schema": badge}],
    });
    fs::write(&file, schemas.to_string()).unwrap();
    let register = ["connection", "schemas", "register", "main.okta", file.to_str().unwrap()];
    assert_eq!(usher.command(&register).await.unwrap(), schemas);
    assert_eq!(usher.command(&["connection", "schemas", "show", "main.okta"]).await.unwrap(), schemas);
    fs::write(&file, schemas.to_string().replace("/Badges", "/oauth")).unwrap();
    assert!(usher.command(&register).await.is_err());
    assert_eq!(usher.command(&["connection", "schemas", "show", "main.okta"]).await.unwrap(), schemas);
    let none = json!({"schemas": [], "resourceTypes": []});
    for command in ["remove", "show"] {
        assert_eq!(usher.command(&["connection", "schemas", command, "main.okta"]).await.unwrap(), none);
    }
}

/// A share is thought about, made and explained, each by one command.
#[tokio::test]
async fn a_share_is_previewed_and_explained() {
    let usher = Usher::start().await.unwrap();
    let scim = usher.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    scim.create_group("Marketing", &[&ada]).await.unwrap();
    let catalogue = json!({"roles": [{"key": "editor", "name": "Editor"}]});
    let hub = json!({"name": "The hub", "kind": "business_hub", "connector": "scim", "catalogue": catalogue,
        "config": {"base_url": "https://app.invalid"}});
    let made = usher.api().send(reqwest::Method::POST, "/integrations", Some(&hub)).await.unwrap();
    let hub = made.json["integration"]["id"].as_str().unwrap();

    let share = ["--team", "Marketing", "--role", "editor"];
    let told = usher.command(&[&["share", "preview", hub], &share[..]].concat()).await.unwrap();
    assert_eq!(told["items"][0]["totals"], json!({"added": 1}));
    assert_eq!(told["items"][0]["people"][0]["after"]["roles"], json!(["editor"]));
    let told = usher.command(&["explain", hub, "ada"]).await.unwrap();
    assert_eq!(told["missing"][0]["code"], "not_shared", "a preview changes nothing");

    usher.command(&[&["share", "put", hub], &share[..]].concat()).await.unwrap();
    let told = usher.command(&["explain", hub, "ada"]).await.unwrap();
    assert_eq!((&told["resolved"]["roles"], &told["missing"]), (&json!(["editor"]), &json!([])));
    let end = ["share", "preview", hub, "--team", "Marketing", "--end"];
    assert_eq!(usher.command(&end).await.unwrap()["items"][0]["seats_after"], 0);
    assert!(usher.command(&["explain", "nowhere", "ada"]).await.is_err());
}

/// What whoever operates an installation does, on the data of an Usher that does not run meanwhile.
#[tokio::test]
async fn a_workspace_is_made_limited_suspended_exported_and_deleted() {
    let mut usher = Usher::start().await.unwrap();
    let scim = usher.scim();
    scim.create_user("ada", &json!({})).await.unwrap();
    let busy = usher.command(&["workspace", "list"]).await.unwrap_err().to_string();
    assert!(busy.contains("is in use by another"), "{busy}");
    usher.stop().await.unwrap();

    let made = usher.command(&["workspace", "create", "acme", "--name", "Acme"]).await.unwrap();
    assert_eq!((&made["id"], &made["suspension"]), (&json!("acme"), &json!(null)));
    assert!(usher.command(&["workspace", "create", "acme", "--name", "Acme"]).await.is_err());
    let limits = ["workspace", "limit", "main", "--seats", "100", "--requests-per-second", "50"];
    usher.command(&limits).await.unwrap();
    let limits = ["workspace", "limit", "main", "--requests-per-second", "none", "--integrations", "7"];
    let quotas = json!({"requests_per_second": null, "seats": 100, "integrations": 7});
    assert_eq!(usher.command(&limits).await.unwrap()["quotas"], quotas);
    let suspend = ["workspace", "suspend", "main", "--reason", "the bill of May"];
    let suspended = usher.command(&suspend).await.unwrap();
    assert_eq!(
        (&suspended["suspension"]["reason"], &suspended["quotas"]),
        (&json!("the bill of May"), &quotas)
    );
    let listed = usher.command(&["workspace", "list"]).await.unwrap();
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(names, ["acme", "main"]);
    assert!(usher.command(&["workspace", "suspend", "nowhere", "--reason", "x"]).await.is_err());

    usher.restart().await.unwrap();
    let refused = usher.scim().list("Users", &[]).await.unwrap();
    assert_eq!((refused.status.as_u16(), &refused.json["status"]), (403, &json!("403")), "{}", refused.json);
    assert_eq!(usher.command(&["workspace", "show"]).await.unwrap()["quotas"], quotas);
    // The Owner of the new workspace signs in where it now is.
    let link = made["sign_in"].as_str().unwrap();
    assert_eq!(sign_in(&usher, link).await, 303);
    assert_eq!(sign_in(&usher, link).await / 100, 4, "the link was used");
    usher.stop().await.unwrap();

    usher.command(&["workspace", "resume", "main"]).await.unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("main.jsonl");
    usher.output(&["workspace", "export", "main", "--to", file.to_str().unwrap()]).await.unwrap();
    let rows = fs::read_to_string(&file).unwrap();
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let user = rows.iter().find(|row| row["type"] == "user").unwrap();
    assert_eq!(user["doc"]["resource"]["userName"], "ada", "{user}");
    let replan = ["workspace", "replan", "main", "--since", "2020-01-01T00:00:00Z"];
    let told = usher.command(&replan).await.unwrap();
    assert!(told["changes"]["found"].as_u64().unwrap() >= 1, "{told}");
    assert_eq!((&told["changes"]["planned"], &told["complete"]), (&told["changes"]["found"], &json!(false)));
    let nothing = [&replan[..], &["--until", "2020-01-01T00:00:00Z"]].concat();
    assert!(usher.command(&nothing).await.unwrap_err().to_string().contains("no time lies between"));
    assert!(
        usher.command(&["workspace", "replan", "nowhere", "--since", "2020-01-01T00:00:00Z"]).await.is_err()
    );
    let wrong = ["workspace", "delete", "main", "--confirm", "acme"];
    assert!(usher.command(&wrong).await.is_err());
    let delete = ["workspace", "delete", "main", "--confirm", "main"];
    let deleted = usher.command(&delete).await.unwrap();
    assert!(deleted["rows"].as_u64().unwrap() >= 5 && deleted["left"] == 0, "{deleted}");
    assert_eq!(usher.command(&delete).await.unwrap()["rows"], 0, "once more is a proof");

    usher.restart().await.unwrap();
    assert_eq!(usher.scim().list("Users", &[]).await.unwrap().status.as_u16(), 401);
}

/// The status of what a browser gets that presses the button of a sign-in link.
async fn sign_in(usher: &Usher, link: &str) -> u16 {
    let (_, link) = link.split_once("link=").unwrap();
    let origin = &usher.ready().origin;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = client.post(format!("{origin}/sign-in")).header("origin", origin);
    let form = form.header("content-type", "application/x-www-form-urlencoded").body(format!("link={link}"));
    form.send().await.unwrap().status().as_u16()
}
