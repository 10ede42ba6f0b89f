//! Any request within reach, for protocols whose messages a library writes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::{Method, Url};
use usher_domain::ports::{Clock, Web, WebAnswer, WebRequest, WebUnavailable};

use super::{Reach, Transport, exchange, reach};
use crate::error::Result;

/// How long an answer may take: somebody looks at an empty page meanwhile.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How large an answer may be. Discovery documents and key sets have some 20 KB.
const MAX_ANSWER: usize = 512 * 1024;

/// The web as far as a connector may go: in a deployment by https to public addresses only, and never along a redirect (see
/// [`Reach`]).
#[derive(Debug, Clone)]
pub struct HttpWeb {
    transport: Transport,
}

impl HttpWeb {
    /// The web within `reach`.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(reach: Reach, clock: Arc<dyn Clock>) -> Result<Self> {
        let transport = Transport::new(reach, clock)?.with_timeout(TIMEOUT).with_max_answer(MAX_ANSWER);
        Ok(Self { transport })
    }
}

impl HttpWeb {
    fn allowed(&self, url: &str) -> std::result::Result<Url, WebUnavailable> {
        let url = Url::parse(url).map_err(|_| unfit())?;
        self.transport.reach.allows(&url).map_err(|_| forbidden(&url))?;
        Ok(url)
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn unfit() -> WebUnavailable {
    WebUnavailable("the address is not one that a browser could open; correct it".to_owned())
}

fn forbidden(url: &Url) -> WebUnavailable {
    let host = host(url);
    WebUnavailable(format!(
        "`{host}` may not be called from here: give an address that begins with https:// and is public"
    ))
}

#[async_trait]
impl Web for HttpWeb {
    async fn send(&self, request: WebRequest) -> std::result::Result<WebAnswer, WebUnavailable> {
        let url = self.allowed(&request.url)?;
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| unfit())?;
        let mut builder = self
            .transport
            .client
            .request(method, url.clone())
            .timeout(self.transport.timeout)
            .body(request.body);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let answer = builder.send().await.map_err(|error| match reach::forbidden(&error) {
            Some(_) => forbidden(&url),
            None if error.is_timeout() => WebUnavailable(format!("`{}` did not answer in time", host(&url))),
            None => WebUnavailable(format!("there is no connection to `{}`", host(&url))),
        })?;
        let status = answer.status().as_u16();
        let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = answer.headers().iter().filter_map(text).collect();
        let body = exchange::read(answer, self.transport.max_answer).await;
        let body = body.map_err(|_| {
            WebUnavailable(format!("`{}` cut its answer short, or said too much", host(&url)))
        })?;
        Ok(WebAnswer { status, headers, body })
    }

    fn check(&self, url: &str) -> std::result::Result<(), WebUnavailable> {
        self.allowed(url).map(drop)
    }
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

    async fn refused(reach: Reach, url: &str) -> String {
        let web = HttpWeb::new(reach, Arc::new(Noon)).unwrap();
        let request =
            WebRequest { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() };
        web.send(request).await.err().map(|error| error.0).unwrap_or_default()
    }

    #[tokio::test]
    async fn a_deployment_asks_no_private_server() {
        for url in [
            "http://idp.example/",
            "https://127.0.0.1:1/.well-known/openid-configuration",
            "https://169.254.169.254/latest?x=y",
            "https://localhost:1/",
            "file:///etc/passwd",
            "https://user:word@idp.example/",
        ] {
            let said = refused(Reach::Public, url).await;
            assert!(said.contains("may not be called"), "{url}: {said}");
        }
        let said = refused(Reach::Anywhere, "http://127.0.0.1:1/").await;
        assert!(said.contains("no connection"), "{said}");
    }
}
