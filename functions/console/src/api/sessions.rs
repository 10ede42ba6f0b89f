//! Signed-in browsers, and ending their sessions.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::Serialize;
use usher_domain::{
    Timestamp,
    id::PersonId,
    sign_in::{Session, SignedInBy},
    workspace::WorkspaceRole,
};
use utoipa::ToSchema;

use super::{
    extract::Path,
    members::{check_rank, read},
};
use crate::{
    App,
    auth::{Caller, Via},
    error::Problem,
    paging::Listed,
    permission::{Action, may_set_role},
};

/// Longest id of a session.
const LONGEST_ID: usize = 80;

/// How a session was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignedInName {
    /// With a link that works once.
    Link,
    /// With the identity provider.
    IdentityProvider,
}

/// A signed-in browser.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// The session's id. It opens nothing.
    pub(crate) id: String,
    /// The person; null for a sign-in link that was for nobody of the directory.
    #[schema(required)]
    pub(crate) person: Option<String>,
    /// Who signed in.
    pub(crate) name: String,
    /// How.
    pub(crate) signed_in: SignedInName,
    /// When.
    pub(crate) begun_at: Timestamp,
    /// When it was used last, to the minute.
    pub(crate) seen_at: Timestamp,
    /// When it ends at the latest.
    #[schema(required)]
    pub(crate) expires_at: Option<Timestamp>,
    /// The network address that it was begun from.
    pub(crate) address: String,
    /// What the browser called itself.
    pub(crate) agent: String,
    /// Whether it is the session that asks.
    pub(crate) current: bool,
}

impl SessionView {
    fn of(session: Session, caller: &Caller) -> Self {
        Self {
            current: is_own(caller, &session),
            id: session.id,
            person: session.person.map(Into::into),
            name: session.name,
            signed_in: match session.signed_in {
                SignedInBy::Link => SignedInName::Link,
                SignedInBy::OpenId { .. } => SignedInName::IdentityProvider,
            },
            begun_at: session.token.created_at,
            seen_at: session.seen_at,
            expires_at: session.token.expires_at,
            address: session.origin.address,
            agent: session.origin.agent,
        }
    }
}

fn is_own(caller: &Caller, session: &Session) -> bool {
    caller.via == Via::Session && caller.credential == session.id
}

/// Whether a session is the caller's: this browser's, or one of the person whom the caller stands for.
fn is_theirs(caller: &Caller, session: &Session) -> bool {
    is_own(caller, session) || session.person.as_ref().is_some_and(|person| caller.is(person))
}

/// Signed-in browsers
///
/// Everybody sees their own; whoever manages members sees all.
#[utoipa::path(get, path = "/sessions", tag = "Members", operation_id = "listSessions",
    responses((status = 200, description = "The sessions, the one used last first.", body = Listed<SessionView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<Listed<SessionView>>, Problem> {
    let sees_all = caller.may(Action::ManageMembers).is_ok();
    let now = app.clock.now();
    let mut sessions = app.store.sessions(&caller.workspace).await?;
    sessions.retain(|session| session.is_in_use(now) && (sees_all || is_theirs(&caller, session)));
    sessions.sort_by_key(|session| std::cmp::Reverse(session.seen_at));
    Ok(Reply(Listed::whole(sessions, |session| SessionView::of(session, &caller))))
}

/// End a session
///
/// The browser is signed out at its next request. Everybody ends their own; those of others whoever decides about their role.
#[utoipa::path(delete, path = "/sessions/{session}", tag = "Members", operation_id = "deleteSession",
    params(("session" = String, Path, description = "The session's id.")),
    responses((status = 204, description = "The session has ended.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    // Longer ids were never given out, and fit no key.
    let session = match id.len() <= LONGEST_ID {
        true => app.store.session(&caller.workspace, &id).await?,
        false => None,
    };
    let theirs = session.as_ref().is_some_and(|session| is_theirs(&caller, session));
    if !theirs {
        // Before it is told whether there is one.
        caller.may(Action::ManageMembers)?;
    }
    let session = session.ok_or_else(|| Problem::not_found("this session"))?;
    let role = match &session.person {
        Some(person) => role_of(&app, &caller, person).await?,
        None => session.role,
    };
    if !theirs && !may_set_role(caller.role, role, role) {
        return Err(Problem::forbidden(
            "you may not end the session of somebody whose role is higher than those you give; ask the Owner",
        ));
    }
    caller.act.before(&SessionView::of(session, &caller));
    app.store.end_session(&caller.workspace, &id).await?;
    told(&caller, &id, "a session was ended");
    Ok(StatusCode::NO_CONTENT)
}

/// Sign a person out everywhere
///
/// All their browsers are signed out at their next request.
#[utoipa::path(delete, path = "/members/{person}/sessions", tag = "Members", operation_id = "deleteSessionsOfMember",
    params(("person" = String, Path, description = "The person's id.")),
    responses((status = 204, description = "All sessions have ended.")))]
pub(crate) async fn delete_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, Problem> {
    caller.act.is("deleteSessionsOfMember", format!("/members/{id}/sessions"));
    if !caller.is(&id) {
        check_manages(&app, &caller, &id).await?;
    }
    for session in app.store.sessions(&caller.workspace).await? {
        if session.person.as_ref() == Some(&id) {
            app.store.end_session(&caller.workspace, &session.id).await?;
        }
    }
    told(&caller, id.as_str(), "somebody was signed out everywhere");
    Ok(StatusCode::NO_CONTENT)
}

/// Forget a person's account at the identity provider
///
/// At their next sign-in they are found by their e-mail address again.
#[utoipa::path(delete, path = "/members/{person}/identity", tag = "Members", operation_id = "deleteIdentityOfMember",
    params(("person" = String, Path, description = "The person's id.")),
    responses((status = 204, description = "The account is forgotten.")))]
pub(crate) async fn forget_identity(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, Problem> {
    check_manages(&app, &caller, &id).await?;
    let identities = app.store.identities_of(&caller.workspace, &id).await?;
    let subjects: Vec<_> = identities.iter().map(|identity| [&identity.issuer, &identity.subject]).collect();
    caller.act.before(&serde_json::json!({ "identities": subjects }));
    for identity in identities {
        app.store.delete_identity(&identity).await?;
    }
    told(&caller, id.as_str(), "somebody's account at the identity provider was forgotten");
    Ok(StatusCode::NO_CONTENT)
}

async fn check_manages(app: &App, caller: &Caller, person: &PersonId) -> Result<(), Problem> {
    caller.may(Action::ManageMembers)?;
    let (_, member) = read(app, caller, person).await?;
    let role = member.as_ref().map_or(WorkspaceRole::User, |member| member.role);
    check_rank(caller, member.as_ref(), role)
}

async fn role_of(app: &App, caller: &Caller, person: &PersonId) -> Result<WorkspaceRole, Problem> {
    let member = app.store.member(&caller.workspace, person).await?;
    Ok(member.map_or(WorkspaceRole::User, |member| member.role))
}

fn told(caller: &Caller, target: &str, what: &'static str) {
    tracing::info!(correlation_id = caller.correlation_id, actor = caller.name, target_id = target, "{what}");
}
