//! What the Sync tab looks like.

use maud::{Markup, html};
use usher_domain::{
    access::{Seat, Told},
    integration::Integration,
    ports::ListedDrift,
    sync::{Drift, RunKind, StrangerReaction, SyncRun},
};

use super::{Pages, Tab, seat_words};
use crate::pages::{
    chips::chip,
    layout::sentence,
    parts::{empty, number, pager, plural, time, time_head},
};

/// What the tab shows.
pub(in crate::pages) struct Sync<'a> {
    pub(in crate::pages) integration: &'a Integration,
    /// The last sync or health check.
    pub(in crate::pages) run: Option<&'a SyncRun>,
    /// A page of the differences.
    pub(in crate::pages) drift: &'a [ListedDrift],
    pub(in crate::pages) pages: &'a Pages,
    pub(in crate::pages) may_sync: bool,
}

/// The tab.
pub(in crate::pages) fn view(sync: &Sync<'_>) -> Markup {
    html! {
        @match sync.run {
            Some(run) => (last(sync, run)),
            None => (empty("Never looked at as a whole", html! {
                p { "A sync reads everybody who is in the app and compares them with what was decided. What differs appears \
                     here." }
            })),
        }
        @if sync.may_sync { (begin(sync)) }
        h2 { "Where the app differs" }
        @if sync.drift.is_empty() {
            p.none { "Nowhere, as far as it was read." }
        } @else {
            (differences(sync))
        }
        (pager(sync.pages.first.as_deref(), sync.pages.next.as_deref(), "First", "More"))
    }
}

/// The last run.
fn last(sync: &Sync<'_>, run: &SyncRun) -> Markup {
    let counts = &run.counts;
    let facts = [
        ("In the app", counts.members),
        ("Invited", counts.invitations),
        ("Known", counts.matched),
        ("Seats decided", counts.seats),
        ("Repaired", counts.repaired),
        ("Taken in", counts.adopted),
        ("Assets put into the catalogue", counts.assets_put),
        ("Assets taken out", counts.assets_gone),
    ];
    html! {
        div.summary {
            div.state {
                (chip(&run.state))
                span.progress { @if run.kind == RunKind::Sync { "Sync" } @else { "Health check" } }
            }
            @if let Some(reason) = &run.reason { p.note.waits { (sentence(reason)) } }
            dl.facts {
                div { dt { "Asked for by" } dd { (run.cause.actor.name()) } }
                div { dt { (time_head("Began at")) } dd { (time(run.created_at)) } }
                div { dt { (time_head("Updated at")) } dd { (time(run.updated_at)) } }
                @if run.kind == RunKind::Sync {
                    @for (label, count) in facts { div { dt { (label) } dd { (number(count)) } } }
                }
            }
        }
        @if !counts.drift.is_empty() {
            ul.tiles {
                @for (kind, count) in &counts.drift {
                    li { span.figure { (number(*count)) } (kind.label()) }
                }
            }
        }
        (discovered(sync, run))
    }
}

/// What the app has and the catalogue does not.
fn discovered(sync: &Sync<'_>, run: &SyncRun) -> Markup {
    let found = &run.discovered;
    let named = [
        ("Roles", found.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>()),
        ("Entitlements", found.entitlements.iter().map(|one| one.value.as_str()).collect()),
        ("Assets", found.assets.iter().map(|asset| asset.name.as_str()).collect()),
    ];
    let more = found.roles.len() + found.entitlements.len();
    if more + found.assets.len() == 0 {
        return Markup::default();
    }
    html! {
        section.form aria-labelledby="discovered-title" {
            h2 #discovered-title { "In the app, and not in the catalogue" }
            @for (what, names) in named.iter().filter(|(_, names)| !names.is_empty()) {
                p { (what) ": " (names.join(", ")) "." }
            }
            @if more > 0 && sync.may_sync {
                form method="post" action={ "/integrations/" (sync.integration.id) "/catalogue" } {
                    p { "What is in the catalogue can be shared, and is managed: it is also taken away from people who should not have it." }
                    p.actions { button { "Take over " (plural(more, "entry", "entries")) " into the catalogue" } }
                }
            }
        }
    }
}

fn drift_of(listed: &ListedDrift) -> &Drift {
    match listed {
        ListedDrift::Access(_, drift) | ListedDrift::Stranger(_, drift) => drift,
    }
}

/// Whether the next sync repairs a difference, if it still finds it.
fn is_repaired(integration: &Integration, drift: &Drift) -> bool {
    integration.sync.repairs(drift.kind) && !drift.is_left()
}

/// The buttons, and what they would do.
fn begin(sync: &Sync<'_>) -> Markup {
    let integration = sync.integration;
    let settings = &integration.sync;
    let repaired = sync.drift.iter().filter(|listed| is_repaired(integration, drift_of(listed))).count();
    let more = if sync.pages.next.is_some() { "at least " } else { "" };
    html! {
        section.form aria-labelledby="sync-title" {
            h2 #sync-title { "Look at the whole app" }
            @if sync.run.is_some_and(|run| run.state.is_open()) {
                p { "It is being looked at." }
            } @else {
                form method="post" action=(Tab::Sync.path(&integration.id)) {
                    p {
                        "Reads everybody in the app. Of what is listed below, " (more)
                        (plural(repaired, "difference", "differences")) " would be repaired, and "
                        (number(u64::try_from(sync.drift.len() - repaired).unwrap_or(u64::MAX)))
                        " only shown. What is repaired, " a href=(Tab::Settings.path(&integration.id)) { "the settings" }
                        " say."
                    }
                    label.field {
                        span.label { "Safeguard this once, in percent" }
                        input type="number" name="safeguard_percent" min="0" max="100"
                            placeholder=(settings.safeguard_percent) aria-describedby="once-hint";
                        span.hint #once-hint {
                            "It halts with nothing applied when more of the seats than this are missing or left behind, or \
                             more of the catalogue's assets gone, and takes assets beyond what was decided from no more \
                             people than this. Empty for the integration's."
                        }
                    }
                    p.actions { button.primary { "Sync now" } }
                }
                form method="post" action={ "/integrations/" (integration.id) "/health-check" } {
                    p.actions { button { "Check the health only" } }
                }
            }
        }
    }
}

fn differences(sync: &Sync<'_>) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "Differences" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Difference" }
                    th role="columnheader" scope="col" { "Who" }
                    th role="columnheader" scope="col" { "Should have" }
                    th role="columnheader" scope="col" { "Has" }
                    th role="columnheader" scope="col" { "What is done" }
                    th role="columnheader" scope="col" { (time_head("Found at")) }
                }
            }
            tbody role="rowgroup" { @for listed in sync.drift { (row(sync.integration, listed)) } }
        }
    }
}

fn row(integration: &Integration, listed: &ListedDrift) -> Markup {
    let drift = drift_of(listed);
    let label = drift.seen.as_ref().map(|seen| seen.label.as_str());
    html! {
        tr role="row" {
            td role="cell" data-label="Difference" { (drift.kind.label()) }
            td role="cell" data-label="Who" {
                @match listed {
                    ListedDrift::Access(access, _) => a href={ "/people/" (access.person) } {
                        (access.desired.as_ref().map_or(access.person.as_str(), |desired| desired.profile.label()))
                    },
                    ListedDrift::Stranger(finding, _) => {
                        (label.unwrap_or_default())
                        @if let Some(person) = &finding.person { " " a href={ "/people/" (person) } { "May be this person" } }
                    }
                }
            }
            td role="cell" data-label="Should have" { (seat(integration, drift.expected.as_ref())) }
            td role="cell" data-label="Has" {
                @match drift.seen.as_ref().map(|seen| &seen.seat) {
                    None => "Not in the app",
                    Some(Told::Nothing) => "A seat",
                    Some(told) => (seat(integration, Some(&told.known()))),
                }
            }
            td role="cell" data-label="What is done" { (done(integration, listed)) }
            td.time role="cell" data-label="Found at" { (time(drift.found_at)) }
        }
    }
}

fn done(integration: &Integration, listed: &ListedDrift) -> Markup {
    html! {
        @match listed {
            ListedDrift::Access(access, drift) => {
                @match &access.job {
                    Some(job) => a href={ "/jobs/" (job) } { "Being repaired" },
                    None if is_repaired(integration, drift) => "Repaired by the next sync",
                    None if integration.sync.repairs(drift.kind) => "Left: too many would lose assets at once",
                    None => "Shown only",
                }
            }
            ListedDrift::Stranger(finding, _) => {
                @if finding.person.is_some() && integration.sync.unmatched == StrangerReaction::Adopt {
                    "Taken in by the next sync, as they are"
                } @else {
                    "Shown only: nothing is taken from strangers"
                }
            }
        }
    }
}

fn seat(integration: &Integration, seat: Option<&Seat>) -> Markup {
    match seat {
        Some(seat) => seat_words(integration, &seat.roles, &seat.assets, &seat.entitlements),
        None => html! { "No seat" },
    }
}
