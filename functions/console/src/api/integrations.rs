//! Integrations: organisations in external apps.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde_json::Value;
use usher_domain::{
    change::{Change, Subject},
    id::{ChangeId, IntegrationId},
    integration::{Integration, Status},
    ports::{AdminWrite, SealedFor},
    share::Share,
    tenancy::Resource,
};

use super::{
    catalogue_views::CatalogueBody,
    check_grace, check_name,
    connection_views::with_token,
    connections::connection_id,
    extract::{Json, OptionalJson, Path},
    integration_views::{
        CreatedView, IntegrationCreate, IntegrationPatch, IntegrationView, KindName, PauseBody, ResumedView,
        credentials_text,
    },
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::Action,
    provisioning::{self, NewIntegration, NewKind},
    work,
};

/// Integrations
#[utoipa::path(get, path = "/integrations", tag = "Integrations", operation_id = "listIntegrations",
    responses((status = 200, description = "All integrations.", body = Listed<IntegrationView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<Listed<IntegrationView>>, Problem> {
    let reach = caller.reach(&app, Action::ReadIntegrations).await?;
    let mut integrations = app.store.integrations(&caller.workspace).await?;
    integrations.retain(|integration| reach.covers(&integration.id));
    Ok(Reply(Listed::whole(integrations, IntegrationView::from)))
}

/// Create an integration
///
/// One of the IdLCM kind gets its own SCIM connection, whose token is answered this once.
#[utoipa::path(post, path = "/integrations", tag = "Integrations", operation_id = "createIntegration",
    request_body = IntegrationCreate,
    responses((status = 201, description = "The integration.", body = CreatedView)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<IntegrationCreate>,
) -> Result<(StatusCode, Reply<CreatedView>), Problem> {
    caller.may(Action::CreateIntegrations)?;
    check_quota(&app, &caller).await?;
    let name = check_name("/name", &body.name)?;
    check_connector(&app, &body.connector)?;
    let kind = match (body.kind, body.connection) {
        (KindName::BusinessHub, None) => NewKind::BusinessHub,
        (KindName::BusinessHub, Some(_)) => {
            let detail =
                "a business hub has no SCIM connection of its own; leave this out, or make it `id_lcm`";
            return Err(Problem::invalid("/connection", detail));
        }
        (KindName::IdLcm, gateway) => {
            let slug = gateway.as_ref().and_then(|gateway| gateway.slug.as_deref());
            let connection = connection_id("/connection/slug", &caller.workspace, slug, app.ids.as_ref())?;
            let gateway = gateway.unwrap_or_default();
            NewKind::IdLcm { connection, etags: gateway.etags, protocol: gateway.protocol() }
        }
    };
    let new = NewIntegration {
        id: None,
        name,
        kind,
        connector: body.connector,
        config: Value::Object(body.config),
        credentials: body.credentials.map(credentials_text).transpose()?,
        catalogue: body.catalogue.check()?,
        grace_seconds: body.grace_seconds.map(check_grace).transpose()?,
        guards: body.guards.check()?,
    };
    let actor = caller.actor();
    let (integration, connection) =
        provisioning::create_integration(&app, &caller.workspace, new, &actor).await?;
    caller.act.about(&integration.id);
    caller.act.after(&IntegrationView::from(integration.clone()));
    let view = CreatedView {
        integration: integration.into(),
        scim: connection.map(|connection| with_token(&app, connection)),
    };
    Ok((StatusCode::CREATED, Reply(view)))
}

async fn check_quota(app: &App, caller: &Caller) -> Result<(), Problem> {
    let quotas = app.store.tenancy(&caller.workspace).await?.quotas;
    if quotas.integrations.is_none() {
        return Ok(());
    }
    let used = app.store.integrations(&caller.workspace).await?.len() as u64;
    quotas.allow(Resource::Integrations, used).map_err(|used_up| Problem::quota(&used_up))
}

/// An integration
#[utoipa::path(get, path = "/integrations/{integration}", tag = "Integrations", operation_id = "getIntegration",
    params(("integration" = String, Path, description = "The integration's id.")),
    responses((status = 200, description = "The integration.", body = IntegrationView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Reply<IntegrationView>, Problem> {
    caller.may_in(&app, Action::ReadIntegrations, &id).await?;
    Ok(Reply(read(&app, &caller, &id).await?.0.into()))
}

/// Change an integration
///
/// New credentials do not resume a paused integration; resume it when they are in place.
#[utoipa::path(patch, path = "/integrations/{integration}", tag = "Integrations", operation_id = "patchIntegration",
    params(("integration" = String, Path, description = "The integration's id.")),
    request_body = IntegrationPatch,
    responses((status = 200, description = "The integration as it is now.", body = IntegrationView)))]
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Json(patch): Json<IntegrationPatch>,
) -> Result<Reply<IntegrationView>, Problem> {
    caller.may_in(&app, Action::ManageIntegrations, &id).await?;
    let (mut integration, _) = read(&app, &caller, &id).await?;
    caller.act.before(&IntegrationView::from(integration.clone()));
    if let Some(name) = patch.name {
        integration.name = check_name("/name", &name)?;
    }
    if let Some(config) = patch.config {
        integration.config = Value::Object(config);
    }
    let catalogue = patch.catalogue.map(CatalogueBody::check).transpose()?;
    let other_catalogue = catalogue.as_ref().is_some_and(|catalogue| *catalogue != integration.catalogue);
    if let Some(catalogue) = catalogue {
        integration.catalogue = catalogue;
    }
    if let Some(seconds) = patch.grace_seconds {
        integration.grace_seconds = seconds.map(check_grace).transpose()?;
    }
    if let Some(guards) = patch.guards {
        integration.guards = guards.check()?;
    }
    if let Some(sync) = patch.sync {
        integration.sync = sync.over(integration.sync)?;
    }
    if let Some(credentials) = patch.credentials {
        let sealed = app.sealer.seal(SealedFor::Integration(&id), &credentials_text(credentials)?).await?;
        integration.sealed_credentials = Some(sealed);
    }
    integration.version += 1;
    if other_catalogue {
        let subject = Subject::Catalogue { integration: id, cursor: None };
        let (change, cause) = (ChangeId::from(app.ids.uuid()), caller.cause(app.clock.now()));
        let change = Change::new(change, caller.workspace.clone(), subject, cause);
        app.store.change_catalogue(&integration, &change).await?;
    } else {
        app.store.put_integration(&integration, AdminWrite::Replace).await?;
    }
    let view = IntegrationView::from(integration);
    caller.act.after(&view);
    Ok(Reply(view))
}

/// Pause an integration
///
/// Its jobs are kept. One that is paused already stays as it is.
#[utoipa::path(post, path = "/integrations/{integration}/pause", tag = "Integrations", operation_id = "pauseIntegration",
    params(("integration" = String, Path, description = "The integration's id.")),
    request_body = Option<PauseBody>,
    responses((status = 200, description = "The paused integration.", body = IntegrationView)))]
pub(crate) async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    OptionalJson(body): OptionalJson<PauseBody>,
) -> Result<Reply<IntegrationView>, Problem> {
    caller.may_in(&app, Action::ManageIntegrations, &id).await?;
    let reason = match body.reason {
        Some(reason) => check_name("/reason", &reason)?,
        None => format!("paused by {}", caller.name),
    };
    let status = Status::Paused { reason, since: app.clock.now() };
    Ok(Reply(work::set_status(&app, &caller, &id, status).await?.into()))
}

/// Resume an integration
///
/// Jobs that waited for it are put back to work; removals whose grace window has not passed go on waiting.
#[utoipa::path(post, path = "/integrations/{integration}/resume", tag = "Integrations", operation_id = "resumeIntegration",
    params(("integration" = String, Path, description = "The integration's id.")),
    responses((status = 200, description = "The active integration.", body = ResumedView)))]
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Reply<ResumedView>, Problem> {
    let resumed = work::resume(&app, &caller, &id).await?;
    let released = u64::try_from(resumed.released).unwrap_or(u64::MAX);
    Ok(Reply(ResumedView { integration: resumed.integration.into(), released }))
}

/// The integration of the caller's workspace, with its shares.
pub(super) async fn read(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
) -> Result<(Integration, Vec<Share>), Problem> {
    let found = app.store.integration(&caller.workspace, id).await?;
    found.ok_or_else(|| Problem::not_found("this integration"))
}

fn check_connector(app: &App, key: &str) -> Result<(), Problem> {
    if app.connector(key).is_some() {
        return Ok(());
    }
    let known: Vec<_> = app.connectors.iter().map(|connector| format!("`{}`", connector.key)).collect();
    let detail = format!("there is no connector `{key}` in this installation; use {}", known.join(" or "));
    Err(Problem::invalid("/connector", detail))
}
