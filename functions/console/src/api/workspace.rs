//! The workspace that the caller belongs to.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::{Deserialize, Serialize};
use usher_domain::{Timestamp, audit, ports::AdminWrite, tenancy::Tenancy, workspace::Workspace};
use utoipa::ToSchema;

use super::{check_grace, check_name, extract::Json};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workspace)]
pub(crate) struct WorkspaceView {
    /// Its id.
    #[schema(example = "main")]
    id: String,
    /// The name that people see.
    name: String,
    /// How long a removal that comes from losing grants waits, in seconds.
    #[schema(minimum = 0, maximum = 86400)]
    grace_seconds: u32,
    /// How long the audit log is kept, in days.
    #[schema(minimum = 30, maximum = 3650)]
    audit_days: u32,
    /// When it was made.
    created_at: Timestamp,
    /// Why it is not served, where it is suspended. Whoever operates the installation decides.
    suspension: Option<SuspensionView>,
    /// How much it may use. Whoever operates the installation decides.
    quotas: QuotasView,
}

/// Why a workspace is not served.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suspension)]
pub(crate) struct SuspensionView {
    /// Since when.
    since: Timestamp,
    /// Why.
    reason: String,
}

/// How much a workspace may use; null is as much as it likes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quotas)]
pub(crate) struct QuotasView {
    /// SCIM requests a second, of all connections together.
    requests_per_second: Option<u32>,
    /// Seats, in all integrations together.
    seats: Option<u64>,
    /// Integrations.
    integrations: Option<u64>,
}

impl WorkspaceView {
    fn of(workspace: Workspace, tenancy: Tenancy) -> Self {
        Self {
            id: workspace.id.into(),
            name: workspace.name,
            grace_seconds: workspace.grace_seconds,
            audit_days: workspace.audit_days,
            created_at: workspace.created_at,
            suspension: tenancy.suspension.map(|it| SuspensionView { since: it.since, reason: it.reason }),
            quotas: QuotasView {
                requests_per_second: tenancy.quotas.rate(),
                seats: tenancy.quotas.seats,
                integrations: tenancy.quotas.integrations,
            },
        }
    }
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspacePatch {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// How long a removal that comes from losing grants waits, in seconds. A removal that comes from
    /// deactivation never waits.
    #[schema(minimum = 0, maximum = 86400)]
    grace_seconds: Option<u32>,
    /// How long the audit log is kept, in days. What is in it already keeps its time.
    #[schema(minimum = 30, maximum = 3650)]
    audit_days: Option<u32>,
}

/// The workspace
#[utoipa::path(get, path = "/workspace", tag = "Workspace", operation_id = "getWorkspace",
    responses((status = 200, description = "The workspace.", body = WorkspaceView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<WorkspaceView>, Problem> {
    caller.may(Action::ReadWorkspace)?;
    let workspace = read(&app, &caller).await?;
    Ok(Reply(WorkspaceView::of(workspace, app.store.tenancy(&caller.workspace).await?)))
}

/// Change the workspace's settings
#[utoipa::path(patch, path = "/workspace", tag = "Workspace", operation_id = "patchWorkspace",
    request_body = WorkspacePatch,
    responses((status = 200, description = "The workspace as it is now.", body = WorkspaceView)))]
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(patch): Json<WorkspacePatch>,
) -> Result<Reply<WorkspaceView>, Problem> {
    caller.may(Action::ManageWorkspace)?;
    let mut workspace = read(&app, &caller).await?;
    let tenancy = app.store.tenancy(&caller.workspace).await?;
    caller.act.before(&WorkspaceView::of(workspace.clone(), tenancy.clone()));
    if let Some(name) = patch.name {
        workspace.name = check_name("/name", &name)?;
    }
    if let Some(seconds) = patch.grace_seconds {
        workspace.grace_seconds = check_grace(seconds)?;
    }
    if let Some(days) = patch.audit_days {
        workspace.audit_days = check_audit_days(days)?;
    }
    app.store.put_workspace(&workspace, AdminWrite::Replace).await?;
    let view = WorkspaceView::of(workspace, tenancy);
    caller.act.after(&view);
    Ok(Reply(view))
}

fn check_audit_days(days: u32) -> Result<u32, Problem> {
    if audit::DAYS.contains(&days) {
        return Ok(days);
    }
    let detail = format!("use {} to {} days", audit::DAYS.start(), audit::DAYS.end());
    Err(Problem::invalid("/audit_days", detail))
}

async fn read(app: &App, caller: &Caller) -> Result<Workspace, Problem> {
    let workspace = app.store.workspace(&caller.workspace).await?;
    workspace.ok_or_else(|| Problem::not_found("this workspace"))
}
