//! The caller: everybody sees who they are here, their own hubs and their own access.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::{access::integrations_of_person, share::HubRole};
use utoipa::ToSchema;

use super::{access::AccessView, names::HubRoleName, names::WorkspaceRoleName};
use crate::{App, auth::Caller, error::Problem};

/// An integration in which the caller has a hub role or access.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnIntegrationView {
    /// The integration's id.
    integration: String,
    /// Its name.
    name: String,
    /// The caller's role in the hub.
    #[schema(required)]
    hub_role: Option<HubRoleName>,
    /// The caller's access. `/integrations/{integration}/people/{person}/explain` says why.
    #[schema(required)]
    access: Option<AccessView>,
}

/// Who the caller is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct MeView {
    /// The name of the key or of who signed in.
    name: String,
    /// What the caller may do in the workspace.
    role: WorkspaceRoleName,
    /// The person of the directory whom the caller stands for.
    #[schema(required)]
    person: Option<String>,
    /// That person's integrations.
    integrations: Vec<OwnIntegrationView>,
}

/// The caller, and their own access
#[utoipa::path(get, path = "/me", tag = "Members", operation_id = "getMe",
    responses((status = 200, description = "The caller.", body = MeView)))]
pub(crate) async fn get(State(app): State<Arc<App>>, caller: Caller) -> Result<Reply<MeView>, Problem> {
    let integrations = own(&app, &caller).await?;
    Ok(Reply(MeView {
        name: caller.name,
        role: caller.role.into(),
        person: caller.person.map(|person| person.id.into()),
        integrations,
    }))
}

async fn own(app: &App, caller: &Caller) -> Result<Vec<OwnIntegrationView>, Problem> {
    let Some(person) = &caller.person else { return Ok(Vec::new()) };
    let (facts, workspace) = (app.facts.as_ref(), &caller.workspace);
    let hub_roles: std::collections::BTreeMap<_, HubRole> =
        caller.hub_roles(app).await?.into_iter().collect();
    let people = [person.id.clone()];
    let mut views = Vec::new();
    for id in integrations_of_person(facts, workspace, &person.id, Some(person), &[]).await? {
        let Some((integration, _)) = facts.integration(workspace, &id).await? else { continue };
        let access = facts.accesses(workspace, &id, &people).await?.remove(&person.id);
        let hub_role = hub_roles.get(&id).copied();
        if access.is_none() && hub_role.is_none() {
            continue;
        }
        views.push(OwnIntegrationView {
            integration: id.into(),
            name: integration.name,
            hub_role: hub_role.map(Into::into),
            access: access.map(Into::into),
        });
    }
    Ok(views)
}
