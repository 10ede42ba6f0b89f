//! The web, for protocols in which Usher asks somebody's server.

use async_trait::async_trait;

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct WebRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values, those that are text.
    pub headers: Vec<(String, String)>,
    /// What came.
    pub body: Vec<u8>,
}

/// Asks servers whose addresses an admin wrote. Bounded in time, size and reach by whoever implements it; redirects are not
/// followed.
#[async_trait]
pub trait Web: Send + Sync {
    /// Sends a request.
    ///
    /// # Errors
    /// When no answer came; the text says why, and holds no secret.
    async fn send(&self, request: WebRequest) -> Result<WebAnswer, WebUnavailable>;

    /// Whether an address is one that requests may go to, as far as it can be told without asking anybody.
    ///
    /// # Errors
    /// When it is not; the text says what to enter.
    fn check(&self, url: &str) -> Result<(), WebUnavailable>;
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WebUnavailable(pub String);
