//! Disconnecting an integration: Usher forgets it, and the people stay in the app or are shown out first.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    change::{Change, Subject},
    id::{ChangeId, IntegrationId},
    integration::Integration,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    extract::{Path, Query},
    integration_views::IntegrationView,
    integrations::read,
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// What becomes of the people in the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum People {
    /// They stay in the app as they are. Usher forgets the integration at once, and calls its open jobs off.
    Leave,
    /// Everybody loses their grants, and is removed as after the end of a share: after the grace window, and held where the
    /// guards hold it. Usher forgets the integration when nobody is left.
    Remove,
}

/// What becomes of the people.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DisconnectQuery {
    /// What becomes of the people in the app.
    #[param(inline)]
    pub(crate) people: People,
}

/// Where a disconnection stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Disconnection)]
pub(crate) struct DisconnectionView {
    /// The integration's id.
    pub(crate) integration: String,
    /// Whether it is forgotten; otherwise it will be when nobody is left.
    pub(crate) disconnected: bool,
    /// Since when everybody is shown out; null where people stay.
    #[schema(required)]
    pub(crate) disconnecting_since: Option<Timestamp>,
    /// How many people had a seat, as recorded.
    pub(crate) seats: u64,
    /// How many teams and people it was shared with.
    pub(crate) shares: u64,
}

/// Disconnect an integration
///
/// `people=leave`: they stay in the app, and Usher forgets the integration at once; also where everybody is being removed, for
/// those who are left. `people=remove`: everybody is removed first. Credentials, shares, access and an IdLCM integration's own
/// SCIM connection with its directory go; automations and jobs stay in the log. Ask `POST …/preview` with `disconnect` first.
#[utoipa::path(delete, path = "/integrations/{integration}", tag = "Integrations", operation_id = "deleteIntegration",
    params(("integration" = String, Path, description = "The integration's id."), DisconnectQuery),
    responses((status = 200, description = "It is disconnected, or will be.", body = DisconnectionView)))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(query): Query<DisconnectQuery>,
) -> Result<Reply<DisconnectionView>, Problem> {
    caller.may(Action::DisconnectIntegrations)?;
    let (integration, shares) = read(&app, &caller, &id).await?;
    let seats = app.facts.counted(&caller.workspace, &id).await?.seats;
    caller.act.before(&IntegrationView::from(integration.clone()));
    let view = |disconnected, since| DisconnectionView {
        integration: id.to_string(),
        disconnected,
        disconnecting_since: since,
        seats,
        shares: u64::try_from(shares.len()).unwrap_or(u64::MAX),
    };
    let view = match query.people {
        People::Leave => {
            let change = commit(&app, &caller, integration.disconnected());
            app.store.disconnect(&integration, &change).await?;
            view(true, None)
        }
        People::Remove => view(false, Some(show_out(&app, &caller, integration).await?)),
    };
    caller.act.after(&view);
    Ok(Reply(view))
}

/// Begins to show everybody out, and answers since when it does so.
async fn show_out(app: &App, caller: &Caller, mut integration: Integration) -> Result<Timestamp, Problem> {
    if let Some(since) = integration.disconnecting {
        return Ok(since);
    }
    let now = app.clock.now();
    integration.disconnecting = Some(now);
    integration.version += 1;
    let subject = Subject::Disconnecting { integration: integration.id.clone(), cursor: None, busy: false };
    app.store.change_catalogue(&integration, &commit(app, caller, subject)).await?;
    Ok(now)
}

fn commit(app: &App, caller: &Caller, subject: Subject) -> Change {
    let (id, cause) = (ChangeId::from(app.ids.uuid()), caller.cause(app.clock.now()));
    Change::new(id, caller.workspace.clone(), subject, cause)
}

/// That an integration is not being disconnected: nobody gets in any more.
pub(crate) fn check_stays(integration: &Integration) -> Result<(), Problem> {
    match integration.disconnecting {
        None => Ok(()),
        Some(_) => Err(Problem::conflict(format!(
            "{} is being disconnected and takes nobody in any more; connect the app anew",
            integration.name
        ))),
    }
}
