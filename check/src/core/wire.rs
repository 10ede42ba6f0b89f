//! Requests, and the client that sends them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::Value;

use super::{
    Exchange, Target,
    exchange::{Sent, trimmed},
};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How much of an answer is read; a page of a large directory fits.
const MAX_BODY: usize = 32 << 20;
/// How often a request that was told to wait is sent again.
const WAITS: usize = 4;

/// A request, by default with the token, asking for and sending `application/scim+json`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    authorization: Authorization,
    headers: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
enum Authorization {
    Bearer,
    Raw,
    None,
    Other(String),
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            authorization: Authorization::Bearer,
            headers: vec![
                ("accept", "application/scim+json".to_owned()),
                ("content-type", "application/scim+json".to_owned()),
            ],
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new(Method::POST, path).text(body.to_string())
    }

    /// Any body, JSON or not.
    pub(crate) fn text(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets a header in place of the usual one.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Sends no header of this name.
    pub(crate) fn without(mut self, name: &'static str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// Sends no credentials.
    pub(crate) fn anonymous(mut self) -> Self {
        self.authorization = Authorization::None;
        self
    }

    /// Sends the token without `Bearer `.
    pub(crate) fn raw_token(mut self) -> Self {
        self.authorization = Authorization::Raw;
        self
    }

    /// Sends other credentials.
    pub(crate) fn authorization(mut self, value: impl Into<String>) -> Self {
        self.authorization = Authorization::Other(value.into());
        self
    }
}

/// Encodes a value for a path or a query string, spaces as `%20`.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// The client. It follows no redirect, counts what it sends and does what a server asks by `Retry-After`.
#[derive(Debug)]
pub(crate) struct Wire {
    client: Client,
    sent: AtomicUsize,
    most: usize,
}

impl Wire {
    pub(crate) fn new(target: &Target, timeout: Duration, most: usize) -> Result<Self, String> {
        let mut client =
            Client::builder().timeout(timeout).redirect(Policy::none()).user_agent("usher-check");
        let host = target.base.host_str().unwrap_or_default();
        if matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            // A company's proxy does not know this machine.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| format!("no HTTP client can be made: {error}"))?;
        Ok(Self { client, sent: AtomicUsize::new(0), most })
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends a request. The error says why no complete answer came.
    pub(crate) async fn send(&self, target: &Target, request: &Request) -> Result<Exchange, String> {
        for _ in 1..WAITS {
            let exchange = self.once(target, request).await?;
            if exchange.code() != 429 {
                return Ok(exchange);
            }
            let delay = exchange.header("retry-after").and_then(|value| value.trim().parse().ok());
            tokio::time::sleep(Duration::from_secs(delay.unwrap_or(2_u64).clamp(1, 30))).await;
        }
        self.once(target, request).await
    }

    async fn once(&self, target: &Target, request: &Request) -> Result<Exchange, String> {
        if self.sent.fetch_add(1, Ordering::Relaxed) >= self.most {
            return Err(format!(
                "the run may send {} requests; allow more, or run one group at a time",
                self.most
            ));
        }
        let sent = Sent::of(request, target);
        let mut call = self.client.request(request.method.clone(), target.url(&request.path));
        call = match &request.authorization {
            Authorization::Bearer => call.bearer_auth(&target.token),
            Authorization::Raw => call.header("authorization", &target.token),
            Authorization::None => call,
            Authorization::Other(value) => call.header("authorization", value),
        };
        for (name, value) in &request.headers {
            if *name != "content-type" || request.body.is_some() {
                call = call.header(*name, value);
            }
        }
        if let Some(body) = &request.body {
            call = call.body(body.clone());
        }
        let mut answer = call.send().await.map_err(|error| told(&error, target))?;
        let status = answer.status().as_u16();
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        let headers = headers.collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| told(&error, target))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(format!("the answer is larger than {} MB", MAX_BODY >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Exchange::new(sent, status, headers, String::from_utf8_lossy(&body).into_owned(), &target.token))
    }
}

impl Sent {
    pub(super) fn of(request: &Request, target: &Target) -> Self {
        let mut headers: Vec<(String, String)> = match &request.authorization {
            Authorization::Bearer => vec![("authorization".into(), "Bearer [token]".into())],
            Authorization::Raw => vec![("authorization".into(), "[token]".into())],
            Authorization::None => Vec::new(),
            Authorization::Other(_) => vec![("authorization".into(), "[other credentials]".into())],
        };
        let more =
            request.headers.iter().filter(|(name, _)| *name != "content-type" || request.body.is_some());
        headers.extend(more.map(|(name, value)| ((*name).to_owned(), value.clone())));
        let url = target.url(&request.path);
        let body = request.body.as_deref().map(trimmed);
        Self { method: request.method.to_string(), url, headers, body }
    }
}

/// What went wrong, with its causes, without the URL: that stands beside it.
fn told(error: &reqwest::Error, target: &Target) -> String {
    let mut text = if error.is_timeout() { "no answer in time".to_owned() } else { "no answer".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    target.redacted(&text)
}
