//! What a preview looks like: what a change would do, in numbers and in names.

use std::collections::BTreeMap;

use maud::{Markup, html};
use usher_domain::integration::Integration;

use super::{
    integration::seat_words,
    layout::sentence,
    parts::{Tone, number, time, toned},
};
use crate::api::{
    access::SeatView,
    preview_views::{AssetView, PersonView, PreviewAnswer, PreviewView},
};

/// How many names are shown of each kind of change.
const NAMES: usize = 25;

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

/// What a change would do in one integration.
pub(super) fn effect(answer: &PreviewAnswer, integration: &Integration) -> Markup {
    html! {
        h2 { "What this would do" }
        @for preview in &answer.items { (one(preview, integration)) }
        (left(answer))
    }
}

fn left(answer: &PreviewAnswer) -> Markup {
    html! {
        @if answer.left > 0 {
            p.note.waits {
                "Only a part of the people were looked at. "
                @if !answer.left_is_exact { "At least " }
                (number(answer.left)) " more will be decided the same way."
            }
        }
    }
}

/// What a change would do in every integration that it concerns, by name.
pub(super) fn effect_everywhere(answer: &PreviewAnswer, integrations: &[Integration]) -> Markup {
    html! {
        h2 { "What this would do" }
        @if answer.items.is_empty() { p.none { "No hub is shared with this team: nobody's access changes." } }
        @for preview in &answer.items {
            @if let Some(integration) = integrations.iter().find(|known| known.id.as_str() == preview.integration) {
                h3 { (integration.name) }
                (one(preview, integration))
            }
        }
        (left(answer))
    }
}

fn one(preview: &PreviewView, integration: &Integration) -> Markup {
    let unchanged = preview.totals.get("unchanged").copied().unwrap_or_default();
    html! {
        @if preview.works.is_empty() {
            p.none { "Nothing changes for anybody." }
        } @else {
            ul.tiles {
                @for (kind, counts) in kinds(preview) {
                    @if let Some(count) = counts.get(kind.name) {
                        li { span.figure { (number(*count)) } (toned(kind.tone, kind.label)) }
                    }
                }
            }
        }
        p.fine {
            "Seats: " (number(preview.seats_before)) " now, " (number(preview.seats_after)) " then."
            @if unchanged > 0 { " Unchanged: " (number(unchanged)) "." }
        }
        @if !preview.assets.is_empty() {
            p.fine { "Assets: " (preview.assets.iter().map(asset).collect::<Vec<_>>().join("; ")) "." }
        }
        @if let Some(held) = touched_by(preview, "held").next() {
            p.note.waits {
                "Those held wait until an admin approves or rejects them. The first: "
                (held.work_detail.as_deref().unwrap_or_default()) "."
            }
        }
        @for violation in &preview.violations { p.note.waits { (sentence(&violation.detail)) } }
        @for kind in &KINDS { (names(preview, kind, integration)) }
    }
}

/// What is decided, and what becomes of the work for it, each with its counts.
fn kinds(preview: &PreviewView) -> impl Iterator<Item = (&'static Kind, &BTreeMap<&'static str, u64>)> {
    let decided = KINDS.iter().map(|kind| (kind, &preview.totals));
    decided.chain(WORKS.iter().map(|kind| (kind, &preview.works)))
}

fn touched_by<'a>(preview: &'a PreviewView, work: &'a str) -> impl Iterator<Item = &'a PersonView> {
    preview.people.iter().filter(move |person| person.work == work && person.is_touched())
}

fn asset(asset: &AssetView) -> String {
    let counts =
        [(asset.gained, "get"), (asset.changed, "keep with other permissions"), (asset.lost, "lose")];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, verb)| format!("{} {verb} it", number(*count))).collect();
    format!("{} ({})", asset.name, counts.join(", "))
}

fn names(preview: &PreviewView, kind: &Kind, integration: &Integration) -> Markup {
    let people: Vec<&PersonView> =
        preview.people.iter().filter(|person| person.change == kind.name).collect();
    html! {
        @if !people.is_empty() {
            h3 { (kind.label) }
            ul.names {
                @for person in people.iter().take(NAMES) { (name(person, integration)) }
            }
            @if people.len() > NAMES {
                p.fine { "And " (number(u64::try_from(people.len() - NAMES).unwrap_or(u64::MAX))) " more." }
            }
        }
    }
}

fn name(person: &PersonView, integration: &Integration) -> Markup {
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
pub(super) fn in_short(answer: &PreviewAnswer) -> String {
    let decided = counted(answer, &KINDS, |preview| &preview.totals);
    let works = counted(answer, &WORKS, |preview| &preview.works);
    let more = if answer.left > 0 { " or more" } else { "" };
    match (decided.is_empty(), works.is_empty()) {
        (true, true) => ": nothing changes".to_owned(),
        (true, false) => format!(": {works}{more}"),
        (false, true) => format!(": {decided}{more}"),
        (false, false) => format!(": {decided} ({works}){more}"),
    }
}

/// How many people of each kind, in words; kinds with the same words are one.
fn counted(
    answer: &PreviewAnswer,
    kinds: &[Kind],
    of: fn(&PreviewView) -> &BTreeMap<&'static str, u64>,
) -> String {
    let mut parts: Vec<(&str, u64)> = Vec::new();
    for kind in kinds {
        let counts = answer.items.iter().filter_map(|preview| of(preview).get(kind.name));
        let count: u64 = counts.sum();
        match parts.iter_mut().find(|(short, _)| *short == kind.short) {
            Some((_, sum)) => *sum += count,
            None => parts.push((kind.short, count)),
        }
    }
    let parts = parts.iter().filter(|(_, count)| *count > 0);
    parts.map(|(short, count)| format!("{} {short}", number(*count))).collect::<Vec<_>>().join(", ")
}
