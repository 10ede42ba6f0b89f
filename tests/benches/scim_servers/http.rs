//! A client as cheap as can be: one connection, requests that are made before.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A request, made once and sent any number of times.
pub(crate) type Prepared = Request<Full<Bytes>>;

/// Where requests go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Host and port.
    authority: String,
    /// The path of the SCIM base URL.
    path: String,
    token: String,
}

impl Target {
    /// A SCIM base URL and its token.
    pub(crate) fn new(base_url: &str, token: &str) -> Self {
        let rest = base_url.trim_start_matches("http://");
        let (authority, path) = rest.split_once('/').expect("a base URL with a path");
        Self { authority: authority.to_owned(), path: format!("/{path}"), token: token.to_owned() }
    }

    /// A request to a path below the base URL.
    pub(crate) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Prepared {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.path))
            .header(header::HOST, &self.authority)
            .header(header::ACCEPT, "application/scim+json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let request = match body {
            Some(_) => request.header(header::CONTENT_TYPE, "application/scim+json"),
            None => request,
        };
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        request.body(Full::new(body)).expect("a request")
    }

    pub(crate) fn get(&self, path: &str) -> Prepared {
        self.request(Method::GET, path, None)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A connection that is kept alive as long as the server wants it, and made anew when it does not.
pub(crate) struct Client {
    authority: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub(crate) fn new(target: &Target) -> Self {
        Self { authority: target.authority.clone(), connection: None }
    }

    /// Sends a request, and reads the whole answer.
    pub(crate) async fn send(&mut self, request: Prepared) -> Result<Answer, String> {
        let mut connection = match self.connection.take() {
            Some(kept) => kept,
            None => self.connect().await?,
        };
        if connection.ready().await.is_err() {
            connection = self.connect().await?;
        }
        let answer = connection.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        self.connection = Some(connection);
        Ok(Answer { status, body })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let stream = TcpStream::connect(&self.authority).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        // It ends with its sender, or when the server closes it.
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// Sends one request, outside of any figure.
pub(crate) async fn once(target: &Target, request: Prepared) -> Answer {
    Client::new(target).send(request).await.expect("an answer")
}
