//! What a preview looks like: what a change would do, in numbers and in names.

use maud::{Markup, html};
use usher_domain::integration::Integration;

use super::{
    Previewed,
    sum::{Asset, Counts, Effect, NAMES, Person, Sum},
};
use crate::{
    api::access::SeatView,
    pages::{
        chips::{Tone, toned},
        integration::seat_words,
        layout::sentence,
        parts::{number, time},
    },
};

/// A kind of change, in the order in which they are shown.
struct Kind {
    name: &'static str,
    tone: Tone,
    label: &'static str,
    /// The words of the confirm button, after a number.
    short: &'static str,
}

const KINDS: [Kind; 6] = [
    Kind { name: "removed", tone: Tone::Bad, label: "Removed", short: "removed" },
    Kind { name: "removed_sooner", tone: Tone::Bad, label: "Removed sooner", short: "removed sooner" },
    Kind { name: "added", tone: Tone::Good, label: "Added", short: "added" },
    Kind { name: "roles_changed", tone: Tone::Busy, label: "Role changed", short: "changed" },
    Kind { name: "assets_changed", tone: Tone::Busy, label: "Assets changed", short: "changed" },
    Kind { name: "entitlements_changed", tone: Tone::Busy, label: "Entitlements changed", short: "changed" },
];

/// What may become of work that does not just begin, in the order in which it is shown.
const WORKS: [Kind; 4] = [
    Kind { name: "held", tone: Tone::Asks, label: "Held for approval", short: "held" },
    Kind { name: "refused", tone: Tone::Bad, label: "Refused", short: "refused" },
    Kind { name: "left_alone", tone: Tone::Idle, label: "Left alone", short: "left alone" },
    Kind { name: "paused", tone: Tone::Waits, label: "Waiting while paused", short: "waiting" },
];

/// What a change would do in one integration, as far as is known.
pub(in crate::pages) fn effect(found: &Previewed, integration: &Integration) -> Markup {
    html! {
        h2 { "What this would do" }
        @for effect in &found.sum.effects { (one(effect, integration, found.is_whole())) }
    }
}

/// What a change would do in every integration that it concerns, by name, as far as is known.
pub(in crate::pages) fn effect_everywhere(found: &Previewed, integrations: &[Integration]) -> Markup {
    html! {
        h2 { "What this would do" }
        @if found.sum.effects.is_empty() { p.none { "No hub is shared with this team: nobody's access changes." } }
        @for effect in &found.sum.effects {
            @if let Some(integration) = integrations.iter().find(|known| known.id.as_str() == effect.integration) {
                h3 { (integration.name) }
                (one(effect, integration, found.is_whole()))
            }
        }
    }
}

/// A preview with what confirms the change, which is only there when the numbers are whole. Until then the section asks for
/// the next part by itself; `more` is the address that answers it.
pub(in crate::pages) fn section(
    found: &Previewed,
    more: &str,
    cancel: &str,
    numbers: Markup,
    confirm: Markup,
) -> Markup {
    html! {
        section.outcome #outcome aria-label="Preview" aria-live="polite" aria-busy=[(!found.is_whole()).then_some("true")] {
            (numbers)
            @if found.is_whole() { (confirm) } @else { (going_on(found, more, cancel)) }
        }
    }
}

/// How far it has come, and what goes on. A tab that is looked at again goes on as well.
pub(in crate::pages) fn going_on(found: &Previewed, more: &str, cancel: &str) -> Markup {
    // Numbers and texts only: it is always JSON.
    let so_far = serde_json::to_string(found).unwrap_or_default();
    html! {
        form method="post" action=(more) hx-post=(more) hx-trigger="load, visibilitychange from:document"
            hx-target="#outcome" hx-swap="outerHTML" hx-sync="closest main:drop" {
            input type="hidden" name="so_far" value=(so_far);
            p.note.going-on {
                strong {
                    (number(found.sum.looked_at))
                    @if let Some(about) = found.about.filter(|about| *about > found.sum.looked_at) { " of about " (number(about)) }
                    " people looked at: " (in_words(&found.sum)) " so far."
                }
                " This can be confirmed when everybody was looked at."
            }
            p.actions {
                button.by-hand { "Look at more people" }
                a.button href=(cancel) { "Cancel" }
            }
        }
    }
}

fn one(effect: &Effect, integration: &Integration, is_whole: bool) -> Markup {
    let unchanged = effect.totals.get("unchanged").copied().unwrap_or_default();
    html! {
        @if effect.works.values().any(|count| *count > 0) {
            ul.tiles {
                @for (kind, counts) in kinds(effect) {
                    @if let Some(count) = counts.get(kind.name) {
                        li { span.figure { (number(*count)) } (toned(kind.tone, kind.label)) }
                    }
                }
            }
        } @else {
            p.none { @if is_whole { "Nothing changes for anybody." } @else { "Nothing changes for anybody so far." } }
        }
        p.fine {
            "Seats: " (number(effect.seats_before)) " now, " (number(effect.seats_after)) " then."
            @if unchanged > 0 { " Unchanged: " (number(unchanged)) "." }
        }
        @if !effect.assets.is_empty() {
            p.fine { "Assets: " (effect.assets.values().map(asset).collect::<Vec<_>>().join("; ")) "." }
        }
        @if let Some(held) = &effect.held {
            p.note.waits {
                "Those held wait until an admin approves or rejects them. The first: " (held) "."
            }
        }
        @for (what, people) in &effect.violations {
            p.note.waits {
                @if *people > 0 { (number(*people)) " of these people: " (what) "." } @else { (sentence(what)) }
            }
        }
        @for kind in &KINDS { (names(effect, kind, integration)) }
    }
}

/// What is decided, and what becomes of the work for it, each with its counts.
fn kinds(effect: &Effect) -> impl Iterator<Item = (&'static Kind, &Counts)> {
    let decided = KINDS.iter().map(|kind| (kind, &effect.totals));
    decided.chain(WORKS.iter().map(|kind| (kind, &effect.works)))
}

fn asset(asset: &Asset) -> String {
    let counts =
        [(asset.gained, "get"), (asset.changed, "keep with other permissions"), (asset.lost, "lose")];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, verb)| format!("{} {verb} it", number(*count))).collect();
    format!("{} ({})", asset.name, counts.join(", "))
}

fn names(effect: &Effect, kind: &Kind, integration: &Integration) -> Markup {
    let people = || effect.people.iter().filter(|person| person.change == kind.name);
    let count = effect.totals.get(kind.name).copied().unwrap_or_default();
    let named = u64::try_from(NAMES).unwrap_or(u64::MAX);
    html! {
        @if people().next().is_some() {
            h3 { (kind.label) }
            ul.names { @for person in people() { (name(person, integration)) } }
            @if count > named { p.fine { "And " (number(count - named)) " more." } }
        }
    }
}

fn name(person: &Person, integration: &Integration) -> Markup {
    html! {
        li {
            span.name { (person.name) }
            span.progress {
                (seat(integration, person.before.as_ref())) " → " (seat(integration, person.after.as_ref()))
                @if let Some(begins) = person.removal_begins_at { ", at " (time(begins)) " UTC" }
                @if person.dissolves { ", which the app agrees with already" }
                @for work in WORKS.iter().filter(|work| work.name == person.work) { ", " (work.short) }
            }
        }
    }
}

fn seat(integration: &Integration, seat: Option<&SeatView>) -> Markup {
    match seat {
        Some(seat) => seat_words(integration, &seat.roles, &seat.assets, &seat.entitlements),
        None => html! { "no seat" },
    }
}

/// The effect in a few words, for the button that confirms it: `: 12 removed (5 held), 3 changed`.
pub(in crate::pages) fn in_short(found: &Previewed) -> String {
    format!(": {}", in_words(&found.sum))
}

fn in_words(sum: &Sum) -> String {
    let decided = counted(sum, &KINDS, |effect| &effect.totals);
    let works = counted(sum, &WORKS, |effect| &effect.works);
    match (decided.is_empty(), works.is_empty()) {
        (true, true) => "nothing changes".to_owned(),
        (true, false) => works,
        (false, true) => decided,
        (false, false) => format!("{decided} ({works})"),
    }
}

/// How many people of each kind, in words; kinds with the same words are one.
fn counted(sum: &Sum, kinds: &[Kind], of: fn(&Effect) -> &Counts) -> String {
    let mut parts: Vec<(&str, u64)> = Vec::new();
    for kind in kinds {
        let counts = sum.effects.iter().filter_map(|effect| of(effect).get(kind.name));
        let count = counts.fold(0_u64, |sum, count| sum.saturating_add(*count));
        match parts.iter_mut().find(|(short, _)| *short == kind.short) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => parts.push((kind.short, count)),
        }
    }
    let parts = parts.iter().filter(|(_, count)| *count > 0);
    parts.map(|(short, count)| format!("{} {short}", number(*count))).collect::<Vec<_>>().join(", ")
}
