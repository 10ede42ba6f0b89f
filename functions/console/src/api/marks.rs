//! Marks: people of an integration whom Usher leaves alone, or never takes anything away from.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    access::{Access, Mark},
    change::{Change, Subject},
    id::{ChangeId, IntegrationId, PersonId},
};
use utoipa::ToSchema;

use super::{
    access::AccessView,
    activity::ActorView,
    check_name,
    extract::{Json, Path},
    integrations::read,
    names::MarkName,
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// A mark to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkPut {
    /// `exempt`: left alone, no job is made. `protected`: never removed or demoted.
    pub(crate) kind: MarkName,
    /// Why, for whoever wonders later.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) reason: String,
}

/// A mark.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mark)]
pub(crate) struct MarkView {
    /// `exempt`: left alone, no job is made. `protected`: never removed or demoted.
    kind: MarkName,
    /// Why.
    reason: String,
    /// Who set it.
    actor: ActorView,
    /// When.
    at: Timestamp,
}

impl From<Mark> for MarkView {
    fn from(Mark { kind, reason, cause }: Mark) -> Self {
        Self { kind: kind.into(), reason, actor: cause.actor.into(), at: cause.at }
    }
}

/// Mark a person
///
/// Sets the mark, or replaces it. An open job of somebody exempt is closed; what was not done because of a mark is decided
/// anew when it is taken away.
#[utoipa::path(put, path = "/integrations/{integration}/people/{person}/mark", tag = "Integrations", operation_id = "putMark",
    params(
        ("integration" = String, Path, description = "The integration's id."),
        ("person" = String, Path, description = "The person's id."),
    ),
    request_body = MarkPut,
    responses((status = 200, description = "The access with its mark.", body = AccessView)))]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, person)): Path<(IntegrationId, PersonId)>,
    Json(body): Json<MarkPut>,
) -> Result<Reply<AccessView>, Problem> {
    let kind = body.kind.into();
    let reason = check_name("/reason", &body.reason)?;
    let cause = caller.cause(app.clock.now());
    set(&app, &caller, &id, &person, Some(Mark { kind, reason, cause })).await
}

/// Take a mark away
///
/// The person's access is decided anew.
#[utoipa::path(delete, path = "/integrations/{integration}/people/{person}/mark", tag = "Integrations", operation_id = "deleteMark",
    params(
        ("integration" = String, Path, description = "The integration's id."),
        ("person" = String, Path, description = "The person's id."),
    ),
    responses((status = 200, description = "The access without a mark.", body = AccessView)))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, person)): Path<(IntegrationId, PersonId)>,
) -> Result<Reply<AccessView>, Problem> {
    set(&app, &caller, &id, &person, None).await
}

async fn set(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    person: &PersonId,
    mark: Option<Mark>,
) -> Result<Reply<AccessView>, Problem> {
    caller.may_in(app, Action::ManageIntegrations, id).await?;
    read(app, caller, id).await?;
    let found = app.store.person(&caller.workspace, person).await?;
    found.ok_or_else(|| Problem::not_found("this person"))?;
    let subject = Subject::Mark { integration: id.clone(), person: person.clone() };
    let cause = caller.cause(app.clock.now());
    let change = Change::new(ChangeId::from(app.ids.uuid()), caller.workspace.clone(), subject, cause);
    let marked: Access = app.store.set_mark(&caller.workspace, id, person, mark.as_ref(), &change).await?;
    let view = AccessView::from(marked);
    caller.act.after(&view);
    Ok(Reply(view))
}
