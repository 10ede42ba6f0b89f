//! `usher share preview`

use clap::Args;
use serde_json::{Value, json};

use super::{
    Api, Failure, Output, arguments, items, moment, output, seat,
    share::{AccessArgs, PrincipalArgs},
    text,
};

/// Most people to look at in one request.
const AT_ONCE: u32 = 1_000;

/// A share to think about.
#[derive(Args)]
pub(crate) struct Preview {
    /// The hub's id
    #[arg(value_parser = arguments::id)]
    hub: String,
    #[command(flatten)]
    principal: PrincipalArgs,
    #[command(flatten)]
    access: AccessArgs,
    /// What would happen if the share ended
    #[arg(long, conflicts_with_all = ["roles", "entitlements", "assets", "hub_only"])]
    end: bool,
    /// Show people for whom nothing would change, too
    #[arg(long)]
    unchanged: bool,
    /// Where to go on: `next` of an earlier answer
    #[arg(long)]
    cursor: Option<String>,
    /// Most people to look at
    #[arg(long, default_value_t = AT_ONCE, value_parser = clap::value_parser!(u32).range(1..=i64::from(AT_ONCE)))]
    limit: u32,
}

impl Preview {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let (collection, id) = self.principal.find(api).await?;
        let (what, whom) =
            if collection == "teams" { ("team_share", "team") } else { ("person_share", "person") };
        let verb = if self.end { "end" } else { "put" };
        let mut change = json!({ "kind": format!("{verb}_{what}"), whom: id });
        if !self.end {
            change["app_access"] = self.access.body();
        }
        let question = json!({ "change": change, "cursor": self.cursor, "limit": self.limit });
        let answer = api.post(&["integrations", &self.hub, "preview"], Some(&question)).await?;
        output.show(&answer, || human(&answer, self.unchanged))
    }
}

fn seat_or_none(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        value => {
            let carried = seat(value);
            if carried.is_empty() { "a seat without a role".to_owned() } else { carried }
        }
    }
}

/// The preview, for people.
fn human(answer: &Value, unchanged: bool) -> String {
    let mut shown = String::from("Nothing was changed. This would happen:");
    for item in items(answer) {
        let rows: Vec<_> = item["people"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|person| unchanged || person["change"] != "unchanged")
            .map(|person| {
                let change = text(&person["change"]).replace('_', " ");
                let begins = &person["removal_begins_at"];
                let when = match (change.starts_with("removed"), begins.is_null()) {
                    (true, true) => "at once".to_owned(),
                    (true, false) => moment(begins),
                    (false, _) => String::new(),
                };
                let (before, after) = (seat_or_none(&person["before"]), seat_or_none(&person["after"]));
                [text(&person["name"]), change, before, after, when]
            })
            .collect();
        shown.push_str(&format!("\n\n{}\n", output::plain(&text(&item["name"]))));
        let headings = ["PERSON", "CHANGE", "BEFORE", "AFTER", "REMOVED"];
        shown.push_str(&output::table(headings, &rows, "Nobody's access would change."));
        let totals = item["totals"].as_object().into_iter().flatten();
        let totals: Vec<_> =
            totals.map(|(change, count)| format!("{} {}", count, change.replace('_', " "))).collect();
        if !totals.is_empty() {
            shown.push_str(&format!("\n{}.", totals.join(", ")));
        }
        let (before, after) = (text(&item["seats_before"]), text(&item["seats_after"]));
        shown.push_str(&format!("\nSeats of these people: {before} before, {after} after."));
        for violation in item["violations"].as_array().into_iter().flatten() {
            shown.push_str(&format!("\nMind: {}.", output::plain(&text(&violation["detail"]))));
        }
    }
    if let Some(next) = answer["next"].as_str() {
        let more = if answer["left_is_exact"] == true { "" } else { "more than " };
        let (left, next) = (text(&answer["left"]), output::plain(next));
        shown.push_str(&format!("\n{more}{left} people are left to look at: --cursor {next}"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_says_who_and_when_and_how_to_go_on() {
        let person = |name: &str, change: &str, before: Value, after: Value, at: Value| json!({"name": name, "change": change, "before": before, "after": after, "removal_begins_at": at});
        let answer = json!({
            "items": [{
                "name": "Hub", "totals": {"removed": 2, "unchanged": 1}, "seats_before": 3, "seats_after": 1,
                "violations": [{"detail": "two are off"}],
                "people": [
                    person("Ada", "removed", json!({"roles": ["editor"]}), Value::Null, Value::Null),
                    person("Bob", "removed", json!({"roles": []}), Value::Null, json!("2026-03-01T12:00:00Z")),
                    person("Cy", "unchanged", json!({"roles": ["x"]}), json!({"roles": ["x"]}), Value::Null),
                ],
            }],
            "next": "p3", "left": 10_000, "left_is_exact": false,
        });
        let shown = human(&answer, false);
        for expected in [
            "Ada     removed  editor                 none   at once",
            "2026-03-01 12:00:00Z",
            "2 removed, 1 unchanged.",
            "Seats of these people: 3 before, 1 after.",
            "Mind: two are off.",
            "more than 10000 people are left to look at: --cursor p3",
        ] {
            assert!(shown.contains(expected), "{expected:?} is not in:\n{shown}");
        }
        assert!(!shown.contains("Cy") && human(&answer, true).contains("Cy"));
    }
}
