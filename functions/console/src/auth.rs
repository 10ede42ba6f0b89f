//! Who calls: the holder of an API key, or a signed-in browser.
//!
//! API keys, session cookies and sign-in links have one form, `<workspace>.<id>.<secret>`: the workspace and
//! the id find the row, and the row holds only a hash of the whole text.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use jiff::SignedDuration;
use usher_domain::{
    Timestamp,
    change::{Actor, Cause, Trigger},
    id::{ApiKeyId, WorkspaceId},
    ports::Ids,
    token::IssuedToken,
    workspace::{Session, WorkspaceRole},
};

use crate::{App, context::CorrelationId, error::Problem};

/// What every API key's text begins with, so that secret scanners recognise one.
const API_KEY_PREFIX: &str = "usher_";

/// How long a browser stays signed in.
const SESSION_TTL: SignedDuration = SignedDuration::from_hours(12);

/// A secret that carries where its row is found.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// Whose it is.
    pub(crate) workspace: WorkspaceId,
    /// Its row.
    pub(crate) id: String,
    text: String,
}

impl Credential {
    /// A new one.
    pub(crate) fn new(workspace: &WorkspaceId, ids: &dyn Ids) -> Self {
        let id = ids.uuid().simple().to_string();
        let secret = usher_domain::token::token_text("s", ids.secret());
        let text = format!("{workspace}.{id}.{secret}");
        Self { workspace: workspace.clone(), id, text }
    }

    /// Reads one; `None` when it cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (workspace, rest) = text.split_once('.')?;
        let (id, secret) = rest.split_once('.')?;
        let plain = |part: &str| {
            (8..=80).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        (plain(id) && plain(secret)).then_some(())?;
        Some(Self { workspace: workspace.parse().ok()?, id: id.to_owned(), text: text.to_owned() })
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text of an API key.
    pub(crate) fn api_key_text(&self) -> String {
        format!("{API_KEY_PREFIX}{}", self.text)
    }
}

/// How a caller came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// With an API key.
    ApiKey,
    /// With a browser's session.
    Session,
}

/// A proven caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The only workspace that the caller can reach.
    pub workspace: WorkspaceId,
    /// The name for the log.
    pub name: String,
    /// What the caller may do.
    pub role: WorkspaceRole,
    /// How the caller came.
    pub via: Via,
    correlation_id: String,
}

impl Caller {
    /// Why a write of this caller happens.
    pub fn cause(&self, now: Timestamp) -> Cause {
        let trigger = match self.via {
            Via::ApiKey => Trigger::Api,
            Via::Session => Trigger::WebApp,
        };
        Cause {
            actor: Actor::Person { name: self.name.clone() },
            trigger,
            correlation_id: self.correlation_id.clone(),
            at: now,
        }
    }

    #[cfg(test)]
    pub(crate) fn for_test(role: WorkspaceRole) -> Self {
        Self {
            workspace: WorkspaceId::try_from("main".to_owned()).unwrap(),
            name: "Ada".into(),
            role,
            via: Via::Session,
            correlation_id: "c".into(),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let correlation_id =
            parts.extensions.get::<CorrelationId>().map(|id| id.0.clone()).unwrap_or_default();
        if let Some(authorization) = parts.headers.get(header::AUTHORIZATION) {
            return by_api_key(app, authorization, correlation_id).await;
        }
        let caller = by_session(app, &parts.headers, correlation_id).await?;
        if !parts.method.is_safe() {
            same_origin(app, &parts.headers)?;
        }
        Ok(caller)
    }
}

async fn by_api_key(app: &App, given: &HeaderValue, correlation_id: String) -> Result<Caller, Problem> {
    let unknown = || {
        Problem::unauthenticated(
            "the API key is not known here or has ended; send `Authorization: Bearer usher_…` with a valid key",
        )
    };
    let (scheme, text) = given.to_str().ok().and_then(|given| given.split_once(' ')).ok_or_else(unknown)?;
    let text = text.trim();
    let credential = text.strip_prefix(API_KEY_PREFIX).and_then(Credential::parse).ok_or_else(unknown)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unknown());
    }
    let id: ApiKeyId = credential.id.parse().map_err(|_| unknown())?;
    let key = app.store.api_key(&credential.workspace, &id).await?.ok_or_else(unknown)?;
    if !key.token.accepts(text, app.clock.now()) {
        return Err(unknown());
    }
    Ok(Caller { workspace: key.workspace, name: key.name, role: key.role, via: Via::ApiKey, correlation_id })
}

async fn by_session(app: &App, headers: &HeaderMap, correlation_id: String) -> Result<Caller, Problem> {
    let none = || {
        Problem::unauthenticated("send an API key as `Authorization: Bearer usher_…`, or open a sign-in link")
    };
    let cookie = session_cookie(app, headers).ok_or_else(none)?;
    let session = app.store.session(&cookie.workspace, &cookie.id).await?.ok_or_else(none)?;
    if !session.token.accepts(cookie.text(), app.clock.now()) {
        return Err(none());
    }
    let Session { workspace, name, role, .. } = session;
    Ok(Caller { workspace, name, role, via: Via::Session, correlation_id })
}

/// Proves that a browser sent this from a page of ours: cookies alone travel with other sites' forms too.
pub(crate) fn same_origin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Scripts cannot set Sec-Fetch-Site, and a page of ours may be open under another name of this host.
    let proven = match value("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => value("origin") == Some(app.origin.as_str()),
    };
    proven.then_some(()).ok_or_else(|| {
        Problem::forbidden(format!(
            "this request did not come from a page of {}; open the page there and try again, or use an API key",
            app.origin
        ))
    })
}

/// Browsers refuse a `__Host-` cookie that was set without `Secure` or by another host.
fn cookie_name(app: &App) -> &'static str {
    if app.origin.starts_with("https://") { "__Host-usher_session" } else { "usher_session" }
}

/// The session that a browser claims.
pub(crate) fn session_cookie(app: &App, headers: &HeaderMap) -> Option<Credential> {
    let name = cookie_name(app);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| Credential::parse(value))
}

/// Takes a sign-in link and begins a session; answers the `Set-Cookie` header.
///
/// # Errors
/// 403 when the link was used, has ended or never was one.
pub(crate) async fn sign_in(app: &App, link: &str) -> Result<HeaderValue, Problem> {
    let refused = || {
        Problem::forbidden("this sign-in link was used already or has ended; ask for a new one and open that")
    };
    let link = Credential::parse(link).ok_or_else(refused)?;
    let now = app.clock.now();
    let row = app.store.take_sign_in_link(&link.workspace, &link.id).await?.ok_or_else(refused)?;
    if !row.token.accepts(link.text(), now) {
        return Err(refused());
    }
    let cookie = Credential::new(&row.workspace, app.ids.as_ref());
    let token = IssuedToken::issue(cookie.text(), now, Some(now + SESSION_TTL));
    let session = Session { workspace: row.workspace, name: row.name, role: row.role, token };
    app.store.put_session(&session, &cookie.id).await?;
    set_cookie(app, cookie.text(), SESSION_TTL)
}

/// Ends a browser's session; answers the `Set-Cookie` header that takes the cookie away.
pub(crate) async fn sign_out(app: &App, headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    if let Some(cookie) = session_cookie(app, headers) {
        let session = app.store.session(&cookie.workspace, &cookie.id).await?;
        // Only the holder of the secret ends a session.
        if session.is_some_and(|session| session.token.accepts(cookie.text(), app.clock.now())) {
            app.store.delete_session(&cookie.workspace, &cookie.id).await?;
        }
    }
    set_cookie(app, "", SignedDuration::ZERO)
}

fn set_cookie(app: &App, value: &str, ttl: SignedDuration) -> Result<HeaderValue, Problem> {
    let secure = if app.origin.starts_with("https://") { "; Secure" } else { "" };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        cookie_name(app),
        ttl.as_secs()
    );
    HeaderValue::from_str(&text).map_err(|_| Problem::bad_request("the session cannot be kept in a cookie"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s_0123456789abcdef";

    #[test]
    fn a_credential_says_where_its_row_is() {
        let credential = Credential::parse(&format!("main.0123456789ab.{SECRET}")).unwrap();
        assert_eq!((credential.workspace.as_str(), credential.id.as_str()), ("main", "0123456789ab"));
    }

    #[test]
    fn what_cannot_be_a_credential_reads_no_row() {
        for bad in [
            String::new(),
            "main".into(),
            format!("main.{SECRET}"),
            format!("Main.0123456789ab.{SECRET}"),
            format!("main.a#b.{SECRET}"),
            format!("main.0123456789ab.{SECRET}.x"),
            format!("main..{SECRET}"),
            "main.0123456789ab.short".into(),
        ] {
            assert!(Credential::parse(&bad).is_none(), "{bad}");
        }
    }
}
