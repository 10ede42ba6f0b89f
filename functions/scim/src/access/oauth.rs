//! The token endpoint: OAuth 2.0 client credentials (RFC 6749 §4.4), and the metadata that leads there (RFC 8414).
//!
//! It lives at `<base URL>/oauth/token`. No resource type can have the endpoint `/oauth`: the name is reserved where custom
//! types are registered.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use axum::response::Response;
use jiff::SignedDuration;
use serde_json::{Value, json};
use usher_domain::oauth::{ACCESS_TOKEN_SECONDS, AccessToken, access_token_text};
use usher_domain::ports::StoreError;
use usher_domain::token::IssuedToken;

use super::client;
use crate::App;
use crate::{auth, reply, route::PREFIX};

/// Where RFC 8414 §3 puts the metadata of an issuer whose URL has a path: before that path.
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
/// The only scope there is (IPSIE names it).
const SCOPE: &str = "scim";
/// The longest body of a token request.
const BODY_LIMIT: usize = 32 * 1024;

/// A path of this module, with the connection's id as written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Endpoint<'a> {
    Token(&'a str),
    Metadata(&'a str),
}

impl<'a> Endpoint<'a> {
    /// Reads a path.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        if let Some(issuer) = path.strip_prefix(WELL_KNOWN) {
            let connection = issuer.strip_prefix(PREFIX)?.trim_matches('/');
            return (!connection.is_empty() && !connection.contains('/'))
                .then_some(Self::Metadata(connection));
        }
        let mut segments = path.strip_prefix(PREFIX)?.split('/').filter(|s| !s.is_empty());
        let connection = segments.next()?;
        match (segments.next(), segments.next(), segments.next()) {
            (Some("oauth"), Some("token"), None) => Some(Self::Token(connection)),
            (Some(".well-known"), Some("oauth-authorization-server"), None) => {
                Some(Self::Metadata(connection))
            }
            _ => None,
        }
    }
}

/// A refusal in the form of RFC 6749 §5.2. The description is for the person who set the client up.
#[derive(Debug)]
pub(crate) struct OauthError {
    status: StatusCode,
    code: &'static str,
    description: String,
    retry_after: Option<String>,
}

impl OauthError {
    fn new(status: StatusCode, code: &'static str, description: impl Into<String>) -> Self {
        Self { status, code, description: description.into(), retry_after: None }
    }

    /// `invalid_request`.
    pub(crate) fn request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// `invalid_client`.
    pub(crate) fn client(description: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    /// 503: the same request may succeed later.
    pub(crate) fn unavailable(description: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description);
        Self { retry_after: Some("1".to_owned()), ..error }
    }

    /// A failure of the store.
    pub(crate) fn store(error: &StoreError) -> Self {
        let said = reply::from_store(error);
        match said.status {
            500 => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", said.detail),
            // The client was revoked between its proof and its token.
            404 => Self::client(said.detail),
            _ => Self::unavailable(said.detail),
        }
    }

    fn into_response(self) -> Response {
        let mut response =
            answer(self.status, &json!({"error": self.code, "error_description": self.description}));
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 6749 §5.2: the server "MUST respond with an HTTP 401 (Unauthorized) status code and include the
            // "WWW-Authenticate" response header field matching the authentication scheme used by the client."
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"scim\""));
        }
        if let Some(Ok(wait)) = self.retry_after.map(|wait| HeaderValue::from_str(&wait)) {
            headers.insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

/// RFC 6749 §5.1: the server "MUST include the HTTP "Cache-Control" response header field with a value of "no-store" in any
/// response containing tokens, credentials, or other sensitive information, as well as the "Pragma" response header field
/// with a value of "no-cache"."
fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Answers a request to one of this module's paths.
pub(crate) async fn handle(
    app: &App,
    endpoint: Endpoint<'_>,
    parts: &Parts,
    body: Body,
    correlation_id: &str,
) -> Response {
    let allowed = match endpoint {
        Endpoint::Token(_) => Method::POST,
        Endpoint::Metadata(_) => Method::GET,
    };
    let answered = if parts.method == allowed {
        match endpoint {
            Endpoint::Token(connection) => issue(app, connection, &parts.headers, body).await,
            Endpoint::Metadata(connection) => metadata(app, connection).await,
        }
    } else {
        let what = format!("this endpoint has the method {allowed}; use it");
        Err(OauthError::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", what))
    };
    let mut response = answered.unwrap_or_else(OauthError::into_response);
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(
            header::ALLOW,
            HeaderValue::from_static(match allowed {
                Method::POST => "POST",
                _ => "GET",
            }),
        );
    }
    if let Ok(value) = HeaderValue::from_str(correlation_id) {
        response.headers_mut().insert(HeaderName::from_static("x-correlation-id"), value);
    }
    tracing::info!(correlation_id, status = response.status().as_u16(), "answered an OAuth request");
    response
}

/// The URLs of a connection's authorization server: its issuer, and its token endpoint.
fn urls(app: &App, connection: &str) -> (String, String) {
    let issuer = format!("{}{PREFIX}/{connection}", app.origin);
    let token = format!("{issuer}/oauth/token");
    (issuer, token)
}

async fn issue(app: &App, id: &str, headers: &HeaderMap, body: Body) -> Result<Response, OauthError> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OauthError::request("send the parameters as application/x-www-form-urlencoded"));
    }
    let body = axum::body::to_bytes(body, BODY_LIMIT).await;
    let body =
        body.map_err(|_| OauthError::request("the body is longer than 32 KiB; send the parameters only"))?;
    let parameters = client::parameters(&body)?;
    let known = auth::known(app, id).await;
    let known = known.map_err(|e| OauthError::unavailable(e.detail))?;
    // An unknown connection is answered like an unknown client, so that nobody can find out which ones exist.
    let known = known
        .ok_or_else(|| OauthError::client("the client or its secret is wrong or revoked; check both"))?;
    let connection = &known.connection;
    let (issuer, token_endpoint) = urls(app, connection.id.as_str());
    let client =
        client::authenticated(app, connection, &[&token_endpoint, &issuer], headers, &parameters).await?;
    match parameters.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => {
            let what = "only client_credentials is offered";
            return Err(OauthError::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", what));
        }
        None => return Err(OauthError::request("grant_type is missing; send client_credentials")),
    }
    if parameters.get("scope").is_some_and(|scope| scope.split(' ').any(|s| !s.is_empty() && s != SCOPE)) {
        let what = "the only scope is 'scim'; ask for it, or for none";
        return Err(OauthError::new(StatusCode::BAD_REQUEST, "invalid_scope", what));
    }
    let now = app.clock.now();
    if let Some(suspension) = &known.tenancy.suspension {
        return Err(OauthError::new(StatusCode::FORBIDDEN, "unauthorized_client", suspension.told()));
    }
    if let Err(refusal) = app.buckets.admit(&known, now) {
        let error =
            OauthError::new(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", refusal.error().detail);
        return Err(OauthError { retry_after: Some(refusal.retry_after()), ..error });
    }
    let text = access_token_text(&client.id, app.ids.secret());
    let end = now + SignedDuration::from_secs(ACCESS_TOKEN_SECONDS);
    let token = AccessToken { client: client.id, token: IssuedToken::issue(&text, now, Some(end)) };
    app.grants.put_access_token(&connection.id, &token).await.map_err(|e| OauthError::store(&e))?;
    Ok(answer(
        StatusCode::OK,
        &json!({
            "access_token": text,
            "token_type": "Bearer",
            "expires_in": ACCESS_TOKEN_SECONDS,
            "scope": SCOPE,
        }),
    ))
}

/// RFC 8414 §2.
async fn metadata(app: &App, id: &str) -> Result<Response, OauthError> {
    let known = auth::known(app, id).await;
    let Some(known) = known.map_err(|e| OauthError::unavailable(e.detail))? else {
        let what = "there is no such connection; check the URL";
        return Err(OauthError::new(StatusCode::NOT_FOUND, "invalid_request", what));
    };
    let (issuer, token_endpoint) = urls(app, known.connection.id.as_str());
    let algorithms = client::ALGORITHMS.map(|(_, name)| name);
    Ok(answer(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "token_endpoint": token_endpoint,
            "token_endpoint_auth_methods_supported":
                ["client_secret_basic", "client_secret_post", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "grant_types_supported": ["client_credentials"],
            // Required, and there is no authorization endpoint.
            "response_types_supported": [],
            "scopes_supported": [SCOPE],
        }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_authorization_server() {
        let token = Some(Endpoint::Token("main.okta"));
        assert_eq!(Endpoint::of("/scim/v2/main.okta/oauth/token"), token);
        assert_eq!(Endpoint::of("/scim/v2//main.okta/oauth/token/"), token);
        let metadata = Some(Endpoint::Metadata("main.okta"));
        for path in [
            "/scim/v2/main.okta/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/scim/v2/main.okta",
        ] {
            assert_eq!(Endpoint::of(path), metadata, "{path}");
        }
        for other in [
            "/scim/v2/main.okta/oauth",
            "/scim/v2/main.okta/OAuth/token",
            "/scim/v2/main.okta/oauth/token/1",
            "/scim/v2/main.okta/Users/token",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/scim/v2/",
            "/.well-known/oauth-authorization-server/scim/v2/a/b",
        ] {
            assert_eq!(Endpoint::of(other), None, "{other}");
        }
    }
}
