//! What tasks look like.

use std::collections::BTreeMap;

use maud::{Markup, html};
use usher_domain::{
    id::IntegrationId,
    integration::Integration,
    job::{Job, Task},
    manual::{LONGEST_WORDS, ManualTask, Stage},
};

use crate::pages::{
    automations_view::job_path,
    chips::{Tone, toned},
    live::Region,
    parts::{empty, pager, time, time_head},
};

/// The apps that tasks are in.
pub(in crate::pages) type Apps = BTreeMap<IntegrationId, Integration>;

/// Where else the list has pages.
pub(in crate::pages) struct Pages {
    pub(in crate::pages) first: Option<&'static str>,
    pub(in crate::pages) next: Option<String>,
}

/// One task, for whoever looks at it.
pub(in crate::pages) struct One<'a> {
    pub(in crate::pages) job: &'a Job,
    pub(in crate::pages) task: &'a ManualTask,
    /// The app's name.
    pub(in crate::pages) app: &'a str,
    /// Whether whoever looks reported it, so that somebody else confirms it.
    pub(in crate::pages) reported_it: bool,
    pub(in crate::pages) may_read_log: bool,
}

/// The path of a task's page.
pub(in crate::pages) fn path(job: &Job) -> String {
    format!("{}/{}", super::PATH, job.id)
}

/// The name of a task.
pub(in crate::pages) fn title(job: &Job) -> String {
    format!("{}: {}", job.task.label(), job.target)
}

/// The frame of the list.
pub(in crate::pages) fn page(region: &Region) -> Markup {
    html! {
        header.title {
            h1 { "Tasks" }
            p.lead { "What people do by hand, in apps that have no API. A second person confirms each." }
        }
        (region.render())
    }
}

/// The list: removals first.
pub(in crate::pages) fn list(jobs: &[Job], apps: &Apps, pages: &Pages) -> Markup {
    html! {
        @if jobs.is_empty() {
            (empty("Nothing to do", html! {
                p { "When somebody is to be added to, changed in or removed from an app that is looked after by hand, it is \
                     a task here for the people who are named in its settings." }
            }))
        } @else {
            table.jobs role="table" {
                caption.hidden { "Tasks" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Status" }
                        th role="columnheader" scope="col" { "Task" }
                        th role="columnheader" scope="col" { "Person" }
                        th role="columnheader" scope="col" { "App" }
                        th role="columnheader" scope="col" { (time_head("Waits since")) }
                    }
                }
                tbody role="rowgroup" {
                    @for (job, task) in jobs.iter().filter_map(|job| Some((job, job.manual.as_ref()?))) {
                        tr #{ "task-" (job.id) } role="row" {
                            td.status role="cell" { (stage(job, task)) }
                            td role="cell" data-label="Task" {
                                a href=(path(job)) aria-label=(title(job)) { (job.task.label()) }
                            }
                            td role="cell" data-label="Person" { (job.target) }
                            td role="cell" data-label="App" {
                                (apps.get(&job.integration).map_or(job.integration.as_str(), |app| app.name.as_str()))
                            }
                            td.time role="cell" data-label="Waits since" { (time(task.since())) }
                        }
                    }
                }
            }
        }
        (pager(pages.first, pages.next.as_deref(), "First tasks", "More tasks"))
    }
}

/// What people are waited for, in one chip.
fn stage(job: &Job, task: &ManualTask) -> Markup {
    match (job.open_task().map(ManualTask::stage), &task.sent_back, job.task) {
        (None, ..) => toned(Tone::Idle, "Over"),
        (Some(Stage::Confirm), ..) => toned(Tone::Asks, "To confirm"),
        (Some(Stage::Do), Some(_), _) => toned(Tone::Bad, "Sent back"),
        (Some(Stage::Do), None, Task::RemovingUsers) => toned(Tone::Bad, "Urgent"),
        (Some(Stage::Do), None, _) => toned(Tone::Waits, "To do"),
    }
}

/// The page of one task.
pub(in crate::pages) fn one(one: &One<'_>) -> Markup {
    let One { job, task, app, reported_it, may_read_log } = *one;
    let base = path(job);
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(super::PATH) { "Tasks" } }
            h1 { (title(job)) }
            p.lead { (stage(job, task)) " in " (app) }
        }
        dl.facts.apart {
            div { dt { "Person" } dd { (job.target) } }
            div { dt { "Address in the app" } dd { (task.address) } }
            div { dt { (time_head("Waits since")) } dd { (time(task.since())) } }
            @if may_read_log { div { dt { "Job" } dd { a href=(job_path(&job.id)) { "In the Automation Log" } } } }
        }
        @if job.open_task().is_none() {
            p.note { "This task is over: it was confirmed or called off, or another decision took its place. Nothing is to be done." }
        }
        @if let Some(sent) = &task.sent_back {
            p.note.waits { "Sent back by " (sent.by.name) " at " (time(sent.at)) " UTC: " (sent.reason) }
        }
        h2 { "Steps" }
        ol.steps { @for step in &task.steps { li { p { (step) } } } }
        @if let Some(report) = &task.report {
            h2 { "Evidence" }
            dl.values {
                div { dt { "Reported by" } dd { (report.by.name) " at " (time(report.at)) " UTC" } }
                div { dt { "Evidence" } dd { (evidence(&report.evidence)) } }
                @if let Some(confirmed) = &task.confirmed {
                    div { dt { "Confirmed by" } dd { (confirmed.by.name) " at " (time(confirmed.at)) " UTC" } }
                }
            }
        }
        @match job.open_task().map(ManualTask::stage) {
            Some(Stage::Do) => (report_form(&base)),
            Some(Stage::Confirm) => (confirm_forms(&base, reported_it)),
            None => {}
        }
    }
}

fn report_form(base: &str) -> Markup {
    html! {
        form.form method="post" action={ (base) "/complete" } {
            label.field {
                span.label { "Evidence" }
                textarea name="evidence" rows="3" required maxlength=(LONGEST_WORDS) aria-describedby="evidence-hint" {}
                span.hint #evidence-hint { "A note or a link that shows it, for whoever confirms it." }
            }
            button.primary { "Report as done" }
        }
    }
}

fn confirm_forms(base: &str, reported_it: bool) -> Markup {
    html! {
        @if reported_it {
            p.note.waits { "You reported it: a second person confirms it." }
        } @else {
            form.form method="post" action={ (base) "/confirm" } {
                p { "Look in the app. What you confirm is what Usher believes from then on." }
                button.primary { "Confirm" }
            }
        }
        form.form method="post" action={ (base) "/send-back" } {
            label.field {
                span.label { "What is missing" }
                textarea name="reason" rows="2" required maxlength=(LONGEST_WORDS) {}
            }
            button { "Send back" }
        }
    }
}

/// A note; or a link, which leads elsewhere and tells nothing of where it was.
fn evidence(text: &str) -> Markup {
    let is_link = text.starts_with("https://") && !text.contains(char::is_whitespace);
    html! {
        @if is_link { a href=(text) rel="noopener noreferrer nofollow" { (text) } } @else { (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_is_a_link() {
        assert!(evidence("https://ads.example/log/1").into_string().contains("href="));
        for text in ["javascript:alert(1)", "http://ads.example", "https://ads.example and more", "done"] {
            assert!(!evidence(text).into_string().contains("href="), "{text}");
        }
    }
}
