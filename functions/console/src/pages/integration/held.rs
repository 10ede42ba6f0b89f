//! Held work of an integration: what its guards keep waiting, from whichever automation, and one decision about all of it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use usher_domain::{automation::Automation, id::IntegrationId, integration::Integration, job::Job};

use super::{Tab, enter, share::framed};
use crate::{
    App,
    api::Path,
    auth::Caller,
    error::Problem,
    holding::{self, Held},
    pages::{
        automations_acts::Decided,
        automations_view::{automation_path, decide as buttons, job_path},
        parts::{number, plural, time, time_head},
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
    let held = holding::held(&app, &caller, &id).await?;
    let title = format!("Held work in {}", integration.name);
    framed(&app, &caller, &title, view(&integration, &held)).await
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
pub(in crate::pages) fn view(integration: &Integration, held: &Held) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(Tab::Overview.path(&integration.id)) { (integration.name) } }
            h1 { "Held work in " (integration.name) }
            p.lead { "The integration's guards keep this waiting until somebody decides." }
        }
        @if held.jobs.is_empty() {
            p.none { "Nothing waits for a decision." }
        } @else {
            (all(integration, held))
            @if !held.automations.is_empty() { (by_automation(&held.automations)) }
            (by_person(&held.jobs))
        }
    }
}

/// Everything at once.
fn all(integration: &Integration, held: &Held) -> Markup {
    let mut tasks: BTreeMap<&str, usize> = BTreeMap::new();
    for job in &held.jobs {
        *tasks.entry(job.task.label()).or_default() += 1;
    }
    let or_more = if held.more { " or more" } else { "" };
    let count = format!("{}{or_more}", number(held.count));
    let reasons = held.jobs.iter().filter_map(|job| Some(job.error.as_ref()?.message.as_str()));
    html! {
        div.summary {
            dl.facts.apart {
                @if let [task] = tasks.keys().collect::<Vec<_>>().as_slice() {
                    div { dt { (task) } dd { (count) (if held.count == 1 { " person" } else { " people" }) } }
                } @else {
                    @for (task, people) in tasks {
                        div { dt { (task) } dd { (plural(people, "person", "people")) (or_more) } }
                    }
                }
                @if let Some(due) = held.jobs.iter().filter_map(|job| job.due_at).min() {
                    div { dt { (time_head("First given up at")) } dd { (time(due)) } }
                }
            }
            @if let Some(why) = why(reasons) { p.reason { (why) } }
            (buttons(&path(&integration.id), &format!("all {count} held jobs"), &format!(" all {count}")))
            p.fine { "Approved work is done, whatever the guards say. Rejected work leaves these people in the app as they are." }
        }
    }
}

/// Why it is held: numbers apart it is mostly one reason, and the first one to be given up tells it.
fn why<'a>(mut reasons: impl Iterator<Item = &'a str>) -> Option<String> {
    let first = reasons.next()?;
    Some(if reasons.all(|reason| reason == first) { first.to_owned() } else { format!("The first: {first}") })
}

fn by_automation(automations: &[(Automation, u64)]) -> Markup {
    html! {
        h2 { "By automation" }
        table role="table" {
            caption.hidden { "Automations that hold work" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Task" }
                    th role="columnheader" scope="col" { "Actor" }
                    th role="columnheader" scope="col" { "Trigger" }
                    th role="columnheader" scope="col" { (time_head("Created at")) }
                    th role="columnheader" scope="col" { "Decision" }
                }
            }
            tbody role="rowgroup" {
                @for (automation, held) in automations {
                    @let path = automation_path(&automation.id);
                    tr role="row" {
                        td role="cell" data-label="Task" { a href=(path) { (automation.task.label()) } }
                        td role="cell" data-label="Actor" { (automation.cause.actor.name()) }
                        td role="cell" data-label="Trigger" { (automation.cause.trigger.label()) }
                        td.time role="cell" data-label="Created at" { (time(automation.created_at)) }
                        td.rules role="cell" {
                            (buttons(&path, &format!("{} held jobs of this automation", number(*held)), &format!(" {}", number(*held))))
                        }
                    }
                }
            }
        }
    }
}

fn by_person(jobs: &[Job]) -> Markup {
    html! {
        h2 { "By person" }
        table role="table" {
            caption.hidden { "Held jobs" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Person" }
                    th role="columnheader" scope="col" { "Task" }
                    th role="columnheader" scope="col" { (time_head("Given up at")) }
                    th role="columnheader" scope="col" { "Decision" }
                }
            }
            tbody role="rowgroup" {
                @for job in &jobs[..jobs.len().min(LISTED)] {
                    tr #{ "job-" (job.id) } role="row" {
                        td role="cell" data-label="Person" { a href={ "/people/" (job.person) } { (job.target) } }
                        td role="cell" data-label="Task" { a href=(job_path(&job.id)) { (job.task.label()) } }
                        td.time role="cell" data-label="Given up at" { @if let Some(due) = job.due_at { (time(due)) } }
                        td.rules role="cell" { (buttons(&job_path(&job.id), &format!("the job for {}", job.target), "")) }
                    }
                }
            }
        }
        @if jobs.len() > LISTED { p.fine { "Here are the first " (number(LISTED as u64)) ", those first that are given up first." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_is_told_and_of_several_the_first() {
        assert_eq!(why([].into_iter()), None);
        assert_eq!(why(["too many", "too many"].into_iter()), Some("too many".to_owned()));
        assert_eq!(why(["too many", "protected"].into_iter()), Some("The first: too many".to_owned()));
    }
}
