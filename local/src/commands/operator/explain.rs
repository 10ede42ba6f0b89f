//! `usher explain`

use clap::Args;
use serde_json::Value;
use usher_domain::{access::AccessState, change::Trigger, job::JobState, job::Task};

use super::{
    Api, Failure, Output, arguments,
    directory::{self, Kind},
    label, moment, output, seat, text,
};

/// Whom, and where.
#[derive(Args)]
pub(crate) struct Explain {
    /// The integration's id
    #[arg(value_parser = arguments::id)]
    integration: String,
    /// The person, by user name, e-mail address or id
    person: String,
}

impl Explain {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let person = directory::find(api, Kind::Person, &self.person).await?;
        let told = api.get(&["integrations", &self.integration, "people", &person, "explain"]).await?;
        output.show(&told, || human(&told))
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn seat_or_none(value: &Value) -> String {
    match value {
        Value::Null => "no seat".to_owned(),
        value => {
            let carried = seat(value);
            if carried.is_empty() { "a seat without a role".to_owned() } else { carried }
        }
    }
}

/// The explanation, for people.
fn human(told: &Value) -> String {
    let access = &told["access"];
    let mut pairs = vec![
        ("Person", text(&access["name"])),
        ("Integration", text(&told["integration_name"])),
        ("State", label(&access["state"], AccessState::label)),
        ("Should have", seat_or_none(&told["resolved"])),
        ("In the app", seat_or_none(&access["observed"]["seat"])),
    ];
    if told["is_planned"] == false {
        pairs.push(("Decided before", seat_or_none(&access["desired"])));
    }
    if !told["removal_begins_at"].is_null() {
        pairs.push(("Removal waits until", moment(&told["removal_begins_at"])));
    }
    let job = &told["open_job"];
    if !job.is_null() {
        let (task, state) = (label(&job["task"], Task::label), label(&job["state"], JobState::label));
        pairs.push(("Open job", format!("{task}: {state} ({})", text(&job["id"]))));
    }
    if !told["lease_until"].is_null() {
        pairs.push(("A connector acts until", moment(&told["lease_until"])));
    }
    let mut shown = output::fields(&pairs);
    for missing in list(&told["missing"]) {
        shown.push_str(&format!("\n\nMissing: {}.", output::plain(&text(&missing["detail"]))));
    }
    if list(&told["grants"]).next().is_some() {
        shown.push_str("\n\nGrants:");
    }
    for grant in list(&told["grants"]) {
        let (path, detail) = (text(&grant["path"]), text(&grant["detail"]));
        let gives = seat_or_none(&grant["seat"]);
        let line = match grant["effect"].as_str() {
            Some("hub_only") => format!("{path}: {detail}"),
            _ => format!("{path} ({gives}): {detail}"),
        };
        shown.push_str(&format!("\n  {}", output::plain(&line)));
    }
    if list(&told["history"]).next().is_some() {
        shown.push_str("\n\nHistory, newest first:\n");
        shown.push_str(&history(&told["history"]));
    }
    shown
}

fn history(rows: &Value) -> String {
    let headings = ["REQUESTED", "TASK", "STATE", "TRIGGER", "ACTOR", "REQUEST", "JOB"];
    let rows: Vec<_> = list(rows)
        .map(|row| {
            let job = &row["job"];
            [
                moment(&row["requested_at"]),
                label(&job["task"], Task::label),
                label(&job["state"], JobState::label),
                label(&row["trigger"], Trigger::label),
                text(&row["actor"]["name"]),
                text(&job["correlation_id"]),
                text(&job["id"]),
            ]
        })
        .collect();
    output::table(headings, &rows, "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_explanation_reads_as_sentences_and_tables() {
        let told = json!({
            "integration_name": "Hub", "resolved": null, "is_planned": false,
            "access": {"name": "Ada", "state": "onboarded", "desired": {"roles": ["editor"]},
                "observed": {"seat": {"roles": ["editor"], "assets": {}, "entitlements": []}}},
            "grants": [{"path": "individual share of Hub", "effect": "inactive", "seat": {"roles": ["editor"]},
                "detail": "would count"}],
            "missing": [{"code": "deactivated", "detail": "activate them"}],
            "removal_begins_at": null, "open_job": null, "lease_until": null,
            "history": [{"job": {"id": "j1", "task": "adding_users", "state": "done", "correlation_id": "c1"},
                "trigger": "scim", "actor": {"name": "Okta"}, "requested_at": "2026-03-01T12:00:00Z",
                "activity": []}],
        });
        let shown = human(&told);
        for expected in [
            "Should have     no seat",
            "In the app      editor",
            "Decided before  editor",
            "Missing: activate them.",
            "  individual share of Hub (editor): would count",
            "2026-03-01 12:00:00Z  Adding users  Completed  SCIM     Okta   c1       j1",
        ] {
            assert!(shown.contains(expected), "{expected:?} is not in:\n{shown}");
        }
    }
}
