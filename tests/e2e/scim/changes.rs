//! Connections as admins change them: at the same time, by what is allowed, told of, and noticed by the function.

use std::collections::BTreeSet;

use axum::{body::Body, http::StatusCode};
use futures::future::join_all;
use serde_json::{Value, json};
use usher_domain::{
    directory::Connection,
    ports::{Admin, AdminWrite, StoreError},
};

use super::{TOKEN, managed::Managed, schemas::badges};

const OKTA: &str = "/main.okta";

impl Managed {
    pub(super) async fn connection(&self) -> Value {
        let (status, connection) = self.call("GET", OKTA, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{connection}");
        connection
    }

    async fn patch(&self, patch: Value) -> (StatusCode, Value) {
        self.call("PATCH", OKTA, patch).await
    }

    async fn rotate(&self, rotation: Value) -> (StatusCode, Value) {
        self.call("POST", "/main.okta/tokens", rotation).await
    }
}

/// The code of a problem, once it has been found to be one.
#[track_caller]
pub(super) fn problem(answer: &(StatusCode, Value)) -> (u16, &str) {
    let (status, body) = answer;
    assert_eq!(body["status"], status.as_u16(), "{:.500}", body.to_string());
    assert!(body["detail"].as_str().is_some_and(|detail| detail.len() > 20), "{body}");
    (status.as_u16(), body["type"].as_str().unwrap().trim_start_matches("urn:usher:problem:"))
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_kept() {
    let managed = Managed::new().await;
    let rotations = join_all((0..4).map(|_| managed.rotate(Value::Null)));
    let patches = join_all(
        [json!({"name": "Entra ID"}), json!({"etags": false}), json!({"dialect": "rfc"})]
            .map(|patch| managed.patch(patch)),
    );
    let others = join_all([
        managed.call("PUT", "/main.okta/admission", json!({"requests_per_second": 77})),
        managed.call("PUT", "/main.okta/schemas", badges()),
    ]);
    let (rotated, patched, others) = futures::join!(rotations, patches, others);
    for (status, body) in patched.iter().chain(&others) {
        assert_eq!(*status, StatusCode::OK, "{body}");
    }
    let connection = managed.connection().await;
    assert_eq!(
        (&connection["name"], &connection["etags"], &connection["dialect"]),
        (&json!("Entra ID"), &json!(false), &json!("rfc"))
    );
    assert_eq!(connection["resource_types"], json!(["Badge"]));
    let (_, admission) = managed.call("GET", "/main.okta/admission", Value::Null).await;
    assert_eq!(admission["requests_per_second"], 77);
    // Each new token is accepted, and so is the first one while they overlap.
    managed.service.wait(5);
    for (status, body) in rotated {
        assert_eq!(status, StatusCode::CREATED, "{body}");
        assert_eq!(managed.status(body["token"].as_str().unwrap()).await, 200);
    }
    assert_eq!(managed.status(TOKEN).await, 200);
    assert_eq!(connection["tokens"].as_array().unwrap().len(), 5);
}

/// However many meet: who was told that it is done finds it done, and who was refused did nothing.
#[tokio::test]
async fn who_is_refused_changed_nothing() {
    let managed = Managed::new().await;
    let rotated = join_all((0..40).map(|_| managed.rotate(json!({"overlap_seconds": 600})))).await;
    managed.service.wait(5);
    let mut made = 0;
    for answer in rotated {
        if answer.0 == StatusCode::CREATED {
            made += 1;
            assert_eq!(managed.status(answer.1["token"].as_str().unwrap()).await, 200);
        } else {
            assert_eq!(problem(&answer), (409, "conflict"));
        }
    }
    assert!(made >= 10, "{made}");
    assert_eq!(managed.connection().await["tokens"].as_array().unwrap().len(), made + 1);
}

#[tokio::test]
async fn nobody_replaces_what_they_have_not_read() {
    let managed = Managed::new().await;
    let store = &managed.service.db.store;
    let id = "main.okta".parse().unwrap();
    let read = Admin::connection(store, &id).await.unwrap().unwrap();
    for round in 0..3 {
        let read = Admin::connection(store, &id).await.unwrap().unwrap();
        assert_eq!(read.version, round);
        let first = Connection { name: format!("first {round}"), ..read.clone() };
        store.put_connection(&first, AdminWrite::Replace).await.unwrap();
        let second = Connection { name: "second".to_owned(), ..read };
        for refused in [
            store.put_connection(&second, AdminWrite::Replace).await,
            store.change_connection(&second, None).await,
        ] {
            assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        }
        assert_eq!(Admin::connection(store, &id).await.unwrap().unwrap().name, first.name);
    }
    let again = store.put_connection(&read, AdminWrite::Create).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    let absent = Connection { id: "main.none".parse().unwrap(), ..read };
    let absent = store.put_connection(&absent, AdminWrite::Replace).await;
    assert!(matches!(absent, Err(StoreError::Conflict { .. })), "{absent:?}");
}

#[tokio::test]
async fn how_a_client_speaks_is_set_when_it_is_made_and_later() {
    let managed = Managed::new().await;
    let plain = managed.connection().await;
    let spoken = |connection: &Value| {
        ["etags", "dialect", "announces_cursors", "unknown_members", "schemas", "resource_types"]
            .map(|name| connection[name].clone())
    };
    assert_eq!(
        spoken(&plain),
        [json!(true), json!("tolerant"), json!(false), json!("refuse"), json!([]), json!([])]
    );
    let patch = json!({"dialect": "interop-strict", "announces_cursors": true, "unknown_members": "skip"});
    let (status, patched) = managed.patch(patch.clone()).await;
    assert_eq!(status, StatusCode::OK, "{patched}");
    let wanted = [json!(true), json!("interop-strict"), json!(true), json!("skip"), json!([]), json!([])];
    assert_eq!(spoken(&patched), wanted);
    assert_eq!((&patched["name"], &patched["tokens"]), (&plain["name"], &plain["tokens"]));
    assert_eq!(managed.connection().await, patched);

    let mut create = patch;
    create["name"] = json!("Strict");
    create["slug"] = json!("strict");
    let (status, made) = managed.call("POST", "", create).await;
    assert_eq!((status, spoken(&made["connection"])), (StatusCode::CREATED, wanted), "{made}");

    for (patch, field) in [
        (json!({"dialect": "strict"}), "/dialect"),
        (json!({"unknown_members": "drop"}), "/unknown_members"),
        (json!({"announces_cursors": "yes"}), "/announces_cursors"),
        (json!({"name": ""}), "/name"),
        (json!({"tokens": []}), "/tokens"),
    ] {
        let answer = managed.patch(patch).await;
        assert_eq!(problem(&answer), (422, "invalid"));
        assert_eq!(answer.1["errors"][0]["field"], field);
    }
    assert_eq!(managed.connection().await, patched);
}

#[tokio::test]
async fn only_who_may_manage_connections_gets_at_them_and_only_in_the_own_workspace() {
    let managed = Managed::new().await;
    for (method, rest, body) in [
        ("GET", "", Value::Null),
        ("PATCH", "", json!({"etags": false})),
        ("GET", "/schemas", Value::Null),
        ("PUT", "/schemas", badges()),
        ("DELETE", "/schemas", Value::Null),
        ("GET", "/admission", Value::Null),
        ("PUT", "/admission", json!({})),
        ("POST", "/tokens", Value::Null),
        ("DELETE", "/tokens", Value::Null),
        ("DELETE", "/tokens/x", Value::Null),
        ("GET", "/clients", Value::Null),
        ("POST", "/clients", json!({"name": "Robot", "authentication": "client_secret"})),
        ("DELETE", "/clients/x", Value::Null),
    ] {
        let own = format!("/connections/main.okta{rest}");
        let refused = managed.as_admin(method, &own, body.clone()).await;
        assert_eq!(problem(&refused), (403, "forbidden"), "{method} {own}");
        let foreign = format!("/connections/rival.okta{rest}");
        let absent = managed.as_owner(method, &foreign, body).await;
        assert_eq!(problem(&absent), (404, "not-found"), "{method} {foreign}");
    }
    let rival = Admin::connection(&managed.service.db.store, &"rival.okta".parse().unwrap()).await;
    assert_eq!(rival.unwrap().unwrap().version, 0);
    assert_eq!(managed.status(TOKEN).await, 200);
}

/// One line for each change in the Activity tab of the integration that the connection feeds, and none where nothing changed.
#[tokio::test]
async fn every_change_is_told_once() {
    let managed = Managed::new().await;
    let body = json!({"name": "Studio", "kind": "id_lcm", "connector": "scim",
        "connection": {"slug": "studio", "etags": false, "dialect": "rfc", "unknown_members": "skip"}});
    let (status, made) = managed.as_owner("POST", "/integrations", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let connection = &made["scim"]["connection"];
    assert_eq!(
        (&connection["etags"], &connection["dialect"], &connection["unknown_members"]),
        (&json!(false), &json!("rfc"), &json!("skip"))
    );
    let one = "/main.studio";
    let done = async |method: &str, rest: &str, body: Value| {
        let (status, body) = managed.call(method, &format!("{one}{rest}"), body).await;
        assert!(status.is_success(), "{method} {rest} {body}");
        body
    };
    for _ in 0..2 {
        done("PATCH", "", json!({"etags": true})).await;
        done("PUT", "/schemas", badges()).await;
    }
    done("DELETE", "/schemas", Value::Null).await;
    done("PUT", "/admission", json!({"requests_per_second": 100})).await;
    let rotated = done("POST", "/tokens", Value::Null).await;
    let token = rotated["connection"]["tokens"][1]["id"].as_str().unwrap().to_owned();
    done("DELETE", &format!("/tokens/{token}"), Value::Null).await;
    done("DELETE", "/tokens", Value::Null).await;
    done("DELETE", "/tokens", Value::Null).await;
    let client = json!({"name": "Robot", "authentication": "client_secret"});
    let client = done("POST", "/clients", client).await["client"]["id"].as_str().unwrap().to_owned();
    done("DELETE", &format!("/clients/{client}"), Value::Null).await;
    let (status, _) = managed.call("DELETE", &format!("{one}/clients/{client}"), Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    let path = format!("/integrations/{}/activity", made["integration"]["id"].as_str().unwrap());
    let (_, list) = managed.as_owner("GET", &path, Value::Null).await;
    // Of one moment: the order is not told.
    let mut told: Vec<(&str, &str)> = Vec::new();
    for row in list["items"].as_array().unwrap() {
        assert_eq!(row["actor"]["name"], "Test", "{row}");
        told.push((row["event"].as_str().unwrap(), row["target"].as_str().unwrap()));
    }
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("client_created", "Robot"),
            ("client_revoked", "Robot"),
            ("connection_created", "Studio"),
            ("connection_updated", "Studio"),
            ("connection_updated", "Studio"),
            ("schemas_registered", "Studio"),
            ("schemas_removed", "Studio"),
            ("token_revoked", "Studio"),
            ("token_revoked", "Studio"),
            ("token_rotated", "Studio"),
        ]
    );
}

#[tokio::test]
async fn tokens_are_rotated_with_overlap_expire_and_are_revoked() {
    let managed = Managed::new().await;
    let (status, rotated) =
        managed.rotate(json!({"overlap_seconds": 3_600, "token_valid_seconds": 7_200})).await;
    assert_eq!(status, StatusCode::CREATED, "{rotated}");
    let new = rotated["token"].as_str().unwrap();
    let ids: BTreeSet<&str> = rotated["connection"]["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    managed.service.wait(5);
    assert_eq!((managed.status(TOKEN).await, managed.status(new).await), (200, 200));
    managed.service.wait(3_594);
    assert_eq!((managed.status(TOKEN).await, managed.status(new).await), (200, 200), "a second before");
    managed.service.wait(1);
    assert_eq!((managed.status(TOKEN).await, managed.status(new).await), (401, 200), "the overlap is over");
    managed.service.wait(3_600);
    assert_eq!(managed.status(new).await, 401, "it has expired");

    // One after the other: at once with no overlap, and one by its id.
    let (_, third) = managed.rotate(json!({"overlap_seconds": 0})).await;
    let (_, fourth) = managed.rotate(Value::Null).await;
    let [third, newest] = [&third, &fourth].map(|body| body["token"].as_str().unwrap());
    managed.service.wait(3);
    assert_eq!((managed.status(third).await, managed.status(newest).await), (200, 200));
    let id = fourth["connection"]["tokens"][0]["id"].as_str().unwrap();
    let (status, _) = managed.call("DELETE", &format!("/main.okta/tokens/{id}"), Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    managed.service.wait(3);
    assert_eq!((managed.status(third).await, managed.status(newest).await), (401, 200));
    assert_eq!(managed.call("DELETE", "/main.okta/tokens", Value::Null).await.0, StatusCode::NO_CONTENT);
    managed.service.wait(3);
    assert_eq!(managed.status(newest).await, 401);
    assert_eq!(managed.connection().await["tokens"], json!([]));
}

#[tokio::test]
async fn valid_tokens_are_bounded() {
    let managed = Managed::new().await;
    for _ in 0..49 {
        assert_eq!(managed.rotate(Value::Null).await.0, StatusCode::CREATED);
    }
    let refused = managed.rotate(Value::Null).await;
    assert_eq!(problem(&refused), (409, "conflict"));
    assert_eq!(managed.rotate(json!({"overlap_seconds": 0})).await.0, StatusCode::CREATED);
    assert_eq!(managed.connection().await["tokens"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn entity_tags_are_switched_off_and_on_by_the_api() {
    let managed = Managed::new().await;
    let service = &managed.service;
    let path = format!("/Users/{}", service.user("ada").await);
    let stale = [("if-match", "W/\"99\""), ("content-type", "application/scim+json")];
    let change = json!({"Operations": [{"op": "replace", "path": "title", "value": "x"}]}).to_string();
    let announced = async || service.get("/ServiceProviderConfig").await.ok(200)["etag"]["supported"].clone();
    let change = async || service.with("PATCH", &path, &stale, change.clone()).await;
    assert_eq!((announced().await, change().await.error()), (json!(true), (412, "")));

    assert_eq!(managed.patch(json!({"etags": false})).await.1["etags"], false);
    service.wait(3);
    assert_eq!(announced().await, false);
    let changed = change().await;
    assert_eq!((changed.status, changed.header("etag")), (200, ""));
    assert_eq!(changed.body["meta"]["version"], Value::Null);
    let read = service.with("GET", &path, &[("if-none-match", "*")], Body::empty()).await;
    assert_eq!((read.status, read.header("etag")), (200, ""));

    assert_eq!(managed.patch(json!({"etags": true})).await.1["etags"], true);
    service.wait(3);
    assert_eq!((announced().await, change().await.error()), (json!(true), (412, "")));
    assert_ne!(service.get(&path).await.header("etag"), "");
}
