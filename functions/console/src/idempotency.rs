//! Idempotency keys: a write of the admin API that is sent again under the same key is done once, and answered as it was
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! The key is claimed before anything is done and never let go again once it began, so that nothing is done twice: not where
//! the work broke off, and not where its answer was lost.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{OriginalUri, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use usher_domain::{
    idempotency::{KeptAnswer, KeyedRequest},
    ports::{SealedFor, StoreResult},
};

use crate::{App, MAX_BODY, audit::Act, auth, error::Problem};

/// The header that carries the key.
pub(crate) const KEY_HEADER: &str = "idempotency-key";
/// The header of an answer that was given before.
const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
pub(crate) const LONGEST_KEY: usize = 255;
/// Longest answer that is kept, in bytes. What answers more is a change of something large, which may be done again.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Wraps every request to the admin API.
pub(crate) async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let key = match key_of(&parts) {
        Ok(Some(key)) => key,
        Ok(None) => return next.run(Request::from_parts(parts, body)).await,
        Err(problem) => return problem.into_response(),
    };
    // A task of its own: a sender that hangs up must not leave half of it done and the key claimed for nothing.
    let done = tokio::spawn(once(app, key, parts, body, next)).await;
    done.unwrap_or_else(|_| Err(Problem::broken_off())).unwrap_or_else(IntoResponse::into_response)
}

/// Does a request under its key, or answers it as it was answered.
async fn once(
    app: Arc<App>,
    key: String,
    mut parts: Parts,
    body: Body,
    next: Next,
) -> Result<Response, Problem> {
    let caller = auth::prove(&parts, &app).await?;
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| Problem::too_large())?;
    let (workspace, sender) = (caller.workspace.clone(), caller.credential.clone());
    let asked = KeyedRequest::begin(workspace, &sender, &key, &asked(&parts, &body), app.clock.now());
    if let Some(before) = app.store.claim_request(&asked).await? {
        return replay(&app, &asked, before).await;
    }
    let correlation_id = caller.correlation_id.clone();
    let act = parts.extensions.get::<Act>().cloned().unwrap_or_default();
    parts.extensions.insert(caller);
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (response, answered) = whole(response, &correlation_id).await?;
    if let Err(error) = keep(&app, asked, &act, answered).await {
        tracing::error!(correlation_id, %error, "an answer is not kept under its idempotency key");
    }
    Ok(response)
}

/// The key of a request that may change something, as text or, as the draft has it, in quotes.
fn key_of(parts: &Parts) -> Result<Option<String>, Problem> {
    let Some(given) = parts.headers.get(KEY_HEADER).filter(|_| !parts.method.is_safe()) else {
        return Ok(None);
    };
    let text = given.to_str().unwrap_or_default();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let plain = key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if plain && (1..=LONGEST_KEY).contains(&key.len()) {
        return Ok(Some(key.to_owned()));
    }
    let detail = format!("use 1 to {LONGEST_KEY} visible ASCII characters without quotes, such as a UUID");
    Err(Problem::bad_parameter("Idempotency-Key", detail))
}

/// All of what is asked.
fn asked(parts: &Parts, body: &Bytes) -> String {
    // Below a nested router the address has lost its beginning.
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let kind = media_type(&parts.headers).unwrap_or_default();
    format!("{} {uri}\n{kind}\n{}", parts.method, String::from_utf8_lossy(body))
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok().map(str::to_owned)
}

/// An answer as its sender gets it.
struct Answered {
    status: u16,
    media_type: Option<String>,
    body: Bytes,
}

/// The response, and what its sender gets; the body of a problem is made around every request.
async fn whole(response: Response, correlation_id: &str) -> Result<(Response, Answered), Problem> {
    let status = response.status().as_u16();
    if let Some(problem) = response.extensions().get::<Problem>() {
        let body = Bytes::from(problem.to_json(correlation_id));
        let media_type = Some("application/problem+json".to_owned());
        return Ok((response, Answered { status, media_type, body }));
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Problem::broken_off())?;
    let answered = Answered { status, media_type: media_type(&parts.headers), body: body.clone() };
    Ok((Response::from_parts(parts, Body::from(body)), answered))
}

/// Keeps what was answered, where something began.
async fn keep(app: &App, asked: KeyedRequest, act: &Act, answered: Answered) -> StoreResult<()> {
    let Answered { status, media_type, body } = answered;
    if !act.began() || body.len() > LONGEST_ANSWER {
        return app.store.release_request(&asked).await;
    }
    let sealed_body = match body.is_empty() {
        true => None,
        false => {
            let text = String::from_utf8_lossy(&body);
            Some(app.sealer.seal(SealedFor::Answer(&asked.workspace), &text).await?)
        }
    };
    let answer = KeptAnswer { status, media_type, sealed_body };
    app.store.answer_request(&KeyedRequest { answer: Some(answer), ..asked }).await
}

/// Answers as before, if the same was asked.
async fn replay(app: &App, asked: &KeyedRequest, before: KeyedRequest) -> Result<Response, Problem> {
    if before.fingerprint != asked.fingerprint {
        return Err(Problem::key_of_another_request());
    }
    let answer = before.answer.ok_or_else(|| Problem::under_way(before.begun_at))?;
    let body = match &answer.sealed_body {
        None => String::new(),
        Some(sealed) => app.sealer.open(SealedFor::Answer(&asked.workspace), sealed).await?,
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Some(kind) = answer.media_type.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(method: &str, key: &str) -> Result<Option<String>, Problem> {
        let request = http::Request::builder().method(method).header(KEY_HEADER, key).body(()).unwrap();
        key_of(&request.into_parts().0)
    }

    #[test]
    fn a_key_is_taken_with_and_without_quotes_from_what_may_change_something() {
        assert_eq!(given("POST", "8e03978e").unwrap(), Some("8e03978e".into()));
        assert_eq!(given("POST", "\"8e03978e\"").unwrap(), Some("8e03978e".into()));
        assert_eq!(given("GET", "8e03978e").unwrap(), None);
        for bad in ["", "\"\"", "two words", "half\"", &"x".repeat(256)] {
            assert_eq!(given("DELETE", bad).unwrap_err().status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }
}
