//! What happened in an integration.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::{Timestamp, activity::Activity, change::Actor, id::IntegrationId};
use utoipa::ToSchema;

use super::{
    extract::{Path, Query},
    integrations::read,
    names::EventName,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery, page_of},
    permission::Action,
};

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorView {
    /// `connection`, `person` or `usher`.
    pub(crate) kind: &'static str,
    /// The name to show.
    pub(crate) name: String,
    /// The connection's id, where a connection acted.
    #[schema(required)]
    pub(crate) connection: Option<String>,
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        let name = actor.name().to_owned();
        let (kind, connection) = match actor {
            Actor::Connection { id, .. } => ("connection", Some(id.into())),
            Actor::Person { .. } => ("person", None),
            Actor::Usher => ("usher", None),
        };
        Self { kind, name, connection }
    }
}

/// Something that happened in an integration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Activity)]
pub(crate) struct ActivityView {
    /// Its id.
    id: String,
    /// When.
    at: Timestamp,
    /// Who.
    actor: ActorView,
    /// What.
    event: EventName,
    /// Whom or what it happened to.
    target: String,
    /// The job that did it.
    #[schema(required)]
    job: Option<String>,
}

impl From<Activity> for ActivityView {
    fn from(activity: Activity) -> Self {
        Self {
            id: activity.id,
            at: activity.at,
            actor: activity.actor.into(),
            event: activity.event.into(),
            target: activity.target,
            job: activity.job.map(Into::into),
        }
    }
}

/// Activity of an integration
///
/// Newest first.
#[utoipa::path(get, path = "/integrations/{integration}/activity", tag = "Integrations", operation_id = "listActivity",
    params(("integration" = String, Path, description = "The integration's id."), PageQuery),
    responses((status = 200, description = "One page of activity.", body = Listed<ActivityView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<ActivityView>>, Problem> {
    caller.may_in(&app, Action::ReadAutomations, &id).await?;
    let limit = query.limit()?;
    read(&app, &caller, &id).await?;
    let page = app.store.activity(&caller.workspace, &id, query.cursor(), limit).await;
    Ok(Reply(Listed::new(page_of(page, query.cursor())?, ActivityView::from)))
}
