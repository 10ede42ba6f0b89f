//! What access tokens are had for (RFC 6749).

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use usher_domain::Timestamp;

use super::{Http, Method, Request, Transport, oauth::AccessToken};
use crate::error::{Class, Error, Result};

/// What the call is there for.
pub(super) const FETCHING: &str = "fetching an access token";

/// What a new access token is had for.
#[async_trait]
pub trait Grant: Send + Sync {
    /// Tells this grant from every other one.
    fn key(&self) -> String;

    /// The call that a token comes of: where it is sent, with what in its headers, and what it asks.
    ///
    /// # Errors
    /// When the secret cannot be used.
    fn call(&self, transport: &Transport, now: Timestamp) -> Result<(Http, Request)>;

    /// Reads the answer to it; `None` where there is no token in it.
    fn issued(&self, answer: &Value, now: Timestamp) -> Option<AccessToken>;

    /// Has a new token.
    ///
    /// # Errors
    /// `AuthRevoked` when the app takes the grant no more; what a call that failed means otherwise.
    async fn fetch(&self, transport: &Transport, now: Timestamp) -> Result<AccessToken> {
        exchange(self, transport, now).await
    }
}

/// Gives what a grant is for a token.
pub(super) async fn exchange<G: Grant + ?Sized>(
    grant: &G,
    transport: &Transport,
    now: Timestamp,
) -> Result<AccessToken> {
    let (http, request) = grant.call(transport, now)?;
    let answer = http.send(&request).await?;
    let issued = answer.json().filter(|_| answer.is_success());
    issued
        .and_then(|body| grant.issued(&body, now))
        .ok_or_else(|| refused(request.doing, answer.status, answer.class(Method::Get)))
}

/// RFC 6749 §5.2: a grant that ended is 400, a client that is unknown 401.
fn refused(doing: &str, status: u16, class: Class) -> Error {
    let class = match status {
        400 | 401 | 403 => Class::AuthRevoked,
        200..300 => Class::Transient { after: None },
        _ => class,
    };
    Error::new(
        class,
        format!(
            "{doing}: the app answered {status}; if this stays, let an admin of the app give consent again and store the \
             new credentials"
        ),
    )
}

/// A client's own credentials (RFC 6749 §4.4).
#[derive(Debug, Clone)]
pub struct ClientGrant {
    /// Where tokens are given out.
    pub token_url: String,
    /// Who asks.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// Where both are sent.
    pub sent: ClientSent,
    /// What is asked: `grant_type`, and most often `scope`.
    pub parameters: BTreeMap<String, String>,
}

/// Where a client says who it is (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientSent {
    /// In `Authorization: Basic …`, which every server has to take.
    Header,
    /// Beside what is asked.
    Body,
}

impl Grant for ClientGrant {
    fn key(&self) -> String {
        // A secret that was replaced does not get the old one's tokens, nor does another question.
        let asked = self.parameters.iter().map(|(name, value)| format!("{name}={value}"));
        let who = [self.token_url.as_str(), &self.client_id, self.client_secret.expose_secret()];
        who.into_iter().map(str::to_owned).chain(asked).collect::<Vec<_>>().join("\n")
    }

    fn call(&self, transport: &Transport, _: Timestamp) -> Result<(Http, Request)> {
        let mut http = transport.http(&self.token_url).map_err(|error| {
            Error::new(error.class(), format!("the URL that gives out tokens: {}", error.message()))
        })?;
        let mut asked = self.parameters.clone();
        match self.sent {
            ClientSent::Header => {
                http =
                    http.with_secret_header("authorization", &basic(&self.client_id, &self.client_secret))?;
            }
            ClientSent::Body => asked.extend([
                ("client_id".to_owned(), self.client_id.clone()),
                ("client_secret".to_owned(), self.client_secret.expose_secret().to_owned()),
            ]),
        }
        let request = Request::ask(FETCHING, [""; 0]).form(asked);
        Ok((http, if self.token_url.ends_with('/') { request.trailing_slash() } else { request }))
    }

    fn issued(&self, answer: &Value, now: Timestamp) -> Option<AccessToken> {
        AccessToken::issued(answer, now)
    }
}

/// What HTTP Basic authentication sends.
pub(super) fn basic(client_id: &str, client_secret: &SecretString) -> SecretString {
    let pair = format!("{client_id}:{}", client_secret.expose_secret());
    format!("Basic {}", BASE64_STANDARD.encode(pair)).into()
}
