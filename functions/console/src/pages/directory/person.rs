//! One person: their groups, and their access in every app.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use usher_domain::{
    access::{Access, integrations_of_person},
    id::{IntegrationId, PersonId},
};

use super::person_view::{self as view, Person, Row};
use crate::{
    App,
    api::{Path, explain},
    auth::Caller,
    error::Problem,
    pages::{
        frame,
        layout::{self, Section},
    },
    permission::{Action, Reach},
};

/// `GET /people/{person}`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PersonId>,
) -> Result<Response, Problem> {
    // Everybody sees their own access; whoever manages hubs sees others' in these.
    let reach = match caller.is(&id) {
        true => Reach::Everywhere,
        false => caller.reach(&app, Action::ExplainAccess).await?,
    };
    let shareable = caller.reach(&app, Action::Share).await.ok();
    let markable = caller.reach(&app, Action::ManageIntegrations).await.ok();
    let workspace = &caller.workspace;
    let facts = app.facts.person(workspace, &id).await?.ok_or_else(|| Problem::not_found("this person"))?;
    let user = app.store.person(workspace, &id).await?;
    let teams = app.facts.teams(workspace, &facts.teams).await?;
    let related = integrations_of_person(app.facts.as_ref(), workspace, &id, Some(&facts), &[]).await?;
    let mut integrations = app.store.integrations(workspace).await?;
    integrations.retain(|integration| reach.covers(&integration.id));
    let mut accesses: BTreeMap<IntegrationId, Access> = BTreeMap::new();
    for integration in &related {
        let mut found = app.facts.accesses(workspace, integration, std::slice::from_ref(&id)).await?;
        accesses.extend(found.remove(&id).map(|access| (integration.clone(), access)));
    }
    let (known, mut others): (Vec<_>, Vec<_>) =
        integrations.into_iter().partition(|integration| accesses.contains_key(&integration.id));
    // What others have is not for everybody to know; their own is.
    others.retain(|integration| shareable.as_ref().is_some_and(|reach| reach.covers(&integration.id)));
    let rows: Vec<Row> = known
        .into_iter()
        .filter_map(|integration| {
            let access = accesses.remove(&integration.id)?;
            let may_mark = markable.as_ref().is_some_and(|reach| reach.covers(&integration.id));
            Some(Row { integration, access, may_mark })
        })
        .collect();
    let directory = app.store.connection(&facts.connection).await?;
    let content = view::one(&Person {
        facts: &facts,
        user: user.as_ref(),
        directory: directory.as_ref().map_or(facts.connection.as_str(), |found| found.name.as_str()),
        teams: &teams,
        rows: &rows,
        others: &others,
        may_read_log: caller.reach(&app, Action::ReadAutomations).await.is_ok(),
        may_read_directory: shareable.is_some(),
    });
    let frame = frame(&app, &caller, Section::People).await?;
    Ok(layout::page(facts.profile.label(), &frame, content).into_response())
}

/// `GET /people/{person}/access/{integration}`
pub(in crate::pages) async fn why(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((person, integration)): Path<(PersonId, IntegrationId)>,
) -> Result<Response, Problem> {
    let path = Path((integration.clone(), person.clone()));
    let explained = explain::get(State(Arc::clone(&app)), caller.clone(), path).await?.0;
    let found = app.store.integration(&caller.workspace, &integration).await?;
    let (integration, _) = found.ok_or_else(|| Problem::not_found("this integration"))?;
    let frame = frame(&app, &caller, Section::People).await?;
    let content = super::super::explain_view::page(&integration, &person, &explained);
    let title = format!("Access to {}", integration.name);
    Ok(layout::page(&title, &frame, content).into_response())
}
