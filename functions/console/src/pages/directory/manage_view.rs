//! What making and changing a team looks like.

use maud::{Markup, html};
use usher_domain::{directory::GroupRecord, id::TeamId};

use super::manage::{Answer, Direction, Found, PeopleForm};
use crate::pages::{live::address, parts::plural, preview::view as preview};

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
    answer: Option<&Answer>,
) -> Markup {
    let path = format!("/teams/{}/people", team.id);
    let name = team.display_name();
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
        @if let Some(answer) = answer { (people_outcome(team, form, found, answer)) }
    }
}

/// What it would do that these people join or leave, and the button for it.
pub(super) fn people_outcome(
    team: &GroupRecord,
    form: &PeopleForm,
    found: &Found,
    answer: &Answer,
) -> Markup {
    let Answer { previewed, integrations } = answer;
    let count = plural(found.named.len(), "person", "people");
    let ids = found.named.iter().map(|named| named.id.as_str()).collect::<Vec<_>>().join("\n");
    let numbers = html! {
        h2 { (count) }
        ul.names { @for named in &found.named { li { a.name href={ "/people/" (named.id) } { (named.name) } } } }
        (preview::effect_everywhere(previewed, integrations))
    };
    let confirm = html! {
        form method="post" action={ "/teams/" (team.id) "/people" } {
            input type="hidden" name="direction" value=(form.direction.word());
            input type="hidden" name="people" value=(ids);
            p.actions {
                button.primary {
                    @match form.direction { Direction::Add => "Add ", Direction::Remove => "Remove " }
                    (count) (preview::in_short(previewed))
                }
            }
        }
    };
    let query = [("direction", Some(form.direction.word())), ("people", Some(ids.as_str()))];
    let more = address(&format!("/teams/{}/people/preview", team.id), &query);
    preview::section(previewed, &more, &format!("/teams/{}", team.id), numbers, confirm)
}

/// Deleting the team: what it takes from whom, and only then the button.
pub(super) fn delete(team: &GroupRecord, answer: &Answer) -> Markup {
    html! {
        (title(team, &format!("Delete {}", team.display_name())))
        (delete_outcome(team, answer))
    }
}

/// What it would do to delete the team, and the button for it.
pub(super) fn delete_outcome(team: &GroupRecord, answer: &Answer) -> Markup {
    let Answer { previewed, integrations } = answer;
    let cancel = format!("/teams/{}", team.id);
    let path = format!("{cancel}/delete");
    let numbers = html! {
        p { "Everybody in it loses what only this team gives them, and its shares end." }
        (preview::effect_everywhere(previewed, integrations))
    };
    let confirm = html! {
        form method="post" action=(path) {
            p.actions {
                button.danger { "Delete the team" (preview::in_short(previewed)) }
                a.button href=(cancel) { "Cancel" }
            }
        }
    };
    preview::section(previewed, &format!("{path}/preview"), &cancel, numbers, confirm)
}

fn title(team: &GroupRecord, title: &str) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href={ "/teams/" (team.id) } { (team.display_name()) } }
            h1 { (title) }
        }
    }
}
