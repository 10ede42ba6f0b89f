//! SCIM errors (RFC 7644 §3.12).

use std::fmt::Display;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

pub(super) type Answer<T> = Result<T, ScimError>;

#[derive(Debug)]
pub(super) struct ScimError {
    status: StatusCode,
    scim_type: Option<&'static str>,
    detail: String,
}

impl ScimError {
    pub(super) fn bad(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, scim_type: Some(scim_type), detail: detail.into() }
    }

    pub(super) fn status(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    pub(super) fn unknown(id: &str) -> Self {
        Self::status(StatusCode::NOT_FOUND, format!("Resource {id} not found."))
    }

    pub(super) fn taken(user_name: &str) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            scim_type: Some("uniqueness"),
            detail: format!("userName {user_name} is already in use."),
        }
    }

    pub(super) fn internal(cause: &impl Display) -> Self {
        Self::status(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The app could not store the change: {cause}"),
        )
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_u16().to_string(),
            "detail": self.detail,
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.into();
        }
        scim_json(self.status, &body)
    }
}

/// A response with SCIM's own media type.
pub(super) fn scim_json(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    response
}
