//! `usher job`

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::{Value, json};
use usher_domain::job::{JobState, Task};

use super::{Api, Failure, Output, arguments, arguments::Paging, items, label, listed, moment, output, text};

/// What to do with jobs.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the jobs of the newest automations, or of one
    List(List),
    /// Show a job and what it did in the app
    Show {
        /// The job's id
        #[arg(value_parser = arguments::id)]
        job: String,
    },
    /// Put a job that did not complete, or that waits, back to work
    Retry {
        /// The job's id
        #[arg(value_parser = arguments::id)]
        job: String,
    },
    /// Call an open job off; the app is left as it is until something else is decided for the person
    Cancel {
        /// The job's id
        #[arg(value_parser = arguments::id)]
        job: String,
    },
    /// Let a held job be done, whatever the guards say
    Approve {
        /// The job's id
        #[arg(value_parser = arguments::id)]
        job: String,
    },
    /// Close a held job; the app is left as it is until something else is decided for the person
    Reject {
        /// The job's id
        #[arg(value_parser = arguments::id)]
        job: String,
    },
}

/// Which jobs.
#[derive(Args)]
pub(crate) struct List {
    /// Only those of this automation
    #[arg(long, value_parser = arguments::id)]
    automation: Option<String>,
    /// Only those that stand here
    #[arg(long, value_parser = PossibleValuesParser::new(JobState::ALL.map(JobState::name)))]
    state: Option<String>,
    /// Most rows to show
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let job = match self {
            Self::List(list) => {
                let list = list.read(api).await?;
                return output.show(&list, || table(&list));
            }
            Self::Show { job } => api.get(&["jobs", &job]).await?,
            Self::Retry { job } => api.post(&["jobs", &job, "retry"], None).await?,
            Self::Cancel { job } => api.post(&["jobs", &job, "cancel"], None).await?,
            Self::Approve { job } => api.post(&["jobs", &job, "approve"], None).await?,
            Self::Reject { job } => api.post(&["jobs", &job, "reject"], None).await?,
        };
        output.show(&job, || fields(&job))
    }
}

impl List {
    /// The API lists jobs by automation: without one the log is walked, newest first.
    async fn read(self, api: &Api) -> Result<Value, Failure> {
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let (automations, next) = match &self.automation {
                Some(automation) => (vec![automation.clone()], None),
                None => {
                    let page = api.list(&["automations"], &[], &Paging { limit: 50, cursor }).await?;
                    let ids = items(&page).map(|automation| text(&automation["id"])).collect();
                    (ids, page["next"].as_str().map(str::to_owned))
                }
            };
            for automation in automations {
                self.read_automation(api, &automation, wanted, &mut found).await?;
                if found.len() >= wanted {
                    return Ok(json!({ "items": found, "next": null }));
                }
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(json!({ "items": found, "next": null }));
            }
        }
    }

    /// Page by page, so that one automation of 100,000 jobs is not read for its first few.
    async fn read_automation(
        &self,
        api: &Api,
        automation: &str,
        wanted: usize,
        found: &mut Vec<Value>,
    ) -> Result<(), Failure> {
        let mut cursor = None;
        loop {
            let paging = Paging { limit: 200, cursor };
            let page = api.list(&["automations", automation, "jobs"], &[], &paging).await?;
            let fits = |job: &&Value| self.state.as_deref().is_none_or(|state| job["state"] == state);
            found.extend(items(&page).filter(fits).cloned());
            found.truncate(wanted);
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() || found.len() >= wanted {
                return Ok(());
            }
        }
    }
}

/// Jobs as a table.
pub(super) fn table(list: &Value) -> String {
    listed(list, ["JOB", "STATE", "TASK", "PERSON", "TRIES", "UPDATED", "WHY"], "No jobs.", |job| {
        [
            text(&job["id"]),
            label(&job["state"], JobState::label),
            label(&job["task"], Task::label),
            text(&job["target"]),
            text(&job["attempts"]),
            moment(&job["updated_at"]),
            text(&job["error"]["message"]),
        ]
    })
}

fn fields(job: &Value) -> String {
    let steps: Vec<_> = job["steps"].as_array().into_iter().flatten().map(text).collect();
    let mut pairs = vec![
        ("Job", text(&job["id"])),
        ("State", label(&job["state"], JobState::label)),
        ("Task", label(&job["task"], Task::label)),
        ("Person", format!("{} ({})", text(&job["target"]), text(&job["person"]))),
        ("Integration", text(&job["integration"])),
        ("Automation", text(&job["automation"])),
        ("Tries", text(&job["attempts"])),
        ("Due", moment(&job["due_at"])),
        ("Correlation id", text(&job["correlation_id"])),
        ("Created", moment(&job["created_at"])),
        ("Updated", moment(&job["updated_at"])),
    ];
    if let Some(class) = job["error"]["class"].as_str() {
        pairs.push(("Error", format!("{class}: {}", text(&job["error"]["message"]))));
    }
    if let Some(verdict) = job["ruling"]["verdict"].as_str() {
        let ruling = &job["ruling"];
        let by = format!("{verdict} by {} at {}", text(&ruling["actor"]["name"]), moment(&ruling["at"]));
        pairs.push(("Decided", by));
    }
    pairs.extend(steps.into_iter().map(|step| ("Done", step)));
    output::fields(&pairs)
}
