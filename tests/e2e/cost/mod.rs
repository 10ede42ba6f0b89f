//! The tables of docs/COST.md: counted from real calls and priced by tests/prices/aws-us-east-1.json.

mod idle;
mod work;

use std::fmt::Write;

use work::Work;

use crate::{access_patterns::world::World, measured, onboarding::prices::Prices};

/// Days and minutes of a month.
const DAYS: f64 = 30.0;
const MINUTES: f64 = DAYS * 24.0 * 60.0;

/// What an example's month holds, for each workspace.
struct Example {
    workspaces: f64,
    people: f64,
}

const EXAMPLES: [Example; 3] = [
    Example { workspaces: 1.0, people: 100.0 },
    Example { workspaces: 100.0, people: 200.0 },
    Example { workspaces: 10_000.0, people: 200.0 },
];

/// What an identity provider asks in an example's month, by the person: a look once a day.
const LOOKS_PER_PERSON: f64 = DAYS;
/// What a month without any use may cost, in USD.
const MOST_IDLE: f64 = 2.0;
/// Queues that Lambda looks into once work went through them: one for each kind of app, and one for webhooks.
const CONNECTED: [(&str, f64); 4] = [
    ("apps of one kind", 1.0),
    ("apps of one kind, and webhooks", 2.0),
    ("apps of two kinds, and webhooks", 3.0),
    ("apps of five kinds, and webhooks", 6.0),
];
/// How many of a hundred people come, and so leave, in a month.
const TURNOVER: f64 = 0.02;

#[tokio::test]
async fn the_page_of_costs_says_what_is_counted() {
    let prices = Prices::load();
    let world = World::new().await;
    let onboarding = work::onboarding(&world).await;
    let read = work::read(&world).await;
    let sync = work::sync(&world).await;
    let round = work::round(&world).await;
    let stored = work::stored_bytes(&world).await;

    let mut page = String::from("\n");
    let idle = idle::lines(&prices);
    table(&mut page, "A month of an installation in which nothing happens", "USD a month", &idle);
    let sum = idle.iter().map(|(_, usd)| usd).sum::<f64>();
    assert!(sum < MOST_IDLE, "idle costs {sum} USD a month: {idle:#?}");

    let looks = CONNECTED.map(|(what, queues)| (what.to_owned(), idle::looks(&prices, queues)));
    list(&mut page, "What Lambda's looks into the queues of connected apps add", "USD a month", &looks);

    let thousand = onboarding.times(1_000.0 / work::PEOPLE);
    table(&mut page, "Onboarding 1,000 people", "USD", &thousand.lines(&prices));
    let logs = |lines: &[(String, f64)]| {
        lines.iter().filter(|(what, _)| what == "Logs").map(|(_, usd)| usd).sum::<f64>()
    };
    // What a log line says is an assumption; everything else is held to the target.
    let lines = thousand.lines(&prices);
    assert!(thousand.usd(&prices) - logs(&lines) < prices.target_usd_per_1000, "{lines:#?}");
    table(&mut page, "A million SCIM reads of a user", "USD", &read.times(1e6).lines(&prices));
    let thousand = sync.times(1_000.0 / work::PEOPLE);
    table(&mut page, "Reading an app with 1,000 seats once (sync)", "USD", &thousand.lines(&prices));

    let works = Works { onboarding, read, sync, round, stored };
    for example in EXAMPLES {
        let Example { workspaces, people } = example;
        let each = if workspaces == 1.0 { "workspace" } else { "workspaces" };
        let title = format!("A month with {workspaces} {each} of {people} people in one app");
        let lines = works.month(&example, &prices, sum);
        table(&mut page, &title, "USD a month", &lines);
    }
    page.push('\n');
    measured::compare("docs/COST.md", &page, "costs");
}

/// What one unit of each work is.
struct Works {
    /// Of [`work::PEOPLE`] people.
    onboarding: Work,
    /// Of one user.
    read: Work,
    /// Of an app with [`work::PEOPLE`] seats.
    sync: Work,
    /// One run of the reconciler for one workspace.
    round: Work,
    /// Bytes of a seated person.
    stored: f64,
}

impl Works {
    fn month(&self, example: &Example, prices: &Prices, idle: f64) -> Vec<(String, f64)> {
        let Example { workspaces, people } = *example;
        let all = workspaces * people;
        let gigabytes = all * self.stored / 1e9;
        // One invocation looks at every workspace: it is in the idle month.
        let rounds =
            Work { invocations: 0.0, ..self.round.times(workspaces * MINUTES / idle::every_minutes()) };
        let moves = self.onboarding.times(2.0 * TURNOVER * all / work::PEOPLE);
        vec![
            ("idle, as above".to_owned(), idle),
            ("looks into the app's queue".to_owned(), idle::looks(prices, 1.0)),
            ("people who come and go (2 % and 2 %)".to_owned(), moves.usd(prices)),
            (
                "the identity provider looks at everybody daily".to_owned(),
                self.read.times(all * LOOKS_PER_PERSON).usd(prices),
            ),
            ("a sync of each app daily".to_owned(), self.sync.times(all * DAYS / work::PEOPLE).usd(prices)),
            ("rounds of the reconciler".to_owned(), rounds.usd(prices)),
            (
                "storage and point-in-time recovery".to_owned(),
                prices.usd("dynamodb_storage_gb_month", gigabytes)
                    + prices.usd("dynamodb_recovery_gb_month", gigabytes),
            ),
        ]
    }
}

/// A table with its sum.
fn table(page: &mut String, title: &str, unit: &str, lines: &[(String, f64)]) {
    list(page, title, unit, lines);
    let _ = writeln!(page, "| **sum** | **{}** |", amount(lines.iter().map(|(_, usd)| usd).sum()));
}

/// A table of what cannot be added up.
fn list(page: &mut String, title: &str, unit: &str, lines: &[(String, f64)]) {
    let _ = write!(page, "\n### {title}\n\n| What | {unit} |\n|---|--:|\n");
    for (what, usd) in lines {
        let _ = writeln!(page, "| {what} | {} |", amount(*usd));
    }
}

/// Cents where there are any, else three figures.
fn amount(usd: f64) -> String {
    if usd >= 0.1 || usd == 0.0 { format!("{usd:.2}") } else { format!("{usd:.4}") }
}
