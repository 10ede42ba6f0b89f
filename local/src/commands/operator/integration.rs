//! `usher integration`

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use usher_domain::{access::AccessState, activity::Event};

use super::{
    Api, Failure, Output, arguments, arguments::Paging, automation::worked_off, body, connection,
    integration_forms as forms, label, listed, moment, output, seat, span, text,
};

/// What to do with integrations.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the integrations
    List,
    /// Make an integration; for `id-lcm` with its SCIM connection, whose token is shown once
    Create(Box<forms::Create>),
    /// Show an integration
    Show(Which),
    /// Change an integration
    Set(Box<forms::Set>),
    /// Keep its jobs until it is resumed
    Pause {
        #[command(flatten)]
        which: Which,
        /// The reason that people see
        #[arg(long)]
        reason: Option<String>,
    },
    /// Put the jobs that waited for it back to work
    Resume(Which),
    /// Disconnect it: Usher forgets it, its credentials and shares; `usher preview disconnect` tells what removing would do
    Disconnect {
        #[command(flatten)]
        which: Which,
        /// `leave`: people stay in the app as they are; `remove`: everybody is removed first
        #[arg(long, value_parser = ["leave", "remove"])]
        people: String,
    },
    /// Approve all of its held work, of whichever automation
    Approve(Which),
    /// Reject all of its held work: the app is left as it is for these people
    Reject(Which),
    /// List who has which access, and who should
    Access {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        paging: Paging,
    },
    /// Leave a person alone, or never take anything away from them
    Mark {
        #[command(flatten)]
        which: Which,
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
        /// `exempt`: left alone; `protected`: never removed or demoted
        #[arg(long, value_parser = ["exempt", "protected"])]
        kind: String,
        /// Why, for whoever wonders later
        #[arg(long)]
        reason: String,
    },
    /// Take a person's mark away; their access is decided anew
    Unmark {
        #[command(flatten)]
        which: Which,
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
    },
    /// List what happened in it, newest first
    Activity {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Which integration.
#[derive(Args)]
pub(crate) struct Which {
    /// The integration's id
    #[arg(value_parser = arguments::id)]
    integration: String,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let integration = match self {
            Self::List => {
                let list = api.list(&["integrations"], &[], &Paging::all()).await?;
                return output.show(&list, || table(&list));
            }
            Self::Create(create) => {
                let made = api.post(&["integrations"], Some(&create.body())).await?;
                return output.show(&made, || created(&made));
            }
            Self::Resume(which) => {
                let resumed = api.post(&["integrations", &which.integration, "resume"], None).await?;
                return output.show(&resumed, || {
                    let released = text(&resumed["released"]);
                    format!("{} is active; jobs put back to work: {released}.", which.integration)
                });
            }
            Self::Disconnect { which, people } => {
                let path = ["integrations", &which.integration];
                let answer = api.delete_with(&path, &[("people", people.as_str())]).await?;
                return output.show(&answer, || disconnected(&answer));
            }
            Self::Approve(which) => return held(api, output, &which.integration, "approve").await,
            Self::Reject(which) => return held(api, output, &which.integration, "reject").await,
            Self::Access { which, paging } => {
                let list = api.list(&["integrations", &which.integration, "access"], &[], &paging).await?;
                return output.show(&list, || access(&list));
            }
            Self::Mark { which, person, kind, reason } => {
                let path = ["integrations", &which.integration, "people", &person, "mark"];
                let body = json!({ "kind": kind, "reason": reason });
                let marked = api.put(&path, &body).await?;
                return output.show(&marked, || format!("{person} is {kind}: {reason}"));
            }
            Self::Unmark { which, person } => {
                let path = ["integrations", &which.integration, "people", &person, "mark"];
                api.delete(&path).await?;
                let unmarked = json!({ "person": person, "mark": null });
                return output.show(&unmarked, || format!("{person} has no mark any more."));
            }
            Self::Activity { which, paging } => {
                let list = api.list(&["integrations", &which.integration, "activity"], &[], &paging).await?;
                return output.show(&list, || activity(&list));
            }
            Self::Show(which) => api.get(&["integrations", &which.integration]).await?,
            Self::Set(set) => {
                let id = set.integration.clone();
                api.patch(&["integrations", &id], &set.body()).await?
            }
            Self::Pause { which, reason } => {
                let body = body([("reason", reason.map(Value::from))]);
                api.post(&["integrations", &which.integration, "pause"], Some(&body)).await?
            }
        };
        output.show(&integration, || fields(&integration))
    }
}

/// Decides about all held work: the API takes so many jobs at a time.
async fn held(api: &Api, output: Output, integration: &str, verdict: &str) -> Result<(), Failure> {
    worked_off(api, output, &["integrations", integration, "held", verdict], verdict).await
}

fn disconnected(answer: &Value) -> String {
    let (seats, shares) = (text(&answer["seats"]), text(&answer["shares"]));
    match answer["disconnected"].as_bool() {
        Some(true) => {
            format!("Disconnected. People who stay in the app: {seats}. Shares that ended: {shares}.")
        }
        _ => format!(
            "Everybody is being removed, {seats} with a seat; it is forgotten when nobody is left. \
             Follow it with `usher integration access`."
        ),
    }
}

fn kind(integration: &Value) -> String {
    match integration["kind"].as_str() {
        Some("business_hub") => "business hub".to_owned(),
        Some("id_lcm") => "IdLCM".to_owned(),
        _ => text(&integration["kind"]),
    }
}

fn status(integration: &Value) -> String {
    match integration["paused_reason"].as_str() {
        Some(reason) => format!("paused: {reason}"),
        None if !integration["disconnecting_since"].is_null() => "being disconnected".to_owned(),
        None => text(&integration["status"]),
    }
}

fn table(list: &Value) -> String {
    listed(list, ["INTEGRATION", "NAME", "KIND", "CONNECTOR", "STATUS"], "No integrations.", |integration| {
        [
            text(&integration["id"]),
            text(&integration["name"]),
            kind(integration),
            text(&integration["connector"]),
            status(integration),
        ]
    })
}

fn fields(integration: &Value) -> String {
    let grace = match &integration["grace_seconds"] {
        Value::Null => "as the workspace".to_owned(),
        seconds => span(seconds),
    };
    let mut pairs = vec![
        ("Integration", text(&integration["id"])),
        ("Name", text(&integration["name"])),
        ("Kind", kind(integration)),
        ("Status", status(integration)),
        ("Paused since", moment(&integration["paused_since"])),
        ("SCIM connection", text(&integration["connection"])),
        ("Connector", text(&integration["connector"])),
        ("Settings", text(&integration["config"])),
        (
            "Credentials",
            if integration["has_credentials"] == true { "stored, sealed" } else { "none" }.to_owned(),
        ),
        ("Removal grace", grace),
        ("Removals, demotions", limit(&integration["guards"]["losses"])),
        ("Promotions", limit(&integration["guards"]["promotions"])),
        ("Held work waits", span(&integration["guards"]["hold_seconds"])),
        ("Created", moment(&integration["created_at"])),
    ];
    // What a hub or an active integration cannot have is left out.
    pairs.retain(|(name, value)| !matches!(*name, "Paused since" | "SCIM connection") || !value.is_empty());
    let fields = output::fields(&pairs);
    format!("{fields}\n\n{}", catalogue(&integration["catalogue"]))
}

/// A guard's limit.
fn limit(limit: &Value) -> String {
    format!("{} and {} % of the seats within an hour", text(&limit["count"]), text(&limit["percent"]))
}

fn catalogue(catalogue: &Value) -> String {
    let roles = json!({ "items": catalogue["roles"] });
    let roles = listed(&roles, ["ROLE", "NAME", "GROUP", "RANK"], "No roles in the catalogue.", |role| {
        [text(&role["key"]), text(&role["name"]), text(&role["exclusion_group"]), text(&role["rank"])]
    });
    let entitlements = json!({ "items": catalogue["entitlements"] });
    let none = "No entitlements in the catalogue.";
    let entitlements = listed(&entitlements, ["ENTITLEMENT", "NAME"], none, |entitlement| {
        [text(&entitlement["value"]), text(&entitlement["name"])]
    });
    format!("{roles}\n\n{entitlements}")
}

fn created(made: &Value) -> String {
    let shown = fields(&made["integration"]);
    match &made["scim"] {
        Value::Null => shown,
        scim => format!("{shown}\n\n{}", connection::with_token(scim)),
    }
}

fn access(list: &Value) -> String {
    let headings = ["PERSON", "STATE", "SHOULD HAVE", "HAS", "ACCOUNT", "THROUGH", "UPDATED"];
    listed(list, headings, "Nobody has or had access.", |access| {
        let name = text(&access["name"]);
        let observed = &access["observed"];
        [
            if name.is_empty() { text(&access["person"]) } else { name },
            label(&access["state"], AccessState::label),
            seat(&access["desired"]),
            seat(&observed["seat"]),
            text(&observed["id"]),
            text(&access["via"]),
            moment(&access["updated_at"]),
        ]
    })
}

fn activity(list: &Value) -> String {
    listed(list, ["DATE", "ACTOR", "EVENT", "TARGET", "JOB"], "Nothing has happened yet.", |activity| {
        [
            moment(&activity["at"]),
            text(&activity["actor"]["name"]),
            label(&activity["event"], Event::label),
            text(&activity["target"]),
            text(&activity["job"]),
        ]
    })
}
