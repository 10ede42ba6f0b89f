//! Signing people in: links that work once, the company's identity provider, and the sessions of browsers.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{PersonId, WorkspaceId},
    token::IssuedToken,
    workspace::WorkspaceRole,
};

/// How long a browser stays signed in, however busy it is.
pub const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(12);
/// How long a browser stays signed in that nobody uses.
pub const LONGEST_IDLE: SignedDuration = SignedDuration::from_hours(1);
/// How long a use is not written down after the last one that was: each costs a write.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How long signing in with the identity provider may take.
pub const LONGEST_ATTEMPT: SignedDuration = SignedDuration::from_mins(10);

/// The OpenID provider that a workspace's people sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIdProvider {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Its issuer identifier, exactly as its tokens say it (OpenID Connect Core §2).
    pub issuer: String,
    /// What it knows Usher as.
    pub client_id: String,
    /// Usher's secret there, sealed; a public client has none and is protected by PKCE alone.
    pub sealed_secret: Option<String>,
    /// The domains of e-mail addresses that may sign in, in lower case; all where there is none.
    pub email_domains: Vec<String>,
    /// Whether its addresses count as verified although its tokens do not say so. Only for a provider in which nobody can
    /// write their own address.
    pub trusts_email: bool,
    /// Moves with every change.
    pub version: u64,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl OpenIdProvider {
    /// Whether somebody with this address may sign in.
    pub fn takes_address(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        self.email_domains.is_empty() || domain.is_some_and(|domain| self.email_domains.contains(&domain))
    }
}

/// A sign-in that a browser began and has not brought back yet. Everything that must match is worked out from the secret
/// that the browser keeps, so that nothing here can be used by whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Where.
    pub workspace: WorkspaceId,
    /// The provider that it was begun with.
    pub issuer: String,
    /// The local path that was asked for.
    pub return_to: String,
    /// The browser's secret and its end.
    pub token: IssuedToken,
}

/// Whom a provider's subject is, written at the first sign-in. Addresses move from one person to another; subjects do not
/// (OpenID Connect Core §5.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Where.
    pub workspace: WorkspaceId,
    /// The provider.
    pub issuer: String,
    /// The provider's own id of the person.
    pub subject: String,
    /// The person of the directory.
    pub person: PersonId,
    /// Since when.
    pub since: Timestamp,
}

/// How a session came about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum SignedInBy {
    /// With a link that works once.
    #[default]
    Link,
    /// With the identity provider.
    OpenId {
        /// The ID token, by which the provider knows what to end (OpenID Connect RP-Initiated Logout §2). It opens nothing.
        id_token: String,
    },
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The network address.
    pub address: String,
    /// What the program calls itself.
    pub agent: String,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id, part of the cookie.
    pub id: String,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Who signed in, as shown in the log.
    pub name: String,
    /// The role it acts with; where it stands for a person, never more than that person's.
    pub role: WorkspaceRole,
    /// The person of the directory who signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The cookie's hash, and the end at the latest.
    pub token: IssuedToken,
    /// When it was used last, to the minute.
    pub seen_at: Timestamp,
    /// Where it was begun.
    pub origin: Origin,
    /// How it was begun.
    pub signed_in: SignedInBy,
}

impl Session {
    /// Whether a cookie with this text is this session's, and neither its end nor its idle time has come.
    pub fn accepts(&self, cookie: &str, now: Timestamp) -> bool {
        self.token.accepts(cookie, now) && self.is_in_use(now)
    }

    /// Whether it is neither over nor left idle.
    pub fn is_in_use(&self, now: Timestamp) -> bool {
        self.token.expires_at.is_none_or(|end| now < end) && now.duration_since(self.seen_at) < LONGEST_IDLE
    }

    /// The session as it is after a use at `now`, where that must be written down.
    pub fn used(&self, now: Timestamp) -> Option<Self> {
        (now.duration_since(self.seen_at) >= SEEN_EVERY).then(|| Self { seen_at: now, ..self.clone() })
    }
}

/// A link that signs in once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInLink {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Who will be signed in.
    pub name: String,
    /// The role that the session will have.
    pub role: WorkspaceRole,
    /// The person of the directory whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The link's secret and end.
    pub token: IssuedToken,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn session() -> Session {
        let begun = at("2026-01-01T08:00:00Z");
        Session {
            id: "s".into(),
            workspace: "main".parse().unwrap(),
            name: "Ada".into(),
            role: WorkspaceRole::Admin,
            person: None,
            token: IssuedToken::issue("text", begun, Some(begun + LONGEST_SESSION)),
            seen_at: begun,
            origin: Origin::default(),
            signed_in: SignedInBy::Link,
        }
    }

    #[test]
    fn a_session_ends_when_idle_and_at_the_latest() {
        let mut session = session();
        assert!(session.accepts("text", at("2026-01-01T08:59:59Z")));
        assert!(!session.accepts("text", at("2026-01-01T09:00:00Z")), "idle");
        assert!(!session.accepts("other", at("2026-01-01T08:00:00Z")));
        session.seen_at = at("2026-01-01T19:59:00Z");
        assert!(session.accepts("text", at("2026-01-01T19:59:59Z")));
        assert!(!session.accepts("text", at("2026-01-01T20:00:00Z")), "twelve hours");
    }

    #[test]
    fn a_use_is_written_down_once_a_minute() {
        let session = session();
        assert_eq!(session.used(at("2026-01-01T08:00:59Z")), None);
        let used = session.used(at("2026-01-01T08:01:00Z")).unwrap();
        assert_eq!(used.seen_at, at("2026-01-01T08:01:00Z"));
        assert_eq!(used.token, session.token, "the end does not move");
    }

    #[test]
    fn only_the_domains_that_are_listed_sign_in() {
        let mut provider = OpenIdProvider {
            workspace: "main".parse().unwrap(),
            issuer: "https://idp.example".into(),
            client_id: "usher".into(),
            sealed_secret: None,
            email_domains: vec![],
            trusts_email: false,
            version: 0,
            changed_at: at("2026-01-01T00:00:00Z"),
        };
        assert!(provider.takes_address("ada@anywhere.example"));
        provider.email_domains = vec!["acme.example".into()];
        assert!(provider.takes_address("ada@ACME.example"));
        for other in ["ada@evil-acme.example", "ada@acme.example.evil.example", "ada@sub.acme.example", "ada"]
        {
            assert!(!provider.takes_address(other), "{other}");
        }
    }
}
