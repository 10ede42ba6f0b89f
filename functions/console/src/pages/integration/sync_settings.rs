//! How an integration is kept in sync, in the Settings tab.

use std::sync::Arc;

use axum::{Form, extract::State, response::Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{
    id::IntegrationId,
    integration::Integration,
    sync::{DriftKind, StrangerReaction},
};

use super::Tab;
use crate::{
    App,
    api::{
        Path,
        extract::Json,
        integration_views::IntegrationPatch,
        integrations,
        sync_views::{ReactionName, StrangerReactionName, SyncSettingsBody},
    },
    auth::Caller,
    error::Problem,
    pages::parts::whole,
};

/// Differences that can be repaired.
const REPAIRABLE: [DriftKind; 6] = [
    DriftKind::Missing,
    DriftKind::OtherRole,
    DriftKind::OtherAssets,
    DriftKind::OtherEntitlements,
    DriftKind::LeftBehind,
    DriftKind::InvitationOver,
];

/// What can be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct SyncForm {
    interval_hours: String,
    safeguard_percent: String,
    unmatched: StrangerReactionName,
    missing: ReactionName,
    other_role: ReactionName,
    other_assets: ReactionName,
    other_entitlements: ReactionName,
    left_behind: ReactionName,
    invitation_over: ReactionName,
}

/// `POST /integrations/{integration}/settings/sync`
pub(in crate::pages) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(form): Form<SyncForm>,
) -> Result<Redirect, Problem> {
    let percent = whole("safeguard_percent", &form.safeguard_percent)?;
    let sync = SyncSettingsBody {
        interval_hours: Some(whole("interval_hours", &form.interval_hours)?),
        safeguard_percent: Some(u8::try_from(percent).unwrap_or(u8::MAX)),
        unmatched: Some(form.unmatched),
        missing: Some(form.missing),
        other_role: Some(form.other_role),
        other_assets: Some(form.other_assets),
        other_entitlements: Some(form.other_entitlements),
        left_behind: Some(form.left_behind),
        invitation_over: Some(form.invitation_over),
    };
    let patch = IntegrationPatch { sync: Some(sync), ..IntegrationPatch::default() };
    let to = Redirect::to(&Tab::Settings.path(&id));
    drop(integrations::patch(State(app), caller, Path(id), Json(patch)).await?);
    Ok(to)
}

/// The section of the tab.
pub(super) fn section(integration: &Integration) -> Markup {
    let settings = &integration.sync;
    let adopts = settings.unmatched == StrangerReaction::Adopt;
    html! {
        form.form method="post" action={ (Tab::Settings.path(&integration.id)) "/sync" } {
            h2 { "Sync" }
            label.field {
                span.label { "Hours between syncs by schedule" }
                input type="number" name="interval_hours" value=(settings.interval_hours) min="0" max="8760" required
                    aria-describedby="interval-hint";
                span.hint #interval-hint { "0 for none." }
            }
            label.field {
                span.label { "Safeguard, in percent" }
                input type="number" name="safeguard_percent" value=(settings.safeguard_percent) min="0" max="100" required
                    aria-describedby="safeguard-hint";
                span.hint #safeguard-hint {
                    "When more of the seats than this are missing or left behind, or more of the catalogue's assets gone, a \
                     sync halts with nothing applied. Assets beyond what was decided are taken from no more people than this: \
                     of more, they are only shown."
                }
            }
            label.field {
                span.label { "Strangers in the app" }
                select name="unmatched" {
                    option value="report" selected[!adopts] { "Show them" }
                    option value="adopt" selected[adopts] { "Take in who is in the directory, as they are" }
                }
            }
            @for kind in REPAIRABLE {
                @let repairs = settings.repairs(kind);
                label.field {
                    span.label { (kind.label()) }
                    select name=(kind.name()) {
                        option value="report" selected[!repairs] { "Show it" }
                        option value="repair" selected[repairs] { "Bring the app back to what was decided" }
                    }
                }
            }
            p.actions { button.primary { "Save how it syncs" } }
        }
    }
}
