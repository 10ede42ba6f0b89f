//! `usher webhook`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Api, Failure, Output, arguments, arguments::Paging, body, listed, moment, output, text};

/// What to do with servers that are told of events.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the webhooks
    List,
    /// Add a server and show its secret once
    Create(Create),
    /// Change a webhook; what is left out stays
    Set(Set),
    /// Tell a server of nothing any more
    Delete {
        /// The webhook's id
        #[arg(value_parser = arguments::id)]
        webhook: String,
    },
    /// Show a new secret once; events are signed with both for a day
    RotateSecret {
        /// The webhook's id
        #[arg(value_parser = arguments::id)]
        webhook: String,
        /// How long the secret before counts, such as 1h; 0s ends it at once
        #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
        overlap: Option<u32>,
    },
    /// Send a test event
    Test {
        /// The webhook's id
        #[arg(value_parser = arguments::id)]
        webhook: String,
    },
    /// List what was sent, newest event first
    Deliveries {
        /// The webhook's id
        #[arg(value_parser = arguments::id)]
        webhook: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Send an event again, under the same id
    Resend {
        /// The webhook's id
        #[arg(value_parser = arguments::id)]
        webhook: String,
        /// The delivery's id
        #[arg(value_parser = arguments::id)]
        delivery: String,
    },
}

/// A webhook to make.
#[derive(Args)]
pub(crate) struct Create {
    /// What it is for
    name: String,
    /// Where events are sent to
    #[arg(long)]
    url: String,
    /// A type of event that it is told of, such as job.not_completed; give it several times
    #[arg(long = "event", value_name = "TYPE", required = true)]
    events: Vec<String>,
}

/// What to change.
#[derive(Args)]
pub(crate) struct Set {
    /// The webhook's id
    #[arg(value_parser = arguments::id)]
    webhook: String,
    /// What it is for
    #[arg(long)]
    name: Option<String>,
    /// Where events are sent to
    #[arg(long)]
    url: Option<String>,
    /// A type of event that it is told of, instead of those before; give it several times
    #[arg(long = "event", value_name = "TYPE")]
    events: Vec<String>,
    /// Whether it is told of events
    #[arg(long)]
    enabled: Option<bool>,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List => {
                let list = api.list(&["webhooks"], &[], &Paging::all()).await?;
                let headings = ["WEBHOOK", "NAME", "URL", "ENABLED", "FAILING SINCE"];
                output.show(&list, || {
                    listed(&list, headings, "No webhooks.", |it| {
                        let enabled = if it["enabled"] == true { "yes" } else { "no" };
                        [
                            text(&it["id"]),
                            text(&it["name"]),
                            text(&it["url"]),
                            enabled.to_owned(),
                            moment(&it["failing_since"]),
                        ]
                    })
                })
            }
            Self::Create(Create { name, url, events }) => {
                let body = json!({ "name": name, "url": url, "events": events });
                let made = api.post(&["webhooks"], Some(&body)).await?;
                output.show(&made, || with_secret(&made))
            }
            Self::RotateSecret { webhook, overlap } => {
                let body = body([("overlap_seconds", overlap.map(Value::from))]);
                let made = api.post(&["webhooks", &webhook, "secret"], Some(&body)).await?;
                output.show(&made, || with_secret(&made))
            }
            Self::Set(Set { webhook, name, url, events, enabled }) => {
                let body = body([
                    ("name", name.map(Value::from)),
                    ("url", url.map(Value::from)),
                    ("events", Some(Value::from(events.clone())).filter(|_| !events.is_empty())),
                    ("enabled", enabled.map(Value::from)),
                ]);
                let set = api.patch(&["webhooks", &webhook], &body).await?;
                output.show(&set, || fields(&set))
            }
            Self::Delete { webhook } => {
                api.delete(&["webhooks", &webhook]).await?;
                output.show(&json!({ "deleted": webhook }), || format!("Webhook {webhook} is deleted."))
            }
            Self::Test { webhook } => {
                let sent = api.post(&["webhooks", &webhook, "test"], None).await?;
                output.show(&sent, || format!("Event {} is on its way.", text(&sent["id"])))
            }
            Self::Deliveries { webhook, paging } => {
                let list = api.list(&["webhooks", &webhook, "deliveries"], &[], &paging).await?;
                let headings = ["DELIVERY", "EVENT", "HAPPENED", "STATE", "ATTEMPTS", "PROBLEM"];
                output.show(&list, || {
                    listed(&list, headings, "Nothing was sent yet.", |it| {
                        [
                            text(&it["id"]),
                            text(&it["type"]),
                            moment(&it["at"]),
                            text(&it["state"]),
                            it["attempts"].to_string(),
                            text(&it["problem"]),
                        ]
                    })
                })
            }
            Self::Resend { webhook, delivery } => {
                let path = ["webhooks", &webhook, "deliveries", &delivery, "resend"];
                let sent = api.post(&path, None).await?;
                output.show(&sent, || format!("Event {delivery} is on its way again."))
            }
        }
    }
}

fn with_secret(made: &Value) -> String {
    let secret = format!("{} (shown only now)", text(&made["secret"]));
    format!("{}\n{}", fields(&made["webhook"]), output::fields(&[("Secret", secret)]))
}

fn fields(webhook: &Value) -> String {
    let events = webhook["events"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
    output::fields(&[
        ("Webhook", text(&webhook["id"])),
        ("Name", text(&webhook["name"])),
        ("URL", text(&webhook["url"])),
        ("Told of", events.join(", ")),
        ("Enabled", webhook["enabled"].to_string()),
        ("Disabled because", text(&webhook["disabled_reason"])),
    ])
}
