//! Connecting an organisation in an external app: which app, what it needs, and whether it answers.

mod apps;
pub(super) mod edit;
mod view;

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{RawForm, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use serde_json::{Map, json};
use usher_domain::{id::IntegrationId, integration::AppRole, sync::RunKind};

use super::{
    frame,
    integration::Tab,
    layout::{self, Section},
};
use crate::{
    App, Connector,
    api::{Path, extract::Json, integration_views::IntegrationPatch, integrations},
    auth::Caller,
    error::Problem,
    permission::Action,
    syncing,
};
use apps::{AppCard, app_of, filled_in};

/// Where the catalogue of apps is.
pub(super) const PATH: &str = "/integrations/new";

/// `GET /integrations/new`
pub(super) async fn choose(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Action::CreateIntegrations)?;
    let known: Vec<_> =
        app.connectors.iter().filter_map(|connector| Some((connector, app_of(&connector.key)?))).collect();
    let frame = frame(&app, &caller, Section::Integrations).await?;
    Ok(layout::page("Connect an app", &frame, view::choose(&known)).into_response())
}

/// `GET /integrations/new/{connector}`
pub(super) async fn form(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    caller.may(Action::CreateIntegrations)?;
    let (connector, card) = known(&app, &key)?;
    let frame = frame(&app, &caller, Section::Integrations).await?;
    let title = format!("Connect {}", connector.name);
    Ok(layout::page(&title, &frame, view::form(connector, card)).into_response())
}

/// `POST /integrations/new/{connector}`: makes the integration, and looks at the app at once: the first thing that a sync
/// does is the health check. Answers a gateway's page with its token, which is never shown again.
pub(super) async fn connect(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(key): Path<String>,
    RawForm(given): RawForm,
) -> Result<Response, Problem> {
    caller.may(Action::CreateIntegrations)?;
    let (connector, card) = known(&app, &key)?;
    let given = Given::read(&given);
    let credentials = filled_in(&card.setup.credentials, given.of("credential"), Map::new());
    let body = json!({
        "name": given.0.get("name"),
        "kind": given.0.get("kind"),
        "connector": connector.key,
        "config": filled_in(&card.setup.settings, given.of("setting"), Map::new()),
        "credentials": Some(credentials).filter(|it| !it.is_empty()),
    });
    let body = serde_json::from_value(body).map_err(|error| Problem::bad_request(error.to_string()))?;
    let (_, made) = integrations::create(State(Arc::clone(&app)), caller.clone(), Json(body)).await?;
    let id: IntegrationId =
        made.0.integration.id.parse().map_err(|_| Problem::not_found("this integration"))?;
    syncing::begin(&app, &caller, &id, RunKind::Sync, None).await?;
    let Some(gateway) = &made.0.scim else { return Ok(Redirect::to(&Tab::Sync.path(&id)).into_response()) };
    let frame = frame(&app, &caller, Section::Integrations).await?;
    let content = view::token(&id, gateway);
    Ok((StatusCode::CREATED, layout::page("Connected", &frame, content)).into_response())
}

/// `POST /integrations/{integration}/catalogue`: takes over what the last sync found in the app.
pub(super) async fn take_over(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Redirect, Problem> {
    caller.may_in(&app, Action::ManageIntegrations, &id).await?;
    let run = app.store.last_run(&caller.workspace, &id).await?;
    let found = run.map(|run| run.discovered).unwrap_or_default();
    let stored = app.store.integration(&caller.workspace, &id).await?;
    let (integration, _) = stored.ok_or_else(|| Problem::not_found("this integration"))?;
    let mut catalogue = integration.catalogue;
    let known = |role: &AppRole| catalogue.roles.iter().any(|one| one.key == role.key);
    let roles: Vec<_> = found.roles.into_iter().filter(|role| !known(role)).collect();
    catalogue.roles.extend(roles);
    let known = |value: &str| catalogue.entitlements.iter().any(|one| one.value == value);
    let entitlements: Vec<_> = found.entitlements.into_iter().filter(|one| !known(&one.value)).collect();
    catalogue.entitlements.extend(entitlements);
    let patch = IntegrationPatch { catalogue: Some(catalogue.into()), ..IntegrationPatch::default() };
    drop(integrations::patch(State(app), caller, Path(id.clone()), Json(patch)).await?);
    Ok(Redirect::to(&Tab::Settings.path(&id)))
}

/// What a form says, by name.
struct Given(HashMap<String, String>);

impl Given {
    fn read(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    /// The fields of a part of the form.
    fn of(&self, part: &'static str) -> impl Fn(&str) -> Option<String> {
        move |key| self.0.get(&format!("{part}.{key}")).cloned()
    }
}

fn known<'a>(app: &'a App, key: &str) -> Result<(&'a Connector, &'static AppCard), Problem> {
    let known = app.connector(key).zip(app_of(key));
    known.ok_or_else(|| Problem::not_found("this app"))
}
