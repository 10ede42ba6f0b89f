//! Answers.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use usher_domain::ports::{StoreError, StoreResult};
use usher_scim::ScimError;

use crate::request;

/// An answer before it meets HTTP.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Option<Value>,
    headers: Vec<(HeaderName, String)>,
}

impl Reply {
    /// An answer with a body.
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body), headers: Vec::new() }
    }

    /// An answer without one.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, body: None, headers: Vec::new() }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same answer with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// A refusal.
    pub(crate) fn error(error: &ScimError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = Self::json(status, error.body());
        match status {
            // RFC 7644 §2: "the service provider SHALL indicate supported ... schemes via the "WWW-Authenticate" header".
            StatusCode::UNAUTHORIZED => reply.with(header::WWW_AUTHENTICATE, "Bearer realm=\"scim\""),
            StatusCode::SERVICE_UNAVAILABLE => reply.with(header::RETRY_AFTER, "1"),
            _ => reply,
        }
    }

    /// 405, with the methods that the endpoint has.
    pub(crate) fn method_not_allowed(allowed: &'static str) -> Self {
        Self::error(&ScimError::new(405, format!("this endpoint has the methods {allowed}; use one of them")))
            .with(header::ALLOW, allowed)
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Writes the answer. `asked` are the headers of the request.
    pub(crate) fn into_response(self, asked: &HeaderMap, correlation_id: &str) -> Response {
        let body = match &self.body {
            Some(value) => Body::from(value.to_string()),
            None => Body::empty(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.body.is_some() {
            let media = HeaderValue::from_static(request::answer_type(asked));
            headers.insert(header::CONTENT_TYPE, media);
        }
        // Directories change and are private.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let own = (HeaderName::from_static("x-correlation-id"), correlation_id.to_owned());
        for (name, value) in self.headers.into_iter().chain([own]) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Whether a conditional write was done; `false` where somebody else wrote at the same moment, so that it is tried again.
pub(crate) fn written(result: StoreResult<()>) -> Result<bool, ScimError> {
    match result {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(from_store(&error)),
    }
}

/// What a store's failure means to a client. The cause goes to the log, never into the answer.
pub(crate) fn from_store(error: &StoreError) -> ScimError {
    match error {
        StoreError::Taken { .. } => ScimError::uniqueness(error.to_string()),
        StoreError::Missing { .. } => ScimError::new(404, error.to_string()),
        StoreError::Conflict { .. } => ScimError::new(503, error.to_string()),
        StoreError::Unavailable { during, source } => {
            tracing::warn!(during, error = %source, "the store is unavailable");
            ScimError::new(503, "the directory is busy; send the request again in a moment")
        }
        StoreError::Defect { during, source } => {
            tracing::error!(during, error = %source, "the store failed");
            ScimError::new(
                500,
                "the request failed inside Usher; report it with the x-correlation-id of this answer",
            )
        }
    }
}
