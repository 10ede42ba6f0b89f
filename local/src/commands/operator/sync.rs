//! `usher sync`

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use usher_domain::sync::DriftKind;

use super::{
    Api, Failure, Output, arguments, arguments::Paging, body, label, listed, moment, output, seat, text,
};

/// What to do with syncs.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Compare the app with what was decided, now
    Now {
        /// The integration's id
        #[arg(value_parser = arguments::id)]
        integration: String,
        /// Halt when more than this share of the seats is missing or left behind, and take assets beyond what was decided
        /// from no more people than that, this once
        #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
        safeguard: Option<u8>,
    },
    /// Show the last sync or health check
    Show {
        /// The integration's id
        #[arg(value_parser = arguments::id)]
        integration: String,
    },
    /// List where the app differs
    Drift {
        /// The integration's id
        #[arg(value_parser = arguments::id)]
        integration: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Check whether the app answers and the credentials are good
    HealthCheck {
        /// The integration's id
        #[arg(value_parser = arguments::id)]
        integration: String,
    },
    /// Say how often to sync, and what to do about differences
    Set(Set),
    /// Send somebody's invitation again
    Resend {
        /// The integration's id
        #[arg(value_parser = arguments::id)]
        integration: String,
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
    },
}

/// How to keep an integration in sync.
#[derive(Args)]
pub(crate) struct Set {
    /// The integration's id
    #[arg(value_parser = arguments::id)]
    integration: String,
    /// Hours between syncs; 0 for none
    #[arg(long, value_name = "HOURS")]
    every: Option<u32>,
    /// Halt when more than this share of the seats is missing or left behind, and take assets beyond what was decided from
    /// no more people than that
    #[arg(long, value_name = "PERCENT")]
    safeguard: Option<u8>,
    /// What to do about people in the app whom nobody put there
    #[arg(long)]
    unmatched: Option<Strangers>,
    /// What to do about each other difference: `missing`, `other_role`, `other_assets`, `other_entitlements`,
    /// `left_behind`, `invitation_over`
    #[arg(long, value_name = "KIND=report|repair", value_parser = reaction)]
    on: Vec<(String, String)>,
}

/// What to do about strangers.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Strangers {
    /// Show them
    Report,
    /// Take in who is a person of the directory, as they are
    Adopt,
}

fn reaction(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((kind, reaction @ ("report" | "repair"))) => Ok((kind.to_owned(), reaction.to_owned())),
        _ => Err("give a kind of difference, `=`, and `report` or `repair`".to_owned()),
    }
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let run = match self {
            Self::Now { integration, safeguard } => {
                let body = body([("safeguard_percent", safeguard.map(Value::from))]);
                api.post(&["integrations", &integration, "sync"], Some(&body)).await?
            }
            Self::HealthCheck { integration } => {
                api.post(&["integrations", &integration, "health-check"], None).await?
            }
            Self::Show { integration } => api.get(&["integrations", &integration, "sync"]).await?,
            Self::Drift { integration, paging } => {
                let list = api.list(&["integrations", &integration, "drift"], &[], &paging).await?;
                return output.show(&list, || drift(&list));
            }
            Self::Set(set) => {
                let path = ["integrations", &set.integration];
                let changed = api.patch(&path, &json!({ "sync": set.body() })).await?;
                return output.show(&changed["sync"], || settings(&changed["sync"]));
            }
            Self::Resend { integration, person } => {
                let path = ["integrations", &integration, "people", &person, "resend-invitation"];
                let job = api.post(&path, None).await?;
                return output.show(&job, || format!("Job {} sends the invitation again.", text(&job["id"])));
            }
        };
        output.show(&run, || fields(&run))
    }
}

impl Set {
    fn body(&self) -> Value {
        let unmatched = self.unmatched.map(|it| match it {
            Strangers::Report => "report",
            Strangers::Adopt => "adopt",
        });
        let mut body = body([
            ("interval_hours", self.every.map(Value::from)),
            ("safeguard_percent", self.safeguard.map(Value::from)),
            ("unmatched", unmatched.map(Value::from)),
        ]);
        for (kind, reaction) in &self.on {
            body[kind.as_str()] = Value::from(reaction.as_str());
        }
        body
    }
}

fn fields(run: &Value) -> String {
    let mut pairs = vec![
        ("Sync", text(&run["id"])),
        ("Kind", text(&run["kind"])),
        ("State", text(&run["state"])),
        ("Why", text(&run["reason"])),
        ("In the app", text(&run["members"])),
        ("Invited", text(&run["invitations"])),
        ("Known", text(&run["matched"])),
        ("Seats", text(&run["seats"])),
        ("Being repaired", text(&run["repaired"])),
        ("Taken in", text(&run["adopted"])),
        ("Assets put into the catalogue", text(&run["assets_put"])),
        ("Assets taken out", text(&run["assets_gone"])),
        ("Began", moment(&run["created_at"])),
        ("Changed", moment(&run["updated_at"])),
    ];
    pairs.retain(|(name, value)| *name != "Why" || !value.is_empty());
    let differences = run["drift"].as_object().into_iter().flatten();
    let differences = differences.map(|(kind, count)| {
        ("Difference", format!("{}: {count}", label(&Value::from(kind.as_str()), DriftKind::label)))
    });
    pairs.extend(differences);
    output::fields(&pairs)
}

fn settings(settings: &Value) -> String {
    let pairs = settings.as_object().into_iter().flatten();
    pairs.map(|(name, value)| format!("{name}: {}", text(value))).collect::<Vec<_>>().join("\n")
}

fn drift(list: &Value) -> String {
    let headings = ["DIFFERENCE", "WHO", "SHOULD HAVE", "HAS", "ACCOUNT", "JOB", "FOUND"];
    listed(list, headings, "The app agrees, as far as it was read.", |drift| {
        [
            label(&drift["kind"], DriftKind::label),
            text(&drift["name"]),
            seat(&drift["expected"]),
            seat(&drift["seen"]["seat"]),
            text(&drift["seen"]["account"]),
            text(&drift["job"]),
            moment(&drift["found_at"]),
        ]
    })
}
