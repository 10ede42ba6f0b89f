//! What an explanation looks like: why somebody has access, or none, and how it came to be so.

use maud::{Markup, html};
use usher_domain::{access::AccessState, id::PersonId, integration::Integration, job::JobState};

use super::{
    chips::{Tone, chip, toned},
    integration::seat_words,
    parts::time,
};
use crate::api::{
    access::SeatView,
    explain::{ExplanationView, GrantView, HistoryView},
};

/// The page of an explanation.
pub(super) fn page(integration: &Integration, person: &PersonId, explained: &ExplanationView) -> Markup {
    let name = explained.access.name.as_deref().unwrap_or(person.as_str());
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href={ "/people/" (person) } { (name) } }
            h1 { (name) " in " (integration.name) }
        }
        (summary(integration, explained))
        @if !explained.missing.is_empty() {
            h2 { "What is missing" }
            ul.reasons {
                @for missing in &explained.missing {
                    li {
                        p { (super::layout::sentence(&missing.detail)) }
                        @if !missing.teams.is_empty() {
                            ul.tags {
                                @for team in &missing.teams { li { a.tag href={ "/teams/" (team.id) } { (team.name) } } }
                            }
                        }
                    }
                }
            }
        }
        @if !explained.grants.is_empty() {
            h2 { "Grants" }
            ul.reasons { @for grant in &explained.grants { (one_grant(integration, grant)) } }
        }
        @if !explained.history.is_empty() {
            h2 { "How it came to be so" }
            ol.history { @for entry in &explained.history { (past(entry)) } }
        }
    }
}

fn summary(integration: &Integration, explained: &ExplanationView) -> Markup {
    let access = &explained.access;
    html! {
        div.summary {
            div.state {
                (chip(&AccessState::from(access.state)))
                @if let Some(via) = &access.via { span.progress { (via) } }
            }
            @if !explained.is_planned {
                p.note { "A change is about to be planned: the directory or a share changed a moment ago." }
            }
            @if let Some(begins) = explained.removal_begins_at {
                p.note { "The removal begins at " (time(begins)) " UTC, and dissolves if access returns before." }
            }
            dl.facts {
                div { dt { "Should have" } dd { (seat(integration, explained.resolved.as_ref())) } }
                div {
                    dt { "Last seen in the app" }
                    dd { (seat(integration, access.observed.as_ref().map(|observed| &observed.seat))) }
                }
                @if let Some(account) = &access.observed {
                    div { dt { "Account" } dd { code { (account.id) } " (" (account.state) ")" } }
                }
                @if let Some(job) = &explained.open_job {
                    div { dt { "Open job" } dd { a href={ "/jobs/" (job.id) } { (JobState::from(job.state).label()) } } }
                }
            }
        }
    }
}

fn seat(integration: &Integration, seat: Option<&SeatView>) -> Markup {
    match seat {
        Some(seat) => seat_words(integration, &seat.roles, &seat.assets, &seat.entitlements),
        None => html! { "No seat" },
    }
}

fn one_grant(integration: &Integration, grant: &GrantView) -> Markup {
    let (tone, words) = match grant.effect {
        "effective" => (Tone::Good, "Counts"),
        "shadowed" => (Tone::Idle, "Shadowed"),
        "inactive" => (Tone::Bad, "Inactive"),
        _ => (Tone::Idle, "Hub only"),
    };
    html! {
        li {
            p { (toned(tone, words)) " " span.path { (grant.path) } }
            p.fine {
                "Gives " (seat_words(integration, &grant.seat.roles, &grant.seat.assets, &grant.seat.entitlements))
                ". " (super::layout::sentence(&grant.detail))
            }
        }
    }
}

fn past(entry: &HistoryView) -> Markup {
    let job = &entry.job;
    let (state, task) = (JobState::from(job.state), usher_domain::job::Task::from(job.task));
    html! {
        li {
            p {
                (chip(&state)) " " a href={ "/jobs/" (job.id) } { (task.label()) } " "
                span.date { (time(job.created_at)) " UTC" }
            }
            p.fine {
                @match (&entry.actor, entry.trigger) {
                    (Some(actor), Some(trigger)) => {
                        "Asked for by " (actor.name) " (" (usher_domain::change::Trigger::from(trigger).label()) ")"
                    },
                    _ => "The automation is gone",
                }
                " · request " code { (job.correlation_id) }
            }
            @if let Some(error) = &job.error { p.error-text { (error.message) } }
            @for step in &job.steps { p { (step) } }
        }
    }
}
