//! One team: who is in it, and where it is shared.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use usher_domain::{
    directory::Scope,
    id::{PersonId, TeamId},
    integration::{Integration, Kind},
    share::{Principal, Share},
};

use super::teams_view::{self as view, Team};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    pages::{
        frame,
        layout::{self, Section},
        live::address,
    },
    permission::{Action, Reach},
};

/// Members of a page.
const ROWS: u32 = 50;

/// The address of a team's page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::pages) struct TeamQuery {
    /// The last member of the page before.
    after: Option<PersonId>,
}

/// `GET /teams/{team}`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Query(query): Query<TeamQuery>,
) -> Result<Response, Problem> {
    let reach = caller.reach(&app, Action::ReadDirectory).await?;
    let workspace = &caller.workspace;
    let group = app.store.team(workspace, &id).await?.ok_or_else(|| Problem::not_found("this team"))?;
    let page = app.facts.team_members(workspace, &id, query.after.as_ref(), ROWS).await?;
    let mut facts = app.facts.people(workspace, &page.items).await?;
    let path = format!("/teams/{id}");
    let last = page.items.last().map(PersonId::as_str);
    let next = page.next.as_ref().and(last).map(|last| address(&path, &[("after", Some(last))]));
    let members: Vec<_> = page
        .items
        .iter()
        .map(|member| {
            let facts = facts.remove(member);
            (member.clone(), facts)
        })
        .collect();
    let directory = app.store.connection(&group.connection).await?;
    let shared = shares_with(&app, &caller, &reach, &id).await?;
    let of_workspace = directory.as_ref().is_none_or(|directory| directory.scope == Scope::Workspace);
    let hubs = if of_workspace { unshared_hubs(&app, &caller, &shared).await? } else { Vec::new() };
    let content = view::one(&Team {
        group: &group,
        directory: directory.as_ref().map_or(group.connection.as_str(), |found| found.name.as_str()),
        shared: &shared,
        hubs: &hubs,
        may_manage: group.connection.is_user_managed() && caller.may(Action::ManageTeams).is_ok(),
        members: &members,
        first: query.after.is_some().then_some(path),
        next,
    });
    let frame = frame(&app, &caller, Section::Teams).await?;
    Ok(layout::page(group.display_name(), &frame, content).into_response())
}

/// The hubs that are shared with a team, with how.
async fn shares_with(
    app: &App,
    caller: &Caller,
    reach: &Reach,
    team: &TeamId,
) -> Result<Vec<(Integration, Share)>, Problem> {
    let mut shared = Vec::new();
    let concerned = app.facts.integrations_of_team(&caller.workspace, team).await?;
    for integration in concerned.into_iter().filter(|integration| reach.covers(integration)) {
        if let Some((hub, shares)) = app.store.integration(&caller.workspace, &integration).await? {
            let with = |share: &Share| share.principal == Principal::Team(team.clone());
            shared.extend(shares.into_iter().find(with).map(|share| (hub, share)));
        }
    }
    Ok(shared)
}

/// The hubs that the caller could share with the team, and that are not yet.
async fn unshared_hubs(
    app: &App,
    caller: &Caller,
    shared: &[(Integration, Share)],
) -> Result<Vec<Integration>, Problem> {
    let Ok(reach) = caller.reach(app, Action::Share).await else { return Ok(Vec::new()) };
    let mut hubs = app.store.integrations(&caller.workspace).await?;
    hubs.retain(|hub| reach.covers(&hub.id));
    hubs.retain(|hub| hub.kind == Kind::BusinessHub && shared.iter().all(|(other, _)| other.id != hub.id));
    Ok(hubs)
}
