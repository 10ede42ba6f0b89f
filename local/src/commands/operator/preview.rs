//! `usher preview`, and what every preview of a change takes and shows.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    Api, Failure, Output, arguments,
    directory::{self, Kind},
    items, moment, output, seat, text,
};

/// Most people to look at in one request.
const AT_ONCE: u32 = 1_000;

/// A change to think about; nothing is changed.
#[derive(Args)]
pub(crate) struct Preview {
    #[command(subcommand)]
    change: Change,
}

/// What may be thought about. `usher share preview` is for shares.
#[derive(Subcommand)]
enum Change {
    /// People join a team
    Join {
        #[command(flatten)]
        members: Members,
        #[command(flatten)]
        asking: Asking,
    },
    /// People leave a team
    Leave {
        #[command(flatten)]
        members: Members,
        #[command(flatten)]
        asking: Asking,
    },
    /// A team is deleted
    DeleteTeam {
        /// The team, by name or id
        team: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// A person is activated
    Activate(Person),
    /// A person is deactivated
    Deactivate(Person),
    /// A person is deleted
    DeletePerson(Person),
    /// The identity provider assigns a person these roles and entitlements, and no others
    Assign {
        #[command(flatten)]
        person: Person,
        /// A role; may be given several times
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// An entitlement; may be given several times
        #[arg(long = "entitlement", value_name = "VALUE")]
        entitlements: Vec<String>,
    },
    /// A person of an integration is marked
    Mark {
        #[command(flatten)]
        within: Within,
        #[command(flatten)]
        person: Person,
        /// `exempt`: left alone; `protected`: never removed or demoted
        #[arg(long, value_parser = ["exempt", "protected"])]
        kind: String,
    },
    /// A person's mark is taken away
    Unmark {
        #[command(flatten)]
        within: Within,
        #[command(flatten)]
        person: Person,
    },
    /// Everybody is removed from an integration, to disconnect it
    Disconnect {
        #[command(flatten)]
        within: Within,
        #[command(flatten)]
        asking: Asking,
    },
    /// An integration gets other guards
    Guards {
        #[command(flatten)]
        within: Within,
        /// All of them: a JSON object, or @FILE
        #[arg(value_parser = arguments::json_object)]
        guards: Map<String, Value>,
        #[command(flatten)]
        asking: Asking,
    },
    /// An integration gets another catalogue
    Catalogue {
        #[command(flatten)]
        within: Within,
        /// All of it: a JSON object, or @FILE
        #[arg(value_parser = arguments::json_object)]
        catalogue: Map<String, Value>,
        #[command(flatten)]
        asking: Asking,
    },
}

#[derive(Args)]
struct Within {
    /// The integration's id
    #[arg(value_parser = arguments::id)]
    integration: String,
}

#[derive(Args)]
struct Members {
    /// The team, by name or id
    team: String,
    /// Who, by user name, e-mail address or id; may be given several times
    #[arg(long = "person", value_name = "PERSON", required = true)]
    people: Vec<String>,
}

#[derive(Args)]
struct Person {
    /// Who, by user name, e-mail address or id
    person: String,
    #[command(flatten)]
    asking: Asking,
}

/// How a preview is asked for.
#[derive(Args)]
pub(super) struct Asking {
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
        let person_of = async |person: &str| directory::find(api, Kind::Person, person).await;
        let (within, asking, change) = match self.change {
            Change::Join { members, asking } => (None, asking, members.change(api, "add_members").await?),
            Change::Leave { members, asking } => (None, asking, members.change(api, "remove_members").await?),
            Change::DeleteTeam { team, asking } => {
                let team = directory::find(api, Kind::Team, &team).await?;
                (None, asking, json!({ "kind": "delete_team", "team": team }))
            }
            Change::Activate(Person { person, asking }) => {
                (None, asking, json!({ "kind": "activate_person", "person": person_of(&person).await? }))
            }
            Change::Deactivate(Person { person, asking }) => {
                (None, asking, json!({ "kind": "deactivate_person", "person": person_of(&person).await? }))
            }
            Change::DeletePerson(Person { person, asking }) => {
                (None, asking, json!({ "kind": "delete_person", "person": person_of(&person).await? }))
            }
            Change::Assign { person: Person { person, asking }, roles, entitlements } => {
                let person = person_of(&person).await?;
                let change = json!({
                    "kind": "assign_person", "person": person, "roles": roles, "entitlements": entitlements,
                });
                (None, asking, change)
            }
            Change::Mark { within, person: Person { person, asking }, kind } => {
                let person = person_of(&person).await?;
                let change = json!({ "kind": "set_mark", "person": person, "mark": kind });
                (Some(within), asking, change)
            }
            Change::Unmark { within, person: Person { person, asking } } => {
                let person = person_of(&person).await?;
                (Some(within), asking, json!({ "kind": "take_mark", "person": person }))
            }
            Change::Disconnect { within, asking } => (Some(within), asking, json!({ "kind": "disconnect" })),
            Change::Guards { within, guards, asking } => {
                (Some(within), asking, json!({ "kind": "set_guards", "guards": guards }))
            }
            Change::Catalogue { within, catalogue, asking } => {
                (Some(within), asking, json!({ "kind": "set_catalogue", "catalogue": catalogue }))
            }
        };
        asking.ask(api, output, within.as_ref().map(|within| within.integration.as_str()), change).await
    }
}

impl Members {
    async fn change(&self, api: &Api, kind: &str) -> Result<Value, Failure> {
        let team = directory::find(api, Kind::Team, &self.team).await?;
        let mut people = Vec::with_capacity(self.people.len());
        for person in &self.people {
            people.push(directory::find(api, Kind::Person, person).await?);
        }
        Ok(json!({ "kind": kind, "team": team, "people": people }))
    }
}

impl Asking {
    /// Asks about a change, in one integration or in all that it concerns, and shows the answer.
    pub(super) async fn ask(
        self,
        api: &Api,
        output: Output,
        integration: Option<&str>,
        change: Value,
    ) -> Result<(), Failure> {
        let question = json!({ "change": change, "cursor": self.cursor, "limit": self.limit });
        let answer = match integration {
            Some(integration) => api.post(&["integrations", integration, "preview"], Some(&question)).await?,
            None => api.post(&["preview"], Some(&question)).await?,
        };
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

fn is_touched(person: &Value) -> bool {
    person["change"] != "unchanged" || person["work"] != person["work_before"]
}

/// The preview, for people.
fn human(answer: &Value, unchanged: bool) -> String {
    let mut shown = String::from("Nothing was changed. This would happen:");
    for item in items(answer) {
        let rows: Vec<_> = item["people"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|person| unchanged || is_touched(person))
            .map(|person| {
                let change = text(&person["change"]).replace('_', " ");
                let begins = &person["removal_begins_at"];
                let when = match (change.starts_with("removed"), begins.is_null()) {
                    (true, true) => "at once".to_owned(),
                    (true, false) => moment(begins),
                    (false, _) => String::new(),
                };
                let (before, after) = (seat_or_none(&person["before"]), seat_or_none(&person["after"]));
                let work = text(&person["work"]).replace('_', " ");
                [text(&person["name"]), change, before, after, work, when]
            })
            .collect();
        shown.push_str(&format!("\n\n{}\n", output::plain(&text(&item["name"]))));
        let headings = ["PERSON", "CHANGE", "BEFORE", "AFTER", "WORK", "REMOVED"];
        shown.push_str(&output::table(headings, &rows, "Nobody's access would change."));
        let totals = item["totals"].as_object().into_iter().flatten();
        let totals: Vec<_> =
            totals.map(|(change, count)| format!("{} {}", count, change.replace('_', " "))).collect();
        if !totals.is_empty() {
            shown.push_str(&format!("\n{}.", totals.join(", ")));
        }
        for (counted, said) in
            [("held", "Held for approval"), ("refused", "Refused"), ("left_alone", "Left alone")]
        {
            if let Some(count) = item["works"][counted].as_u64() {
                let why =
                    item["people"].as_array().into_iter().flatten().find(|person| person["work"] == counted);
                let why = why.map(|person| text(&person["work_detail"])).unwrap_or_default();
                shown.push_str(&format!("\n{said}: {count}. {}.", output::plain(&why)));
            }
        }
        for asset in item["assets"].as_array().into_iter().flatten() {
            let counts = ["gained", "changed", "lost"].map(|word| format!("{} {word}", text(&asset[word])));
            shown.push_str(&format!(
                "\nAsset {}: {}.",
                output::plain(&text(&asset["name"])),
                counts.join(", ")
            ));
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
        let person = |name: &str, change: &str, before: Value, after: Value, at: Value| {
            json!({"name": name, "change": change, "before": before, "after": after, "removal_begins_at": at,
            "work": if name == "Bob" { "held" } else { "none" }, "work_before": "none", "work_detail": "too many"})
        };
        let answer = json!({
            "items": [{
                "name": "Hub", "totals": {"removed": 2, "unchanged": 1}, "works": {"held": 1, "none": 1},
                "assets": [{"name": "Page", "gained": 0, "changed": 0, "lost": 2}], "seats_before": 3, "seats_after": 1,
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
            "Ada     removed  editor                 none   none  at once",
            "Held for approval: 1. too many.",
            "Asset Page: 0 gained, 0 changed, 2 lost.",
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
