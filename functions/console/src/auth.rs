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
    access::PersonFacts,
    change::{Actor, Cause, Trigger},
    id::{ApiKeyId, PersonId, WorkspaceId},
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
    /// What the caller may do in the workspace; hubs give more to a person ([`crate::permission`]).
    pub role: WorkspaceRole,
    /// The person of the directory whom the caller stands for.
    pub person: Option<PersonFacts>,
    /// How the caller came.
    pub via: Via,
    pub(crate) correlation_id: String,
}

impl Caller {
    /// Why a write of this caller happens.
    pub fn cause(&self, now: Timestamp) -> Cause {
        let trigger = match self.via {
            Via::ApiKey => Trigger::Api,
            Via::Session => Trigger::WebApp,
        };
        Cause { actor: self.actor(), trigger, correlation_id: self.correlation_id.clone(), at: now }
    }

    /// Who acts, as it is told.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Person { name: self.name.clone() }
    }

    #[cfg(test)]
    pub(crate) fn for_test(role: WorkspaceRole) -> Self {
        Self {
            workspace: WorkspaceId::try_from("main".to_owned()).unwrap(),
            name: "Ada".into(),
            role,
            person: None,
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
    let (role, person) = standing(app, &key.workspace, key.person.as_ref(), key.role).await?;
    Ok(Caller { workspace: key.workspace, name: key.name, role, person, via: Via::ApiKey, correlation_id })
}

/// What somebody may do who stands for a person: no more than that person, now.
async fn standing(
    app: &App,
    workspace: &WorkspaceId,
    person: Option<&PersonId>,
    role: WorkspaceRole,
) -> Result<(WorkspaceRole, Option<PersonFacts>), Problem> {
    let Some(person) = person else { return Ok((role, None)) };
    let facts = app.facts.person(workspace, person).await?;
    let facts = facts.filter(|facts| facts.active && !facts.deleted).ok_or_else(|| {
        Problem::unauthenticated(
            "the person whom this stands for is deactivated or deleted; sign in as somebody else",
        )
    })?;
    let member = app.store.member(workspace, person).await?;
    let own = member.map_or(WorkspaceRole::User, |member| member.role);
    Ok((role.min(own), Some(facts)))
}

async fn by_session(app: &App, headers: &HeaderMap, correlation_id: String) -> Result<Caller, Problem> {
    let none = || {
        Problem::unauthenticated("send an API key as `Authorization: Bearer usher_…`, or open a sign-in link")
    };
    let cookie = session_cookie(&app.origin, headers).ok_or_else(none)?;
    let session = app.store.session(&cookie.workspace, &cookie.id).await?.ok_or_else(none)?;
    if !session.token.accepts(cookie.text(), app.clock.now()) {
        return Err(none());
    }
    let Session { workspace, name, role, person, .. } = session;
    let (role, person) = standing(app, &workspace, person.as_ref(), role).await?;
    Ok(Caller { workspace, name, role, person, via: Via::Session, correlation_id })
}

/// Proves that a browser sent this from a page of ours: cookies alone travel with other sites' forms too.
pub(crate) fn same_origin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let proven = from_own_page(&app.origin, headers);
    proven.then_some(()).ok_or_else(|| {
        Problem::forbidden(format!(
            "this request did not come from a page of {}; open the page there and try again, or use an API key",
            app.origin
        ))
    })
}

fn from_own_page(origin: &str, headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Scripts cannot set Sec-Fetch-Site, and a page of ours may be open under another name of this host.
    match value("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => value("origin") == Some(origin),
    }
}

/// Browsers refuse a `__Host-` cookie that was set without `Secure` or by another host.
fn cookie_name(origin: &str) -> &'static str {
    if origin.starts_with("https://") { "__Host-usher_session" } else { "usher_session" }
}

/// The session that a browser claims.
fn session_cookie(origin: &str, headers: &HeaderMap) -> Option<Credential> {
    let name = cookie_name(origin);
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
    let session =
        Session { workspace: row.workspace, name: row.name, role: row.role, person: row.person, token };
    app.store.put_session(&session, &cookie.id).await?;
    set_cookie(&app.origin, cookie.text(), SESSION_TTL)
}

/// Ends a browser's session; answers the `Set-Cookie` header that takes the cookie away.
pub(crate) async fn sign_out(app: &App, headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    if let Some(cookie) = session_cookie(&app.origin, headers) {
        let session = app.store.session(&cookie.workspace, &cookie.id).await?;
        // Only the holder of the secret ends a session.
        if session.is_some_and(|session| session.token.accepts(cookie.text(), app.clock.now())) {
            app.store.delete_session(&cookie.workspace, &cookie.id).await?;
        }
    }
    set_cookie(&app.origin, "", SignedDuration::ZERO)
}

fn set_cookie(origin: &str, value: &str, ttl: SignedDuration) -> Result<HeaderValue, Problem> {
    let secure = if origin.starts_with("https://") { "; Secure" } else { "" };
    let name = cookie_name(origin);
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", ttl.as_secs());
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

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let own = |pairs: &[_]| from_own_page("http://127.0.0.1:8700", &headers(pairs));
        assert!(own(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8700")]));
        assert!(own(&[("origin", "http://127.0.0.1:8700")]));
        assert!(!own(&[]));
        assert!(!own(&[("origin", "null")]));
        assert!(!own(&[("origin", "http://127.0.0.1:8700.evil.example")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8700")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_plain_connections() {
        let cookie = |origin| set_cookie(origin, "v", SESSION_TTL).unwrap();
        assert_eq!(
            cookie("http://127.0.0.1:8700"),
            "usher_session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200"
        );
        assert_eq!(
            cookie("https://usher.example"),
            "__Host-usher_session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure"
        );
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let sent = format!("theme=dark; usher_session=main.0123456789ab.{SECRET}; x=y");
        let found = session_cookie("http://127.0.0.1:8700", &headers(&[("cookie", &sent)])).unwrap();
        assert_eq!(found.id, "0123456789ab");
        assert!(session_cookie("https://usher.example", &headers(&[("cookie", &sent)])).is_none());
    }
}
