//! Problems: what callers are told when something did not work (RFC 9457), and what only the log is told.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use usher_domain::{
    Timestamp,
    ports::StoreError,
    tenancy::{Suspension, UsedUp},
};
use utoipa::ToSchema;

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON Pointer into the body, or the name of a parameter.
    #[schema(example = "/grace_seconds")]
    pub field: String,
    /// What is wrong with it, and what it should be.
    pub detail: String,
}

/// A problem, as RFC 9457 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable word for programs: the end of the problem's `type`.
    pub code: &'static str,
    /// What kind of problem this is.
    pub title: &'static str,
    /// What happened, to what, and what to do next.
    pub detail: String,
    /// The parts of the request that are wrong.
    pub errors: Vec<FieldError>,
    /// The cause, for the log only.
    cause: Option<String>,
}

/// A problem on the wire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// What kind of problem this is: `urn:usher:problem:` and a stable word.
    #[serde(rename = "type")]
    #[schema(example = "urn:usher:problem:not-found")]
    kind: String,
    /// The same for people.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What happened, to what, and what to do next.
    detail: &'a str,
    /// The parts of the request that are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// Names this request in the logs.
    correlation_id: &'a str,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), errors: Vec::new(), cause: None }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood", detail)
    }

    /// 400: a parameter is not as it should be.
    pub fn bad_parameter(field: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError { field: field.to_owned(), detail: detail.clone() };
        Self { errors: vec![error], ..Self::bad_request(format!("`{field}`: {detail}")) }
    }

    /// 401: nobody we know.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Not signed in", detail)
    }

    /// 403: not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 403: the identity provider says who somebody is, and that is not enough.
    pub fn not_signed_in(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-signed-in", "You are not signed in", detail)
    }

    /// 403: the workspace is suspended.
    pub fn suspended(suspension: &Suspension) -> Self {
        Self::new(StatusCode::FORBIDDEN, "suspended", "The workspace is suspended", suspension.told())
    }

    /// 403: the workspace has as much as it may.
    pub fn quota(used_up: &UsedUp) -> Self {
        Self::new(StatusCode::FORBIDDEN, "quota", "The workspace's quota is used up", used_up.to_string())
    }

    /// 429: too often.
    pub fn too_often(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many attempts", detail)
    }

    /// 424: the identity provider did not do its part. No failure of ours: whoever signs in could raise alarms with it.
    pub fn identity_provider(detail: impl Into<String>) -> Self {
        let title = "The identity provider did not answer as it should";
        Self::new(StatusCode::FAILED_DEPENDENCY, "identity-provider", title, detail)
    }

    /// 404: `what` is not there, or belongs to somebody else; callers cannot tell which.
    pub fn not_found(what: &str) -> Self {
        let detail = format!("{what} does not exist in this workspace; check its id");
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// The same problem, about `what` where it is 404: somebody without a role in a hub does not learn what is in it.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        if self.status == StatusCode::NOT_FOUND { Self::not_found(what) } else { self }
    }

    /// 404: no such address.
    pub fn no_route() -> Self {
        let detail = "there is nothing at this address; the document at /api/openapi.json lists all of them";
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 405: the address is right, the method is not.
    pub fn method_not_allowed() -> Self {
        let detail = "this address does not take this method; the `Allow` header lists those that it takes";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", detail)
    }

    /// 409: the thing is not in the right state for this.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "Conflict", detail)
    }

    /// 409: the same request came before and was not answered.
    pub fn under_way(begun_at: Timestamp) -> Self {
        let detail = format!(
            "a request with this idempotency key began at {begun_at} and is not answered yet; where it is not within a minute, \
             it broke off: look what of it was done, and send the rest under another key"
        );
        Self::new(StatusCode::CONFLICT, "idempotency-key-in-use", "The same request is being done", detail)
    }

    /// 422: the idempotency key was used for something else.
    pub fn key_of_another_request() -> Self {
        let detail = "this idempotency key was used for a request with another method, address or body within the last \
                      24 hours; send this one under a key of its own";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "idempotency-key-reused", "The key belongs to another request", detail)
    }

    /// 500: it ended in the middle.
    pub fn broken_off() -> Self {
        let detail = "the request broke off; look what of it was done, and report this as a defect with the correlation id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", "Something went wrong", detail)
    }

    /// 413: the body is too large.
    pub fn too_large() -> Self {
        let detail = format!("the body is larger than {} kB; send less", crate::MAX_BODY / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail)
    }

    /// 413: something in the body is larger than can be stored.
    pub fn too_much(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail)
    }

    /// 400: a schema or resource type cannot work. The detail names it.
    pub fn schema(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = FieldError { field: field.into(), detail: detail.into() };
        let said = error.detail.clone();
        let problem = Self::new(StatusCode::BAD_REQUEST, "schema", "The schema cannot work", said);
        Self { errors: vec![error], ..problem }
    }

    /// 415: the body is not JSON.
    pub fn not_json() -> Self {
        let detail = "the body is not announced as JSON; send `Content-Type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "Unsupported media type", detail)
    }

    /// 422: one field is not as it should be.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = FieldError { field: field.into(), detail: detail.into() };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let detail = format!("`{}`: {}", error.field, error.detail);
        Self { errors: vec![error], ..Self::new(status, "invalid", "Invalid content", detail) }
    }

    /// The cause, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The problem as JSON.
    pub(crate) fn to_json(&self, correlation_id: &str) -> Vec<u8> {
        let body = ProblemBody {
            kind: format!("urn:usher:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            correlation_id,
        };
        // A struct of strings and numbers always has a JSON form.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let said = error.to_string();
        match &error {
            StoreError::Conflict { .. } => Self::conflict(said),
            StoreError::Taken { .. } => Self::conflict(said),
            StoreError::Missing { what } => Self::not_found(what),
            StoreError::Unavailable { during, source } => Self {
                cause: Some(format!("{during}: {}", chain(source.as_ref()))),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "Unavailable",
                    "the store did not answer, and nothing was changed that was not already confirmed; \
                     try again in a moment",
                )
            },
            StoreError::Defect { during, source } => Self {
                cause: Some(format!("{during}: {}", chain(source.as_ref()))),
                ..Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "defect",
                    "Something went wrong",
                    "this is a defect in Usher; report it with the correlation id",
                )
            },
        }
    }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        said.push_str(": ");
        said.push_str(&cause.to_string());
        source = cause.source();
    }
    said
}

/// The status, and the problem itself for the code around every request, which knows whether the caller
/// reads JSON or a page.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"usher\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_field_and_the_request() {
        let problem = Problem::invalid("/grace_seconds", "use 0 to 86400");
        let body: serde_json::Value = serde_json::from_slice(&problem.to_json("c-1")).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "urn:usher:problem:invalid",
                "title": "Invalid content",
                "status": 422,
                "detail": "`/grace_seconds`: use 0 to 86400",
                "errors": [{"field": "/grace_seconds", "detail": "use 0 to 86400"}],
                "correlation_id": "c-1",
            })
        );
    }

    #[test]
    fn causes_are_for_the_log_only() {
        let source = Box::new(std::io::Error::other("10.0.0.7 refused"));
        let problem = Problem::from(StoreError::Unavailable { during: "reading jobs", source });
        assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(problem.cause(), Some("reading jobs: 10.0.0.7 refused"));
        assert!(!String::from_utf8(problem.to_json("c")).unwrap().contains("10.0.0.7"));
    }

    #[test]
    fn every_store_error_has_its_status() {
        let status = |error| Problem::from(error).status;
        assert_eq!(status(StoreError::Conflict { what: "the job" }), StatusCode::CONFLICT);
        assert_eq!(status(StoreError::Taken { attribute: "id".into() }), StatusCode::CONFLICT);
        assert_eq!(status(StoreError::Missing { what: "the share" }), StatusCode::NOT_FOUND);
        let source = Box::new(std::io::Error::other("x"));
        let defect = StoreError::Defect { during: "reading", source };
        assert_eq!(status(defect), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
