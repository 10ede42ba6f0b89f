//! Changing how Usher reaches an app that is connected: its settings, new credentials, and whether it answers then.

use std::sync::Arc;

use axum::{
    extract::{RawForm, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde_json::{Map, Value};
use usher_domain::{id::IntegrationId, integration::Integration, sync::RunKind};

use super::{
    Given,
    apps::{AppCard, Setup, app_of, filled_in},
    known, view,
};
use crate::{
    App, Connector,
    api::{Path, extract::Json, integration_views::IntegrationPatch, integrations},
    auth::Caller,
    error::Problem,
    pages::{
        frame,
        integration::Tab,
        layout::{self, Section},
    },
    permission::Action,
    syncing,
};

/// Where it is.
pub(in crate::pages) fn path(id: &IntegrationId) -> String {
    format!("/integrations/{id}/app")
}

/// Whether the pages know what the app of an integration needs.
pub(in crate::pages) fn is_known(integration: &Integration) -> bool {
    app_of(&integration.connector).is_some()
}

/// `GET /integrations/{integration}/app`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Problem> {
    let (integration, connector, card) = enter(&app, &caller, &id).await?;
    let frame = frame(&app, &caller, Section::Integrations).await?;
    let title = format!("How Usher reaches {}", integration.name);
    Ok(layout::page(&title, &frame, view::edit(&integration, connector, card)).into_response())
}

/// `POST /integrations/{integration}/app`: saves, and looks at once whether the app answers.
pub(in crate::pages) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    RawForm(given): RawForm,
) -> Result<Redirect, Problem> {
    let (integration, _, card) = enter(&app, &caller, &id).await?;
    let given = Given::read(&given);
    let before = match integration.config {
        Value::Object(settings) => settings,
        _ => Map::new(),
    };
    let patch = IntegrationPatch {
        config: Some(filled_in(&card.setup.settings, given.of("setting"), before)),
        credentials: credentials(&card.setup, &given)?,
        ..IntegrationPatch::default()
    };
    drop(integrations::patch(State(Arc::clone(&app)), caller.clone(), Path(id.clone()), Json(patch)).await?);
    match syncing::begin(&app, &caller, &id, RunKind::HealthCheck, None).await {
        Ok(_) => {}
        // What is under way is shown, and goes on with what is saved.
        Err(problem) if problem.status == StatusCode::CONFLICT => {}
        Err(problem) => return Err(problem),
    }
    Ok(Redirect::to(&Tab::Sync.path(&id)))
}

/// New credentials, all of them; `None` where the stored ones stay.
fn credentials(setup: &Setup, given: &Given) -> Result<Option<Value>, Problem> {
    let filled = filled_in(&setup.credentials, given.of("credential"), Map::new());
    if filled.is_empty() {
        return Ok(None);
    }
    let filled = Value::Object(filled);
    match setup.credentials.iter().find(|field| field.required && field.text(&filled).is_empty()) {
        Some(field) => {
            let detail = format!("new credentials replace the stored ones: fill in {} as well", field.label);
            Err(Problem::bad_parameter(&format!("credential.{}", field.key), detail))
        }
        None => Ok(Some(filled)),
    }
}

async fn enter<'a>(
    app: &'a App,
    caller: &Caller,
    id: &IntegrationId,
) -> Result<(Integration, &'a Connector, &'static AppCard), Problem> {
    caller.may_in(app, Action::ManageIntegrations, id).await?;
    let found = app.store.integration(&caller.workspace, id).await?;
    let (integration, _) = found.ok_or_else(|| Problem::not_found("this integration"))?;
    let (connector, card) = known(app, &integration.connector)?;
    Ok((integration, connector, card))
}
