//! `usher automation`

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use usher_domain::{automation::AutomationStatus, change::Trigger, job::Task};

use super::{Api, Failure, Output, arguments, arguments::Paging, job, label, listed, moment, output, text};

/// The statuses to choose from.
const STATUSES: [&str; 8] = [
    "not_completed",
    "awaiting_approval",
    "retrying",
    "running",
    "waiting",
    "started",
    "completed",
    "queued",
];

/// What to do with the Automation Log.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List automations, newest first
    List(List),
    /// Show an automation and its jobs
    Show {
        /// The automation's id
        #[arg(value_parser = arguments::id)]
        automation: String,
    },
    /// Put all its jobs that did not complete back to work
    Retry {
        /// The automation's id
        #[arg(value_parser = arguments::id)]
        automation: String,
    },
    /// Call all its open jobs off; the app is left as it is
    Cancel {
        /// The automation's id
        #[arg(value_parser = arguments::id)]
        automation: String,
    },
    /// Let all its held jobs be done, whatever the guards say
    Approve {
        /// The automation's id
        #[arg(value_parser = arguments::id)]
        automation: String,
    },
    /// Close all its held jobs; the app is left as it is
    Reject {
        /// The automation's id
        #[arg(value_parser = arguments::id)]
        automation: String,
    },
}

/// Which automations.
#[derive(Args)]
pub(crate) struct List {
    /// Only those that stand here
    #[arg(long, value_parser = STATUSES)]
    status: Option<String>,
    /// Only those of this integration
    #[arg(long, value_parser = arguments::id)]
    integration: Option<String>,
    #[command(flatten)]
    paging: Paging,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List(List { status, integration, paging }) => {
                let mut filters = Vec::new();
                filters.extend(status.as_deref().map(|status| ("status", status)));
                filters.extend(integration.as_deref().map(|integration| ("integration", integration)));
                let list = api.list(&["automations"], &filters, &paging).await?;
                output.show(&list, || table(&list))
            }
            Self::Retry { automation } => each(api, output, &automation, "retry").await,
            Self::Cancel { automation } => each(api, output, &automation, "cancel").await,
            Self::Approve { automation } => each(api, output, &automation, "approve").await,
            Self::Reject { automation } => each(api, output, &automation, "reject").await,
            Self::Show { automation } => {
                let path = ["automations", &automation];
                let mut automation = api.get(&path).await?;
                let jobs = api.list(&[path[0], path[1], "jobs"], &[], &Paging::all()).await?;
                let human = format!("{}\n\n{}", fields(&automation), job::table(&jobs));
                automation["jobs"] = json!(jobs["items"]);
                output.show(&automation, || human)
            }
        }
    }
}

async fn each(api: &Api, output: Output, automation: &str, act: &str) -> Result<(), Failure> {
    worked_off(api, output, &["automations", automation, act], act).await
}

/// Does something to all jobs that it can be done to: the API takes so many at a time.
pub(super) async fn worked_off(api: &Api, output: Output, path: &[&str], act: &str) -> Result<(), Failure> {
    let mut jobs = 0;
    loop {
        let worked = api.post(path, None).await?;
        jobs += worked["jobs"].as_u64().unwrap_or_default();
        if worked["more"] != true {
            let worked = json!({ "jobs": jobs });
            return output.show(&worked, || format!("{act}: {jobs} jobs."));
        }
    }
}

fn table(list: &Value) -> String {
    let headings = ["AUTOMATION", "STATUS", "TASK", "TARGET", "ACTOR", "TRIGGER", "JOBS", "UPDATED"];
    listed(list, headings, "No automations.", |automation| {
        [
            text(&automation["id"]),
            status(automation),
            label(&automation["task"], Task::label),
            text(&automation["target"]),
            text(&automation["actor"]["name"]),
            label(&automation["trigger"], Trigger::label),
            text(&automation["total"]),
            moment(&automation["updated_at"]),
        ]
    })
}

fn status(automation: &Value) -> String {
    label(&automation["status"], AutomationStatus::label)
}

fn fields(automation: &Value) -> String {
    let counts = automation["counts"].as_object().into_iter().flatten();
    let counts: Vec<_> = counts.map(|(state, count)| format!("{count} {state}")).collect();
    output::fields(&[
        ("Automation", text(&automation["id"])),
        ("Status", status(automation)),
        ("Task", label(&automation["task"], Task::label)),
        ("Target", format!("{} ({})", text(&automation["target"]), text(&automation["integration"]))),
        ("Actor", text(&automation["actor"]["name"])),
        ("Trigger", label(&automation["trigger"], Trigger::label)),
        ("Jobs", counts.join(", ")),
        ("Correlation id", text(&automation["correlation_id"])),
        ("Created", moment(&automation["created_at"])),
        ("Updated", moment(&automation["updated_at"])),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_log_can_be_asked_for() {
        for status in STATUSES {
            assert!(serde_json::from_value::<AutomationStatus>(json!(status)).is_ok(), "{status}");
        }
    }
}
