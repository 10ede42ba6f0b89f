//! HTTP clients that look at Usher and at external apps from outside.

mod eventually;
mod listing;
mod scim;

use std::time::Duration;

pub use eventually::{eventually, eventually_ok};
pub use listing::{AppListing, Member};
use reqwest::{Method, StatusCode, header};
pub use scim::{ScimClient, patch_op};
use serde_json::Value;

use crate::Result;

/// A base URL and a bearer token.
#[derive(Clone, Debug)]
pub struct JsonClient {
    http: reqwest::Client,
    base_url: String,
    token: String,
    media_type: &'static str,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: header::HeaderMap,
    /// The body; null where it is empty or no JSON.
    pub json: Value,
    /// The body as it came.
    pub text: String,
}

impl JsonClient {
    /// A client for the API below `base_url`, such as Usher's admin API.
    #[must_use]
    pub fn new(base_url: &str, token: &str) -> Self {
        Self::with_media_type(base_url, token, "application/json")
    }

    fn with_media_type(base_url: &str, token: &str, media_type: &'static str) -> Self {
        Self {
            // All that is spoken to is on this machine, which a company's proxy does not know.
            http: reqwest::Client::builder().no_proxy().build().unwrap_or_default(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
            media_type,
        }
    }

    /// The same API with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sends a request; `path` begins with a slash and may carry an encoded query.
    ///
    /// # Errors
    /// When no complete answer arrives. A status is never an error here.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply> {
        self.send_raw(method, path, &[], body.map(|body| body.to_string().into_bytes())).await
    }

    /// Sends any bytes, with headers that replace the usual ones.
    ///
    /// # Errors
    /// When no complete answer arrives.
    pub async fn send_raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Reply> {
        let mut sent = header::HeaderMap::new();
        sent.insert(header::AUTHORIZATION, format!("Bearer {}", self.token).parse()?);
        sent.insert(header::ACCEPT, header::HeaderValue::from_static(self.media_type));
        if body.is_some() {
            sent.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(self.media_type));
        }
        for (name, value) in headers {
            sent.insert(header::HeaderName::from_bytes(name.as_bytes())?, value.parse()?);
        }
        let request =
            self.http.request(method, format!("{}{path}", self.base_url)).timeout(Duration::from_secs(30));
        let answer = request.headers(sent).body(body.unwrap_or_default()).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Reply { status, headers, json, text })
    }
}

impl Reply {
    /// The body of a successful answer.
    ///
    /// # Errors
    /// When the status is not 2xx.
    pub fn ok(self) -> Result<Value> {
        if self.status.is_success() {
            Ok(self.json)
        } else {
            Err(format!("{}: {}", self.status, self.text).into())
        }
    }

    /// A header as text; empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `id` of the body; empty where it is missing.
    #[must_use]
    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_default()
    }
}
