//! How often a connection may call, and what a connection without entity tags does not do.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use usher_domain::{
    admission::Admission,
    directory::Connection,
    ports::{Admin, AdminWrite, Clock},
    token::IssuedToken,
};

use super::{BASE, Service, TOKEN};

impl Service {
    /// Replaces a connection, whatever its version is, and waits until that is noticed.
    pub(super) async fn replace(&self, connection: &Connection) {
        let stored = Admin::connection(&self.db.store, &connection.id).await.unwrap().unwrap();
        let connection = Connection { version: stored.version, ..connection.clone() };
        self.db.store.put_connection(&connection, AdminWrite::Replace).await.unwrap();
        self.wait(5);
    }

    pub(super) async fn limit(&self, requests_per_second: u32) {
        let admission = Admission { requests_per_second: Some(requests_per_second), ..Admission::default() };
        self.replace(&Connection { admission, ..self.connection("main.okta", &[TOKEN]) }).await;
    }

    pub(super) async fn statuses(&self, requests: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..requests {
            statuses.push(self.get("/Users?count=0").await.status);
        }
        statuses
    }
}

/// Entra ID asks for 25 requests a second: no setting may be below, and nothing else may use them up.
#[tokio::test]
async fn twenty_five_requests_a_second_always_pass() {
    let service = Service::new().await;
    service.limit(0).await;
    for _ in 0..3 {
        // Whoever cannot prove to be the client takes nothing from its share.
        for token in ["wrong", "Bearer other"] {
            for _ in 0..60 {
                let answer = service.with("GET", "/Users", &[("authorization", token)], Body::empty()).await;
                assert_eq!(answer.status, 401);
            }
        }
        assert_eq!(service.statuses(25).await, [200; 25]);
        service.wait(1);
    }
}

#[tokio::test]
async fn too_many_requests_are_told_to_wait() {
    let service = Service::new().await;
    service.limit(30).await;
    let statuses = service.statuses(62).await;
    assert_eq!((&statuses[..60], &statuses[60..]), ([200; 60].as_slice(), [429; 2].as_slice()));
    let before = service.everything().await;
    let answer = service.json("POST", "/Users", json!({"userName": "late"})).await;
    assert_eq!(answer.error(), (429, ""));
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=5).contains(&wait), "{answer:?}");
    assert_eq!(service.everything().await, before);
    // Discovery is public and is not counted; neither do neighbours pay.
    assert_eq!(service.get("/ServiceProviderConfig").await.status, 200);
    let neighbour = Request::get("/scim/v2/main.entra/Users").header("authorization", "other");
    assert_eq!(service.send(neighbour.body(Body::empty()).unwrap()).await.status, 200);
    service.wait(wait);
    assert_eq!(service.json("POST", "/Users", json!({"userName": "late"})).await.status, 201);
}

#[tokio::test]
async fn without_a_setting_a_fast_client_is_let_be() {
    let service = Service::new().await;
    assert_eq!(service.statuses(300).await, [200; 300]);
}

/// RFC 7235 §2.1: the scheme is case-insensitive; Okta's "HTTP Header" mode sends none.
#[tokio::test]
async fn both_tokens_of_an_overlap_work_in_any_spelling_until_one_ends() {
    let service = Service::new().await;
    let now = service.clock.now();
    let end = now + jiff::SignedDuration::from_secs(60);
    let tokens = vec![IssuedToken::issue("old", now, Some(end)), IssuedToken::issue("new", now, None)];
    service.replace(&Connection { tokens, ..service.connection("main.okta", &[]) }).await;
    let schemes = ["", "Bearer ", "bearer ", "BEARER ", "bEaReR  "];
    let status = async |token: &str| {
        let mut found = Vec::new();
        for scheme in schemes {
            let value = format!("{scheme}{token}");
            let answer = service.with("GET", "/Users", &[("authorization", &value)], Body::empty()).await;
            if answer.status == 401 {
                assert_eq!(answer.error(), (401, ""), "{value}");
            }
            found.push(answer.status);
        }
        found
    };
    assert_eq!((status("old").await, status("new").await), (vec![200; 5], vec![200; 5]));
    service.wait(54);
    assert_eq!((status("old").await, status("new").await), (vec![200; 5], vec![200; 5]));
    service.wait(1);
    assert_eq!((status("old").await, status("new").await), (vec![401; 5], vec![200; 5]));
}

/// Some clients send a wrong `If-Match`: a connection without tags neither tells nor looks at them, in anything it does.
#[tokio::test]
async fn a_connection_without_entity_tags_neither_announces_nor_honours_them() {
    let service = Service::new().await;
    let announced = async || {
        let config = Request::get(format!("{BASE}/ServiceProviderConfig")).body(Body::empty()).unwrap();
        service.send(config).await.ok(200)["etag"].clone()
    };
    assert_eq!(announced().await, json!({"supported": true}));
    let (user, group) = (service.user("ada").await, service.group("G", &[]).await);
    service.replace(&Connection { etags: false, ..service.connection("main.okta", &[TOKEN]) }).await;
    assert_eq!(announced().await, json!({"supported": false}));

    let untagged = |answer: &super::Answer, status: StatusCode| {
        assert_eq!(answer.status, status.as_u16(), "{answer:?}");
        assert_eq!(answer.header("etag"), "", "{answer:?}");
        assert!(!answer.body.to_string().contains("\"version\""), "{answer:?}");
    };
    let stale = [("if-match", "W/\"99\""), ("content-type", "application/scim+json")];
    let (user, group) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    for (path, name) in [(&user, "userName"), (&group, "displayName")] {
        let operation = json!({"op": "replace", "path": "externalId", "value": "x"});
        let patch = json!({"Operations": [operation]}).to_string();
        untagged(&service.with("PATCH", path, &stale, patch).await, StatusCode::OK);
        let put = json!({name: "renamed"}).to_string();
        untagged(&service.with("PUT", path, &stale, put).await, StatusCode::OK);
        for tags in ["*", "W/\"1\"", "W/\"3\""] {
            let read = service.with("GET", path, &[("if-none-match", tags)], Body::empty()).await;
            untagged(&read, StatusCode::OK);
            assert_eq!(read.body[name], "renamed");
        }
    }
    untagged(&service.json("POST", "/Users", json!({"userName": "bob"})).await, StatusCode::CREATED);
    untagged(&service.json("POST", "/Groups", json!({"displayName": "H"})).await, StatusCode::CREATED);
    for list in ["/Users", "/Groups"] {
        untagged(&service.get(list).await, StatusCode::OK);
    }
    for path in [&user, &group] {
        let gone = service.with("DELETE", path, &stale, Body::empty()).await;
        assert_eq!((gone.status, &gone.body), (204, &Value::Null));
    }
}
