//! SCIM errors: a status, a `scimType` where RFC 7644 §3.12 has one, and a sentence for a person.

use serde_json::{Value, json};

use crate::urn;

/// The `scimType` keywords of RFC 7644 §3.12, table 9, and RFC 9865 §2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScimType {
    /// The filter is malformed, or asks for something that is not offered.
    InvalidFilter,
    /// The filter yields more results than the server is willing to return.
    TooMany,
    /// A value that must be unique is in use.
    Uniqueness,
    /// The change is not compatible with the mutability of the attribute.
    Mutability,
    /// The body is not the JSON that the request calls for.
    InvalidSyntax,
    /// The `path` is malformed or names nothing in the schema.
    InvalidPath,
    /// The `path` selects nothing that could be operated on.
    NoTarget,
    /// A required value is missing, or a value does not fit the attribute.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request would put personal data into a URI.
    Sensitive,
    /// The cursor was not issued for this question (RFC 9865 §2.1).
    InvalidCursor,
    /// The cursor was issued too long ago (RFC 9865 §2.1).
    ExpiredCursor,
    /// The page size is not one that can be served (RFC 9865 §2.1).
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands in an error body.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A refusal, ready to be sent. The detail names attributes and limits, never the values a client sent:
/// those are personal data, and answers end up in logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail} (SCIM status {status})")]
pub struct ScimError {
    /// HTTP status code.
    pub status: u16,
    /// The keyword of RFC 7644 §3.12, where one fits.
    pub scim_type: Option<ScimType>,
    /// What happened, to what, and what to do next.
    pub detail: String,
}

macro_rules! bad_request {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(detail: impl Into<String>) -> Self {
            Self { status: 400, scim_type: Some(ScimType::$kind), detail: detail.into() }
        })*
    };
}

impl ScimError {
    /// An error without a `scimType`.
    #[must_use]
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    bad_request! {
        /// 400 `invalidFilter`.
        invalid_filter => InvalidFilter;
        /// 400 `tooMany`.
        too_many => TooMany;
        /// 400 `mutability`.
        mutability => Mutability;
        /// 400 `invalidSyntax`.
        invalid_syntax => InvalidSyntax;
        /// 400 `invalidPath`.
        invalid_path => InvalidPath;
        /// 400 `noTarget`.
        no_target => NoTarget;
        /// 400 `invalidValue`.
        invalid_value => InvalidValue;
        /// 400 `sensitive`.
        sensitive => Sensitive;
        /// 400 `invalidCursor`.
        invalid_cursor => InvalidCursor;
        /// 400 `expiredCursor`.
        expired_cursor => ExpiredCursor;
        /// 400 `invalidCount`.
        invalid_count => InvalidCount;
    }

    /// 409 `uniqueness`.
    #[must_use]
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self { status: 409, scim_type: Some(ScimType::Uniqueness), detail: detail.into() }
    }

    /// The body of RFC 7644 §3.12. "status: The HTTP status code ... expressed as a JSON string."
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": [urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let Some(kind) = self.scim_type {
            body["scimType"] = Value::from(kind.keyword());
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_a_string_and_scim_type_only_where_set() {
        assert_eq!(
            ScimError::no_target("nothing there").body(),
            json!({"schemas": [urn::ERROR], "status": "400", "scimType": "noTarget", "detail": "nothing there"})
        );
        assert_eq!(ScimError::new(404, "gone").body().get("scimType"), None);
    }
}
