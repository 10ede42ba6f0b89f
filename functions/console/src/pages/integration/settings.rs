//! The Settings tab: name, grace window, guards, how it is kept in sync, pause, and what exists in the app.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{
    id::IntegrationId,
    integration::{Integration, Status},
    workspace::MAX_GRACE_SECONDS,
};

use super::{Tab, disconnect, enter, guards, still, sync_settings};
use crate::{
    App,
    api::{
        Path,
        extract::{Json, OptionalJson},
        integration_views::{IntegrationPatch, PauseBody},
        integrations,
    },
    auth::Caller,
    error::Problem,
    pages::connect::edit,
    permission::Action,
    work,
};

/// `GET /integrations/{integration}/settings`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ManageIntegrations, &id).await?;
    let workspace = app.store.workspace(&caller.workspace).await?;
    let grace = workspace.map_or(0, |workspace| workspace.grace_seconds);
    let may_disconnect = entered.permits(Action::DisconnectIntegrations);
    let content = view(&entered.integration, grace, may_disconnect);
    still(&app, &caller, &entered, Tab::Settings, content).await
}

/// What can be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct SettingsForm {
    name: String,
    /// Empty for the workspace's.
    grace_seconds: String,
}

/// `POST /integrations/{integration}/settings`
pub(in crate::pages) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(form): Form<SettingsForm>,
) -> Result<Redirect, Problem> {
    let grace = match form.grace_seconds.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            Problem::invalid("grace_seconds", format!("use a whole number from 0 to {MAX_GRACE_SECONDS}"))
        })?),
    };
    let patch =
        IntegrationPatch { name: Some(form.name), grace_seconds: Some(grace), ..IntegrationPatch::default() };
    let to = Redirect::to(&Tab::Settings.path(&id));
    drop(integrations::patch(State(app), caller, Path(id), Json(patch)).await?);
    Ok(to)
}

/// Why to pause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct PauseForm {
    reason: String,
}

/// `POST /integrations/{integration}/pause`
pub(in crate::pages) async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(form): Form<PauseForm>,
) -> Result<Redirect, Problem> {
    let reason = Some(form.reason).filter(|reason| !reason.trim().is_empty());
    let to = Redirect::to(&Tab::Settings.path(&id));
    drop(integrations::pause(State(app), caller, Path(id), OptionalJson(PauseBody { reason })).await?);
    Ok(to)
}

/// `POST /integrations/{integration}/resume`
pub(in crate::pages) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Redirect, Problem> {
    work::resume(&app, &caller, &id).await?;
    Ok(Redirect::to(&Tab::Activity.path(&id)))
}

/// The tab. `grace` is the workspace's window, in seconds.
pub(in crate::pages) fn view(integration: &Integration, grace: u32, may_disconnect: bool) -> Markup {
    let id = &integration.id;
    let own = integration.grace_seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    html! {
        form.form method="post" action=(Tab::Settings.path(id)) {
            h2 { "General" }
            label.field {
                span.label { "Name" }
                input type="text" name="name" value=(integration.name) required maxlength="100";
            }
            label.field {
                span.label { "Removal grace window, in seconds" }
                input type="number" name="grace_seconds" value=(own) min="0" max=(MAX_GRACE_SECONDS)
                    placeholder=(grace) aria-describedby="grace-hint";
                span.hint #grace-hint {
                    "Whoever loses their last grant keeps the seat for so long, in case they get another one. Empty \
                     for the workspace's window of " (grace) " seconds. A deactivation is never delayed."
                }
            }
            p.actions { button.primary { "Save" } }
        }
        @if edit::is_known(integration) {
            section.form aria-labelledby="app-title" {
                h2 #app-title { "App" }
                p { "How Usher reaches the app: its settings, and new credentials." }
                p.actions { a.button href=(edit::path(id)) { "Change how Usher reaches it…" } }
            }
        }
        (guards::section(integration))
        (sync_settings::section(integration))
        section.form aria-labelledby="pause-title" {
            h2 #pause-title { "Pause" }
            @match &integration.status {
                Status::Active => form method="post" action={ "/integrations/" (id) "/pause" } {
                    p { "A paused integration changes nothing in the app. Its jobs are kept, and begin when it is \
                         resumed." }
                    label.field {
                        span.label { "Reason" }
                        input type="text" name="reason" maxlength="100" placeholder="What others should know";
                    }
                    p.actions { button { "Pause " (integration.name) } }
                },
                Status::Paused { .. } => form method="post" action={ "/integrations/" (id) "/resume" } {
                    p { "It is paused. Jobs that waited for it begin as soon as it is resumed; removals whose grace \
                         window has not passed go on waiting." }
                    p.actions { button.primary { "Resume " (integration.name) } }
                },
            }
        }
        section.form aria-labelledby="catalogue-title" {
            h2 #catalogue-title { "Catalogue" }
            (catalogue(integration))
        }
        @if may_disconnect { (disconnect::section(integration)) }
    }
}

fn catalogue(integration: &Integration) -> Markup {
    let roles = &integration.catalogue.roles;
    html! {
        p { "What exists in the app. Change it with " code { "usher integration" } " or the "
            a href="/api/openapi.json" { "admin API" } "." }
        @if roles.is_empty() {
            p.none { "The catalogue has no roles." }
        } @else {
            table role="table" {
                caption.hidden { "Roles and permissions" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Name" }
                        th role="columnheader" scope="col" { "Key" }
                        th role="columnheader" scope="col" { "One of" }
                        th.count role="columnheader" scope="col" { "Rank" }
                    }
                }
                tbody role="rowgroup" {
                    @for role in roles {
                        tr role="row" {
                            td role="cell" data-label="Name" { span.name { (role.name) } }
                            td role="cell" data-label="Key" { code { (role.key) } }
                            td role="cell" data-label="One of" {
                                (role.exclusion_group.as_deref().unwrap_or("Adds to others"))
                            }
                            td.count role="cell" data-label="Rank" { (role.rank) }
                        }
                    }
                }
            }
        }
    }
}
