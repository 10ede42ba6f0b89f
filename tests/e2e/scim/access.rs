//! Who gets in, where, and what everybody is told.

use axum::{body::Body, http::Request};
use serde_json::json;
use usher_domain::{
    directory::Connection,
    ports::{Admin, AdminWrite},
    token::IssuedToken,
};

use super::{BASE, Case, ORIGIN, Service, TOKEN};

/// What a request without a right token would do if it were let in.
const NEWCOMER: &str = "{\"userName\": \"newcomer\", \"displayName\": \"newcomer\"}";

#[tokio::test]
async fn a_token_opens_with_and_without_its_scheme() {
    let service = Service::new().await;
    for value in [format!("Bearer {TOKEN}"), format!("bearer {TOKEN}"), TOKEN.to_owned()] {
        let answer = service.with("GET", "/Users", &[("authorization", &value)], Body::empty()).await;
        assert_eq!(answer.status, 200, "{value}");
    }
}

#[tokio::test]
async fn without_the_connections_own_token_nobody_gets_in() {
    let service = Service::new().await;
    let id = service.user("ada").await;
    let before = service.everything().await;
    let body = json!({"userName": "x", "Operations": [{"op": "replace", "path": "title", "value": "x"}]});
    let one = format!("{BASE}/Users/{id}");
    for token in [
        None,
        Some("Bearer other"),
        Some("rival"),
        Some("Basic dXNlcg=="),
        Some("Bearer"),
        Some("x"),
        Some(""),
    ] {
        for (method, path) in [
            ("GET", "/scim/v2/main.okta/Users"),
            ("POST", "/scim/v2/main.okta/Users"),
            ("POST", "/scim/v2/main.okta/Groups"),
            ("PUT", &one),
            ("PATCH", &one),
            ("DELETE", &one),
            // Not even that a path or a method is not there.
            ("GET", "/scim/v2/main.okta/Nope"),
            ("PUT", "/scim/v2/main.okta/Users"),
        ] {
            let mut request = Request::builder().method(method).uri(path);
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            let answer = service.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(answer.error().0, 401, "{token:?} {method} {path}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
        }
    }
    assert_eq!(service.everything().await, before);
}

#[tokio::test]
async fn an_unknown_connection_is_answered_like_a_wrong_token() {
    let service = Service::new().await;
    for path in [
        "/scim/v2/main.nobody/Users",
        "/scim/v2/nonsense/Users",
        "/scim/v2/rival.okta/Users",
        "/scim/v2/main.okta%23/Users",
    ] {
        let request = Request::post(path).header("authorization", TOKEN).body(Body::from(NEWCOMER)).unwrap();
        let answer = service.send(request).await;
        assert_eq!(answer.error().0, 401, "{path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

#[tokio::test]
async fn a_revoked_token_stops_within_five_seconds() {
    let service = Service::new().await;
    let before = service.get("/Users").await;
    assert_eq!(before.status, 200);
    let revoked = service.connection("main.okta", &["another"]);
    service.db.store.put_connection(&revoked, AdminWrite::Replace).await.unwrap();
    service.wait(5);
    let before = service.everything().await;
    let answer = service.with("POST", "/Users", &[], NEWCOMER).await;
    assert_eq!(answer.error().0, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(service.everything().await, before);
    let answer = service.with("POST", "/Users", &[("authorization", "another")], NEWCOMER).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn an_expired_token_stops_at_once_and_a_rotation_overlaps() {
    let service = Service::new().await;
    let now = usher_domain::ports::Clock::now(&*service.clock);
    let end = now + jiff::SignedDuration::from_secs(60);
    let tokens = vec![IssuedToken::issue("old", now, Some(end)), IssuedToken::issue("new", now, None)];
    let rotated = Connection { tokens, ..service.connection("main.okta", &[]) };
    service.db.store.put_connection(&rotated, AdminWrite::Replace).await.unwrap();
    let status = async |token: &str| {
        service.with("GET", "/Users", &[("authorization", token)], Body::empty()).await.status
    };
    assert_eq!((status("old").await, status("new").await), (200, 200));
    service.wait(59);
    assert_eq!((status("old").await, status("new").await), (200, 200));
    service.wait(1);
    assert_eq!((status("old").await, status("new").await), (401, 200));
}

#[tokio::test]
async fn another_connections_resources_are_not_there() {
    let service = Service::new().await;
    let id = service.user("ada").await;
    let group = service.group("G", &[&id]).await;
    let before = service.everything().await;
    // A neighbour in the same workspace, and another workspace.
    for (connection, token) in [("main.entra", "other"), ("rival.okta", "rival")] {
        let send = async |method: &str, path: &str, body: serde_json::Value| {
            let request = Request::builder()
                .method(method)
                .uri(format!("/scim/v2/{connection}{path}"))
                .header("authorization", token);
            service.send(request.body(Body::from(body.to_string())).unwrap()).await
        };
        for path in [format!("/Users/{id}"), format!("/Groups/{group}")] {
            for method in ["GET", "PUT", "PATCH", "DELETE"] {
                let body = json!({"userName": "x", "displayName": "x",
                    "Operations": [{"op": "replace", "path": "externalId", "value": "x"}]});
                let answer = send(method, &path, body).await;
                assert_eq!(answer.error(), (404, ""), "{connection} {method} {path}");
            }
        }
        let foreign = json!({"displayName": "H", "members": [{"value": id}]});
        let answer = send("POST", "/Groups", foreign.clone()).await;
        assert_eq!(answer.error(), (400, "invalidValue"), "{connection}");
        assert_eq!(service.everything().await, before);
    }
    // Nor can they be made members of a group that is the neighbour's own.
    for (connection, token) in [("main.entra", "other"), ("rival.okta", "rival")] {
        let path = format!("/scim/v2/{connection}/Groups");
        let request = Request::post(&path).header("authorization", token);
        let own = service.send(request.body(Body::from("{\"displayName\": \"H\"}")).unwrap()).await;
        let own = format!("{path}/{}", own.id());
        let before = service.everything().await;
        let members = json!([{ "value": id }]);
        for (method, body) in [
            ("PUT", json!({"displayName": "H", "members": members})),
            ("PATCH", json!({"Operations": [{"op": "add", "path": "members", "value": members}]})),
            ("PATCH", json!({"Operations": [{"op": "replace", "path": "members", "value": members}]})),
        ] {
            let request = Request::builder().method(method).uri(&own).header("authorization", token);
            let answer = service.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(answer.error(), (400, "invalidValue"), "{connection} {method}");
        }
        assert_eq!(service.everything().await, before);
    }
}

#[tokio::test]
async fn discovery_is_public_and_read_only() {
    let service = Service::new().await;
    for path in [
        "/ServiceProviderConfig",
        "/Schemas",
        "/ResourceTypes",
        "/ResourceTypes/User",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
        "/ServiceProviderConfig?filter=a",
    ] {
        let request = Request::get(format!("{BASE}{path}")).body(Body::empty()).unwrap();
        let answer = service.send(request).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "application/scim+json");
    }
    let request = Request::get(format!("{BASE}/ResourceTypes/User")).body(Body::empty()).unwrap();
    let location = service.send(request).await.body["meta"]["location"].clone();
    assert_eq!(location, format!("{ORIGIN}{BASE}/ResourceTypes/User"));
    service
        .refuses([
            Case::new("GET", "/Schemas?filter=id%20pr", 403, ""),
            Case::new("GET", "/ResourceTypes?filter=id%20pr", 403, ""),
            Case::new("GET", "/Schemas/urn:x", 404, ""),
            Case::new("GET", "/ResourceTypes/Robot", 404, ""),
        ])
        .await;
    let unknown = Request::get("/scim/v2/main.none/Schemas").body(Body::empty()).unwrap();
    assert_eq!(service.send(unknown).await.error().0, 404);
}

#[tokio::test]
async fn unknown_paths_and_resource_types_are_not_there() {
    let service = Service::new().await;
    let id = service.user("ada").await;
    let mut cases = Vec::new();
    for path in ["/Nope", "/users", "/Robots", "/Robots/1", "/Users/1/2", "/Users/%ff"] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            cases.push(Case::new(method, path, 404, "").body(NEWCOMER));
        }
    }
    cases.push(Case::new("GET", format!("/Users/{id}/emails"), 404, ""));
    cases.push(Case::new("GET", format!("/Groups/{id}"), 404, ""));
    for (method, path) in [("GET", "/Me"), ("PATCH", "/Me"), ("DELETE", "/Me/")] {
        cases.push(Case::new(method, path, 501, "").body("{}"));
    }
    for path in ["/Nope/.search", "/Bulk/1", "/Me/1", "/.search/1"] {
        cases.push(Case::new("POST", path, 404, "").body("{}"));
    }
    service.refuses(cases).await;
    for path in ["/scim/v2", "/scim/v2/"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.error().0, 404);
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let service = Service::new().await;
    let one = format!("/Users/{}", service.user("ada").await);
    let group = format!("/Groups/{}", service.group("G", &[]).await);
    let before = service.everything().await;
    for (path, methods, allowed) in [
        ("/Users", ["PUT", "PATCH", "DELETE", "OPTIONS"].as_slice(), "GET, POST"),
        ("/Groups", &["PUT", "PATCH", "DELETE"], "GET, POST"),
        (&one, &["POST", "TRACE"], "GET, PUT, PATCH, DELETE"),
        (&group, &["POST"], "GET, PUT, PATCH, DELETE"),
        ("/ServiceProviderConfig", &["POST", "PUT", "PATCH", "DELETE"], "GET"),
        ("/Schemas", &["POST"], "GET"),
        ("/ResourceTypes/User", &["DELETE"], "GET"),
        ("", &["POST", "DELETE"], "GET"),
        ("/.search", &["GET", "PUT"], "POST"),
        ("/Users/.search", &["GET"], "POST"),
        ("/Bulk", &["GET", "PUT"], "POST"),
    ] {
        for method in methods {
            let answer = service.with(method, path, &[], NEWCOMER).await;
            assert_eq!(answer.error(), (405, ""), "{method} {path}");
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
    assert_eq!(service.everything().await, before);
}

#[tokio::test]
async fn the_correlation_id_is_the_clients_if_it_is_sane() {
    let service = Service::new().await;
    let answer = service.with("GET", "/Users", &[("x-request-id", "abc-1")], Body::empty()).await;
    assert_eq!(answer.header("x-correlation-id"), "abc-1");
    let long = "x".repeat(65);
    for id in ["<script>", "", "a b", &long] {
        let answer = service.with("GET", "/Users", &[("x-request-id", id)], Body::empty()).await;
        assert_eq!(answer.header("x-correlation-id").len(), 36, "{id}");
    }
}

/// OneLogin reads nothing but plain JSON.
#[tokio::test]
async fn the_answer_is_in_the_type_that_the_client_reads() {
    let service = Service::new().await;
    for (accept, wanted) in [
        ("application/json", "application/json"),
        ("application/scim+json; charset=utf-8", "application/scim+json"),
        ("*/*", "application/scim+json"),
        ("application/json, application/scim+json", "application/scim+json"),
    ] {
        let answer = service.with("GET", "/Users", &[("accept", accept)], Body::empty()).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, wanted), "{accept}");
    }
}
