//! Sessions of browsers: the cookie, how a session begins, and how it ends.

use http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;
use usher_domain::{
    id::{PersonId, WorkspaceId},
    sign_in::{LONGEST_SESSION, Origin, Session, SignedInBy},
    token::IssuedToken,
    workspace::WorkspaceRole,
};

use crate::{App, audit, auth::Credential, error::Problem};

/// A cookie of ours. Browsers keep one whose name begins with `__Host-` only from this very host, with `Secure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Who is signed in.
    Session,
    /// Who began to sign in with the identity provider.
    Attempt,
}

impl Cookie {
    fn name(self, origin: &str) -> &'static str {
        match (self, origin.starts_with("https://")) {
            (Self::Session, true) => "__Host-usher_session",
            (Self::Session, false) => "usher_session",
            (Self::Attempt, true) => "__Host-usher_sign_in",
            (Self::Attempt, false) => "usher_sign_in",
        }
    }

    /// What a browser sent.
    pub(crate) fn read(self, origin: &str, headers: &HeaderMap) -> Option<Credential> {
        let name = self.name(origin);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| Credential::parse(value))
    }

    /// The `Set-Cookie` header that gives it.
    pub(crate) fn set(self, origin: &str, value: &str, ttl: SignedDuration) -> Result<HeaderValue, Problem> {
        let secure = if origin.starts_with("https://") { "; Secure" } else { "" };
        let name = self.name(origin);
        let text =
            format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", ttl.as_secs());
        HeaderValue::from_str(&text).map_err(|_| Problem::bad_request("the browser cannot keep this cookie"))
    }

    /// The `Set-Cookie` header that takes it away.
    pub(crate) fn clear(self, origin: &str) -> Result<HeaderValue, Problem> {
        self.set(origin, "", SignedDuration::ZERO)
    }
}

/// Who signs in.
pub(crate) struct Entry {
    pub(crate) workspace: WorkspaceId,
    pub(crate) name: String,
    pub(crate) role: WorkspaceRole,
    pub(crate) person: Option<PersonId>,
    pub(crate) signed_in: SignedInBy,
}

/// The session of a browser, while it lasts.
pub(crate) async fn current(app: &App, headers: &HeaderMap) -> Result<Option<Session>, Problem> {
    let Some(cookie) = Cookie::Session.read(&app.origin, headers) else { return Ok(None) };
    let session = app.store.session(&cookie.workspace, &cookie.id).await?;
    // Only the holder of the secret has a session.
    Ok(session.filter(|session| session.accepts(cookie.text(), app.clock.now())))
}

/// Begins a session under a secret of its own and ends the one that the browser had; answers the `Set-Cookie` header.
pub(crate) async fn begin(
    app: &App,
    headers: &HeaderMap,
    origin: Origin,
    entry: Entry,
    correlation_id: &str,
) -> Result<HeaderValue, Problem> {
    if let Some(before) = current(app, headers).await? {
        app.store.end_session(&before.workspace, &before.id).await?;
    }
    let cookie = Credential::new(&entry.workspace, app.ids.as_ref());
    let now = app.clock.now();
    let Entry { workspace, name, role, person, signed_in } = entry;
    let session = Session {
        id: cookie.id.clone(),
        workspace,
        name,
        role,
        person,
        token: IssuedToken::issue(cookie.text(), now, Some(now + LONGEST_SESSION)),
        seen_at: now,
        origin,
        signed_in,
    };
    let told = audit::signed_in(app, &session, correlation_id).await?;
    app.store.begin_session(&session, &told).await?;
    Cookie::Session.set(&app.origin, cookie.text(), LONGEST_SESSION)
}

/// Takes a sign-in link and begins a session; answers the `Set-Cookie` header.
///
/// # Errors
/// 403 when the link was used, has ended or never was one.
pub(crate) async fn begin_by_link(
    app: &App,
    headers: &HeaderMap,
    origin: Origin,
    link: &str,
    correlation_id: &str,
) -> Result<HeaderValue, Problem> {
    let refused = || {
        Problem::forbidden("this sign-in link was used already or has ended; ask for a new one and open that")
    };
    let link = Credential::parse(link).ok_or_else(refused)?;
    let row = app.store.take_sign_in_link(&link.workspace, &link.id).await?.ok_or_else(refused)?;
    if !row.token.accepts(link.text(), app.clock.now()) {
        return Err(refused());
    }
    let entry = Entry {
        workspace: row.workspace,
        name: row.name,
        role: row.role,
        person: row.person,
        signed_in: SignedInBy::Link,
    };
    begin(app, headers, origin, entry, correlation_id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s_0123456789abcdef";

    #[test]
    fn the_cookie_is_kept_from_scripts_and_plain_connections() {
        let cookie = |origin| Cookie::Session.set(origin, "v", LONGEST_SESSION).unwrap();
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
        let headers = HeaderMap::from_iter([(header::COOKIE, sent.parse().unwrap())]);
        let found = Cookie::Session.read("http://127.0.0.1:8700", &headers).unwrap();
        assert_eq!(found.id, "0123456789ab");
        assert!(Cookie::Session.read("https://usher.example", &headers).is_none());
        assert!(Cookie::Attempt.read("http://127.0.0.1:8700", &headers).is_none());
    }
}
