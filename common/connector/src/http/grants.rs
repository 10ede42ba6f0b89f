//! What access tokens are had for (RFC 6749).

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use usher_domain::Timestamp;

use super::{Http, Request, Transport, oauth::AccessToken};
use crate::error::{Error, Result};

/// What the call is there for.
const FETCHING: &str = "fetching an access token";

/// What a new access token is had for.
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
}

/// A refresh token (RFC 6749 §6).
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The app's base URL.
    pub base_url: String,
    /// Where tokens are given out, below it.
    pub path: Vec<String>,
    /// Who asks.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
    /// What an admin's consent gave.
    pub refresh_token: SecretString,
}

impl Grant for RefreshGrant {
    fn key(&self) -> String {
        [self.base_url.as_str(), &self.client_id, self.refresh_token.expose_secret()].join("\n")
    }

    fn call(&self, transport: &Transport, _: Timestamp) -> Result<(Http, Request)> {
        let basic = basic(&self.client_id, &self.client_secret);
        let http = transport.http(&self.base_url)?.with_secret_header("authorization", &basic)?;
        let request = Request::ask(FETCHING, self.path.iter().cloned()).form([
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", self.refresh_token.expose_secret().to_owned()),
        ]);
        Ok((http, request))
    }

    fn issued(&self, answer: &Value, now: Timestamp) -> Option<AccessToken> {
        AccessToken::issued(answer, now)
    }
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
fn basic(client_id: &str, client_secret: &SecretString) -> SecretString {
    let pair = format!("{client_id}:{}", client_secret.expose_secret());
    format!("Basic {}", BASE64_STANDARD.encode(pair)).into()
}
