//! The operator's commands, as programs read them.

use std::fs;

use serde_json::json;
use tempfile::TempDir;
use usher_tests::process::Usher;

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
