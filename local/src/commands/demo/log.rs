//! What Usher itself tells of its work: the Automation Log, the Activity tab and the person's access.

use serde_json::Value;
use usher_domain::{automation::AutomationStatus, job::Task};
use usher_local::seed::DEMO_HUB;

use crate::commands::{Api, Failure, arguments::Paging, operator::label};

/// Rows of the log that are looked through: what is looked for has just happened.
const NEWEST: Paging = Paging { limit: 100, cursor: None };

/// Usher's record of the demo's hub.
pub(super) struct Log {
    api: Api,
}

/// Work that is done.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Done {
    /// The automation's id.
    pub(super) automation: String,
    /// What it did.
    pub(super) task: String,
    /// Where it stands.
    pub(super) status: String,
}

impl Log {
    /// The record that this API reads.
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    /// The finished work for a person that one of these requests caused, once both pages show it.
    pub(super) async fn done(
        &self,
        person: &str,
        correlation_ids: &[String],
        task: Task,
        event: &str,
    ) -> Result<Option<Done>, Failure> {
        for (automation, job) in self.jobs(person, correlation_ids).await? {
            let is_task = |value: &Value| serde_json::to_value(task).is_ok_and(|task| *value == task);
            if is_task(&job["task"])
                && job["state"] == "done"
                && automation["status"] == "completed"
                && self.has_event(&job["id"], event).await?
            {
                return Ok(Some(Done {
                    automation: automation["id"].as_str().unwrap_or_default().to_owned(),
                    task: label(&automation["task"], Task::label),
                    status: label(&automation["status"], AutomationStatus::label),
                }));
            }
        }
        Ok(None)
    }

    /// Whether a removal that one of these requests caused was called off.
    pub(super) async fn is_called_off(
        &self,
        person: &str,
        correlation_ids: &[String],
    ) -> Result<bool, Failure> {
        let called_off = |job: &Value| job["state"] == "superseded" || job["state"] == "cancelled";
        let jobs = self.jobs(person, correlation_ids).await?;
        Ok(jobs.iter().any(|(_, job)| job["task"] == "removing_users" && called_off(job)))
    }

    /// Where the person's access stands, and whether work is open.
    pub(super) async fn access(&self, person: &str) -> Result<(String, bool), Failure> {
        let list = self.api.list(&["integrations", DEMO_HUB, "access"], &[], &Paging::all()).await?;
        let access = list["items"].as_array().into_iter().flatten().find(|access| access["person"] == person);
        Ok(access.map_or_else(
            || ("none".to_owned(), false),
            |access| (access["state"].as_str().unwrap_or_default().to_owned(), !access["job"].is_null()),
        ))
    }

    /// Why the work that these requests caused is not done, as far as Usher knows.
    pub(super) async fn why_not(&self, person: &str, correlation_ids: &[String]) -> String {
        let Ok(jobs) = self.jobs(person, correlation_ids).await else {
            return "Usher's log cannot be read".to_owned();
        };
        let Some((_, job)) = jobs.first() else { return "Usher has made no job for it".to_owned() };
        let told = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        let why = job["error"]["message"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
        format!("job {} is {}{why}", told("id"), told("state"))
    }

    /// The person's jobs that one of these requests caused, newest first, with their automations.
    async fn jobs(&self, person: &str, correlation_ids: &[String]) -> Result<Vec<(Value, Value)>, Failure> {
        let log = self.api.list(&["automations"], &[("integration", DEMO_HUB)], &NEWEST).await?;
        let mut found = Vec::new();
        for automation in log["items"].as_array().into_iter().flatten() {
            let caused = automation["correlation_id"].as_str();
            let id = automation["id"].as_str().unwrap_or_default();
            if !caused.is_some_and(|caused| correlation_ids.iter().any(|sent| sent == caused)) {
                continue;
            }
            let jobs = self.api.list(&["automations", id, "jobs"], &[], &NEWEST).await?;
            let jobs = jobs["items"].as_array().into_iter().flatten();
            found.extend(
                jobs.filter(|job| job["person"] == person).map(|job| (automation.clone(), job.clone())),
            );
        }
        Ok(found)
    }

    /// Whether the Activity tab shows this event of this job.
    async fn has_event(&self, job: &Value, event: &str) -> Result<bool, Failure> {
        let list = self.api.list(&["integrations", DEMO_HUB, "activity"], &[], &NEWEST).await?;
        let mut rows = list["items"].as_array().into_iter().flatten();
        Ok(rows.any(|row| row["job"] == *job && row["event"] == event))
    }
}
