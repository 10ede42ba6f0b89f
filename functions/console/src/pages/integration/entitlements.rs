//! The Entitlements tab: values that an identity provider assigns.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use usher_domain::{
    id::IntegrationId,
    integration::{Integration, Kind},
};

use super::{Tab, enter, still};
use crate::{
    App,
    api::Path,
    auth::Caller,
    error::Problem,
    pages::parts::{copyable, empty},
    permission::Action,
};

/// `GET /integrations/{integration}/entitlements`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ReadIntegrations, &id).await?;
    still(&app, &caller, &entered, Tab::Entitlements, view(&entered.integration)).await
}

/// The tab.
pub(in crate::pages) fn view(integration: &Integration) -> Markup {
    let entitlements = &integration.catalogue.entitlements;
    html! {
        @if entitlements.is_empty() {
            (empty("The catalogue has no entitlements", html! {
                p { "What the app sells or switches on apart from roles, such as a licence, is an entitlement. \
                     Those in the integration's catalogue appear here." }
            }))
        } @else {
            p.lead.above {
                @match integration.kind {
                    Kind::IdLcm { .. } =>
                        "Copy a value into the `entitlements` attribute of a person or group assignment in your \
                         identity provider. Whoever has it there has the entitlement in the app.",
                    Kind::BusinessHub =>
                        "Tick an entitlement in a share, and everybody whom the hub is shared with that way has it. \
                         The value is what the app calls it.",
                }
            }
            table role="table" {
                caption.hidden { "Entitlements" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Entitlement" }
                        th role="columnheader" scope="col" { "Value" }
                    }
                }
                tbody role="rowgroup" {
                    @for entitlement in entitlements {
                        tr role="row" {
                            td role="cell" data-label="Entitlement" { span.name { (entitlement.name) } }
                            td role="cell" data-label="Value" { (copyable(&entitlement.value)) }
                        }
                    }
                }
            }
        }
    }
}
