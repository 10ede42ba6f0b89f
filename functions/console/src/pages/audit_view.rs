//! What the audit log looks like.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    audit::AuditForm,
    chips::{Tone, toned},
    parts::{choice, empty, pager, time, time_head},
};
use crate::{
    api::audit::{AuditView, MeansName, OutcomeName},
    audit::labels,
};

/// The log with its filters.
pub(super) fn page(form: &AuditForm, rows: &[AuditView], next: Option<&str>) -> Markup {
    let outcomes = ["done", "refused", "failed", "begun"]
        .map(|word| (word.to_owned(), outcome_words(outcome_of(word)).to_owned()));
    html! {
        header.title {
            h1 { "Audit log" }
            p.lead { "Every administrative act: who, what, when and from where. Refused ones too." }
        }
        form.filters action="/audit" method="get" role="search" aria-label="Filter the audit log" {
            label {
                span.label { "Actor" }
                input type="search" name="actor" value=(form.actor) placeholder="Any name";
            }
            (choice("act", "Act", "Any act", &labels(), Some(form.act.as_str()).filter(|act| !act.is_empty())))
            (choice("outcome", "Outcome", "Any outcome", &outcomes, Some(form.outcome.as_str()).filter(|it| !it.is_empty())))
            label { span.label { "From" } input type="date" name="from" value=(form.from); }
            label { span.label { "To" } input type="date" name="to" value=(form.to); }
            button { "Filter" }
        }
        @if form.is_filtered() { p.filtered { "Filtered. " a href="/audit" { "Show everything" } } }
        p.filtered {
            "Export: " a href=(form.address("/audit/export.csv", None)) { "CSV" } " "
            a href=(form.address("/audit/export.json", None)) { "JSON" }
        }
        @if rows.is_empty() {
            (empty("No act here", html! {
                p { @if form.is_filtered() { "Nothing matches in what was looked at." } @else { "Nobody has changed anything yet." } }
            }))
        } @else { (table(rows)) }
        @let first = (!form.cursor.is_empty()).then(|| form.address("/audit", None));
        @let next = next.map(|next| form.address("/audit", Some(next)));
        (pager(first.as_deref(), next.as_deref(), "Newest", "Older"))
    }
}

fn table(rows: &[AuditView]) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "Acts, newest first" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Outcome" }
                    th role="columnheader" scope="col" { "Who" }
                    th role="columnheader" scope="col" { "What" }
                    th role="columnheader" scope="col" { "From" }
                    th role="columnheader" scope="col" { (time_head("At")) }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        td.status role="cell" {
                            (toned(tone(row.outcome), outcome_words(row.outcome)))
                            @if let Some(problem) = &row.problem { span.progress { (problem) } }
                        }
                        td role="cell" data-label="Who" {
                            @match &row.actor.person {
                                Some(person) => a.name href={ "/people/" (person) } { (row.actor.name) },
                                None => span.name { (row.actor.name) },
                            }
                            span.progress { (means(row.actor.by)) }
                        }
                        td role="cell" data-label="What" {
                            (row.label)
                            span.progress { code { (row.target) } }
                            (states(row))
                        }
                        td role="cell" data-label="From" { (row.actor.address) }
                        td.time role="cell" data-label="At" { (time(row.at)) }
                    }
                }
            }
        }
    }
}

/// What changed: of two objects the members that differ, else the whole.
fn states(row: &AuditView) -> Markup {
    let changes = changes(row.before.as_ref(), row.after.as_ref());
    html! {
        @if !changes.is_empty() {
            details {
                summary { "What changed" }
                dl.values {
                    @for (name, before, after) in changes {
                        div {
                            dt { (name) }
                            dd {
                                @match (before, after) {
                                    (Some(before), Some(after)) => { code { (before) } " → " code { (after) } },
                                    (Some(before), None) => { code { (before) } " → nothing" },
                                    (None, Some(after)) => code { (after) },
                                    (None, None) => {},
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

type Changed = (String, Option<String>, Option<String>);

fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Changed> {
    let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (object(before), object(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    differing
        .map(|name| (name.replace('_', " "), before.get(name).map(shown), after.get(name).map(shown)))
        .collect()
}

/// How somebody acted.
pub(super) fn means(by: MeansName) -> &'static str {
    match by {
        MeansName::ApiKey => "API key",
        MeansName::Session => "Browser",
    }
}

fn outcome_of(word: &str) -> OutcomeName {
    match word {
        "done" => OutcomeName::Done,
        "refused" => OutcomeName::Refused,
        "failed" => OutcomeName::Failed,
        _ => OutcomeName::Begun,
    }
}

/// What became of it.
pub(super) fn outcome_words(outcome: OutcomeName) -> &'static str {
    match outcome {
        OutcomeName::Begun => "Unknown",
        OutcomeName::Done => "Done",
        OutcomeName::Refused => "Refused",
        OutcomeName::Failed => "Failed",
    }
}

fn tone(outcome: OutcomeName) -> Tone {
    match outcome {
        OutcomeName::Begun => Tone::Waits,
        OutcomeName::Done => Tone::Good,
        OutcomeName::Refused => Tone::Idle,
        OutcomeName::Failed => Tone::Bad,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let (before, after) =
            (json!({"name": "A", "grace_seconds": 5}), json!({"name": "B", "grace_seconds": 5}));
        assert_eq!(
            changes(Some(&before), Some(&after)),
            [("name".into(), Some("A".into()), Some("B".into()))]
        );
        assert_eq!(
            changes(None, Some(&json!({"role": "admin"}))),
            [("role".into(), None, Some("admin".into()))]
        );
        assert_eq!(changes(None, None), []);
    }
}
