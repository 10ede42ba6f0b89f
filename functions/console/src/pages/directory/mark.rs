//! The mark of a person in an integration: which, what it would do, and only then the button that sets it.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{
    access::{Mark, MarkKind},
    id::{IntegrationId, PersonId},
    integration::Integration,
};

use crate::{
    App,
    api::{
        Path, Query,
        extract::Json,
        marks::{self, MarkPut},
        names::MarkName,
        preview_views::ChangeBody,
    },
    auth::Caller,
    error::Problem,
    pages::{
        integration::share::{ask, framed},
        preview::{Previewed, Progress, view as preview},
    },
    permission::Action,
};

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::pages) enum Choice {
    /// Left alone.
    Exempt,
    /// Nothing is taken away.
    Protected,
    /// No mark.
    None,
}

impl Choice {
    fn of(mark: Option<&Mark>) -> Self {
        match mark.map(|mark| mark.kind) {
            Some(MarkKind::Exempt) => Self::Exempt,
            Some(MarkKind::Protected) => Self::Protected,
            None => Self::None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Protected => "protected",
            Self::None => "none",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Exempt => "Exempt: left alone, nothing is done in the app",
            Self::Protected => "Protected: never removed or demoted",
            Self::None => "No mark: what was not done is decided anew",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Exempt => "Exempt",
            Self::Protected => "Protect",
            Self::None => "Take the mark away",
        }
    }

    fn name(self) -> Option<MarkName> {
        match self {
            Self::Exempt => Some(MarkName::Exempt),
            Self::Protected => Some(MarkName::Protected),
            Self::None => None,
        }
    }
}

/// A mark to set.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::pages) struct MarkForm {
    kind: Option<Choice>,
    reason: String,
}

/// What is shown.
pub(in crate::pages) struct Dialog<'a> {
    pub(in crate::pages) integration: &'a Integration,
    pub(in crate::pages) person: &'a PersonId,
    pub(in crate::pages) name: &'a str,
    pub(in crate::pages) mark: Option<&'a Mark>,
    /// What was chosen and why, and what it would do.
    pub(in crate::pages) chosen: Option<(Choice, &'a str, &'a Previewed)>,
}

fn path(person: &PersonId, integration: &IntegrationId) -> String {
    format!("/people/{person}/access/{integration}/mark")
}

/// `GET /people/{person}/access/{integration}/mark`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((person, id)): Path<(PersonId, IntegrationId)>,
    Query(form): Query<MarkForm>,
) -> Result<Response, Problem> {
    caller.may_in(&app, Action::ManageIntegrations, &id).await?;
    let found = app.store.integration(&caller.workspace, &id).await?;
    let (integration, _) = found.ok_or_else(|| Problem::not_found("this integration"))?;
    let known = app.store.person(&caller.workspace, &person).await?;
    let profile = known.ok_or_else(|| Problem::not_found("this person"))?.profile();
    let one = std::slice::from_ref(&person);
    let access = app.facts.accesses(&caller.workspace, &id, one).await?.remove(&person);
    let mark = access.and_then(|access| access.mark);
    let answer = match form.kind {
        Some(choice) => {
            let person = person.clone();
            let change = match choice.name() {
                Some(mark) => ChangeBody::SetMark { person, mark },
                None => ChangeBody::TakeMark { person },
            };
            Some((choice, ask(&app, &caller, &id, change, Progress::default()).await?))
        }
        None => None,
    };
    let dialog = Dialog {
        integration: &integration,
        person: &person,
        name: profile.label(),
        mark: mark.as_ref(),
        chosen: answer.as_ref().map(|(choice, answer)| (*choice, form.reason.as_str(), answer)),
    };
    let title = format!("Mark {} in {}", profile.label(), integration.name);
    framed(&app, &caller, &title, view(&dialog)).await
}

/// `POST /people/{person}/access/{integration}/mark`
pub(in crate::pages) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((person, id)): Path<(PersonId, IntegrationId)>,
    Form(form): Form<MarkForm>,
) -> Result<Redirect, Problem> {
    let to = Redirect::to(&format!("/people/{person}"));
    let choice = form.kind.ok_or_else(|| Problem::bad_parameter("kind", "choose a mark, or none"))?;
    let path = Path((id, person));
    match choice.name() {
        Some(kind) => {
            let body = Json(MarkPut { kind, reason: form.reason });
            drop(marks::put(State(app), caller, path, body).await?);
        }
        None => drop(marks::delete(State(app), caller, path).await?),
    }
    Ok(to)
}

/// A mark in a word, and why.
pub(super) fn words(mark: &Mark) -> String {
    let word = match mark.kind {
        MarkKind::Exempt => "Exempt",
        MarkKind::Protected => "Protected",
    };
    format!("{word}: {}", mark.reason)
}

/// The dialog.
pub(in crate::pages) fn view(dialog: &Dialog<'_>) -> Markup {
    let Dialog { integration, person, name, mark, chosen } = dialog;
    let (now, reason) = match chosen {
        Some((choice, reason, _)) => (*choice, *reason),
        None => (Choice::of(*mark), mark.map_or("", |mark| mark.reason.as_str())),
    };
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href={ "/people/" (person) } { (name) } }
            h1 { "Mark " (name) " in " (integration.name) }
        }
        form.form action=(path(person, &integration.id)) method="get" {
            fieldset.field {
                legend.label { "Mark" }
                @for choice in [Choice::None, Choice::Exempt, Choice::Protected] {
                    label.choice {
                        input type="radio" name="kind" value=(choice.word()) checked[choice == now];
                        span { (choice.label()) }
                    }
                }
            }
            label.field {
                span.label { "Why" }
                input type="text" name="reason" value=(reason) maxlength="100"
                    placeholder="For whoever wonders later";
            }
            p.actions { button { "Preview" } }
        }
        @if let Some((choice, reason, answer)) = chosen {
            section.outcome aria-label="Preview" {
                (preview::effect(answer, integration))
                form method="post" action=(path(person, &integration.id)) {
                    input type="hidden" name="kind" value=(choice.word());
                    input type="hidden" name="reason" value=(reason);
                    p.actions {
                        button.primary { (choice.button()) (preview::in_short(answer)) }
                        a.button href={ "/people/" (person) } { "Cancel" }
                    }
                }
            }
        }
    }
}
