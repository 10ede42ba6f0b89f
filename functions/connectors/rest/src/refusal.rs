//! What refusals mean, as a document says.

use schemars::JsonSchema;
use serde::Deserialize;
use usher_connector::Class;

use crate::document::Condition;

/// What an answer means. Everything that is given has to fit.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// The HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// A code of the app's, never a text for people. Also looked for in answers that say success.
    #[serde(default)]
    pub when: Option<Condition>,
    /// What it is.
    pub class: ClassName,
}

/// The classes of docs/CONNECTOR-CONTRACT.md that a document can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the class of the same name")]
pub enum ClassName {
    AlreadyExists,
    NotFound,
    SeatLimit,
    PendingLimit,
    NotAcceptedYet,
    PolicyDenied,
    RateLimited,
    AuthExpired,
    AuthRevoked,
    ScopeMissing,
    Invalid,
    Conflict,
    Transient,
}

impl ClassName {
    /// The class; `after` is what the answer asks for in `Retry-After`.
    pub(crate) fn class(self, after: Option<std::time::Duration>) -> Class {
        match self {
            Self::AlreadyExists => Class::AlreadyExists,
            Self::NotFound => Class::NotFound,
            Self::SeatLimit => Class::SeatLimit,
            Self::PendingLimit => Class::PendingLimit,
            Self::NotAcceptedYet => Class::NotAcceptedYet,
            Self::PolicyDenied => Class::PolicyDenied,
            Self::RateLimited => Class::RateLimited { after },
            Self::AuthExpired => Class::AuthExpired,
            Self::AuthRevoked => Class::AuthRevoked,
            Self::ScopeMissing => Class::ScopeMissing,
            Self::Invalid => Class::Invalid,
            Self::Conflict => Class::Conflict,
            Self::Transient => Class::Transient { after },
        }
    }
}
