//! One request and its answer, and what it means when there is none.

use std::{borrow::Cow, fmt, time::Duration};

use reqwest::header::HeaderMap;
use serde_json::Value;
use usher_domain::Timestamp;

use super::reach;
use crate::error::{Class, Error, Result};

/// A method, and with it whether the app may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes something.
    Post,
    /// Replaces something.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
}

impl Method {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the app may change.
    pub fn writes(self) -> bool {
        self != Self::Get
    }
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

/// What is sent.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// `application/x-www-form-urlencoded`, values not yet encoded.
    Form(Vec<(Cow<'static, str>, String)>),
}

/// A request below an app's base URL.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// What it does, for messages: "creating the account". Says nothing about who the person is.
    pub doing: &'static str,
    /// The method.
    pub method: Method,
    /// Whether the app may change.
    pub writes: bool,
    /// The path's segments, not yet encoded.
    pub path: Vec<String>,
    /// Whether the path ends with a slash.
    pub trailing_slash: bool,
    /// The query, values not yet encoded.
    pub query: Vec<(Cow<'static, str>, String)>,
    /// What is sent.
    pub body: Option<Body>,
    /// What is accepted, and what JSON is sent as.
    pub media_type: &'static str,
}

impl fmt::Debug for Request {
    /// Without path values, query and body: they tell who the person is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.method.name(), self.doing)
    }
}

impl Request {
    /// A request.
    pub fn new<S: Into<String>>(
        method: Method,
        doing: &'static str,
        path: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            doing,
            method,
            writes: method.writes(),
            path: path.into_iter().map(Into::into).collect(),
            trailing_slash: false,
            query: Vec::new(),
            body: None,
            media_type: "application/json",
        }
    }

    /// A read.
    pub fn get<S: Into<String>>(doing: &'static str, path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Get, doing, path)
    }

    /// A question that is too long for a URL: a `POST` that changes nothing.
    pub fn ask<S: Into<String>>(doing: &'static str, path: impl IntoIterator<Item = S>) -> Self {
        Self { writes: false, ..Self::new(Method::Post, doing, path) }
    }

    /// A removal.
    pub fn delete<S: Into<String>>(doing: &'static str, path: impl IntoIterator<Item = S>) -> Self {
        Self::new(Method::Delete, doing, path)
    }

    /// Ends the path with a slash.
    #[must_use]
    pub fn trailing_slash(self) -> Self {
        Self { trailing_slash: true, ..self }
    }

    /// Adds to the query.
    #[must_use]
    pub fn query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends a JSON body.
    #[must_use]
    pub fn body(self, body: Value) -> Self {
        Self { body: Some(Body::Json(body)), ..self }
    }

    /// Sends a form.
    #[must_use]
    pub fn form<N: Into<Cow<'static, str>>>(self, fields: impl IntoIterator<Item = (N, String)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self { body: Some(Body::Form(fields)), ..self }
    }

    /// Sends and accepts this media type.
    #[must_use]
    pub fn media_type(self, media_type: &'static str) -> Self {
        Self { media_type, ..self }
    }

    /// What it means that no answer came.
    pub(super) fn not_answered(&self, error: &reqwest::Error) -> Error {
        let doing = self.doing;
        if let Some(forbidden) = reach::forbidden(error) {
            return forbidden;
        }
        if error.is_builder() {
            return Error::invalid(format!("{doing}: the request could not be built; check the settings"));
        }
        if error.is_connect() {
            return Error::transient(format!(
                "{doing}: no connection to the app; if this stays, check `base_url` and the app's status page"
            ));
        }
        let why = if error.is_timeout() { "did not answer in time" } else { "cut the connection" };
        self.unknown(&format!("the app {why}"))
    }

    /// What it means that an answer began and could not be read to its end.
    pub(super) fn cut(&self, cut: Cut) -> Error {
        match cut {
            Cut::Connection => self.unknown("the app cut its answer short"),
            Cut::TooLarge if self.writes => self.unknown("the app's answer is too large"),
            Cut::TooLarge => Error::invalid(format!(
                "{}: the app's answer is too large to be read safely; lower the page size",
                self.doing
            )),
        }
    }

    fn unknown(&self, what: &str) -> Error {
        let doing = self.doing;
        if self.writes {
            let next =
                "it is not known whether it was done, the app is looked at before anything is sent again";
            Error::new(Class::Ambiguous, format!("{doing}: {what}; {next}"))
        } else {
            Error::transient(format!("{doing}: {what}; it is tried again"))
        }
    }
}

/// Why an answer could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Connection,
    TooLarge,
}

/// Reads an answer's body, up to `limit` bytes.
pub(super) async fn read(mut answer: reqwest::Response, limit: usize) -> std::result::Result<Vec<u8>, Cut> {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(Cut::TooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(_) => return Err(Cut::Connection),
        }
    }
}

/// An app's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Its HTTP status.
    pub status: u16,
    /// How long the app asks to wait.
    pub retry_after: Option<Duration>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl fmt::Debug for Response {
    /// Without the body: apps put secrets and people into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// Whether the status is a success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// When the app says that it answered, by its own clock (RFC 9110 §6.6.1, `Date`).
    pub fn sent_at(&self) -> Option<Timestamp> {
        let date = self.header("date")?;
        Some(jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(date).ok()?.timestamp())
    }

    /// The body as JSON; `None` when it is empty or something else.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The class of a failure by its status alone, for where the app gave no code of its own. What 400, 403,
    /// 404 and 409 mean depends on the call: a connector that knows better looks first.
    pub fn class(&self, method: Method) -> Class {
        let after = self.retry_after;
        match self.status {
            401 => Class::AuthRevoked,
            402 => Class::SeatLimit,
            403 if method.writes() => Class::PolicyDenied,
            403 => Class::ScopeMissing,
            404 | 410 => Class::NotFound,
            409 if method == Method::Post => Class::AlreadyExists,
            409 | 412 | 423 => Class::Conflict,
            429 => Class::RateLimited { after },
            // A gateway gave up on an app that may still be working.
            502 | 504 if method.writes() => Class::Ambiguous,
            501 | 505 => Class::Invalid,
            408 | 425 | 500.. => Class::Transient { after },
            _ => Class::Invalid,
        }
    }

    /// The body as JSON of a read that succeeded.
    ///
    /// # Errors
    /// `Transient` when it is not JSON: a proxy's page, or cut short.
    pub fn expect_json(&self, doing: &str) -> Result<Value> {
        self.json().ok_or_else(|| {
            Error::transient(format!(
                "{doing}: the app's answer is not JSON; if this stays, check that `base_url` is its API"
            ))
        })
    }
}
