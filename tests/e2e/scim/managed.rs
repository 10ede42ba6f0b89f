//! Access as it is managed: what the admin API makes and revokes is what the function lets in.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tower::ServiceExt;
use usher_aws::{seal::LocalSealer, system::SystemIds};
use usher_connector::{HttpWeb, Reach};
use usher_domain::workspace::WorkspaceRole;
use usher_fn_console::{Connector, provisioning};

use super::{BASE, ORIGIN, Service, signer::Signer};

/// The admin API over the function's store, with a key to it.
pub(crate) struct Managed {
    pub(super) service: Service,
    api: Router,
    /// An API key of the Owner, and one of an Admin.
    key: String,
    admins_key: String,
}

impl Managed {
    pub(crate) async fn new() -> Self {
        let service = Service::new().await;
        let console = Arc::new(usher_fn_console::App {
            facts: Arc::new(service.db.store.clone()),
            store: Arc::new(service.db.store.clone()),
            web: Arc::new(HttpWeb::new(Reach::Public, service.clock.clone()).unwrap()),
            sealer: Arc::new(LocalSealer::new([7; 32])),
            clock: service.clock.clone(),
            ids: Arc::new(SystemIds),
            origin: ORIGIN.to_owned(),
            prices: None,
            connectors: Connector::list("scim"),
        });
        let main = "main".parse().unwrap();
        provisioning::create_workspace(&console, &main, "Main").await.unwrap();
        let (owner, admin) = (WorkspaceRole::Owner, WorkspaceRole::Admin);
        let key = provisioning::create_api_key(&console, &main, "Test", owner, None).await.unwrap();
        let admins_key = provisioning::create_api_key(&console, &main, "Admin", admin, None).await.unwrap();
        Self { service, api: usher_fn_console::router(console), key, admins_key }
    }

    /// A call below the connections.
    pub(super) async fn call(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        self.api(&self.key, method, &format!("/connections{path}"), body).await
    }

    /// A call of the Owner.
    pub(crate) async fn as_owner(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        self.api(&self.key, method, path, body).await
    }

    /// A call of an Admin, who may not manage connections.
    pub(super) async fn as_admin(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        self.api(&self.admins_key, method, path, body).await
    }

    async fn api(&self, key: &str, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let (parts, body) = self.api.clone().oneshot(request.body(body).unwrap()).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn token(&self, id: &str, secret: &str) -> (u16, Value) {
        let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request = Request::post(format!("{BASE}/oauth/token"))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = self.service.send(request.body(Body::from(body)).unwrap()).await;
        (answer.status, answer.body)
    }

    /// How a SCIM request with this token is answered.
    pub(super) async fn status(&self, token: &str) -> u16 {
        let token = format!("Bearer {token}");
        self.service.with("GET", "/Users", &[("authorization", &token)], Body::empty()).await.status
    }
}

#[tokio::test]
async fn a_client_is_made_listed_and_revoked() {
    let managed = Managed::new().await;
    let body = json!({"name": "Entra ID", "authentication": "client_secret"});
    let (status, made) = managed.call("POST", "/main.okta/clients", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (id, secret) = (made["client"]["id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    assert_eq!(made["token_url"], format!("{ORIGIN}{BASE}/oauth/token"));
    let (status, granted) = managed.token(id, secret).await;
    assert_eq!(status, 200, "{granted}");
    let token = granted["access_token"].as_str().unwrap();
    assert_eq!(managed.status(token).await, 200);

    let (_, listed) = managed.call("GET", "/main.okta/clients", Value::Null).await;
    assert_eq!(listed["items"][0]["name"], "Entra ID");
    assert!(!listed.to_string().contains(secret), "shown once");
    let (_, neighbours) = managed.call("GET", "/main.entra/clients", Value::Null).await;
    assert_eq!(neighbours["items"], json!([]));
    // Another workspace's connections are not there.
    for (method, path) in [("GET", "/rival.okta/clients"), ("DELETE", "/rival.okta/clients/x")] {
        assert_eq!(managed.call(method, path, Value::Null).await.0, StatusCode::NOT_FOUND);
    }

    let one = format!("/main.okta/clients/{id}");
    assert_eq!(managed.call("DELETE", &one, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(managed.call("DELETE", &one, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(managed.token(id, secret).await.0, 401);
    managed.service.wait(3);
    assert_eq!(managed.status(token).await, 401);
    // Nothing that is stored holds the secret or the token.
    let records = managed.service.db.stream.read(super::RECORDS).await.unwrap();
    let stored: String = records.iter().map(|record| record.event.to_string()).collect();
    assert!(stored.contains(id) && !stored.contains(secret) && !stored.contains(token));
}

#[tokio::test]
async fn a_client_with_a_key_has_no_secret() {
    let managed = Managed::new().await;
    let signer = Signer::ec();
    let body = json!({"name": "Robot", "authentication": "private_key_jwt",
        "jwks": {"keys": [signer.jwk("1")]}});
    let (status, made) = managed.call("POST", "/main.okta/clients", body).await;
    assert_eq!((status, &made["client_secret"]), (StatusCode::CREATED, &Value::Null), "{made}");
    let body = json!({"name": "Robot", "authentication": "private_key_jwt"});
    let (status, _) = managed.call("POST", "/main.okta/clients", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_rate_and_the_trusted_tenant_are_set_and_read() {
    let managed = Managed::new().await;
    let tenant = "11111111-2222-3333-4444-555555555555";
    let body = json!({"requests_per_second": 25, "entra": {"tenant": tenant}});
    let (status, set) = managed.call("PUT", "/main.okta/admission", body).await;
    assert_eq!(status, StatusCode::OK, "{set}");
    assert_eq!(set["entra"]["audience"], "8adf8e6e-67b2-4cf2-a259-e3dc5476c621");
    assert_eq!(managed.call("GET", "/main.okta/admission", Value::Null).await.1, set);
    let answers = managed.service.statuses(60).await;
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 10);
    managed.service.wait(5);

    let signer = Signer::rsa();
    let now = usher_domain::ports::Clock::now(&*managed.service.clock).as_second();
    managed.service.keys.publish(set["entra"]["jwks_url"].as_str().unwrap(), &[signer.jwk("1")]);
    let claims = json!({"aud": set["entra"]["audience"], "iss": set["entra"]["issuer"], "tid": tenant,
        "iat": now, "nbf": now, "exp": now + 3_600});
    let token = signer.sign(&json!({"alg": "RS256", "kid": "1"}), &claims);
    assert_eq!(managed.status(&token).await, 200);
    let (status, none) = managed.call("PUT", "/main.okta/admission", json!({})).await;
    assert_eq!((status, none), (StatusCode::OK, json!({"requests_per_second": null, "entra": null})));
    managed.service.wait(5);
    assert_eq!(managed.status(&token).await, 401);
    let low = json!({"requests_per_second": 24});
    assert_eq!(managed.call("PUT", "/main.okta/admission", low).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

/// RFC 7643 §5: `authenticationSchemes` says what is offered, and nothing that is not.
#[tokio::test]
async fn what_opens_a_connection_is_announced() {
    let managed = Managed::new().await;
    let announced = async || {
        managed.service.wait(5);
        let config = managed.service.get("/ServiceProviderConfig").await.ok(200);
        let schemes = config["authenticationSchemes"].as_array().unwrap().clone();
        schemes.iter().map(|scheme| scheme["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (bearer, clients, entra) =
        ("OAuth Bearer Token", "OAuth 2.0 Client Credentials", "Microsoft Entra ID Token");
    assert_eq!(announced().await, [bearer]);
    let body = json!({"name": "Robot", "authentication": "client_secret"});
    let (_, made) = managed.call("POST", "/main.okta/clients", body).await;
    assert_eq!(announced().await, [bearer, clients]);
    let trust = json!({"entra": {"tenant": "11111111-2222-3333-4444-555555555555",
        "application": "AAAAAAAA-2222-3333-4444-555555555555"}});
    let (status, trust) = managed.call("PUT", "/main.okta/admission", trust).await;
    assert_eq!(status, StatusCode::OK, "{trust}");
    assert_eq!(trust["entra"]["application"], "aaaaaaaa-2222-3333-4444-555555555555");
    assert_eq!(announced().await, [bearer, clients, entra]);
    let client = format!("/main.okta/clients/{}", made["client"]["id"].as_str().unwrap());
    assert_eq!(managed.call("DELETE", &client, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(announced().await, [bearer, entra]);
    // A neighbour's are its own.
    let request = Request::get("/scim/v2/main.entra/ServiceProviderConfig").body(Body::empty()).unwrap();
    let config = managed.service.send(request).await.ok(200);
    assert_eq!(config["authenticationSchemes"].as_array().unwrap().len(), 1);
}
