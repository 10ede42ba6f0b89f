//! Who gets in, where, and what everybody is told.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::{BASE, ORIGIN, Service, TOKEN};

#[tokio::test]
async fn a_token_opens_its_own_connection_only() {
    let service = Service::new();
    for value in [format!("Bearer {TOKEN}"), format!("bearer {TOKEN}"), TOKEN.to_owned()] {
        let answer = service.with("GET", "/Users", &[("authorization", &value)], Body::empty()).await;
        assert_eq!(answer.status, 200, "{value}");
    }
    for value in ["Bearer other", "Bearer rival", "Basic dXNlcg==", "Bearer", "x"] {
        let answer = service.with("GET", "/Users", &[("authorization", value)], Body::empty()).await;
        assert_eq!(answer.error().0, 401, "{value}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    for path in ["/scim/v2/main.nobody/Users", "/scim/v2/nonsense/Users", "/scim/v2/rival.okta/Users"] {
        let request = Request::get(path).header("authorization", TOKEN).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.error().0, 401, "{path}");
    }
}

#[tokio::test]
async fn another_connections_resources_are_not_there() {
    let service = Service::new();
    let id = service.user("ada").await;
    let group = service.group("G", &[]).await;
    for path in [format!("Users/{id}"), format!("Groups/{group}")] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let request = Request::builder()
                .method(method)
                .uri(format!("/scim/v2/main.entra/{path}"))
                .header("authorization", "Bearer other");
            let body = json!({"userName": "x", "displayName": "x",
                "Operations": [{"op": "replace", "path": "externalId", "value": "x"}]});
            let answer = service.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(answer.error().0, 404, "{method} {path}");
        }
    }
    let foreign = json!({"displayName": "H", "members": [{"value": id}]}).to_string();
    let request = Request::post("/scim/v2/main.entra/Groups").header("authorization", "other");
    let answer = service.send(request.body(Body::from(foreign)).unwrap()).await;
    assert_eq!(answer.error(), (400, "invalidValue"));
    assert_eq!(service.writes(), 2);
}

#[tokio::test]
async fn a_revoked_token_stops_within_five_seconds() {
    let service = Service::new();
    assert_eq!(service.get("/Users").await.status, 200);
    service.directory.with(|s| s.connections.values_mut().for_each(|c| c.tokens.clear()));
    service.wait(5);
    assert_eq!(service.get("/Users").await.status, 401);
}

#[tokio::test]
async fn discovery_is_public_and_read_only() {
    let service = Service::new();
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
    for (method, path, status) in [
        ("POST", "/Schemas", 405),
        ("GET", "/Schemas?filter=id%20pr", 403),
        ("GET", "/Schemas/urn:x", 404),
        ("GET", "/ResourceTypes/Nope", 404),
    ] {
        let answer = service.with(method, path, &[], Body::empty()).await;
        assert_eq!(answer.error().0, status, "{method} {path}");
    }
    let unknown = Request::get("/scim/v2/main.none/Schemas").body(Body::empty()).unwrap();
    assert_eq!(service.send(unknown).await.error().0, 404);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_scim() {
    let service = Service::new();
    for (method, path, status) in [
        ("GET", "", 404),
        ("GET", "/", 404),
        ("GET", "/Nope", 404),
        ("GET", "/Users/1/2", 404),
        ("PUT", "/Users", 405),
        ("DELETE", "/Groups", 405),
        ("POST", "/Users/1", 405),
        ("GET", "/Me", 501),
        ("POST", "/Bulk", 501),
        ("POST", "/Users/.search", 501),
    ] {
        let answer = service.with(method, path, &[], Body::empty()).await;
        assert_eq!(answer.error().0, status, "{method} {path}");
        assert_eq!(status == 405, !answer.header("allow").is_empty());
        assert!(!answer.header("x-correlation-id").is_empty());
    }
    for path in ["/scim/v2", "/scim/v2/"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.error().0, 404);
    }
}

#[tokio::test]
async fn the_flag_of_entra_in_the_base_url_does_no_harm() {
    let service = Service::new();
    service.user("ada").await;
    for path in [
        "?aadOptscim062020/Users?filter=userName+eq+%22ada%22",
        "/Users?aadOptscim062020&filter=userName%20eq%20%22ada%22",
        "/Users?aadOptscim062020?filter=userName%20eq%20%22ada%22",
    ] {
        let answer = service.get(path).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(1)), "{path}");
    }
}

#[tokio::test]
async fn the_correlation_id_is_the_clients_if_it_is_sane() {
    let service = Service::new();
    let body = json!({"userName": "ada"}).to_string();
    let answer = service.with("POST", "/Users", &[("x-request-id", "abc-1")], body).await;
    assert_eq!(answer.header("x-correlation-id"), "abc-1");
    let cause = service.directory.with(|s| s.writes[0].clone());
    assert_eq!((cause.correlation_id.as_str(), cause.actor.name()), ("abc-1", "MAIN.OKTA"));
    let answer = service.with("GET", "/Users", &[("x-request-id", "<script>")], Body::empty()).await;
    assert_eq!(answer.header("x-correlation-id").len(), 36);
}
