//! `usher task`

use clap::Subcommand;
use serde_json::{Value, json};
use usher_domain::job::Task;

use super::{Api, Failure, Output, arguments, arguments::Paging, label, listed, moment, output, text};

/// What to do with manual tasks.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the tasks that wait for people, removals first
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a task and its steps
    Show {
        /// The task's id
        #[arg(value_parser = arguments::id)]
        task: String,
    },
    /// Report a task as done, after doing it in the app; somebody else confirms it
    Complete {
        /// The task's id
        #[arg(value_parser = arguments::id)]
        task: String,
        /// A note or a link that shows it
        #[arg(long)]
        evidence: String,
    },
    /// Confirm that a task is done, after looking in the app; not for whoever reported it
    Confirm {
        /// The task's id
        #[arg(value_parser = arguments::id)]
        task: String,
    },
    /// Send the report of a task back: it is to be done again
    SendBack {
        /// The task's id
        #[arg(value_parser = arguments::id)]
        task: String,
        /// What is missing
        #[arg(long)]
        reason: String,
    },
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let task = match self {
            Self::List { paging } => {
                let list = api.list(&["tasks"], &[], &paging).await?;
                return output.show(&list, || table(&list));
            }
            Self::Show { task } => api.get(&["tasks", &task]).await?,
            Self::Complete { task, evidence } => {
                let body = json!({ "evidence": evidence });
                api.post(&["tasks", &task, "complete"], Some(&body)).await?
            }
            Self::Confirm { task } => api.post(&["tasks", &task, "confirm"], None).await?,
            Self::SendBack { task, reason } => {
                let body = json!({ "reason": reason });
                api.post(&["tasks", &task, "send-back"], Some(&body)).await?
            }
        };
        output.show(&task, || fields(&task))
    }
}

fn table(list: &Value) -> String {
    listed(list, ["TASK", "STAGE", "WHAT", "PERSON", "INTEGRATION", "ASKED"], "Nothing to do.", |task| {
        [
            text(&task["id"]),
            stage(task),
            label(&task["task"], Task::label),
            text(&task["target"]),
            text(&task["integration"]),
            moment(&task["asked_at"]),
        ]
    })
}

fn stage(task: &Value) -> String {
    match (task["stage"].as_str(), task["urgent"] == true) {
        (Some("do"), true) => "do, urgent".to_owned(),
        (Some(stage), _) => stage.to_owned(),
        (None, _) => String::new(),
    }
}

fn fields(task: &Value) -> String {
    let mut pairs = vec![
        ("Task", text(&task["id"])),
        ("Stage", stage(task)),
        ("What", label(&task["task"], Task::label)),
        ("Person", format!("{} ({})", text(&task["target"]), text(&task["person"]))),
        ("Address", text(&task["address"])),
        ("Integration", text(&task["integration"])),
        ("Asked", moment(&task["asked_at"])),
        ("Correlation id", text(&task["correlation_id"])),
    ];
    let said = [("Reported", "report"), ("Sent back", "sent_back"), ("Confirmed", "confirmed")];
    for (words, key) in said {
        let note = &task[key];
        if !note.is_null() {
            let by = format!("{} at {}", text(&note["by"]), moment(&note["at"]));
            let note = note["text"].as_str().map(|said| format!(": {said}")).unwrap_or_default();
            pairs.push((words, format!("{by}{note}")));
        }
    }
    pairs.extend(task["steps"].as_array().into_iter().flatten().map(|step| ("Step", text(step))));
    output::fields(&pairs)
}
