//! Delivers events to the workspaces' own servers: signed, at least once under an id that stays the same, and again later
//! where one was not accepted.

mod signature;

use std::{sync::Arc, time::Duration};

use usher_domain::{
    Timestamp,
    ports::{Clock, Delivering, Ids, SealedFor, Sealer, StoreError, StoreResult, Web, WebAnswer, WebRequest},
    webhook::{Attempt, Delivery, DeliveryMessage, Endpoint},
};

/// Who delivers.
pub struct Courier {
    /// What is to be delivered.
    pub store: Arc<dyn Delivering>,
    /// Opens the secrets that events are signed with.
    pub sealer: Arc<dyn Sealer>,
    /// The servers.
    pub web: Arc<dyn Web>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
}

/// What one attempt came to, and what the receiver asked for.
struct Tried {
    attempt: Attempt,
    asked: Option<Duration>,
}

impl Courier {
    /// Works one message off. Answers after how long it has to come again, where it came before its time. What was not
    /// accepted is recorded, and sent again by a message of its own.
    ///
    /// # Errors
    /// When the store or the key service does not answer; the message is then delivered again.
    pub async fn deliver(&self, message: &DeliveryMessage) -> StoreResult<Option<Duration>> {
        let Some((delivery, endpoint)) = self.store.delivery(message).await? else { return Ok(None) };
        if !delivery.state.is_open() {
            return Ok(None);
        }
        let now = self.clock.now();
        if let Ok(early) = Duration::try_from(delivery.due_at.duration_since(now))
            && !early.is_zero()
        {
            return Ok(Some(early));
        }
        let recorded = if endpoint.is_enabled() {
            let Tried { attempt, asked } = self.send(&delivery, &endpoint, now).await?;
            let tried = delivery.tried(attempt, asked, self.random());
            let after = endpoint.after(&tried, now);
            self.record(&tried, after.as_ref()).await
        } else {
            let reason = "the webhook is disabled; enable it and send this again";
            self.record(&delivery.given_up(reason, now), None).await
        };
        match recorded {
            // Another message of the same delivery was faster.
            Err(StoreError::Conflict { .. }) => Ok(None),
            other => other.map(|()| None),
        }
    }

    /// Sends a delivery once.
    async fn send(&self, delivery: &Delivery, endpoint: &Endpoint, now: Timestamp) -> StoreResult<Tried> {
        let (id, timestamp) = (delivery.id.as_str(), now.as_second().to_string());
        let mut signatures = Vec::new();
        for sealed in endpoint.secrets(now) {
            let secret = self.sealer.open(SealedFor::Webhook(&endpoint.id), sealed).await?;
            signatures.push(signature::sign(&secret, id, &timestamp, &delivery.payload));
        }
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("content-type", "application/json"),
            header("user-agent", "Usher-Webhooks/1"),
            header("webhook-id", id),
            header("webhook-timestamp", &timestamp),
            // The specification's way to rotate a secret: a signature by each, and one that fits is enough.
            header("webhook-signature", &signatures.join(" ")),
            header("x-correlation-id", &delivery.correlation_id),
        ];
        let body = delivery.payload.clone().into_bytes();
        let request = WebRequest { method: "POST".to_owned(), url: endpoint.url.clone(), headers, body };
        let answer = self.web.send(request).await;
        let (webhook, delivery, correlation_id) = (&endpoint.id, id, &delivery.correlation_id);
        Ok(match answer {
            Ok(answer) => {
                tracing::info!(%webhook, delivery, correlation_id, status = answer.status, "an event was sent");
                judged(&answer, now)
            }
            Err(unavailable) => {
                tracing::info!(%webhook, delivery, correlation_id, "an event was sent and not answered");
                let attempt = Attempt { at: now, status: None, problem: Some(unavailable.to_string()) };
                Tried { attempt, asked: None }
            }
        })
    }

    /// Records an attempt. Where the endpoint moved meanwhile, what it means for the endpoint is left to the next one.
    async fn record(&self, delivery: &Delivery, endpoint: Option<&Endpoint>) -> StoreResult<()> {
        if let Some(endpoint) = endpoint {
            match self.store.record(delivery, Some(endpoint)).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return other,
            }
        }
        self.store.record(delivery, None).await
    }

    fn random(&self) -> u64 {
        let secret = self.ids.secret();
        secret.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

/// Accepted is what was answered with 2xx.
fn judged(answer: &WebAnswer, now: Timestamp) -> Tried {
    let status = answer.status;
    let problem = match status {
        200..300 => None,
        300..400 => Some(format!(
            "it answered {status}; events follow no redirect, enter the address that it leads to"
        )),
        410 => Some("it answered 410: it wants no events any more".to_owned()),
        _ => Some(format!("it answered {status}; only 2xx counts as accepted")),
    };
    let header = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    let asked = header.and_then(|(_, value)| value.trim().parse().ok()).map(Duration::from_secs);
    Tried { attempt: Attempt { at: now, status: Some(status), problem }, asked }
}
