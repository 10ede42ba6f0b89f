//! What Home looks like.

use maud::{Markup, html};
use usher_domain::{
    Timestamp,
    automation::Automation,
    integration::Integration,
    job::{Job, Task},
    webhook::{Endpoint, EndpointState},
};

use super::{
    automations_view::automation_path,
    chips::{Tone, toned},
    home::{self, Expiring},
    integration::overview::newest,
    layout::sentence,
    parts::{empty, number, plural, time},
    series::{Day, Series},
};

/// How many rows of each kind are shown.
const SHOWN: usize = 5;

/// What Home shows.
pub(super) struct Home<'a> {
    pub(super) paused: Vec<&'a Integration>,
    /// With how many failed jobs each.
    pub(super) failed: Vec<(&'a Automation, u64)>,
    /// With how many held jobs each.
    pub(super) held: Vec<(&'a Automation, u64)>,
    pub(super) expiring: Vec<Expiring>,
    /// Those that are told of nothing.
    pub(super) webhooks: &'a [Endpoint],
    /// What people are waited for, removals first.
    pub(super) tasks: &'a [Job],
    /// Whether there are more tasks than these.
    pub(super) more_tasks: bool,
    pub(super) series: Series,
    pub(super) newest: &'a [Automation],
    /// Whether something is missing that is needed to begin.
    pub(super) is_new: bool,
    pub(super) now: Timestamp,
}

impl Home<'_> {
    fn is_calm(&self) -> bool {
        let nobody_asks = self.paused.is_empty() && self.failed.is_empty() && self.held.is_empty();
        let nothing_ends = self.expiring.is_empty() && self.webhooks.is_empty();
        nobody_asks && nothing_ends && self.tasks.is_empty()
    }
}

/// The page.
pub(super) fn page(home: &Home<'_>) -> Markup {
    html! {
        header.title {
            h1 { "Home" }
            p.lead { "What needs somebody, and how the last days went." }
        }
        h2.first { "Needs attention" }
        @if home.is_calm() {
            p.calm { (toned(Tone::Good, "All clear")) " Nothing failed, nothing waits for a decision, nothing is paused." }
        } @else {
            ul.attention {
                @for integration in &home.paused { (paused(integration)) }
                @for (automation, count) in home.failed.iter().take(SHOWN) { (failed(automation, *count)) }
                @for (automation, count) in home.held.iter().take(SHOWN) { (held(automation, *count)) }
                @if !home.tasks.is_empty() { (tasks(home.tasks, home.more_tasks)) }
                @for expiring in &home.expiring { (token(expiring, home.now)) }
                @for endpoint in home.webhooks { (webhook(endpoint)) }
            }
            (rest(home.failed.len(), "not_completed", "did not complete"))
            (rest(home.held.len(), "awaiting_approval", "await approval"))
        }
        @if home.is_new { (first_steps()) }
        @if !home.series.is_empty() {
            h2 { "The last days" }
            div.charts {
                (chart("Jobs", &home.series, [
                    ("Completed", "good", |day: &Day| day.done),
                    ("Open", "waits", |day: &Day| day.open),
                    ("Not completed", "bad", |day: &Day| day.failed),
                ]))
                (chart("Seats", &home.series, [
                    ("Given", "good", |day: &Day| day.seated),
                    ("Taken back", "busy", |day: &Day| day.unseated),
                ]))
            }
        }
        @if !home.newest.is_empty() {
            h2 { "Newest automations" }
            (newest(&home.newest[..home.newest.len().min(SHOWN)], true))
            p.actions { a.button href="/automations" { "Automation Log" } }
        }
    }
}

fn paused(integration: &Integration) -> Markup {
    html! {
        li {
            (toned(Tone::Bad, "Paused"))
            a href={ "/integrations/" (integration.id) } { (integration.name) }
            span.progress { (home::reason(integration)) }
        }
    }
}

fn failed(automation: &Automation, count: u64) -> Markup {
    html! {
        li {
            (toned(Tone::Bad, "Not completed"))
            a href=(automation_path(&automation.id)) { (automation.task.label()) " in " (automation.target) }
            span.progress { (number(count)) @if count == 1 { " job needs a person" } @else { " jobs need a person" } }
        }
    }
}

fn held(automation: &Automation, count: u64) -> Markup {
    html! {
        li {
            (toned(Tone::Asks, "Awaiting approval"))
            a href=(automation_path(&automation.id)) { (automation.task.label()) " in " (automation.target) }
            span.progress { (number(count)) @if count == 1 { " job waits" } @else { " jobs wait" } " for a decision" }
        }
    }
}

fn tasks(tasks: &[Job], more: bool) -> Markup {
    let urgent = tasks.iter().filter(|job| job.task == Task::RemovingUsers).count();
    let tone = if urgent > 0 { Tone::Bad } else { Tone::Waits };
    html! {
        li {
            (toned(tone, if urgent > 0 { "Urgent tasks" } else { "Tasks" }))
            a href="/tasks" { (plural(tasks.len(), "task", "tasks")) @if more { " or more" } " to do by hand" }
            @if urgent > 0 {
                span.progress { (plural(urgent, "of them takes", "of them take")) " somebody out" }
            }
        }
    }
}

fn token(expiring: &Expiring, now: Timestamp) -> Markup {
    let ended = expiring.at <= now;
    html! {
        li {
            (toned(if ended { Tone::Bad } else { Tone::Waits }, if ended { "Token ended" } else { "Token ends" }))
            a href={ "/connections/" (expiring.connection.id) } { (expiring.connection.name) }
            span.progress {
                @if ended { "Nobody is let in since " } @else { "Its last token ends at " }
                (time(expiring.at)) " UTC"
            }
        }
    }
}

fn webhook(endpoint: &Endpoint) -> Markup {
    html! {
        @if let EndpointState::Disabled { reason, .. } = &endpoint.state {
            li {
                (toned(Tone::Bad, "Webhook disabled"))
                a href={ "/settings/webhooks/" (endpoint.id) } { (endpoint.name) }
                span.progress { (sentence(reason)) }
            }
        }
    }
}

fn rest(count: usize, status: &str, words: &str) -> Markup {
    html! {
        @if count > SHOWN {
            p.fine {
                a href={ "/automations?status=" (status) } { (plural(count, "automation", "automations")) " " (words) }
                ", among the newest " (home::LOOKED_THROUGH) "."
            }
        }
    }
}

fn first_steps() -> Markup {
    empty(
        "Begin here",
        html! {
            ol {
                li { a href="/connections/new" { "Connect your identity provider" }
                     ": it pushes people and groups, which become people and teams here." }
                li { "Connect an app under " a href="/integrations" { "Integrations" } "." }
                li { "Share it with a team. You see whom that would seat before anything happens." }
            }
        },
    )
}

/// A kind of bar: its name, its tone, and how long it is.
type Bar = (&'static str, &'static str, fn(&Day) -> u64);

const BAR: usize = 14;
const STEP: usize = 20;
const HEIGHT: u64 = 72;

/// A small chart of stacked bars, one a day. What it shows is in a table too, for whoever does not see it.
fn chart<const N: usize>(title: &str, series: &Series, bars: [Bar; N]) -> Markup {
    let total = |day: &Day| bars.iter().map(|(_, _, of)| of(day)).sum::<u64>();
    let highest = series.days.iter().map(|(_, day)| total(day)).max().unwrap_or_default().max(1);
    let width = series.days.len() * STEP;
    html! {
        figure.chart {
            figcaption {
                span.name { (title) }
                ul.legend { @for (label, tone, _) in &bars { li class=(tone) { (label) } } }
            }
            svg viewBox={ "0 0 " (width) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" {
                @for (index, (date, day)) in series.days.iter().enumerate() {
                    @let mut y = HEIGHT;
                    g {
                        title { (date) ": " (number(total(day))) }
                        @for (_, tone, of) in &bars {
                            @let height = scaled(of(day), highest);
                            @let () = y -= height;
                            @if height > 0 {
                                rect class=(tone) x=(index * STEP + (STEP - BAR) / 2) y=(y) width=(BAR) height=(height) {}
                            }
                        }
                    }
                }
            }
            p.scale aria-hidden="true" {
                @if let (Some((first, _)), Some((last, _))) = (series.days.first(), series.days.last()) {
                    span { (first) } span { "highest " (number(highest)) } span { (last) }
                }
            }
            table.hidden {
                caption { (title) " a day" }
                thead { tr { th scope="col" { "Day" } @for (label, _, _) in &bars { th scope="col" { (label) } } } }
                tbody {
                    @for (date, day) in &series.days {
                        tr { th scope="row" { (date) } @for (_, _, of) in &bars { td { (number(of(day))) } } }
                    }
                }
            }
        }
    }
}

/// The height of a bar. What is there is seen, however little it is.
fn scaled(count: u64, highest: u64) -> u64 {
    if count == 0 { 0 } else { (count * (HEIGHT - 8) / highest).max(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fit_and_none_is_lost() {
        assert_eq!(scaled(0, 10), 0);
        assert_eq!(scaled(1, 1_000_000), 2);
        assert!(scaled(10, 10) + 2 * 2 <= HEIGHT);
    }
}
