//! Why a connector did not do what it was asked: a closed set of classes, each with one action.

use std::time::Duration;

/// What a connector answers.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it was. Found by the app's own code first, its HTTP status second, never by text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The app has it already: the account, the invitation, the grant.
    AlreadyExists,
    /// The person, role, group or asset that the step is about is not there.
    NotFound,
    /// All seats are taken.
    SeatLimit,
    /// The app takes no more invitations for now.
    PendingLimit,
    /// It can be done once the person has accepted the invitation.
    NotAcceptedYet,
    /// The invitation was declined, or ended more often than it is sent again.
    InvitationOver,
    /// The app cannot be told who the person is until they link their account.
    IdentityUnlinked,
    /// The app's or Usher's rules forbid it.
    PolicyDenied,
    /// Too many calls.
    RateLimited {
        /// How long the app asks to wait.
        after: Option<Duration>,
    },
    /// The credentials ran out.
    AuthExpired,
    /// The credentials were withdrawn or never were good.
    AuthRevoked,
    /// The credentials are good, but not for this.
    ScopeMissing,
    /// The app did not understand the request, or Usher its answer: a wrong setting, or a defect.
    Invalid,
    /// Somebody changed it at the same moment.
    Conflict,
    /// It passes by itself, and nothing was done.
    Transient {
        /// How long the app asks to wait.
        after: Option<Duration>,
    },
    /// The request was sent and the answer did not come: it was done or it was not.
    Ambiguous,
}

impl Class {
    /// Every class, once.
    pub const ALL: [Self; 16] = [
        Self::AlreadyExists,
        Self::NotFound,
        Self::SeatLimit,
        Self::PendingLimit,
        Self::NotAcceptedYet,
        Self::InvitationOver,
        Self::IdentityUnlinked,
        Self::PolicyDenied,
        Self::RateLimited { after: None },
        Self::AuthExpired,
        Self::AuthRevoked,
        Self::ScopeMissing,
        Self::Invalid,
        Self::Conflict,
        Self::Transient { after: None },
        Self::Ambiguous,
    ];

    /// The name in rows and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::AlreadyExists => "already_exists",
            Self::NotFound => "not_found",
            Self::SeatLimit => "seat_limit",
            Self::PendingLimit => "pending_limit",
            Self::NotAcceptedYet => "not_accepted_yet",
            Self::InvitationOver => "invitation_over",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::PolicyDenied => "policy_denied",
            Self::RateLimited { .. } => "rate_limited",
            Self::AuthExpired => "auth_expired",
            Self::AuthRevoked => "auth_revoked",
            Self::ScopeMissing => "scope_missing",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Transient { .. } => "transient",
            Self::Ambiguous => "ambiguous",
        }
    }

    /// How long the app asks to wait, where it said so.
    pub fn after(self) -> Option<Duration> {
        match self {
            Self::RateLimited { after } | Self::Transient { after } => after,
            _ => None,
        }
    }
}

/// A failure of one operation of a connector.
///
/// The message says what happened, to what, and what to do next. It is shown to admins and written to logs:
/// it never holds a secret, a body of the app's, or who the person is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    class: Class,
    message: String,
}

impl Error {
    /// A failure of this class.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, message: message.into() }
    }

    /// A failure that passes by itself.
    pub fn transient(message: impl Into<String>) -> Self {
        Self::new(Class::Transient { after: None }, message)
    }

    /// A wrong setting, or an answer that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Class::Invalid, message)
    }

    /// What kind of failure it was.
    pub fn class(&self) -> Class {
        self.class
    }

    /// What happened, to what, and what to do next.
    pub fn message(&self) -> &str {
        &self.message
    }
}
