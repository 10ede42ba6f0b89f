//! Webhooks as the API shows and takes them.

use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    webhook::{Delivery, DeliveryState, Endpoint, EndpointState, EventType},
};
use utoipa::ToSchema;

/// What an endpoint is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EventType)]
pub(crate) enum EventTypeName {
    /// All jobs of an automation are over, as wished.
    #[serde(rename = "automation.completed")]
    AutomationCompleted,
    /// All jobs of an automation are over, and some need a person.
    #[serde(rename = "automation.not_completed")]
    AutomationNotCompleted,
    /// Jobs of an automation wait for an admin's approval; told once for each automation.
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
    /// A sync ended without any effect.
    #[serde(rename = "sync.halted")]
    SyncHalted,
    /// Somebody did something in the administration, or signed in.
    #[serde(rename = "audit.recorded")]
    AuditRecorded,
}

impl From<EventTypeName> for EventType {
    fn from(name: EventTypeName) -> Self {
        match name {
            EventTypeName::AutomationCompleted => Self::AutomationCompleted,
            EventTypeName::AutomationNotCompleted => Self::AutomationNotCompleted,
            EventTypeName::AutomationAwaitingApproval => Self::AutomationAwaitingApproval,
            EventTypeName::JobCompleted => Self::JobCompleted,
            EventTypeName::JobNotCompleted => Self::JobNotCompleted,
            EventTypeName::JobHeld => Self::JobHeld,
            EventTypeName::TaskWaiting => Self::TaskWaiting,
            EventTypeName::IntegrationPaused => Self::IntegrationPaused,
            EventTypeName::IntegrationDisconnected => Self::IntegrationDisconnected,
            EventTypeName::SyncHalted => Self::SyncHalted,
            EventTypeName::AuditRecorded => Self::AuditRecorded,
        }
    }
}

/// An address that is told of events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    /// Its id.
    pub(crate) id: String,
    /// What it is for.
    pub(crate) name: String,
    /// Where events are sent to.
    pub(crate) url: String,
    /// What it is told of.
    #[schema(example = json!(["automation.not_completed", "integration.paused"]))]
    pub(crate) events: Vec<&'static str>,
    /// Whether it is told of events.
    pub(crate) enabled: bool,
    /// Why it is not.
    #[schema(required)]
    pub(crate) disabled_reason: Option<String>,
    /// Since when nothing that was sent was accepted; null while it works.
    #[schema(required)]
    pub(crate) failing_since: Option<Timestamp>,
    /// Until when events are signed with the secret before the last rotation, too.
    #[schema(required)]
    pub(crate) former_secret_until: Option<Timestamp>,
    /// When it was made.
    pub(crate) created_at: Timestamp,
}

impl From<Endpoint> for WebhookView {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            enabled: endpoint.is_enabled(),
            id: endpoint.id.into(),
            name: endpoint.name,
            url: endpoint.url,
            events: endpoint.events.iter().map(|kind| kind.name()).collect(),
            disabled_reason: match endpoint.state {
                EndpointState::Enabled => None,
                EndpointState::Disabled { reason, .. } => Some(reason),
            },
            failing_since: endpoint.failing_since,
            former_secret_until: endpoint.former.map(|former| former.until),
            created_at: endpoint.created_at,
        }
    }
}

/// A webhook with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewWebhook)]
pub(crate) struct NewWebhookView {
    /// The webhook.
    pub(crate) webhook: WebhookView,
    /// What events are signed with, as libraries of Standard Webhooks take it. Copy it now: it is not shown again.
    pub(crate) secret: String,
}

/// A webhook to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookCreate)]
pub(crate) struct WebhookCreate {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: String,
    /// Where events are sent to: https, and public.
    #[schema(example = "https://example.com/hooks/usher", max_length = 2000)]
    pub(crate) url: String,
    /// What it is told of.
    #[schema(min_items = 1)]
    pub(crate) events: Vec<EventTypeName>,
}

/// What to change of a webhook. What is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookPatch)]
pub(crate) struct WebhookPatch {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: Option<String>,
    /// Where events are sent to.
    #[schema(max_length = 2000)]
    pub(crate) url: Option<String>,
    /// What it is told of.
    #[schema(min_items = 1)]
    pub(crate) events: Option<Vec<EventTypeName>>,
    /// Whether it is told of events.
    pub(crate) enabled: Option<bool>,
}

/// How to rotate a webhook's secret.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookSecretRotate)]
pub(crate) struct SecretRotate {
    /// How long events are signed with the secret before, too, in seconds; a day where it is left out, 0 ends it at once.
    #[schema(minimum = 0, maximum = 86400, default = 86400)]
    pub(crate) overlap_seconds: Option<u32>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryState)]
pub(crate) enum DeliveryStateName {
    /// On its way.
    Queued,
    /// Not accepted, and sent again later.
    Retrying,
    /// Accepted.
    Delivered,
    /// Not accepted, and given up.
    Failed,
}

impl From<DeliveryState> for DeliveryStateName {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Queued => Self::Queued,
            DeliveryState::Retrying => Self::Retrying,
            DeliveryState::Delivered => Self::Delivered,
            DeliveryState::Failed => Self::Failed,
        }
    }
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryView {
    /// Its id: the receiver's `webhook-id`, the same each time that it is sent.
    pub(crate) id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Where it stands.
    pub(crate) state: DeliveryStateName,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// When it was sent last.
    #[schema(required)]
    pub(crate) tried_at: Option<Timestamp>,
    /// The HTTP status of the last answer.
    #[schema(required)]
    pub(crate) status: Option<u16>,
    /// Why it was not accepted.
    #[schema(required)]
    pub(crate) problem: Option<String>,
    /// When it is sent again; null where it is not.
    #[schema(required)]
    pub(crate) next_at: Option<Timestamp>,
    /// What is sent.
    pub(crate) payload: String,
    /// Follows one request from the SCIM call to here.
    pub(crate) correlation_id: String,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let (tried_at, status, problem) = match delivery.last {
            Some(attempt) => (Some(attempt.at), attempt.status, attempt.problem),
            None => (None, None, None),
        };
        Self {
            id: delivery.id.into(),
            kind: delivery.kind.name(),
            at: delivery.at,
            state: delivery.state.into(),
            attempts: delivery.attempts,
            tried_at,
            status,
            problem,
            next_at: delivery.state.is_open().then_some(delivery.due_at),
            payload: delivery.payload,
            correlation_id: delivery.correlation_id,
        }
    }
}
