//! An OpenID provider that says what it is told to: for tests of what must not be believed.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use usher_domain::Timestamp;

use crate::scim::signer::{Signer, unsigned, with_hmac};

/// Usher's secret there.
pub(crate) const SECRET: &str = "s3cret-of-usher-at-the-provider";

/// How an ID token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    /// As published.
    Right,
    /// With a key of the same name that nobody published.
    OtherKey,
    /// Not at all.
    None,
    /// With the client's secret.
    ClientSecret,
}

/// What it says next.
struct Says {
    issuer: String,
    code: String,
    challenge: String,
    claims: Value,
    userinfo: Value,
    signature: Signature,
    published: Signer,
    other: Signer,
}

/// The provider.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    says: Arc<Mutex<Says>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Shared = State<Arc<Mutex<Says>>>;

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let says = Says {
            issuer: issuer.clone(),
            code: String::new(),
            challenge: String::new(),
            claims: json!({}),
            userinfo: json!({}),
            signature: Signature::Right,
            published: Signer::rsa(),
            other: Signer::rsa(),
        };
        let says = Arc::new(Mutex::new(says));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(says.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, says, task }
    }

    fn says(&self) -> MutexGuard<'_, Says> {
        self.says.lock().unwrap()
    }

    /// Somebody has proved who they are: gives out a code for an ID token with these claims. Those that are `null` it leaves out.
    pub(crate) fn grant(&self, asked: &reqwest::Url, now: Timestamp, claims: Value) -> String {
        let parameter = |name: &str| {
            asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let mut says = self.says();
        let mut all = json!({
            "iss": self.issuer, "aud": "usher", "sub": "00u1", "nonce": parameter("nonce").unwrap(),
            "iat": now.as_second(), "exp": now.as_second() + 300,
            "email": "ada@example.com", "email_verified": true,
        });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        says.claims = all;
        says.userinfo = json!({"sub": says.claims["sub"]});
        says.signature = Signature::Right;
        says.challenge = parameter("code_challenge").unwrap();
        says.code = format!("code-{}", uuid::Uuid::new_v4());
        says.code.clone()
    }

    /// What the UserInfo endpoint says.
    pub(crate) fn tells(&self, userinfo: Value) {
        self.says().userinfo = userinfo;
    }

    pub(crate) fn signs(&self, signature: Signature) {
        self.says().signature = signature;
    }

    /// From now on its discovery document names another issuer.
    pub(crate) fn calls_itself(&self, issuer: &str) {
        self.says().issuer = issuer.to_owned();
    }
}

async fn discovery(State(says): Shared, headers: HeaderMap) -> Json<Value> {
    let here = format!("http://{}", headers["host"].to_str().unwrap());
    Json(json!({
        "issuer": says.lock().unwrap().issuer,
        // Only a browser goes there, and this one does not exist.
        "authorization_endpoint": "https://idp.example/authorize",
        "end_session_endpoint": "https://idp.example/logout",
        "token_endpoint": format!("{here}/token"),
        "userinfo_endpoint": format!("{here}/userinfo"),
        "jwks_uri": format!("{here}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
}

async fn keys(State(says): Shared) -> Json<Value> {
    Json(json!({ "keys": [says.lock().unwrap().published.jwk("k1")] }))
}

async fn userinfo(State(says): Shared, headers: HeaderMap) -> Response {
    if headers["authorization"] != "Bearer the-access-token" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(says.lock().unwrap().userinfo.clone()).into_response()
}

async fn token(State(says): Shared, headers: HeaderMap, Form(form): Form<Vec<(String, String)>>) -> Response {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let mut says = says.lock().unwrap();
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("usher:{SECRET}")));
    if headers.get("authorization").is_none_or(|given| given != basic.as_str()) {
        return refused("invalid_client");
    }
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, field("code_verifier").as_bytes()));
    let right = !says.code.is_empty() && field("code") == says.code && challenge == says.challenge;
    if !right || field("redirect_uri") != "https://usher.example/sign-in/openid/callback" {
        return refused("invalid_grant");
    }
    // A code is good once.
    says.code.clear();
    let head = json!({"alg": "RS256", "kid": "k1", "typ": "JWT"});
    let id_token = match says.signature {
        Signature::Right => says.published.sign(&head, &says.claims),
        Signature::OtherKey => says.other.sign(&head, &says.claims),
        Signature::None => unsigned(&says.claims),
        Signature::ClientSecret => {
            with_hmac(&json!({"alg": "HS256", "typ": "JWT"}), &says.claims, SECRET.as_bytes())
        }
    };
    Json(json!({
        "access_token": "the-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
    }))
    .into_response()
}
