//! What the audit log is told: every request that changes something and whose caller is known, before it is done and after.
//!
//! The entry is written where a caller is proven ([`crate::auth`]), so that no handler can leave it out, and closed around the
//! request. Handlers add what they alone know: the thing before and after.

mod acts;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    extract::{MatchedPath, OriginalUri, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::Value;
use usher_domain::{
    audit::{Agent, AuditEntry, DEFAULT_DAYS, Means, Outcome, bounded},
    id::IntegrationId,
    sign_in::Session,
};

#[cfg(test)]
pub(crate) use acts::is_question;
pub(crate) use acts::{label, labels};

use crate::{
    App,
    auth::{Caller, Via},
    error::Problem,
};

/// The act that a request is, while it is being done; nothing for a request that only reads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Act(Arc<Mutex<Option<AuditEntry>>>);

impl Act {
    fn entry(&self) -> MutexGuard<'_, Option<AuditEntry>> {
        // A poisoned lock only means that the request panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(&self, change: impl FnOnce(&mut AuditEntry)) {
        if let Some(entry) = self.entry().as_mut() {
            change(entry);
        }
    }

    /// Whether it was begun, so that something may have been done.
    pub(crate) fn began(&self) -> bool {
        self.entry().is_some()
    }

    /// Says what it is where the address does not.
    pub(crate) fn is(&self, operation: &str, target: String) {
        self.with(|entry| {
            entry.act = operation.to_owned();
            entry.target = target;
        });
    }

    /// Says which integration it is about.
    pub(crate) fn about(&self, integration: &IntegrationId) {
        self.with(|entry| entry.integration = Some(integration.clone()));
    }

    /// Keeps the thing as it was. Only what the API shows: it holds no secrets.
    pub(crate) fn before(&self, view: &impl Serialize) {
        self.with(|entry| entry.before = kept(view));
    }

    /// Keeps the thing as it is now. Only what the API shows: it holds no secrets.
    pub(crate) fn after(&self, view: &impl Serialize) {
        self.with(|entry| entry.after = kept(view));
    }
}

fn kept(view: &impl Serialize) -> Option<Value> {
    serde_json::to_value(view).ok().filter(|state| !state.is_null()).map(bounded)
}

/// Writes down that somebody begins to do something, and answers what; nothing for what changes nothing. What cannot be
/// written down is not done.
///
/// # Errors
/// When the store does not take it.
pub(crate) async fn begin(app: &App, caller: &Caller, parts: &Parts) -> Result<Option<String>, Problem> {
    let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    // Below a nested router the address has lost its beginning.
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let Some(done) = acts::of(&parts.method, route, uri.path()) else { return Ok(None) };
    let (session, key) =
        (Means::Session { id: caller.credential.clone() }, Means::ApiKey { id: caller.credential.clone() });
    let means = match caller.via {
        Via::Session => session,
        Via::ApiKey => key,
    };
    let person = caller.person.as_ref().map(|person| person.id.clone());
    let agent = Agent { name: caller.name.clone(), person, means, origin: caller.origin.clone() };
    let entry = AuditEntry {
        act: done.operation,
        integration: done.integration,
        outcome: Outcome::Begun,
        correlation_id: caller.correlation_id.clone(),
        ..entry(app, &caller.workspace, agent, done.target).await?
    };
    app.store.put_audit(&entry).await?;
    let act = entry.act.clone();
    *caller.act.entry() = Some(entry);
    Ok(Some(act))
}

/// The entry of somebody who signed in; it is written with the session.
pub(crate) async fn signed_in(
    app: &App,
    session: &Session,
    correlation_id: &str,
) -> Result<AuditEntry, Problem> {
    let agent = Agent {
        name: session.name.clone(),
        person: session.person.clone(),
        means: Means::Session { id: session.id.clone() },
        origin: session.origin.clone(),
    };
    let target = format!("/sessions/{}", session.id);
    Ok(AuditEntry {
        act: acts::SIGN_IN.to_owned(),
        outcome: Outcome::Done,
        correlation_id: correlation_id.to_owned(),
        ..entry(app, &session.workspace, agent, target).await?
    })
}

async fn entry(
    app: &App,
    workspace: &usher_domain::id::WorkspaceId,
    agent: Agent,
    target: String,
) -> Result<AuditEntry, Problem> {
    let days = app.store.workspace(workspace).await?.map_or(DEFAULT_DAYS, |workspace| workspace.audit_days);
    let at = app.clock.now();
    Ok(AuditEntry {
        id: app.ids.uuid().to_string(),
        workspace: workspace.clone(),
        at,
        agent,
        act: String::new(),
        target,
        integration: None,
        before: None,
        after: None,
        outcome: Outcome::Begun,
        correlation_id: String::new(),
        kept_until: at
            .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
            .unwrap_or(jiff::Timestamp::MAX),
    })
}

/// Wraps every request, and writes down what became of its act.
pub(crate) async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let act = Act::default();
    request.extensions_mut().insert(act.clone());
    let response = next.run(request).await;
    let begun = act.entry().take();
    if let Some(begun) = begun {
        let entry = AuditEntry { outcome: outcome(&response), ..begun };
        if let Err(error) = app.store.put_audit(&entry).await {
            let correlation_id = &entry.correlation_id;
            tracing::error!(correlation_id, %error, "what became of an act is not in the audit log, only that it began");
        }
    }
    response
}

fn outcome(response: &Response) -> Outcome {
    let status = response.status();
    let problem = response.extensions().get::<Problem>().map_or("unknown", |problem| problem.code).to_owned();
    match (status.is_client_error(), status.is_server_error()) {
        (false, false) => Outcome::Done,
        (true, _) => Outcome::Refused { problem },
        (_, true) => Outcome::Failed { problem },
    }
}
