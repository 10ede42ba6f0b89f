//! Who calls: the holder of an API key, or a signed-in browser.
//!
//! API keys, session cookies and sign-in links have one form, `<workspace>.<id>.<secret>`: the workspace and
//! the id find the row, and the row holds only a hash of the whole text.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use usher_domain::{
    Timestamp,
    access::PersonFacts,
    change::{Actor, Cause, Trigger},
    id::{ApiKeyId, PersonId, WorkspaceId},
    ports::{Ids, StoreError},
    sign_in::Origin,
    token::TokenHash,
    workspace::WorkspaceRole,
};

use crate::{
    App,
    audit::{self, Act},
    context::CorrelationId,
    error::Problem,
    origin, session,
};

/// What every API key's text begins with, so that secret scanners recognise one.
const API_KEY_PREFIX: &str = "usher_";

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

    /// Something that only the holder can work out, and from which nobody learns the text or what is worked out for another
    /// purpose.
    pub(crate) fn derived(&self, purpose: &str) -> String {
        TokenHash::of(&format!("{purpose}:{}", self.text)).as_str().to_owned()
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
#[derive(Debug, Clone)]
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
    /// The key or session.
    pub(crate) credential: String,
    /// Where from.
    pub(crate) origin: Origin,
    pub(crate) correlation_id: String,
    /// What the caller is doing, for the audit log.
    pub(crate) act: Act,
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
            credential: "s".into(),
            origin: Origin::default(),
            correlation_id: "c".into(),
            act: Act::default(),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = match parts.extensions.remove::<Self>() {
            Some(proven) => proven,
            None => prove(parts, app).await?,
        };
        acting(app, caller, parts).await
    }
}

/// Who sent a request. Whoever must know it before the handler leaves it in the request's extensions.
///
/// # Errors
/// 401 when it is nobody we know; 403 when a browser sent it from another site's page.
pub(crate) async fn prove(parts: &Parts, app: &App) -> Result<Caller, Problem> {
    let correlation_id = parts.extensions.get::<CorrelationId>().map(|id| id.0.clone()).unwrap_or_default();
    if let Some(authorization) = parts.headers.get(header::AUTHORIZATION) {
        return by_api_key(app, authorization, origin::of(parts), correlation_id).await;
    }
    let caller = by_session(app, parts, correlation_id).await?;
    if !parts.method.is_safe() {
        same_origin(app, &parts.headers)?;
    }
    Ok(caller)
}

/// Whoever is about to change something is in the audit log before they can.
async fn acting(app: &App, mut caller: Caller, parts: &Parts) -> Result<Caller, Problem> {
    if !parts.method.is_safe() {
        caller.act = parts.extensions.get::<Act>().cloned().unwrap_or_default();
        if let Some(act) = audit::begin(app, &caller, parts).await? {
            served(app, &caller, &act).await?;
        }
    }
    Ok(caller)
}

/// What goes on while a workspace is suspended: taking rights away from whoever should not have them any more.
const WHILE_SUSPENDED: [&str; 6] = [
    "deleteApiKey",
    "deleteClient",
    "deleteSession",
    "deleteSessionsOfMember",
    "deleteToken",
    "revokeTokens",
];

/// Whether changes of the workspace are taken.
async fn served(app: &App, caller: &Caller, act: &str) -> Result<(), Problem> {
    match app.store.tenancy(&caller.workspace).await?.suspension {
        Some(suspension) if !WHILE_SUSPENDED.contains(&act) => Err(Problem::suspended(&suspension)),
        _ => Ok(()),
    }
}

async fn by_api_key(
    app: &App,
    given: &HeaderValue,
    origin: Origin,
    correlation_id: String,
) -> Result<Caller, Problem> {
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
    Ok(Caller {
        workspace: key.workspace,
        name: key.name,
        role,
        person,
        via: Via::ApiKey,
        credential: key.id.into(),
        origin,
        correlation_id,
        act: Act::default(),
    })
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

async fn by_session(app: &App, parts: &Parts, correlation_id: String) -> Result<Caller, Problem> {
    let none = || {
        Problem::unauthenticated("send an API key as `Authorization: Bearer usher_…`, or open a sign-in link")
    };
    let session = session::current(app, &parts.headers).await?.ok_or_else(none)?;
    let (role, person) = standing(app, &session.workspace, session.person.as_ref(), session.role).await?;
    if let Some(used) = session.used(app.clock.now()).filter(|_| !refreshes_itself(parts)) {
        match app.store.use_session(&used).await {
            Err(StoreError::Missing { .. }) => return Err(none()),
            written => written?,
        }
    }
    Ok(Caller {
        workspace: session.workspace,
        name: session.name,
        role,
        person,
        via: Via::Session,
        credential: session.id,
        origin: origin::of(parts),
        correlation_id,
        act: Act::default(),
    })
}

/// Whether a page asks by itself whether something changed: nobody may be there. `seen` is what the page shows
/// already ([`crate::pages`]).
fn refreshes_itself(parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    parts.headers.contains_key("hx-request") && query.split('&').any(|part| part.starts_with("seen="))
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
}
