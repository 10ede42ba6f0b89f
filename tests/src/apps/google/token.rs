//! Access tokens: for a refresh token, or for what a service account signed.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use super::{
    super::{
        business::{BusinessApp, Redeemed},
        signed,
    },
    ACCESS_TOKEN, SERVICE_ACCOUNT, SERVICE_KEY,
    answers::{Answer, INVALID, UNAUTHENTICATED},
};

/// `31415.apps.googleusercontent.com:GOCSPX-client-secret`, worked out elsewhere.
const BASIC: &str = "Basic MzE0MTUuYXBwcy5nb29nbGV1c2VyY29udGVudC5jb206R09DU1BYLWNsaWVudC1zZWNyZXQ=";
const SCOPES: &str = "https://www.googleapis.com/auth/adwords \
    https://www.googleapis.com/auth/tagmanager.manage.users https://www.googleapis.com/auth/tagmanager.readonly \
    https://www.googleapis.com/auth/analytics.manage.users https://www.googleapis.com/auth/analytics.readonly";

pub(super) fn routes() -> Router<Arc<BusinessApp>> {
    Router::new().route("/token", post(token))
}

async fn token(State(app): State<Arc<BusinessApp>>, headers: HeaderMap, body: Bytes) -> Answer {
    let uri = format!("/?{}", String::from_utf8_lossy(&body)).parse().map_err(|_| INVALID)?;
    let form: Query<BTreeMap<String, String>> = Query::try_from_uri(&uri).map_err(|_| INVALID)?;
    let given = |name: &str| form.get(name).map(String::as_str);
    let mut answer = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3599});
    match given("grant_type") {
        Some("refresh_token") => {
            let known =
                headers.get("authorization").is_some_and(|given| given.as_bytes() == BASIC.as_bytes());
            let token = given("refresh_token").filter(|_| known).ok_or(INVALID)?;
            match app.change(|account| account.consent.redeem(token)) {
                Redeemed::Refused => return Err(INVALID),
                Redeemed::Kept => {}
                Redeemed::ReplacedBy(next) => answer["refresh_token"] = next.into(),
            }
            answer["scope"] = SCOPES.into();
        }
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
            let claims = given("assertion").and_then(|token| signed::claims(token, SERVICE_KEY, 3600));
            let fits = claims.is_some_and(|claims| {
                claims["iss"] == SERVICE_ACCOUNT
                    && claims["aud"] == "https://oauth2.googleapis.com/token"
                    && claims["scope"]
                        .as_str()
                        .is_some_and(|asked| asked.split(' ').all(|it| SCOPES.contains(it)))
            });
            if !fits {
                return Err(INVALID);
            }
        }
        _ => return Err(INVALID),
    }
    Ok(Json(answer))
}

/// Lets whoever has a token through to the APIs.
pub(super) async fn authentic(request: Request, next: Next) -> Response {
    let expected = format!("Bearer {ACCESS_TOKEN}");
    match request.headers().get("authorization") {
        Some(given) if given.as_bytes() == expected.as_bytes() => next.run(request).await,
        _ => UNAUTHENTICATED.into_response(),
    }
}
