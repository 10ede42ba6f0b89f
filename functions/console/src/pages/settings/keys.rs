//! The keys of the admin API.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{Timestamp, id::ApiKeyId, workspace::WorkspaceRole};

use super::{Tab, members::word};
use crate::{
    App,
    api::{
        Path,
        extract::Json,
        keys::{self, KeyCreate, KeyView, NewKeyView},
        names::WorkspaceRoleName,
    },
    auth::Caller,
    error::Problem,
    pages::parts::{copyable, empty, time, time_head},
    permission::role_label,
};

/// How long a key can be made for, in days.
const DAYS: [u32; 4] = [30, 90, 365, 0];

/// `GET /settings/keys`
pub(in crate::pages) async fn page(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let keys = keys::list(State(Arc::clone(&app)), caller.clone()).await?.0.items;
    let content = view(caller.role, &keys, app.clock.now());
    super::tab(&app, &caller, Tab::Keys, content).await
}

/// A key to make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct KeyForm {
    name: String,
    role: WorkspaceRoleName,
    /// 0 for one that lasts.
    days: u32,
}

/// `POST /settings/keys`: answers the page with the key's text, which is never shown again.
pub(in crate::pages) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Form(form): Form<KeyForm>,
) -> Result<Response, Problem> {
    let seconds = Some(form.days).filter(|days| *days > 0).map(|days| days.saturating_mul(86_400));
    let body = KeyCreate { name: form.name, role: form.role, person: None, token_valid_seconds: seconds };
    let (_, made) = keys::create(State(Arc::clone(&app)), caller.clone(), Json(body)).await?;
    super::tab(&app, &caller, Tab::Keys, made_view(&made.0)).await
}

/// `POST /settings/keys/{key}/revoke`
pub(in crate::pages) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(key): Path<ApiKeyId>,
) -> Result<Redirect, Problem> {
    keys::delete(State(app), caller, Path(key)).await?;
    Ok(Redirect::to(Tab::Keys.path()))
}

/// The page. `role` is the role of who looks.
pub(in crate::pages) fn view(role: WorkspaceRole, keys: &[KeyView], now: Timestamp) -> Markup {
    html! {
        @if keys.is_empty() {
            (empty("No key yet", html! { p { "Programs and the commands use keys of the admin API." } }))
        } @else { (table(role, keys, now)) }
        form.form method="post" action=(Tab::Keys.path()) {
            h2 { "Make a key" }
            label.field {
                span.label { "Name" }
                input type="text" name="name" required maxlength="100" placeholder="Nightly report";
                span.hint { "What it is for: it is the actor of everything that is done with it." }
            }
            label.field {
                span.label { "Role" }
                select name="role" {
                    @for offered in [WorkspaceRoleName::Guest, WorkspaceRoleName::User, WorkspaceRoleName::Admin,
                        WorkspaceRoleName::SuperAdmin, WorkspaceRoleName::Owner] {
                        @if WorkspaceRole::from(offered) <= role {
                            option value=(word(offered)) selected[offered == WorkspaceRoleName::Admin] { (role_label(offered.into())) }
                        }
                    }
                }
            }
            label.field {
                span.label { "Ends" }
                select name="days" {
                    @for days in DAYS {
                        option value=(days) selected[days == 90] {
                            @if days == 0 { "When it is revoked" } @else { "After " (days) " days" }
                        }
                    }
                }
            }
            p.actions { button.primary { "Make the key" } }
        }
    }
}

fn table(role: WorkspaceRole, keys: &[KeyView], now: Timestamp) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "API keys" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Name" }
                    th role="columnheader" scope="col" { "Role" }
                    th role="columnheader" scope="col" { (time_head("Made at")) }
                    th role="columnheader" scope="col" { (time_head("Ends at")) }
                    th role="columnheader" scope="col" { span.hidden { "Revoke" } }
                }
            }
            tbody role="rowgroup" {
                @for key in keys {
                    tr role="row" {
                        td role="cell" data-label="Name" { span.name { (key.name) } span.progress { "…" (key.hint) } }
                        td role="cell" data-label="Role" {
                            (role_label(key.role.into()))
                            @if key.person.is_some() { span.progress { "At most its person's" } }
                        }
                        td.time role="cell" data-label="Made at" { (time(key.created_at)) }
                        td.time role="cell" data-label="Ends at" {
                            @match key.expires_at {
                                Some(end) if end <= now => "Has ended",
                                Some(end) => (time(end)),
                                None => "When it is revoked",
                            }
                        }
                        td role="cell" {
                            @if WorkspaceRole::from(key.role) <= role {
                                form method="post" action={ "/settings/keys/" (key.id) "/revoke" } {
                                    button.quiet aria-label={ "Revoke " (key.name) } { "Revoke" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn made_view(made: &NewKeyView) -> Markup {
    html! {
        div.banner.waits { p { strong { "Copy the key now" } " Only its hash is kept: it is never shown again." } }
        dl.values {
            div { dt { "Name" } dd { (made.key.name) } }
            div { dt { "Key" } dd { (copyable(&made.token)) } }
        }
        p.actions { a.button.primary href=(Tab::Keys.path()) { "I have copied it" } }
    }
}
