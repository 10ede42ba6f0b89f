//! Held work of an integration: what its guards keep waiting, from whichever automation, and one decision about all of it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use usher_domain::{id::IntegrationId, integration::Integration, job::Job};

use super::{Tab, enter, share::framed};
use crate::{
    App,
    api::Path,
    auth::Caller,
    error::Problem,
    holding,
    pages::{
        automations_acts::Decided,
        automations_view::{decide as buttons, job_table},
        parts::{number, plural},
    },
    permission::Action,
};

/// How many of the jobs are listed.
const LISTED: usize = 50;

pub(super) fn path(id: &IntegrationId) -> String {
    format!("/integrations/{id}/held")
}

/// `GET /integrations/{integration}/held`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Problem> {
    let integration = enter(&app, &caller, Action::ManageIntegrations, &id).await?.integration;
    let (held, more) = holding::held(&app, &caller, &id).await?;
    let title = format!("Held work in {}", integration.name);
    framed(&app, &caller, &title, view(&integration, &held, more)).await
}

/// `POST /integrations/{integration}/held/approve` and `/reject`
pub(in crate::pages) async fn decide(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, verdict)): Path<(IntegrationId, Decided)>,
) -> Result<Redirect, Problem> {
    holding::rule_held(&app, &caller, &id, verdict.into()).await?;
    Ok(Redirect::to(&path(&id)))
}

/// What waits, in numbers and by name, and the buttons for all of it.
pub(in crate::pages) fn view(integration: &Integration, held: &[Job], more: bool) -> Markup {
    let mut tasks: BTreeMap<&str, usize> = BTreeMap::new();
    for job in held {
        *tasks.entry(job.task.label()).or_default() += 1;
    }
    let count = number(u64::try_from(held.len()).unwrap_or(u64::MAX));
    let count = if more { format!("{count} or more") } else { count };
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(Tab::Overview.path(&integration.id)) { (integration.name) } }
            h1 { "Held work in " (integration.name) }
            p.lead { "The integration's guards keep this waiting until somebody decides." }
        }
        @if held.is_empty() {
            p.none { "Nothing waits for a decision." }
        } @else {
            dl.facts.apart {
                @for (task, people) in tasks {
                    div { dt { (task) } dd { (plural(people, "person", "people")) } }
                }
            }
            (buttons(&path(&integration.id), &format!("all {count} held jobs"), &format!(" all {count}")))
            p.fine { "Approved work is done, whatever the guards say. Rejected work leaves these people in the app as they are." }
            (job_table(&held[..held.len().min(LISTED)], "Held jobs", None, true))
            @if held.len() > LISTED { p.fine { "Here are the first " (number(LISTED as u64)) "." } }
        }
    }
}
