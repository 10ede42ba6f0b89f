//! Events: what happened, as receivers are told.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Timestamp,
    audit::{AuditEntry, Outcome},
    automation::{Automation, AutomationStatus},
    change::Change,
    id::{EndpointId, IntegrationId},
    integration::{Integration, Status},
    job::{Job, JobState, Task},
    manual::Stage,
    sync::{RunState, SyncRun},
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// All jobs of an automation are over, as wished.
    #[serde(rename = "automation.completed")]
    AutomationCompleted,
    /// All jobs of an automation are over, and some need a person.
    #[serde(rename = "automation.not_completed")]
    AutomationNotCompleted,
    /// Jobs of an automation wait for an admin's approval. Told once for each automation.
    #[serde(rename = "automation.awaiting_approval")]
    AutomationAwaitingApproval,
    /// A job is done.
    #[serde(rename = "job.completed")]
    JobCompleted,
    /// A job needs a person.
    #[serde(rename = "job.not_completed")]
    JobNotCompleted,
    /// A job waits for an admin's approval.
    #[serde(rename = "job.held")]
    JobHeld,
    /// People are waited for: something is to be done in an app by hand, or to be confirmed.
    #[serde(rename = "task.waiting")]
    TaskWaiting,
    /// An integration is paused.
    #[serde(rename = "integration.paused")]
    IntegrationPaused,
    /// An integration was disconnected.
    #[serde(rename = "integration.disconnected")]
    IntegrationDisconnected,
    /// A sync ended without any effect, because a safeguard stopped it or the app could not be read.
    #[serde(rename = "sync.halted")]
    SyncHalted,
    /// Somebody did something in the administration, or signed in.
    #[serde(rename = "audit.recorded")]
    AuditRecorded,
    /// An admin tries whether deliveries arrive.
    #[serde(rename = "webhook.test")]
    Test,
}

impl EventType {
    /// Every type that an endpoint can ask for.
    pub const ALL: [Self; 11] = [
        Self::AutomationCompleted,
        Self::AutomationNotCompleted,
        Self::AutomationAwaitingApproval,
        Self::JobCompleted,
        Self::JobNotCompleted,
        Self::JobHeld,
        Self::TaskWaiting,
        Self::IntegrationPaused,
        Self::IntegrationDisconnected,
        Self::SyncHalted,
        Self::AuditRecorded,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::AutomationCompleted => "automation.completed",
            Self::AutomationNotCompleted => "automation.not_completed",
            Self::AutomationAwaitingApproval => "automation.awaiting_approval",
            Self::JobCompleted => "job.completed",
            Self::JobNotCompleted => "job.not_completed",
            Self::JobHeld => "job.held",
            Self::TaskWaiting => "task.waiting",
            Self::IntegrationPaused => "integration.paused",
            Self::IntegrationDisconnected => "integration.disconnected",
            Self::SyncHalted => "sync.halted",
            Self::AuditRecorded => "audit.recorded",
            Self::Test => "webhook.test",
        }
    }

    /// What it means, for people.
    pub fn says(self) -> &'static str {
        match self {
            Self::AutomationCompleted => "All jobs of an automation are over, as wished",
            Self::AutomationNotCompleted => "All jobs of an automation are over, and some need a person",
            Self::AutomationAwaitingApproval => {
                "Jobs of an automation wait for approval; told once for each automation"
            }
            Self::JobCompleted => "A job is done",
            Self::JobNotCompleted => "A job needs a person",
            Self::JobHeld => "A job waits for approval",
            Self::TaskWaiting => "Something is to be done in an app by hand, or to be confirmed",
            Self::IntegrationPaused => "An integration is paused",
            Self::IntegrationDisconnected => "An integration was disconnected",
            Self::SyncHalted => "A sync ended without any effect",
            Self::AuditRecorded => "Somebody did something in the administration, or signed in",
            Self::Test => "An admin tries whether deliveries arrive",
        }
    }

    /// The type with this name, of those that an endpoint can ask for.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventType,
    /// When. The same whenever the event is noticed again.
    pub at: Timestamp,
    /// Names it, so that it is told once however often it is noticed.
    pub key: String,
    /// What receivers are told.
    pub data: Value,
    /// Follows one request from the SCIM call to the app's API.
    pub correlation_id: String,
}

impl Event {
    /// What a job that moved means.
    pub fn of_job(job: &Job) -> Option<Self> {
        if job.state == JobState::Waiting {
            return Self::of_task(job);
        }
        let kind = match job.state {
            JobState::Done => EventType::JobCompleted,
            JobState::Failed => EventType::JobNotCompleted,
            JobState::Held => EventType::JobHeld,
            _ => return None,
        };
        let data = json!({
            "job": job.id,
            "automation": job.automation,
            "integration": job.integration,
            "person": job.person,
            "target": job.target,
            "task": job.task,
            "state": job.state,
            "attempts": job.attempts,
            "error": job.error,
            "correlation_id": job.correlation_id,
        });
        // A job that was retried by hand may end the same way again.
        let key = format!("{}/{}/{}", kind.name(), job.id, job.revision);
        Some(Self { kind, at: job.updated_at, key, data, correlation_id: job.correlation_id.clone() })
    }

    /// What a manual task means that waits for people. Told once for each time that they are waited for.
    fn of_task(job: &Job) -> Option<Self> {
        let task = job.open_task()?;
        let kind = EventType::TaskWaiting;
        let stage = match task.stage() {
            Stage::Do => "do",
            Stage::Confirm => "confirm",
        };
        let data = json!({
            "task": job.id,
            "stage": stage,
            "urgent": job.task == Task::RemovingUsers,
            "integration": job.integration,
            "person": job.person,
            "target": job.target,
            "correlation_id": job.correlation_id,
        });
        let at = task.since();
        let key = format!("{}/{}/{stage}/{at}", kind.name(), job.id);
        Some(Self { kind, at, key, data, correlation_id: job.correlation_id.clone() })
    }

    /// What an automation means one of whose jobs moved.
    pub fn of_automation(automation: &Automation) -> Option<Self> {
        let open = automation.counts.iter().any(|(state, count)| state.is_open() && *count > 0);
        let held = automation.counts.get(&JobState::Held).is_some_and(|count| *count > 0);
        let status = automation.status();
        let (kind, at) = match (held, open, status) {
            (true, ..) => (EventType::AutomationAwaitingApproval, automation.created_at),
            (_, false, AutomationStatus::Completed) => {
                (EventType::AutomationCompleted, automation.updated_at)
            }
            (_, false, AutomationStatus::NotCompleted) => {
                (EventType::AutomationNotCompleted, automation.updated_at)
            }
            _ => return None,
        };
        let counts: serde_json::Map<String, Value> = automation
            .counts
            .iter()
            .map(|(state, count)| (state.name().to_owned(), (*count).into()))
            .collect();
        let correlation_id = automation.cause.correlation_id.clone();
        let data = json!({
            "automation": automation.id,
            "integration": automation.integration,
            "integration_name": automation.target,
            "task": automation.task,
            "trigger": automation.cause.trigger,
            "actor": automation.cause.actor.name(),
            "counts": counts,
            "correlation_id": correlation_id,
        });
        let key = format!("{}/{}/{at}", kind.name(), automation.id);
        Some(Self { kind, at, key, data, correlation_id })
    }

    /// What an integration means that was written.
    pub fn of_integration(integration: &Integration) -> Option<Self> {
        let Status::Paused { reason, since } = &integration.status else { return None };
        let kind = EventType::IntegrationPaused;
        let data = json!({
            "integration": integration.id,
            "integration_name": integration.name,
            "connector": integration.connector,
            "reason": reason,
        });
        let key = format!("{}/{}/{since}", kind.name(), integration.id);
        Some(Self { kind, at: *since, key, data, correlation_id: String::new() })
    }

    /// What it means that an integration was disconnected.
    pub fn of_disconnection(change: &Change, integration: &IntegrationId, name: &str) -> Self {
        let kind = EventType::IntegrationDisconnected;
        let correlation_id = change.cause.correlation_id.clone();
        let data = json!({
            "integration": integration,
            "integration_name": name,
            "actor": change.cause.actor.name(),
            "correlation_id": correlation_id,
        });
        Self {
            kind,
            at: change.cause.at,
            key: format!("{}/{integration}", kind.name()),
            data,
            correlation_id,
        }
    }

    /// What a sync means that moved.
    pub fn of_sync(run: &SyncRun) -> Option<Self> {
        (run.state == RunState::Halted).then_some(())?;
        let kind = EventType::SyncHalted;
        let correlation_id = run.cause.correlation_id.clone();
        let data = json!({
            "sync": run.id,
            "integration": run.integration,
            "reason": run.reason,
            "correlation_id": correlation_id,
        });
        let key = format!("{}/{}", kind.name(), run.id);
        Some(Self { kind, at: run.updated_at, key, data, correlation_id })
    }

    /// What an entry of the audit log means, once it is known what became of the act.
    pub fn of_act(entry: &AuditEntry) -> Option<Self> {
        (entry.outcome != Outcome::Begun).then_some(())?;
        let kind = EventType::AuditRecorded;
        let data = json!({
            "id": entry.id,
            "act": entry.act,
            "target": entry.target,
            "integration": entry.integration,
            "actor": entry.agent.name,
            "person": entry.agent.person,
            "outcome": entry.outcome,
            "correlation_id": entry.correlation_id,
        });
        let key = format!("{}/{}", kind.name(), entry.id);
        Some(Self { kind, at: entry.at, key, data, correlation_id: entry.correlation_id.clone() })
    }

    /// An admin's try.
    pub fn test(endpoint: &EndpointId, number: &str, correlation_id: &str, at: Timestamp) -> Self {
        let kind = EventType::Test;
        let data = json!({ "webhook": endpoint, "correlation_id": correlation_id });
        let key = format!("{}/{number}", kind.name());
        Self { kind, at, key, data, correlation_id: correlation_id.to_owned() }
    }

    /// What is sent.
    pub fn payload(&self) -> String {
        json!({ "type": self.kind.name(), "timestamp": self.at, "data": self.data }).to_string()
    }
}
