//! Webhooks: what a workspace's own servers are told of, as the Standard Webhooks specification says
//! (<https://www.standardwebhooks.com>).

mod event;
mod schedule;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{DeliveryId, EndpointId, WorkspaceId},
    token::TokenHash,
};

pub use event::{Event, EventType};
pub use schedule::{MAX_ATTEMPTS, next_attempt};

/// What every signing secret's text begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// How long a delivery is kept.
pub const KEPT_DAYS: i64 = 30;
/// The longest that a message waits in a queue.
const LONGEST_MESSAGE: SignedDuration = SignedDuration::from_mins(15);
/// Most endpoints of a workspace: each event is written down for each of them.
pub const MOST_ENDPOINTS: usize = 20;

/// An address of a workspace that is told of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What it is for.
    pub name: String,
    /// Where events are sent to.
    pub url: String,
    /// What it is told of.
    pub events: BTreeSet<EventType>,
    /// What events are signed with.
    pub sealed_secret: String,
    /// The secret before a rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<FormerSecret>,
    /// Whether it is told of events now.
    pub state: EndpointState,
    /// Since when nothing that was sent to it was accepted.
    pub failing_since: Option<Timestamp>,
    /// Moves with every write.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A secret that was rotated: events are signed with it beside the new one, so that the receiver can change over when it likes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    /// The secret.
    pub sealed_secret: String,
    /// Until when.
    pub until: Timestamp,
}

/// Whether an endpoint is told of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum EndpointState {
    /// It is.
    Enabled,
    /// It is not.
    Disabled {
        /// Why.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

impl Endpoint {
    /// Whether it is told of events of this type.
    pub fn wants(&self, kind: EventType) -> bool {
        self.is_enabled() && (kind == EventType::Test || self.events.contains(&kind))
    }

    /// Whether it is told of events at all.
    pub fn is_enabled(&self) -> bool {
        self.state == EndpointState::Enabled
    }

    /// The secrets that events are signed with at a moment, the present one first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let former = self.former.as_ref().filter(|former| now < former.until);
        std::iter::once(self.sealed_secret.as_str()).chain(former.map(|former| former.sealed_secret.as_str()))
    }

    /// The endpoint with another secret. The one before counts until `until`; one that was rotated before that, no more.
    #[must_use]
    pub fn rotated(&self, sealed_secret: String, until: Timestamp) -> Self {
        let former = FormerSecret { sealed_secret: self.sealed_secret.clone(), until };
        Self { sealed_secret, former: Some(former), version: self.version + 1, ..self.clone() }
    }

    /// The endpoint after a delivery came to an end or was tried; `None` where nothing of it changes.
    pub fn after(&self, delivery: &Delivery, now: Timestamp) -> Option<Self> {
        let accepted = delivery.state == DeliveryState::Delivered;
        let failing_since = if accepted { None } else { self.failing_since.or(Some(now)) };
        let mut next = Self { failing_since, ..self.clone() };
        if delivery.is_gone() {
            next.disable("it answered 410 Gone", now);
        } else if delivery.state == DeliveryState::Failed
            && failing_since.is_some_and(|since| delivery.tried_since.is_some_and(|first| since <= first))
        {
            next.disable("nothing that was sent to it was accepted for more than a day", now);
        }
        (next != *self).then(|| Self { version: self.version + 1, ..next })
    }

    fn disable(&mut self, reason: &str, since: Timestamp) {
        if self.is_enabled() {
            self.state = EndpointState::Disabled { reason: reason.to_owned(), since };
        }
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is on its way.
    Queued,
    /// It was not accepted, and is sent again when due.
    Retrying,
    /// It was accepted.
    Delivered,
    /// It was not accepted, and is given up.
    Failed,
}

impl DeliveryState {
    /// Whether it is still to be sent.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Retrying)
    }

    /// The name in rows and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Retrying => "retrying",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was made.
    pub at: Timestamp,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why it does not count as accepted; no secrets.
    pub problem: Option<String>,
}

/// An event on its way to one endpoint. Its id is what the receiver knows it by, whenever and however often it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id: of the event and the endpoint, so that an event that is noticed twice is told once.
    pub id: DeliveryId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where to.
    pub endpoint: EndpointId,
    /// What happened.
    pub kind: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// What is sent, as it is signed.
    pub payload: String,
    /// Follows one request from the SCIM call to here.
    pub correlation_id: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was sent since somebody asked for it.
    pub attempts: u32,
    /// When it was sent first, of these attempts.
    pub tried_since: Option<Timestamp>,
    /// What the last attempt came to.
    pub last: Option<Attempt>,
    /// When it is sent, or sent again.
    pub due_at: Timestamp,
    /// When to look at it: when it is due, where no message waits so long, or when its message must have been lost.
    pub look_at: Timestamp,
    /// Moves with every write.
    pub revision: u64,
}

impl Delivery {
    /// An event for an endpoint.
    pub fn of(event: &Event, endpoint: &Endpoint) -> Self {
        let hash = TokenHash::of(&format!("{}\n{}", endpoint.id, event.key));
        Self {
            id: DeliveryId::of(event.at, &hash),
            workspace: endpoint.workspace.clone(),
            endpoint: endpoint.id.clone(),
            kind: event.kind,
            at: event.at,
            payload: event.payload(),
            correlation_id: event.correlation_id.clone(),
            state: DeliveryState::Queued,
            attempts: 0,
            tried_since: None,
            last: None,
            due_at: event.at,
            look_at: look_at(event.at, event.at),
            revision: 1,
        }
    }

    /// What is sent to the queue.
    pub fn message(&self) -> DeliveryMessage {
        DeliveryMessage {
            workspace: self.workspace.clone(),
            endpoint: self.endpoint.clone(),
            delivery: self.id.clone(),
        }
    }

    /// Whether the receiver said that it wants nothing any more.
    pub fn is_gone(&self) -> bool {
        self.last.as_ref().is_some_and(|attempt| attempt.status == Some(410))
    }

    /// The delivery after an attempt. `asked` is the delay that the receiver asked for; `random` spreads the next attempt.
    #[must_use]
    pub fn tried(&self, attempt: Attempt, asked: Option<std::time::Duration>, random: u64) -> Self {
        let now = attempt.at;
        let attempts = self.attempts + 1;
        let accepted = attempt.problem.is_none();
        let next = match (accepted, attempt.status) {
            (true, _) | (_, Some(410)) => None,
            _ => next_attempt(attempts, asked, random),
        };
        let state = match (accepted, next) {
            (true, _) => DeliveryState::Delivered,
            (false, Some(_)) => DeliveryState::Retrying,
            (false, None) => DeliveryState::Failed,
        };
        let due_at = next.and_then(|delay| now.checked_add(delay).ok()).unwrap_or(now);
        Self {
            state,
            attempts,
            tried_since: self.tried_since.or(Some(now)),
            last: Some(attempt),
            due_at,
            look_at: look_at(due_at, now),
            revision: self.revision + 1,
            ..self.clone()
        }
    }

    /// The delivery given up without an attempt.
    #[must_use]
    pub fn given_up(&self, problem: &str, now: Timestamp) -> Self {
        let last = Attempt { at: now, status: None, problem: Some(problem.to_owned()) };
        Self { state: DeliveryState::Failed, last: Some(last), revision: self.revision + 1, ..self.clone() }
    }

    /// The delivery as somebody asks for it again: under the same id, with all attempts before it.
    #[must_use]
    pub fn again(&self, now: Timestamp) -> Self {
        Self {
            state: DeliveryState::Queued,
            attempts: 0,
            tried_since: None,
            due_at: now,
            look_at: look_at(now, now),
            revision: self.revision + 1,
            ..self.clone()
        }
    }

    /// The delivery put on its way again: it is due, or its message may be lost.
    #[must_use]
    pub fn released(&self, now: Timestamp) -> Self {
        let due_at = self.due_at.max(now);
        Self { due_at, look_at: look_at(due_at, now), revision: self.revision + 1, ..self.clone() }
    }
}

/// When to look at what is due then.
fn look_at(due_at: Timestamp, now: Timestamp) -> Timestamp {
    let wait = due_at.duration_since(now);
    let slack = if wait > LONGEST_MESSAGE { SignedDuration::ZERO } else { LONGEST_MESSAGE };
    due_at.checked_add(slack).unwrap_or(Timestamp::MAX)
}

/// The message of a delivery: which row to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where to.
    pub endpoint: EndpointId,
    /// The delivery.
    pub delivery: DeliveryId,
}

#[cfg(test)]
mod tests;
