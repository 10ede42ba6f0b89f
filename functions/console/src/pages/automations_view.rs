//! What the Automation Log looks like.

use jiff::civil::Date;
use maud::{Markup, html};
use usher_domain::{
    Timestamp,
    automation::{Automation, AutomationStatus},
    change::Trigger,
    guard::Verdict,
    id::{AutomationId, JobId},
    integration::Integration,
    job::{Job, JobState, Task},
};

use super::{
    automations::{Log, Row},
    chips::chip,
    live::Region,
    log_query::{LogQuery, word},
    parts::{chevron, choice, empty, number, pager, progress, time, time_head},
};
use crate::work;

const STATUSES: [AutomationStatus; 8] = [
    AutomationStatus::NotCompleted,
    AutomationStatus::AwaitingApproval,
    AutomationStatus::Retrying,
    AutomationStatus::Running,
    AutomationStatus::Waiting,
    AutomationStatus::Started,
    AutomationStatus::Queued,
    AutomationStatus::Completed,
];

const TASKS: [Task; 7] = [
    Task::AddingUsers,
    Task::UpdatingUserRoles,
    Task::UpdatingAssets,
    Task::UpdatingEntitlements,
    Task::RemovingUsers,
    Task::SyncingUsers,
    Task::HealthCheck,
];

const TRIGGERS: [Trigger; 7] = [
    Trigger::Scim,
    Trigger::WebApp,
    Trigger::TeamChange,
    Trigger::Schedule,
    Trigger::Api,
    Trigger::Retry,
    Trigger::Approval,
];

/// The columns of the log.
const COLUMNS: &str = "7";

/// The path of an automation's own page.
pub(super) fn automation_path(id: &AutomationId) -> String {
    format!("/automations/{id}")
}

/// The path of a job's own page.
pub(super) fn job_path(id: &JobId) -> String {
    format!("/jobs/{id}")
}

/// The log with its filters; `name` is that of the person whose jobs are asked for.
pub(super) fn log_page(
    query: &LogQuery,
    apps: &[Integration],
    name: Option<&str>,
    region: &Region,
) -> Markup {
    let statuses = STATUSES.map(|status| (word(status), status.label().to_owned()));
    let tasks = TASKS.map(|task| (word(task), task.label().to_owned()));
    let triggers = TRIGGERS.map(|trigger| (word(trigger), trigger.label().to_owned()));
    let apps: Vec<_> = apps.iter().map(|app| (app.id.to_string(), app.name.clone())).collect();
    let app = query.app.as_ref().map(ToString::to_string);
    html! {
        header.title {
            h1 { "Automation Log" }
            p.lead { "Everything that Usher does in your apps, and why." }
        }
        form.filters action="/automations" method="get" role="search" aria-label="Filter automations"
            hx-get="/automations" hx-trigger="change" hx-target="#log" hx-swap="outerHTML" hx-sync="#log:replace" {
            (choice("status", "Status", "Any status", &statuses, query.status.map(word).as_deref()))
            (choice("app", "App", "Any app", &apps, app.as_deref()))
            (choice("task", "Task", "Any task", &tasks, query.task.map(word).as_deref()))
            (choice("trigger", "Trigger", "Any trigger", &triggers, query.trigger.map(word).as_deref()))
            (day("from", "From", query.from))
            (day("to", "To", query.to))
            @if let Some(person) = &query.person { input type="hidden" name="person" value=(person); }
            noscript { button { "Filter" } }
        }
        @if let Some(person) = &query.person {
            p.filtered {
                "The last jobs of " a href={ "/people/" (person) } { (name.unwrap_or(person.as_str())) } " in each app."
            }
        }
        (region.render())
        p.actions {
            a.button href=(query.export("csv")) download { "Export CSV" }
            a.button href=(query.export("json")) download { "Export JSON" }
        }
    }
}

fn day(name: &str, label: &str, day: Option<Date>) -> Markup {
    html! {
        label {
            span.label { (label) }
            input type="date" name=(name) value=[day];
        }
    }
}

/// The rows of the log.
pub(super) fn log(query: &LogQuery, log: &Log) -> Markup {
    let older = log.next.as_deref().map(|next| query.at(next));
    let newest = query.is_older().then(|| query.newest());
    html! {
        @if query.is_filtered() {
            p.filtered { "Filtered. " a href="/automations" { "Show everything" } }
        }
        @if log.rows.is_empty() {
            (nothing(query, older.is_some()))
        } @else {
            table.log role="table" {
                caption.hidden { "Automations, newest first" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Status" }
                        th role="columnheader" scope="col" { "Target" }
                        th role="columnheader" scope="col" { "Actor" }
                        th role="columnheader" scope="col" { "Task" }
                        th role="columnheader" scope="col" { "Trigger" }
                        th role="columnheader" scope="col" { (time_head("Created at")) }
                        th role="columnheader" scope="col" { (time_head("Updated at")) }
                    }
                }
                tbody role="rowgroup" { @for row in &log.rows { (log_row(query, row)) } }
            }
        }
        (pager(newest.as_deref(), older.as_deref(), "Newest", "Older"))
    }
}

fn nothing(query: &LogQuery, more: bool) -> Markup {
    if more {
        let says = html! {
            p { "None of the automations on this page match. Older ones may: go on with " strong { "Older" } "." }
        };
        return empty("Nothing here yet", says);
    }
    if query.is_filtered() {
        return empty(
            "No automation matches",
            html! { p { "Choose less, or " a href="/automations" { "show everything" } "." } },
        );
    }
    empty(
        "No automations yet",
        html! {
            p { "When a person or a group changes in your identity provider, or a hub is shared, Usher works out \
                 what has to change in each app. Each such piece of work appears here, with a job per person." }
            ol {
                li { "Point your identity provider at a SCIM connection, and push people and groups." }
                li { "Connect an app under " a href="/integrations" { "Integrations" } "." }
                li { "Share it with a team. The first automation appears within seconds." }
            }
        },
    )
}

fn log_row(query: &LogQuery, row: &Row) -> Markup {
    let automation = &row.automation;
    let id = &automation.id;
    let open = row.jobs.is_some();
    let toggle = query.toggled(id);
    let what = format!("{} in {}", automation.task.label(), automation.target);
    html! {
        tr.automation.open[open] #{ "row-" (id) } role="row" {
            td.status role="cell" {
                a.toggle #{ "toggle-" (id) } href={ (toggle) "#row-" (id) }
                    hx-get=(toggle) hx-sync="#log:replace"
                    aria-expanded=(open) aria-controls=[open.then(|| format!("drawer-{id}"))]
                    aria-label={ "Jobs: " (what) } { (chevron()) }
                (chip(&automation.status()))
            }
            td role="cell" data-label="Target" {
                a href={ "/integrations/" (automation.integration) } { (automation.target) }
            }
            td role="cell" data-label="Actor" { (automation.cause.actor.name()) }
            td.task role="cell" data-label="Task" {
                a #{ "task-" (id) } href=(automation_path(id)) { (automation.task.label()) }
                span.progress { (progress(&automation.counts)) }
            }
            td role="cell" data-label="Trigger" { (automation.cause.trigger.label()) }
            td.time role="cell" data-label="Created at" { (time(automation.created_at)) }
            td.time role="cell" data-label="Updated at" { (time(automation.updated_at)) }
        }
        @if let Some(jobs) = &row.jobs {
            tr.drawer #{ "drawer-" (id) } role="row" {
                td role="cell" colspan=(COLUMNS) { (drawer(automation, jobs)) }
            }
        }
    }
}

fn drawer(automation: &Automation, jobs: &[Job]) -> Markup {
    let total = automation.total();
    let shown = u64::try_from(jobs.len()).unwrap_or(u64::MAX);
    html! {
        (job_table(jobs, &format!("Jobs of {} in {}", automation.task.label(), automation.target), None, false))
        p.more {
            @if shown < total { "The first " (number(shown)) " of " (number(total)) " jobs. " }
            a href=(automation_path(&automation.id)) { "Open this automation" }
        }
    }
}

/// The buttons for a decision about held work.
pub(super) fn decide(path: &str, what: &str, count: &str) -> Markup {
    html! {
        div.decide {
            form method="post" action={ (path) "/approve" } {
                button aria-label={ "Approve " (what) } { "Approve" (count) }
            }
            form method="post" action={ (path) "/reject" } {
                button aria-label={ "Reject " (what) } { "Reject" (count) }
            }
        }
    }
}

/// The frame of one job's page.
pub(super) fn job_page(title: &str, automation: &AutomationId, region: &Region) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(automation_path(automation)) { "Automation" } }
            h1 { (title) }
        }
        (region.render())
    }
}

/// One job.
pub(super) fn one_job(job: &Job, retry_at: Option<Timestamp>, may_decide: bool) -> Markup {
    html! {
        (job_table(std::slice::from_ref(job), "Job", retry_at, may_decide))
        dl.facts.apart {
            div {
                dt { "Why" }
                dd { a href={ "/people/" (job.person) "/access/" (job.integration) } { "Explain this access" } }
            }
            div { dt { (time_head("Created at")) } dd { (time(job.created_at)) } }
            div { dt { "Correlation id" } dd { code { (job.correlation_id) } } }
        }
    }
}

/// Jobs; with `retry_at`, those that can be retried then get a button, and with `may_decide` those that are held.
pub(super) fn job_table(
    jobs: &[Job],
    caption: &str,
    retry_at: Option<Timestamp>,
    may_decide: bool,
) -> Markup {
    html! {
        table.jobs role="table" {
            caption.hidden { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Status" }
                    th role="columnheader" scope="col" { "Person" }
                    th role="columnheader" scope="col" { "Task" }
                    th role="columnheader" scope="col" { "What happened" }
                    th.count role="columnheader" scope="col" { "Attempts" }
                    th role="columnheader" scope="col" { (time_head("Updated at")) }
                }
            }
            tbody role="rowgroup" {
                @for job in jobs {
                    tr #{ "job-" (job.id) } role="row" {
                        td.status role="cell" { (chip(&job.state)) }
                        td role="cell" data-label="Person" { a href={ "/people/" (job.person) } { (job.target) } }
                        td role="cell" data-label="Task" { a href=(job_path(&job.id)) { (job.task.label()) } }
                        td.says role="cell" data-label="What happened" {
                            (happened(job))
                            @if may_decide && job.state == JobState::Held {
                                (decide(&format!("/jobs/{}", job.id), &format!("the job for {}", job.target), ""))
                            }
                            // Held work is rejected, which says the same and more.
                            @if may_decide && job.state != JobState::Held && work::is_cancellable(job) {
                                form method="post" action={ "/jobs/" (job.id) "/cancel" } {
                                    button aria-label={ "Cancel the job for " (job.target) } { "Cancel" }
                                }
                            }
                            @if retry_at.is_some_and(|now| work::not_retryable(job, now).is_none()) {
                                form method="post" action={ "/jobs/" (job.id) "/retry" } {
                                    button aria-label={ "Retry the job for " (job.target) } { "Retry" }
                                }
                            }
                        }
                        td.count role="cell" data-label="Attempts" { (job.attempts) }
                        td.time role="cell" data-label="Updated at" { (time(job.updated_at)) }
                    }
                }
            }
        }
    }
}

fn ruled(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "Approved",
        Verdict::Rejected => "Rejected",
        Verdict::Expired => "Given up",
    }
}

fn happened(job: &Job) -> Markup {
    html! {
        @if let Some(error) = &job.error { p.reason.error-text[job.state == JobState::Failed] { (error.message) } }
        @if job.open_task().is_some() { p { a href={ "/tasks/" (job.id) } { "Open the task" } } }
        @if let Some(ruling) = &job.guard.ruling {
            p.fine { (ruled(ruling.verdict)) " by " (ruling.cause.actor.name()) " at " (time(ruling.cause.at)) " UTC" }
        }
        @for step in &job.steps { p { (step) } }
        @if let Some(due) = job.due_at.filter(|_| job.open_task().is_none() && matches!(job.state, JobState::Waiting | JobState::Retrying | JobState::Held)) {
            p.fine {
                @match job.state {
                    JobState::Retrying => "Next try at ",
                    JobState::Held => "Given up, if nobody decides, at ",
                    _ => "Waits until ",
                }
                (time(due)) " UTC"
            }
        }
        @if job.error.is_none() && job.steps.is_empty() && job.due_at.is_none() {
            p.fine {
                (match job.state {
                    JobState::Queued => "On its way to the app",
                    JobState::Running => "Being done in the app",
                    JobState::Held => "Waits for an admin's approval",
                    JobState::Superseded => "A later decision took its place",
                    JobState::Cancelled => "Called off",
                    JobState::Done => "Nothing was left to do",
                    JobState::Waiting | JobState::Retrying | JobState::Failed => "No details",
                })
            }
        }
    }
}
