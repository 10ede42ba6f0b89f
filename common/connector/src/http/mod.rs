//! The HTTP client of every connector: bounded, without redirects, and silent about secrets and bodies.

mod exchange;
mod grants;
mod jwt;
mod keys;
pub(crate) mod metering;
mod oauth;
mod reach;
mod refresh;
mod web;

use std::{sync::Arc, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use usher_domain::{Timestamp, ports::Clock};

pub use exchange::{Body, Method, Request, Response};
pub use grants::{ClientGrant, ClientSent, Grant};
pub use jwt::{hs256, rs256};
pub use keys::HttpKeys;
pub use oauth::{AccessToken, AccessTokens};
pub use reach::Reach;
pub use refresh::RefreshGrant;
pub use web::HttpWeb;

use crate::error::{Error, Result};

/// Everything but RFC 3986's unreserved characters. `+` for a space, as forms have it, is not understood by
/// every server.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How large an answer may be.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// Connections to apps, shared by all connectors of a process.
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    reach: Reach,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    max_answer: usize,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("reach", &self.reach).finish_non_exhaustive()
    }
}

impl Transport {
    /// The time, for what a connector signs itself and for what the app says that ends.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Connections to hosts within `reach`.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(reach: Reach, clock: Arc<dyn Clock>) -> Result<Self> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("usher/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the credentials to another host.
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names itself, past the check of where they lead.
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(reach::Resolver::new(reach))
            .build()
            .map_err(|_| {
                Error::transient("the HTTP client cannot be set up; check the machine's TLS certificates")
            })?;
        Ok(Self { client, reach, clock, timeout: TIMEOUT, max_answer: MAX_ANSWER })
    }

    /// The same connections with another time limit per call.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The same connections with another limit on an answer's size, in bytes.
    #[must_use]
    pub fn with_max_answer(self, max_answer: usize) -> Self {
        Self { max_answer, ..self }
    }

    /// A client for one app.
    ///
    /// # Errors
    /// `Invalid` when the base URL is not one that may be called.
    pub fn http(&self, base_url: &str) -> Result<Http> {
        let base = Url::parse(base_url)
            .map_err(|_| Error::invalid("`base_url` is not a URL; give one like https://app.example/scim"))?;
        self.reach.check(&base)?;
        Ok(Http { transport: self.clone(), base, headers: HeaderMap::new() })
    }
}

/// A client for one app: its base URL, credentials and headers.
#[derive(Debug, Clone)]
pub struct Http {
    transport: Transport,
    base: Url,
    /// Secret values are marked sensitive, so that their `Debug` shows none of them.
    headers: HeaderMap,
}

impl Http {
    /// Sends `Authorization: Bearer …` with every call.
    ///
    /// # Errors
    /// `Invalid` when the token cannot be sent in a header.
    pub fn with_bearer(self, token: &SecretString) -> Result<Self> {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.with_secret_header("authorization", &value)
    }

    /// Sends a secret in a header with every call.
    ///
    /// # Errors
    /// `Invalid` when the name or value cannot be sent in a header.
    pub fn with_secret_header(self, name: &str, value: &SecretString) -> Result<Self> {
        self.with_value(name, value.expose_secret(), true)
    }

    /// Sends a header with every call.
    ///
    /// # Errors
    /// `Invalid` when the name or value cannot be sent in a header.
    pub fn with_header(self, name: &str, value: &str) -> Result<Self> {
        self.with_value(name, value, false)
    }

    /// Sends `X-Request-Id`, so that a call is found again in the app's own log.
    #[must_use]
    pub fn with_request_id(self, id: &str) -> Self {
        // The id may have come from outside; one that does not fit into a header is left out.
        let plain = id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic());
        match plain.then(|| HeaderValue::from_str(id)) {
            Some(Ok(value)) => {
                let mut http = self;
                http.headers.insert("x-request-id", value);
                http
            }
            _ => self,
        }
    }

    fn with_value(mut self, name: &str, value: &str, secret: bool) -> Result<Self> {
        // The message names the header, never its value.
        let unfit = |what: &str| {
            Error::invalid(format!("{what} of the header `{name}` has characters that HTTP does not allow"))
        };
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit("the name"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| unfit("the value"))?;
        value.set_sensitive(secret);
        self.headers.insert(header, value);
        Ok(self)
    }

    /// The URL of a path below the base URL, each segment encoded.
    fn url(&self, request: &Request) -> Result<Url> {
        let mut url = self.base.clone();
        {
            let mut path = url.path_segments_mut().map_err(|()| Error::invalid("`base_url` has no path"))?;
            path.pop_if_empty();
            for segment in &request.path {
                // Such a segment would vanish from the path: a call about one person would become a call
                // about all.
                if matches!(segment.as_str(), "" | "." | "..") {
                    return Err(Error::invalid(format!(
                        "{}: the app gave an id that cannot be part of a URL",
                        request.doing
                    )));
                }
                path.push(segment);
            }
            if request.trailing_slash {
                path.push("");
            }
        }
        if !request.query.is_empty() {
            url.set_query(Some(&encoded(&request.query)));
        }
        Ok(url)
    }

    /// Sends a request and reads the answer, whatever its status.
    ///
    /// # Errors
    /// When no answer came: `Transient` if the request did not reach the app or was only a read,
    /// `Ambiguous` if a write may have had its effect.
    pub async fn send(&self, request: &Request) -> Result<Response> {
        let url = self.url(request)?;
        let mut builder = self
            .transport
            .client
            .request(request.method.into(), url)
            .timeout(self.transport.timeout)
            .headers(self.headers.clone())
            .header(ACCEPT, request.media_type);
        builder = match &request.body {
            None => builder,
            Some(Body::Json(body)) => {
                builder.header(CONTENT_TYPE, request.media_type).body(Value::to_string(body))
            }
            Some(Body::Form(fields)) => builder.header(CONTENT_TYPE, FORM).body(encoded(fields)),
        };
        metering::sends_one();
        let answer = match builder.send().await {
            Ok(answer) => answer,
            Err(error) => return Err(request.not_answered(&error)),
        };
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let retry_after = headers
            .get("retry-after")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| crate::backoff::retry_after(value, self.transport.clock.now()));
        let body = exchange::read(answer, self.transport.max_answer).await.map_err(|cut| request.cut(cut))?;
        tracing::debug!(method = request.method.name(), status, doing = request.doing, "app answered");
        Ok(Response { status, retry_after, headers, body })
    }
}

/// Names and values, as queries and forms have them.
fn encoded<N: AsRef<str>>(pairs: &[(N, String)]) -> String {
    let pair = |(name, value): &(N, String)| {
        format!("{}={}", utf8_percent_encode(name.as_ref(), RESERVED), utf8_percent_encode(value, RESERVED))
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use usher_domain::Timestamp;

    use super::*;

    struct Noon;
    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            "2026-01-01T12:00:00Z".parse().unwrap()
        }
    }

    fn http(base: &str) -> Http {
        Transport::new(Reach::Anywhere, Arc::new(Noon)).unwrap().http(base).unwrap()
    }

    #[test]
    fn paths_and_queries_are_encoded() {
        let request = Request::get("reading", ["Users", "a/b c?#"]).query("filter", "userName eq \"a+b&ü\"");
        let url = http("https://app.example/scim/v2/").url(&request).unwrap();
        assert_eq!(
            url.as_str(),
            "https://app.example/scim/v2/Users/a%2Fb%20c%3F%23?filter=userName%20eq%20%22a%2Bb%26%C3%BC%22"
        );
    }

    #[test]
    fn a_path_can_end_with_a_slash() {
        let request = Request::get("reading", ["bc", "get"]).trailing_slash().query("bc_id", "7");
        let url = http("https://app.example/v1").url(&request).unwrap();
        assert_eq!(url.as_str(), "https://app.example/v1/bc/get/?bc_id=7");
    }

    #[test]
    fn a_value_cannot_add_to_a_form() {
        let fields = [("email", "a+b&role=ADMIN@example.org".to_owned()), ("tasks", r#"["X"]"#.to_owned())];
        assert_eq!(encoded(&fields), "email=a%2Bb%26role%3DADMIN%40example.org&tasks=%5B%22X%22%5D");
    }

    #[test]
    fn an_id_cannot_widen_a_call() {
        for id in ["", ".", ".."] {
            let error =
                http("https://app.example").url(&Request::delete("removing", ["Users", id])).unwrap_err();
            assert_eq!(error.class(), crate::Class::Invalid);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let http = http("https://app.example").with_bearer(&"s3cret-token".to_owned().into()).unwrap();
        assert!(!format!("{http:?}").contains("s3cret"));
        let error = http.with_bearer(&"s3cret\ntoken".to_owned().into()).unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn a_request_id_from_outside_cannot_break_a_header() {
        let http = http("https://app.example").with_request_id("a\r\nb").with_request_id("good-1");
        assert_eq!(http.headers.get("x-request-id").unwrap(), "good-1");
    }
}
