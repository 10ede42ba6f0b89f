//! Syncs, health checks, and where the app differs.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use usher_domain::{
    id::{IntegrationId, PersonId},
    sync::RunKind,
};

use super::{
    extract::{OptionalJson, Path, Query},
    integrations::read,
    jobs::JobView,
    sync_views::{DriftView, SyncStart, SyncView},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery, page_of},
    permission::Action,
    syncing,
};

/// Sync now
///
/// Reads the app page by page and compares it with what was decided. One sync or health check at a time.
#[utoipa::path(post, path = "/integrations/{integration}/sync", tag = "Sync", operation_id = "startSync",
    params(("integration" = String, Path, description = "The integration's id.")),
    request_body = Option<SyncStart>,
    responses((status = 202, description = "The sync, which has begun.", body = SyncView)))]
pub(crate) async fn start(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    OptionalJson(body): OptionalJson<SyncStart>,
) -> Result<(StatusCode, Reply<SyncView>), Problem> {
    let safeguard = body.safeguard_percent.map(|it| syncing::check_percent("/safeguard_percent", it));
    let run = syncing::begin(&app, &caller, &id, RunKind::Sync, safeguard.transpose()?).await?;
    Ok((StatusCode::ACCEPTED, Reply(run.into())))
}

/// Check an integration's health
///
/// Whether the app answers, and whether the credentials are good for everything. A paused integration can be checked.
#[utoipa::path(post, path = "/integrations/{integration}/health-check", tag = "Sync", operation_id = "startHealthCheck",
    params(("integration" = String, Path, description = "The integration's id.")),
    responses((status = 202, description = "The health check, which has begun.", body = SyncView)))]
pub(crate) async fn check_health(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<(StatusCode, Reply<SyncView>), Problem> {
    let run = syncing::begin(&app, &caller, &id, RunKind::HealthCheck, None).await?;
    Ok((StatusCode::ACCEPTED, Reply(run.into())))
}

/// The last sync or health check of an integration
#[utoipa::path(get, path = "/integrations/{integration}/sync", tag = "Sync", operation_id = "getSync",
    params(("integration" = String, Path, description = "The integration's id.")),
    responses((status = 200, description = "The last one, under way or over.", body = SyncView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Reply<SyncView>, Problem> {
    caller.may_in(&app, Action::ReadIntegrations, &id).await?;
    let run = app.store.last_run(&caller.workspace, &id).await?;
    Ok(Reply(run.ok_or_else(|| Problem::not_found("a sync of this integration"))?.into()))
}

/// Where the app differs
///
/// What syncs found: people first, then strangers in the app. A difference is gone when the app is seen to agree.
#[utoipa::path(get, path = "/integrations/{integration}/drift", tag = "Sync", operation_id = "listDrift",
    params(("integration" = String, Path, description = "The integration's id."), PageQuery),
    responses((status = 200, description = "A page of differences.", body = Listed<DriftView>)))]
pub(crate) async fn drift(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<DriftView>>, Problem> {
    caller.may_in(&app, Action::ReadIntegrations, &id).await?;
    read(&app, &caller, &id).await?;
    let page = app.store.drift_page(&caller.workspace, &id, query.cursor(), query.limit()?).await;
    Ok(Reply(Listed::new(page_of(page, query.cursor())?, DriftView::from)))
}

/// Send an invitation again
///
/// Also to somebody who declined it, or whose invitation ended more often than it is sent again by itself.
#[utoipa::path(post, path = "/integrations/{integration}/people/{person}/resend-invitation", tag = "Sync",
    operation_id = "resendInvitation",
    params(("integration" = String, Path, description = "The integration's id."),
        ("person" = String, Path, description = "The person's id.")),
    responses((status = 200, description = "The job that sends it.", body = JobView)))]
pub(crate) async fn resend_invitation(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((integration, person)): Path<(IntegrationId, PersonId)>,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply(syncing::resend(&app, &caller, &integration, &person).await?.into()))
}
