//! OAuth 2.0 client credentials: secrets, signed assertions, access tokens.

use axum::{body::Body, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use usher_domain::{
    oauth::{Client, KeySet, Proof},
    ports::{Clients, Clock},
    token::IssuedToken,
};

use super::{
    Answer, BASE, ORIGIN, Service,
    signer::{self, Signer},
};

const SECRET: &str = "usher_client_s3cret/+:&";
const FORM: &str = "application/x-www-form-urlencoded";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const KEYS_URL: &str = "https://keys.example/jwks";

/// The `Authorization` header of a token request, its parameters, and how it is refused.
type TokenRequest<'a> = (Option<&'a str>, Vec<(&'a str, &'a str)>, (u16, &'a str));

/// Parameters as a client encodes them.
fn form(parameters: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let encode = |byte: u8| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") };
        text.bytes().map(encode).collect()
    };
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn basic(id: &str, secret: &str) -> String {
    let (id, secret) = (form(&[(id, "")]), form(&[(secret, "")]));
    let pair = format!("{}:{}", id.trim_end_matches('='), secret.trim_end_matches('='));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

impl Service {
    async fn client(&self, connection: &str, id: &str, proof: Proof) {
        let client = Client {
            id: id.parse().unwrap(),
            connection: connection.parse().unwrap(),
            name: id.to_uppercase(),
            proof,
            created_at: self.clock.now(),
        };
        self.db.store.create_client(&client, None).await.unwrap();
    }

    async fn secret_client(&self) {
        let secret = IssuedToken::issue(SECRET, self.clock.now(), None);
        self.client("main.okta", "robot", Proof::ClientSecret { secret }).await;
    }

    async fn token_request(&self, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::post(format!("{BASE}/oauth/token")).header("content-type", FORM);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A token request with the secret in the body.
    async fn grant(&self) -> Answer {
        let body = [("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", SECRET)];
        self.token_request(&[], form(&body)).await
    }

    async fn assert(&self, jwt: &str) -> Answer {
        let body = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", jwt),
        ];
        self.token_request(&[], form(&body)).await
    }

    async fn status_with(&self, authorization: &str) -> u16 {
        let answer = self.with("GET", "/Users", &[("authorization", authorization)], Body::empty()).await;
        if answer.status != 200 {
            assert_eq!(answer.error().0, 401);
        }
        answer.status
    }

    fn claims(&self, jti: &str) -> Value {
        let now = self.clock.now().as_second();
        json!({"iss": "robot", "sub": "robot", "aud": format!("{ORIGIN}{BASE}/oauth/token"),
            "iat": now, "exp": now + 300, "jti": jti})
    }
}

/// The error of RFC 6749 §5.2.
#[track_caller]
fn refused(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
    assert!(answer.body["error_description"].as_str().is_some_and(|said| said.len() > 20), "{answer:?}");
    assert!(!answer.body.to_string().contains("s3cret"), "{answer:?}");
    assert_eq!(answer.status == 401, answer.header("www-authenticate").starts_with("Basic"), "{answer:?}");
    (answer.status, answer.body["error"].as_str().unwrap())
}

#[track_caller]
fn token(answer: Answer) -> String {
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let body = answer.ok(200);
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(900), &json!("scim"))
    );
    body["access_token"].as_str().unwrap().to_owned()
}

/// Entra ID sends the secret as Basic or in the body.
#[tokio::test]
async fn a_secret_is_exchanged_for_a_token_that_opens_the_connection_for_a_while() {
    let service = Service::new().await;
    service.secret_client().await;
    let header = [("authorization", basic("robot", SECRET))];
    let header = header.each_ref().map(|(name, value)| (*name, value.as_str()));
    let in_header = service.token_request(&header, form(&[("grant_type", "client_credentials")])).await;
    let with_scope = form(&[("grant_type", "client_credentials"), ("scope", "scim"), ("client_id", "robot")]);
    let scoped = service.token_request(&header, with_scope).await;
    for token in [token(in_header), token(scoped), token(service.grant().await)] {
        for authorization in [format!("Bearer {token}"), token.clone()] {
            assert_eq!(service.status_with(&authorization).await, 200);
        }
        let body = json!({"userName": format!("by-{token}")}).to_string();
        let made = service.with("POST", "/Users", &[("authorization", &token)], body).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let token = token(service.grant().await);
    service.wait(899);
    assert_eq!(service.status_with(&token).await, 200);
    service.wait(1);
    assert_eq!(service.status_with(&token).await, 401, "read a second ago, and over now");
    service.wait(10);
    assert_eq!(service.status_with(&token).await, 401);
}

#[tokio::test]
async fn an_access_token_opens_its_own_connection_only() {
    let service = Service::new().await;
    service.secret_client().await;
    let token = token(service.grant().await);
    for neighbour in ["main.entra", "rival.okta"] {
        for _ in 0..2 {
            let request = Request::get(format!("/scim/v2/{neighbour}/Users")).header("authorization", &token);
            assert_eq!(service.send(request.body(Body::empty()).unwrap()).await.error().0, 401);
        }
        let request = Request::post(format!("/scim/v2/{neighbour}/oauth/token"))
            .header("content-type", FORM)
            .header("authorization", basic("robot", SECRET));
        let answer =
            service.send(request.body(form(&[("grant_type", "client_credentials")]).into()).unwrap());
        assert_eq!(refused(&answer.await), (401, "invalid_client"));
    }
    assert_eq!(service.status_with(&token).await, 200);
    let mut other = token.clone();
    other.replace_range(token.len() - 1.., if token.ends_with('0') { "1" } else { "0" });
    let stranger = token.replace("robot", "stranger");
    for forged in [&other, &stranger, "usher_at_robot_", &token[..token.len() - 1]] {
        assert_eq!(service.status_with(forged).await, 401, "{forged}");
    }
}

#[tokio::test]
async fn a_revoked_client_and_its_tokens_are_locked_out() {
    let service = Service::new().await;
    service.secret_client().await;
    let (used, unused) = (token(service.grant().await), token(service.grant().await));
    assert_eq!(service.status_with(&used).await, 200);
    let (okta, robot) = ("main.okta".parse().unwrap(), "robot".parse().unwrap());
    service.db.store.delete_client(&okta, &robot, None).await.unwrap();
    assert_eq!(service.status_with(&unused).await, 401, "at once");
    assert_eq!(refused(&service.grant().await), (401, "invalid_client"), "at once");
    service.wait(3);
    assert_eq!(service.status_with(&used).await, 401, "as soon as a connection's own token");
}

#[tokio::test]
async fn token_requests_are_refused_as_rfc_6749_says() {
    let service = Service::new().await;
    service.secret_client().await;
    let right = basic("robot", SECRET);
    let grant = ("grant_type", "client_credentials");
    let (id, secret) = (("client_id", "robot"), ("client_secret", SECRET));
    let cases: Vec<TokenRequest<'_>> = vec![
        (None, vec![grant], (401, "invalid_client")),
        (None, vec![grant, id], (401, "invalid_client")),
        (None, vec![grant, secret], (401, "invalid_client")),
        (None, vec![grant, id, ("client_secret", "wrong")], (401, "invalid_client")),
        (None, vec![grant, ("client_id", "nobody"), secret], (401, "invalid_client")),
        (None, vec![grant, ("client_id", "a#b"), secret], (401, "invalid_client")),
        (Some("Bearer usher_scim_token"), vec![grant], (401, "invalid_client")),
        (Some("Basic !!!"), vec![grant], (401, "invalid_client")),
        (Some("Basic cm9ib3Q6d3Jvbmc="), vec![grant], (401, "invalid_client")),
        (Some(&right), vec![grant, secret], (400, "invalid_request")),
        (Some(&right), vec![grant, ("client_id", "other")], (400, "invalid_request")),
        (Some(&right), vec![grant, grant], (400, "invalid_request")),
        (Some(&right), vec![], (400, "invalid_request")),
        (Some(&right), vec![("grant_type", "password")], (400, "unsupported_grant_type")),
        (Some(&right), vec![grant, ("scope", "scim admin")], (400, "invalid_scope")),
        (None, vec![grant, ("client_assertion", "a.b.c")], (400, "invalid_request")),
        (
            None,
            vec![grant, ("client_assertion", "a.b.c"), ("client_assertion_type", JWT_BEARER)],
            (401, "invalid_client"),
        ),
    ];
    for (authorization, parameters, wanted) in cases {
        let headers: Vec<_> = authorization.into_iter().map(|value| ("authorization", value)).collect();
        let answer = service.token_request(&headers, form(&parameters)).await;
        assert_eq!(refused(&answer), wanted, "{parameters:?} {answer:?}");
    }
    let json = Request::post(format!("{BASE}/oauth/token")).header("content-type", "application/json");
    let answer = service.send(json.body(Body::from("{}")).unwrap()).await;
    assert_eq!(refused(&answer), (400, "invalid_request"));
    let long = format!("grant_type={}", "x".repeat(40_000));
    assert_eq!(refused(&service.token_request(&[], long).await), (400, "invalid_request"));
    let read = Request::get(format!("{BASE}/oauth/token")).body(Body::empty()).unwrap();
    let answer = service.send(read).await;
    assert_eq!((refused(&answer), answer.header("allow")), ((405, "invalid_request"), "POST"));
    let nowhere = Request::post("/scim/v2/main.nobody/oauth/token").header("content-type", FORM);
    let answer = service.send(nowhere.header("authorization", right).body(Body::empty()).unwrap()).await;
    assert_eq!(refused(&answer), (401, "invalid_client"));
}

/// RFC 8414 §3: the metadata of an issuer with a path is found before that path; many clients look behind it.
#[tokio::test]
async fn the_metadata_leads_to_the_token_endpoint() {
    let service = Service::new().await;
    let well_known = ".well-known/oauth-authorization-server";
    for path in [format!("/{well_known}{BASE}"), format!("{BASE}/{well_known}")] {
        let answer = service.send(Request::get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let metadata = answer.ok(200);
        assert_eq!(metadata["issuer"], format!("{ORIGIN}{BASE}"));
        assert_eq!(metadata["token_endpoint"], format!("{ORIGIN}{BASE}/oauth/token"));
        assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
        assert_eq!(
            metadata["token_endpoint_auth_methods_supported"],
            json!(["client_secret_basic", "client_secret_post", "private_key_jwt"])
        );
        assert_eq!(
            metadata["token_endpoint_auth_signing_alg_values_supported"],
            json!(["RS256", "PS256", "ES256"])
        );
    }
    let unknown = Request::get(format!("/{well_known}/scim/v2/main.nobody")).body(Body::empty()).unwrap();
    assert_eq!(service.send(unknown).await.status, 404);
}

/// RFC 7523: RSA with both paddings, and elliptic curves; keys inline and by URL.
#[tokio::test]
async fn an_assertion_is_exchanged_for_a_token_once() {
    let (rsa, ec) = (Signer::rsa(), Signer::ec());
    for by_url in [false, true] {
        let service = Service::new().await;
        let keys = vec![rsa.jwk("1"), ec.jwk("2")];
        service.keys.publish(KEYS_URL, &keys);
        let keys = if by_url {
            KeySet::Url { url: KEYS_URL.to_owned() }
        } else {
            KeySet::Inline { jwks: json!({ "keys": keys }) }
        };
        service.client("main.okta", "robot", Proof::PrivateKeyJwt { keys }).await;
        for (jti, signer, header) in [
            ("a", &rsa, json!({"alg": "RS256", "kid": "1", "typ": "JWT"})),
            ("b", &rsa, json!({"alg": "PS256", "kid": "1"})),
            ("c", &ec, json!({"alg": "ES256", "kid": "2"})),
            ("d", &ec, json!({"alg": "ES256"})),
        ] {
            let jwt = signer.sign(&header, &service.claims(jti));
            let token = token(service.assert(&jwt).await);
            assert_eq!(service.status_with(&token).await, 200);
            // RFC 7523 §3: each is used once, for as long as it is valid.
            for wait in [0, 100, 199, 60] {
                service.wait(wait);
                assert_eq!(refused(&service.assert(&jwt).await), (401, "invalid_client"), "{jti} {wait}");
            }
        }
        let mut claims = service.claims("e");
        claims["aud"] = json!([format!("{ORIGIN}{BASE}"), "https://elsewhere.example"]);
        token(service.assert(&rsa.sign(&json!({"alg": "RS256", "kid": "1"}), &claims)).await);
        assert_eq!(service.keys.fetched(), usize::from(by_url));
    }
}

#[tokio::test]
async fn assertions_are_refused_for_each_claim_and_each_trick() {
    let service = Service::new().await;
    let (signer, thief) = (Signer::rsa(), Signer::rsa());
    let keys = KeySet::Inline { jwks: json!({"keys": [signer.jwk("1")]}) };
    service.client("main.okta", "robot", Proof::PrivateKeyJwt { keys }).await;
    service
        .client("main.okta", "other", {
            let keys = KeySet::Inline { jwks: json!({"keys": [thief.jwk("1")]}) };
            Proof::PrivateKeyJwt { keys }
        })
        .await;
    let header = json!({"alg": "RS256", "kid": "1"});
    let now = service.clock.now().as_second();
    let with = |name: &str, value: Value| {
        let mut claims = service.claims("x");
        claims[name] = value;
        claims
    };
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("sub", json!("other")),
        ("sub", Value::Null),
        ("aud", json!("https://elsewhere.example")),
        ("aud", json!(format!("{ORIGIN}/scim/v2/main.entra/oauth/token"))),
        ("aud", Value::Null),
        ("exp", json!(now - 61)),
        ("exp", json!(now + 3_700)),
        ("exp", Value::Null),
        ("iat", json!(now + 120)),
        ("iat", json!(now - 4_000)),
        ("nbf", json!(now + 120)),
        ("jti", Value::Null),
        ("jti", json!("")),
    ] {
        let jwt = signer.sign(&header, &with(name, value.clone()));
        assert_eq!(refused(&service.assert(&jwt).await), (401, "invalid_client"), "{name} {value}");
    }
    let claims = service.claims("y");
    let good = signer.sign(&header, &claims);
    let (body, signature) = good.rsplit_once('.').unwrap();
    for (trick, jwt) in [
        ("another's key", thief.sign(&header, &claims)),
        ("unknown kid", signer.sign(&json!({"alg": "RS256", "kid": "9"}), &claims)),
        ("none", signer::unsigned(&claims)),
        ("hmac", signer::with_hmac(&json!({"alg": "HS256", "kid": "1"}), &claims, &signer.modulus())),
        ("crit", signer.sign(&json!({"alg": "RS256", "kid": "1", "crit": ["b64"], "b64": false}), &claims)),
        ("an algorithm that is not offered", signer.sign(&json!({"alg": "RS512", "kid": "1"}), &claims)),
        ("no signature", format!("{body}.")),
        ("cut", good[..good.len() - 4].to_owned()),
        ("changed", format!("{}.{signature}", body.replace('.', ".e30"))),
        ("long", signer.sign(&header, &with("pad", json!("x".repeat(20_000))))),
    ] {
        assert_eq!(refused(&service.assert(&jwt).await), (401, "invalid_client"), "{trick}");
    }
    // The one that all of these were made from is good, and was not used up by them.
    token(service.assert(&good).await);
    // A client with a key has no secret.
    let secret = [("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", SECRET)];
    assert_eq!(refused(&service.token_request(&[], form(&secret)).await), (401, "invalid_client"));
}

#[tokio::test]
async fn keys_behind_a_url_that_does_not_answer_are_asked_for_later() {
    let service = Service::new().await;
    let signer = Signer::rsa();
    let keys = KeySet::Url { url: KEYS_URL.to_owned() };
    service.client("main.okta", "robot", Proof::PrivateKeyJwt { keys }).await;
    let header = json!({"alg": "RS256", "kid": "1"});
    let jwt = signer.sign(&header, &service.claims("a"));
    let answer = service.assert(&jwt).await;
    assert_eq!((refused(&answer), answer.header("retry-after")), ((503, "temporarily_unavailable"), "1"));
    service.keys.publish(KEYS_URL, &[signer.jwk("1")]);
    assert_eq!(service.assert(&jwt).await.status, 503, "not asked again so soon");
    assert_eq!(service.keys.fetched(), 1);
    service.wait(30);
    token(service.assert(&jwt).await);
    assert_eq!(service.keys.fetched(), 2);
}

/// A client can't fill the table faster than its connection may call.
#[tokio::test]
async fn token_requests_count_as_requests() {
    let service = Service::new().await;
    service.limit(25).await;
    service.secret_client().await;
    for _ in 0..50 {
        token(service.grant().await);
    }
    let answer = service.grant().await;
    assert_eq!((refused(&answer), answer.header("retry-after")), ((429, "temporarily_unavailable"), "1"));
}
