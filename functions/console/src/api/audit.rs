//! The audit log: who did what in the workspace's administration.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_domain::{
    Timestamp,
    audit::{AuditEntry, Means, Outcome},
    id::IntegrationId,
    ports::Page,
};
use utoipa::{IntoParams, ToSchema};

use super::extract::Query;
use crate::{
    App, audit,
    auth::Caller,
    error::Problem,
    paging::{self, Listed, page_of},
    permission::{Action, Reach},
};

/// By what somebody acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeansName {
    /// A key of the admin API; the commands use one too.
    ApiKey,
    /// A signed-in browser.
    Session,
}

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeName {
    /// It began, and nobody knows more: the process died or lost the store.
    Begun,
    /// It was done.
    Done,
    /// It was refused, and nothing was changed.
    Refused,
    /// It broke off: all, some or nothing of it was done.
    Failed,
}

impl From<&Outcome> for OutcomeName {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Begun => Self::Begun,
            Outcome::Done => Self::Done,
            Outcome::Refused { .. } => Self::Refused,
            Outcome::Failed { .. } => Self::Failed,
        }
    }
}

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditAgent)]
pub(crate) struct AgentView {
    /// The name of the key, or of who is signed in.
    pub(crate) name: String,
    /// The person of the directory; null for nobody of it.
    #[schema(required)]
    pub(crate) person: Option<String>,
    /// By what.
    pub(crate) by: MeansName,
    /// The id of the key or session.
    pub(crate) credential: String,
    /// The network address.
    pub(crate) address: String,
    /// What the program called itself.
    pub(crate) program: String,
}

/// An act of the administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditView {
    /// Its id.
    pub(crate) id: String,
    /// When it began.
    pub(crate) at: Timestamp,
    /// Who.
    pub(crate) actor: AgentView,
    /// What: the operation of this API, also where a page did the same; `signIn` for signing in.
    pub(crate) act: String,
    /// The same for people.
    pub(crate) label: String,
    /// To what: an address below `/api/v1`.
    pub(crate) target: String,
    /// The integration that it is about.
    #[schema(required)]
    pub(crate) integration: Option<String>,
    /// The thing as it was; null where there was none, or it is not kept.
    #[schema(required, value_type = Option<Object>)]
    pub(crate) before: Option<Value>,
    /// The thing as it was afterwards.
    #[schema(required, value_type = Option<Object>)]
    pub(crate) after: Option<Value>,
    /// What became of it.
    pub(crate) outcome: OutcomeName,
    /// Why not: the end of the problem's `type`.
    #[schema(required)]
    pub(crate) problem: Option<String>,
    /// Names the request in the logs, and what it caused in the Automation Log.
    pub(crate) correlation_id: String,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        let (by, credential) = match entry.agent.means {
            Means::ApiKey { id } => (MeansName::ApiKey, id),
            Means::Session { id } => (MeansName::Session, id),
        };
        Self {
            id: entry.id,
            at: entry.at,
            actor: AgentView {
                name: entry.agent.name,
                person: entry.agent.person.map(Into::into),
                by,
                credential,
                address: entry.agent.origin.address,
                program: entry.agent.origin.agent,
            },
            label: audit::label(&entry.act).to_owned(),
            act: entry.act,
            target: entry.target,
            integration: entry.integration.map(Into::into),
            before: entry.before,
            after: entry.after,
            outcome: (&entry.outcome).into(),
            problem: match entry.outcome {
                Outcome::Refused { problem } | Outcome::Failed { problem } => Some(problem),
                Outcome::Begun | Outcome::Done => None,
            },
            correlation_id: entry.correlation_id,
        }
    }
}

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Part of the actor's name, or a person's id.
    pub(crate) actor: Option<String>,
    /// The operation.
    pub(crate) act: Option<String>,
    /// What became of it.
    pub(crate) outcome: Option<OutcomeName>,
    /// The integration that it is about.
    #[param(value_type = Option<String>)]
    pub(crate) integration: Option<IntegrationId>,
    /// From when, inclusive.
    pub(crate) since: Option<Timestamp>,
    /// Until when, exclusive.
    pub(crate) until: Option<Timestamp>,
    /// Where the page begins: `next` of the page before. Left out for the first page.
    pub(crate) cursor: Option<String>,
    /// Most rows of the page, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<u32>,
}

impl AuditQuery {
    fn wants(&self, entry: &AuditEntry, reach: &Reach) -> bool {
        let seen = match (reach, &entry.integration) {
            (Reach::Everywhere, _) => true,
            (Reach::Hubs(_), Some(integration)) => reach.covers(integration),
            (Reach::Hubs(_), None) => false,
        };
        let is = |wanted: &str| {
            entry.agent.name.to_lowercase().contains(&wanted.to_lowercase())
                || entry.agent.person.as_ref().is_some_and(|person| person.as_str() == wanted)
        };
        seen && self.actor.as_deref().is_none_or(is)
            && self.act.as_ref().is_none_or(|act| *act == entry.act)
            && self.outcome.is_none_or(|outcome| outcome == (&entry.outcome).into())
            && self.integration.as_ref().is_none_or(|wanted| entry.integration.as_ref() == Some(wanted))
    }
}

/// The audit log
///
/// Newest first. Every request that was to change something and whose caller was known is here, also one that was refused.
/// With a filter, a page may hold fewer rows than `limit`, also none, while `next` is set: go on until it is null. Owners and
/// Managers of hubs see what is about their hubs.
#[utoipa::path(get, path = "/audit", tag = "Audit", operation_id = "listAudit",
    params(AuditQuery),
    responses((status = 200, description = "One page of entries.", body = Listed<AuditView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Reply<Listed<AuditView>>, Problem> {
    let reach = caller.reach(&app, Action::ReadAudit).await?;
    let limit = paging::limit(query.limit)?;
    let page = read(&app, &caller, &reach, &query, limit).await?;
    Ok(Reply(Listed::new(page, AuditView::from)))
}

/// One page of what is asked for.
pub(crate) async fn read(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    query: &AuditQuery,
    limit: u32,
) -> Result<Page<AuditEntry>, Problem> {
    let cursor = paging::cursor(query.cursor.as_deref());
    let found = app.store.audit(&caller.workspace, query.since, query.until, cursor, limit).await;
    let mut page = page_of(found, cursor)?;
    page.items.retain(|entry| query.wants(entry, reach));
    Ok(page)
}
