//! Tokens of an Entra ID tenant, as its provisioning service sends them where the secret is left blank.

use std::sync::Arc;

use axum::{Json, Router, body::Body, routing::get};
use serde_json::{Value, json};
use usher_connector::{HttpKeys, Reach};
use usher_domain::{
    admission::{Admission, EntraTrust},
    directory::Connection,
    ports::{Clock, KeySource},
};

use super::{
    Answer, Service, TOKEN,
    signer::{self, Signer},
};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const URL: &str = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/discovery/keys";

/// The function with a connection that trusts the tenant, whose keys are published.
async fn trusting(keys: &[Value]) -> Service {
    trusting_as(EntraTrust::of_tenant(TENANT), keys).await
}

async fn trusting_as(trust: EntraTrust, keys: &[Value]) -> Service {
    let service = Service::new().await;
    service.keys.publish(URL, keys);
    let admission = Admission { entra: Some(trust), ..Admission::default() };
    service.replace(&Connection { admission, ..service.connection("main.okta", &[TOKEN]) }).await;
    service
}

/// The claims of a token of today.
fn claims(service: &Service) -> Value {
    let now = service.clock.now().as_second();
    json!({
        "aud": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621",
        "iss": "https://sts.windows.net/11111111-2222-3333-4444-555555555555/",
        "iat": now - 300, "nbf": now - 300, "exp": now + 3_600,
        "appid": "00000014-0000-0000-c000-000000000000", "appidacr": "2",
        "oid": "9f0e5b7c-3f6e-4e57-93d8-7cbb7a1a5f9f", "tid": TENANT, "ver": "1.0",
    })
}

fn header(kid: &str) -> Value {
    json!({"typ": "JWT", "alg": "RS256", "x5t": kid, "kid": kid})
}

async fn ask(service: &Service, token: &str) -> Answer {
    service.with("GET", "/Users", &[("authorization", &format!("Bearer {token}"))], Body::empty()).await
}

#[tokio::test]
async fn a_token_of_the_tenant_opens_the_connection() {
    let signer = Signer::rsa();
    let service = trusting(&[signer.jwk("1")]).await;
    let token = signer.sign(&header("1"), &claims(&service));
    for _ in 0..5 {
        assert_eq!(ask(&service, &token).await.status, 200);
    }
    assert_eq!(service.keys.fetched(), 1, "keys are kept");
    // The connection's own token goes on working, and costs no fetch.
    assert_eq!(service.get("/Users").await.status, 200);
    // Nobody else trusts the tenant.
    let elsewhere = axum::http::Request::get("/scim/v2/main.entra/Users").header("authorization", &token);
    assert_eq!(service.send(elsewhere.body(Body::empty()).unwrap()).await.error().0, 401);
    service.wait(3_659);
    assert_eq!(ask(&service, &token).await.status, 200, "within the skew");
    service.wait(1);
    assert_eq!(ask(&service, &token).await.error().0, 401, "expired");
}

#[tokio::test]
async fn whatever_else_a_token_says_is_refused() {
    let (signer, thief) = (Signer::rsa(), Signer::rsa());
    let service = trusting(&[signer.jwk("1"), Signer::ec().jwk("2")]).await;
    let now = service.clock.now().as_second();
    for (name, value) in [
        ("aud", json!("00000003-0000-0000-c000-000000000000")),
        ("aud", Value::Null),
        ("aud", json!([])),
        ("iss", json!("https://sts.windows.net/99999999-2222-3333-4444-555555555555/")),
        ("iss", json!("https://sts.windows.net/11111111-2222-3333-4444-555555555555")),
        ("tid", json!("99999999-2222-3333-4444-555555555555")),
        ("tid", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("nbf", json!(now + 61)),
        ("iat", json!(now + 61)),
    ] {
        let mut claims = claims(&service);
        claims[name] = value.clone();
        let answer = ask(&service, &signer.sign(&header("1"), &claims)).await;
        assert_eq!(answer.error(), (401, ""), "{name} {value}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    let claims = claims(&service);
    let good = signer.sign(&header("1"), &claims);
    let (head, signature) = good.rsplit_once('.').unwrap();
    for (trick, token) in [
        ("another's key", thief.sign(&header("1"), &claims)),
        ("none", signer::unsigned(&claims)),
        ("hmac with the public key", {
            signer::with_hmac(&json!({"alg": "HS256", "kid": "1"}), &claims, &signer.modulus())
        }),
        ("an algorithm that is not Entra ID's", signer.sign(&json!({"alg": "PS256", "kid": "1"}), &claims)),
        ("a key of another kind", signer.sign(&header("2"), &claims)),
        ("unknown kid", signer.sign(&header("9"), &claims)),
        ("no signature", format!("{head}.")),
        ("two parts", head.to_owned()),
        ("a changed signature", format!("{head}.{}", signature.replace(['a', 'b'], "c"))),
        ("nothing", "..".to_owned()),
    ] {
        let answer = ask(&service, &token).await;
        assert_eq!(answer.error(), (401, ""), "{trick}");
    }
    assert_eq!(ask(&service, &good).await.status, 200);
}

/// Every application of the tenant can get a token with the audience of its own apps: an admin may name the one that is meant.
#[tokio::test]
async fn a_configured_application_must_be_the_tokens() {
    let signer = Signer::rsa();
    let application = Some("00000014-0000-0000-c000-000000000000".to_owned());
    let service =
        trusting_as(EntraTrust { application, ..EntraTrust::of_tenant(TENANT) }, &[signer.jwk("1")]).await;
    let status = async |appid: Value, azp: Value| {
        let mut claims = claims(&service);
        claims["appid"] = appid;
        claims["azp"] = azp;
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        ask(&service, &signer.sign(&header("1"), &claims)).await.status
    };
    let (right, wrong) =
        (json!("00000014-0000-0000-C000-000000000000"), json!("11111114-0000-0000-c000-000000000000"));
    assert_eq!(status(right.clone(), Value::Null).await, 200, "version 1.0");
    assert_eq!(status(Value::Null, right.clone()).await, 200, "version 2.0");
    for (appid, azp) in
        [(&Value::Null, &Value::Null), (&wrong, &Value::Null), (&wrong, &right), (&right, &wrong)]
    {
        assert_eq!(status(appid.clone(), azp.clone()).await, 401, "{appid} {azp}");
    }
}

/// Keys are changed at any time: a name that is not known makes the set be fetched again, but not by everybody who asks.
#[tokio::test]
async fn an_unknown_key_is_looked_for_once_in_a_while() {
    let (old, new) = (Signer::rsa(), Signer::rsa());
    let service = trusting(&[old.jwk("old")]).await;
    let with = |signer: &Signer, kid: &str| signer.sign(&header(kid), &claims(&service));
    assert_eq!(ask(&service, &with(&old, "old")).await.status, 200);
    for _ in 0..20 {
        assert_eq!(ask(&service, &with(&new, "new")).await.error().0, 401);
    }
    assert_eq!(service.keys.fetched(), 1, "just fetched");
    service.keys.publish(URL, &[old.jwk("old"), new.jwk("new")]);
    service.wait(30);
    assert_eq!(ask(&service, &with(&new, "new")).await.status, 200);
    assert_eq!(service.keys.fetched(), 2);
    for _ in 0..20 {
        assert_eq!(ask(&service, &with(&new, "made up")).await.error().0, 401);
        service.wait(3);
    }
    assert!(service.keys.fetched() <= 4, "{}", service.keys.fetched());
    // What is no token of theirs at all makes nothing be fetched.
    service.wait(3_600);
    let before = service.keys.fetched();
    for other in ["a.b.c", "wrong", "usher_at_x_y"] {
        assert_eq!(ask(&service, other).await.error().0, 401);
    }
    assert_eq!(service.keys.fetched(), before);
}

#[tokio::test]
async fn keys_are_believed_for_an_hour_and_kept_for_a_day_when_nobody_answers() {
    let signer = Signer::rsa();
    let service = trusting(&[signer.jwk("1")]).await;
    let status = async || ask(&service, &signer.sign(&header("1"), &claims(&service))).await.status;
    assert_eq!((status().await, service.keys.fetched()), (200, 1));
    service.wait(3_599);
    assert_eq!((status().await, service.keys.fetched()), (200, 1));
    service.keys.withdraw(URL);
    service.wait(1);
    assert_eq!((status().await, service.keys.fetched()), (200, 2), "the old keys, while nobody answers");
    assert_eq!((status().await, service.keys.fetched()), (200, 2), "not asked by every request");
    service.wait(23 * 3_600);
    let answer = ask(&service, &signer.sign(&header("1"), &claims(&service))).await;
    assert_eq!((answer.error(), answer.header("retry-after")), ((503, ""), "1"));
    service.keys.publish(URL, &[Signer::rsa().jwk("1")]);
    service.wait(30);
    assert_eq!(status().await, 401, "the key was replaced");
}

/// Over HTTP: from this machine on a laptop, and from nowhere but public addresses by https in a deployment.
#[tokio::test]
async fn keys_are_fetched_over_http_only_from_where_they_may_be() {
    let signer = Signer::rsa();
    let set = json!({"keys": [signer.jwk("1")]});
    let served = set.clone();
    let router = Router::new()
        .route("/keys", get(|| async { Json(served) }))
        .route("/large", get(|| async { "x".repeat(300 * 1024) }))
        .route("/page", get(|| async { "<html>" }))
        .route("/never", get(std::future::pending::<&str>))
        .route("/moved", get(|| async { axum::response::Redirect::temporary("/keys") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let clock = Arc::new(super::HandClock::default());
    let laptop = HttpKeys::new(Reach::Anywhere, clock.clone()).unwrap();
    assert_eq!(laptop.key_set(&format!("{origin}/keys")).await, Ok(set));
    for path in ["/large", "/page", "/moved", "/nothing"] {
        let error = laptop.key_set(&format!("{origin}{path}")).await.unwrap_err();
        assert!(error.to_string().len() > 20, "{path} {error}");
    }
    // Nobody waits for long: the request whose token is to be checked waits as well. Time only moves on when all are idle.
    tokio::time::pause();
    let patience = std::time::Duration::from_secs(6);
    let never = tokio::time::timeout(patience, laptop.key_set(&format!("{origin}/never"))).await;
    assert!(never.expect("within the time").unwrap_err().to_string().contains("in time"));
    tokio::time::resume();
    let deployment = HttpKeys::new(Reach::Public, clock).unwrap();
    let port = origin.rsplit_once(':').unwrap().1;
    for url in [
        format!("{origin}/keys"),
        format!("https://127.0.0.1:{port}/keys"),
        format!("https://localhost:{port}/keys"),
        "https://169.254.169.254/latest".to_owned(),
        "nonsense".to_owned(),
    ] {
        assert!(deployment.key_set(&url).await.is_err(), "{url}");
    }
    server.abort();
}
