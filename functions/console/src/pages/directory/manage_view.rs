//! What making and changing a team looks like.

use maud::{Markup, html};
use usher_domain::{directory::GroupRecord, id::TeamId};

use super::manage::{Direction, Found, PeopleForm, Previewed};
use crate::pages::{live::address, parts::plural, preview_view};

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

/// Where people join and leave.
pub(super) fn people_path(team: &TeamId, direction: Direction, people: &str) -> String {
    let query = [("direction", Some(direction.word())), ("people", Some(people))];
    address(&format!("/teams/{team}/people"), &query)
}

/// The form of a new team.
pub(in crate::pages) fn new() -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href="/teams" { "Teams" } }
            h1 { "New team" }
            p.lead { "For people whom no group of your identity provider brings together. No identity provider sees or changes it." }
        }
        form.form method="post" action="/teams" {
            (name_field(""))
            p.actions { button.primary { "Make the team" } a.button href="/teams" { "Cancel" } }
        }
    }
}

fn name_field(name: &str) -> Markup {
    html! {
        label.field {
            span.label { "Name" }
            input type="text" name="name" value=(name) required maxlength="100" autocomplete="off";
        }
    }
}

/// What an admin can do to the team, below its members.
pub(super) fn section(team: &GroupRecord) -> Markup {
    let path = format!("/teams/{}", team.id);
    html! {
        form.form method="post" action=(path) {
            h2 { "Rename or delete" }
            (name_field(team.display_name()))
            p.actions {
                button { "Rename" }
                a.button.quiet href={ (path) "/delete" } { "Delete the team…" }
            }
        }
    }
}

/// Who joins or leaves, what that would do, and only then the button.
pub(super) fn people(
    team: &GroupRecord,
    form: &PeopleForm,
    found: &Found,
    previewed: Option<&Previewed>,
) -> Markup {
    let path = format!("/teams/{}/people", team.id);
    let name = team.display_name();
    let count = plural(found.named.len(), "person", "people");
    html! {
        (title(team, &match form.direction {
            Direction::Add => format!("Add people to {name}"),
            Direction::Remove => format!("Remove people from {name}"),
        }))
        form.form action=(path) method="get" {
            input type="hidden" name="direction" value=(form.direction.word());
            label.field {
                span.label { "People" }
                textarea name="people" rows="5" required aria-describedby="people-hint" { (form.people) }
                span.hint #people-hint { "User names, e-mail addresses or ids, one a line; at most 200." }
            }
            p.actions { button { "Preview" } a.button href={ "/teams/" (team.id) } { "Cancel" } }
        }
        @if !found.unknown.is_empty() {
            p.note.waits {
                "Nobody, or more than one, is found by: " (found.unknown.join(", ")) ". They are left out."
            }
        }
        @if let Some(previewed) = previewed {
            section.outcome aria-label="Preview" {
                h2 { (count) }
                ul.names { @for named in &found.named { li { a.name href={ "/people/" (named.id) } { (named.name) } } } }
                (preview_view::effect_everywhere(&previewed.answer, &previewed.integrations))
                form method="post" action=(path) {
                    input type="hidden" name="direction" value=(form.direction.word());
                    input type="hidden" name="people"
                        value=(found.named.iter().map(|named| named.id.as_str()).collect::<Vec<_>>().join("\n"));
                    p.actions {
                        button.primary {
                            @match form.direction { Direction::Add => "Add ", Direction::Remove => "Remove " }
                            (count) (preview_view::in_short(&previewed.answer))
                        }
                    }
                }
            }
        }
    }
}

/// Deleting the team: what it takes from whom, and only then the button.
pub(super) fn delete(team: &GroupRecord, previewed: &Previewed) -> Markup {
    html! {
        (title(team, &format!("Delete {}", team.display_name())))
        section.outcome aria-label="Preview" {
            p { "Everybody in it loses what only this team gives them, and its shares end." }
            (preview_view::effect_everywhere(&previewed.answer, &previewed.integrations))
            form method="post" action={ "/teams/" (team.id) "/delete" } {
                p.actions {
                    button.danger { "Delete the team" (preview_view::in_short(&previewed.answer)) }
                    a.button href={ "/teams/" (team.id) } { "Cancel" }
                }
            }
        }
    }
}

fn title(team: &GroupRecord, title: &str) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href={ "/teams/" (team.id) } { (team.display_name()) } }
            h1 { (title) }
        }
    }
}
