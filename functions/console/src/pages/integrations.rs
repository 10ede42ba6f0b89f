//! All integrations.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use usher_domain::integration::Integration;

use super::{
    chips::chip,
    connector_name, frame,
    integration::{Tab, kind},
    layout::{self, Section},
    parts::{empty, time, time_head},
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// `GET /integrations`
pub(super) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let reach = caller.reach(&app, Action::ReadIntegrations).await?;
    let mut integrations = app.store.integrations(&caller.workspace).await?;
    integrations.retain(|integration| reach.covers(&integration.id));
    let rows: Vec<_> =
        integrations.iter().map(|integration| (integration, connector_name(&app, integration))).collect();
    let frame = frame(&app, &caller, Section::Integrations).await?;
    let may_connect = caller.may(Action::CreateIntegrations).is_ok();
    Ok(layout::page("Integrations", &frame, view(&rows, may_connect)).into_response())
}

/// All integrations, with the names of their connectors.
pub(super) fn view(rows: &[(&Integration, &str)], may_connect: bool) -> Markup {
    html! {
        header.title {
            h1 { "Integrations" }
            p.lead { "Organisations in external apps that Usher seats people in." }
        }
        @if may_connect { p.actions.above { a.button.primary href=(super::connect::PATH) { "Connect an app" } } }
        @if rows.is_empty() {
            (empty("No integrations yet", html! {
                p { "Each organisation in an external app that you connect appears here, with what happened in it \
                     and who has access." }
            }))
        } @else {
            table.integrations role="table" {
                caption.hidden { "Integrations" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Status" }
                        th role="columnheader" scope="col" { "Name" }
                        th role="columnheader" scope="col" { "App" }
                        th role="columnheader" scope="col" { "Access by" }
                        th role="columnheader" scope="col" { (time_head("Created at")) }
                    }
                }
                tbody role="rowgroup" {
                    @for (integration, connector) in rows {
                        tr role="row" {
                            td.status role="cell" { (chip(&integration.status)) }
                            td role="cell" data-label="Name" {
                                a href=(Tab::Overview.path(&integration.id)) { (integration.name) }
                            }
                            td role="cell" data-label="App" { (connector) }
                            td role="cell" data-label="Access by" { (kind(integration)) }
                            td.time role="cell" data-label="Created at" { (time(integration.created_at)) }
                        }
                    }
                }
            }
        }
    }
}
