//! The app's client, which gets the token of the app itself: OAuth 2.0 as RFC 6749 §4.4 has it, or as Zoom has it for the apps
//! of an account (developers.zoom.us/docs/internal-apps/s2s-oauth).

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::ScimApp;

/// Where the app gives out tokens.
pub const TOKEN_PATH: &str = "/oauth/token";

/// The client's id.
pub const CLIENT: &str = "scim-app-client";

/// Its secret.
pub const CLIENT_SECRET: &str = "scim-app-client-secret";

/// The account that the client belongs to.
pub const ACCOUNT: &str = "scim-app-account";

pub(super) async fn token(State(app): State<Arc<ScimApp>>, headers: HeaderMap, body: Bytes) -> Response {
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != basic.as_bytes()) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let asked = format!("/?{}", String::from_utf8_lossy(&body)).parse().ok();
    let asked = asked.and_then(|uri| Query::<BTreeMap<String, String>>::try_from_uri(&uri).ok());
    let is = |name: &str, value: &str| {
        asked.as_ref().and_then(|form| form.get(name)).is_some_and(|given| given == value)
    };
    if is("grant_type", "client_credentials")
        || is("grant_type", "account_credentials") && is("account_id", ACCOUNT)
    {
        let issued = json!({"access_token": app.token, "token_type": "bearer", "expires_in": 3_600});
        return Json(issued).into_response();
    }
    refused(StatusCode::BAD_REQUEST, "unsupported_grant_type")
}

/// RFC 6749 §5.2.
fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}
