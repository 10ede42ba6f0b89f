//! The Shares tab: whom a hub is shared with, and as what.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use usher_domain::{
    id::{IntegrationId, PersonId, TeamId},
    integration::Integration,
    share::{HubRole, Principal, Share},
};

use super::{Tab, enter, share_words, still};
use crate::{
    App,
    api::Path,
    auth::Caller,
    error::Problem,
    pages::parts::{empty, time, time_head},
    permission::Action,
};

/// A share, with the name of whom it is with; `None` for somebody who is gone.
pub(in crate::pages) struct Row {
    pub(in crate::pages) share: Share,
    pub(in crate::pages) name: Option<String>,
}

/// `GET /integrations/{integration}/shares`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ReadIntegrations, &id).await?;
    let rows = named(&app, &caller, entered.shares.clone()).await?;
    let content = view(&entered.integration, &rows, entered.permits(Action::Share));
    still(&app, &caller, &entered, Tab::Shares, content).await
}

async fn named(app: &App, caller: &Caller, shares: Vec<Share>) -> Result<Vec<Row>, Problem> {
    let mut teams: BTreeSet<TeamId> = BTreeSet::new();
    let mut people: Vec<PersonId> = Vec::new();
    for share in &shares {
        match &share.principal {
            Principal::Team(team) => drop(teams.insert(team.clone())),
            Principal::Person(person) => people.push(person.clone()),
        }
    }
    let teams = app.facts.teams(&caller.workspace, &teams).await?;
    let people = app.facts.people(&caller.workspace, &people).await?;
    let teams: BTreeMap<TeamId, String> = teams.into_iter().map(|(id, facts)| (id, facts.name)).collect();
    let row = |share: Share| {
        let name = match &share.principal {
            Principal::Team(team) => teams.get(team).cloned(),
            Principal::Person(person) => people.get(person).map(|facts| facts.profile.label().to_owned()),
        };
        Row { share, name }
    };
    let mut rows: Vec<Row> = shares.into_iter().map(row).collect();
    rows.sort_by_cached_key(|row| {
        (
            matches!(row.share.principal, Principal::Person(_)),
            row.name.as_ref().map(|name| name.to_lowercase()),
        )
    });
    Ok(rows)
}

/// The tab.
pub(in crate::pages) fn view(integration: &Integration, rows: &[Row], may_share: bool) -> Markup {
    let id = &integration.id;
    html! {
        @if may_share {
            p.actions.above { a.button.primary href={ "/integrations/" (id) "/share" } { "Share" } }
        }
        @if rows.is_empty() {
            (empty("Shared with nobody yet", html! {
                p { "Share " (integration.name) " with a team, and everybody in it gets a seat; whoever joins later \
                     gets one then. You see whom it would seat before anything happens." }
            }))
        } @else {
            table role="table" {
                caption.hidden { "Shares" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "With" }
                        th role="columnheader" scope="col" { "In the app" }
                        th role="columnheader" scope="col" { "Hub role" }
                        th role="columnheader" scope="col" { (time_head("Since")) }
                        @if may_share { th role="columnheader" scope="col" { "Change" } }
                    }
                }
                tbody role="rowgroup" { @for row in rows { (share_row(integration, row, may_share)) } }
            }
        }
    }
}

fn share_row(integration: &Integration, row: &Row, may_share: bool) -> Markup {
    let share = &row.share;
    let (kind, principal) = match &share.principal {
        Principal::Team(team) => ("Team", team.as_str()),
        Principal::Person(person) => ("Person", person.as_str()),
    };
    let name = row.name.as_deref().unwrap_or(principal);
    html! {
        tr role="row" {
            td.person role="cell" data-label="With" {
                a.name href=(principal_path(&share.principal)) { (name) }
                span.progress { (kind) }
            }
            td role="cell" data-label="In the app" { (share_words(integration, &share.app_access)) }
            td role="cell" data-label="Hub role" { (hub_role(share.hub_role)) }
            td.time role="cell" data-label="Since" { (time(share.created_at)) }
            @if may_share {
                td role="cell" data-label="Change" {
                    span.links {
                        a href=(share_path(&integration.id, &share.principal)) {
                            "Change" span.hidden { " the share with " (name) }
                        }
                        a href=(end_path(&integration.id, &share.principal)) {
                            "End" span.hidden { " the share with " (name) }
                        }
                    }
                }
            }
        }
    }
}

/// The name of a hub role.
pub(in crate::pages) fn hub_role(role: HubRole) -> &'static str {
    match role {
        HubRole::Collaborator => "Collaborator",
        HubRole::Manager => "Manager",
        HubRole::Owner => "Owner",
    }
}

/// The page of a team or person.
pub(super) fn principal_path(principal: &Principal) -> String {
    match principal {
        Principal::Team(team) => format!("/teams/{team}"),
        Principal::Person(person) => format!("/people/{person}"),
    }
}

/// The share dialog for a team or person.
pub(super) fn share_path(integration: &IntegrationId, principal: &Principal) -> String {
    let (kind, id) = kind_and_id(principal);
    format!("/integrations/{integration}/share?{kind}={id}")
}

/// The dialog that ends a share.
pub(super) fn end_path(integration: &IntegrationId, principal: &Principal) -> String {
    let (kind, id) = kind_and_id(principal);
    format!("/integrations/{integration}/share/end?{kind}={id}")
}

/// A principal as a field of a form.
pub(super) fn kind_and_id(principal: &Principal) -> (&'static str, &str) {
    match principal {
        Principal::Team(team) => ("team", team.as_str()),
        Principal::Person(person) => ("person", person.as_str()),
    }
}
