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
