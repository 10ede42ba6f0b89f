//! What the page of one automation looks like.

use maud::{Markup, html};
use usher_domain::{
    Timestamp,
    automation::Automation,
    job::{Job, JobState},
};

use super::{
    automations_view::{automation_path, decide, job_table},
    chips::chip,
    live::Region,
    parts::{bar, number, ordered, pager, progress, time, time_head},
};

/// Everything about one automation.
pub(super) struct One<'a> {
    pub(super) automation: &'a Automation,
    pub(super) jobs: &'a [Job],
    pub(super) may_retry: bool,
    pub(super) may_decide: bool,
    pub(super) now: Timestamp,
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

/// The frame of one automation's page.
pub(super) fn automation_page(title: &str, region: &Region) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href="/automations" { "Automation Log" } }
            h1 { (title) }
        }
        (region.render())
    }
}

/// One automation with its jobs.
pub(super) fn automation(one: &One<'_>) -> Markup {
    let automation = one.automation;
    html! {
        div.summary {
            div.state {
                (chip(&automation.status()))
                span.progress { (progress(&automation.counts)) }
            }
            (bar(&automation.counts))
            ul.counts aria-label="Jobs by state" {
                @for (state, count) in ordered(&automation.counts) {
                    li { (chip(&state)) span.count { (number(count)) } }
                }
            }
            dl.facts {
                div { dt { "Target" } dd { a href={ "/integrations/" (automation.integration) } { (automation.target) } } }
                div { dt { "Actor" } dd { (automation.cause.actor.name()) } }
                div { dt { "Trigger" } dd { (automation.cause.trigger.label()) } }
                div { dt { (time_head("Created at")) } dd { (time(automation.created_at)) } }
                div { dt { (time_head("Updated at")) } dd { (time(automation.updated_at)) } }
                div { dt { "Correlation id" } dd { code { (automation.cause.correlation_id) } } }
            }
        }
        h2 { "Jobs" }
        @let held = automation.counts.get(&JobState::Held).copied().unwrap_or_default();
        @if one.may_decide && held > 0 {
            (decide(&automation_path(&automation.id), &format!("all {} held jobs", number(held)), &format!(" all {}", number(held))))
        }
        (acts(one))
        (job_table(one.jobs, "Jobs, oldest first", one.may_retry.then_some(one.now), one.may_decide))
        (pager(one.first.as_deref(), one.next.as_deref(), "First jobs", "More jobs"))
    }
}

/// The buttons for all jobs of an automation.
fn acts(one: &One<'_>) -> Markup {
    let path = automation_path(&one.automation.id);
    let count = |states: &[JobState]| -> u64 {
        states.iter().filter_map(|state| one.automation.counts.get(state)).sum()
    };
    let failed = count(&[JobState::Failed]);
    let open = count(&[JobState::Queued, JobState::Waiting, JobState::Retrying, JobState::Held]);
    html! {
        div.decide {
            @if one.may_retry && failed > 0 {
                form method="post" action={ (path) "/retry" } { button { "Retry all " (number(failed)) " failed" } }
            }
            @if one.may_decide && open > 0 {
                form method="post" action={ (path) "/cancel" } { button { "Cancel all " (number(open)) " open" } }
            }
        }
    }
}
