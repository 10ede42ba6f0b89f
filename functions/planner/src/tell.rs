//! Tells webhooks what happened: a delivery is written down for each endpoint that wants the event, and its row wakes the
//! planner to send its message, as a job's does.

use std::{collections::HashMap, sync::Arc};

use jiff::SignedDuration;
use tokio::sync::Mutex;
use usher_domain::{
    Timestamp,
    id::WorkspaceId,
    job::Job,
    ports::StoreResult,
    webhook::{Delivery, Endpoint, Event, EventType},
};

use crate::{Planner, dispatch::delay};

/// How long the endpoints of a workspace are believed without reading them again: most jobs of most workspaces are told to
/// nobody, and looking must cost nearly nothing.
const BELIEVED: SignedDuration = SignedDuration::from_secs(10);

/// The endpoints of workspaces, as they were read lately.
#[derive(Default)]
pub(crate) struct Endpoints(Mutex<HashMap<WorkspaceId, Read>>);

/// The endpoints of one workspace, and when they were read.
struct Read {
    at: Timestamp,
    endpoints: Arc<Vec<Endpoint>>,
}

impl Planner {
    /// Tells of a job that ended or is held, and of its automation where that is over or waits for approval.
    pub(crate) async fn tell_of_job(&self, job: &Job) -> StoreResult<()> {
        let Some(event) = Event::of_job(job) else { return Ok(()) };
        let endpoints = self.endpoints(&job.workspace).await?;
        self.tell_all(&endpoints, &event).await?;
        let about_automations = [
            EventType::AutomationCompleted,
            EventType::AutomationNotCompleted,
            EventType::AutomationAwaitingApproval,
        ];
        if !endpoints.iter().any(|endpoint| about_automations.iter().any(|kind| endpoint.wants(*kind))) {
            return Ok(());
        }
        let automation = self.store.told_automation(&job.workspace, &job.automation).await?;
        match automation.as_ref().and_then(Event::of_automation) {
            Some(event) => self.tell_all(&endpoints, &event).await,
            None => Ok(()),
        }
    }

    /// Tells of an event.
    pub(crate) async fn tell(&self, workspace: &WorkspaceId, event: Option<Event>) -> StoreResult<()> {
        let Some(event) = event else { return Ok(()) };
        let endpoints = self.endpoints(workspace).await?;
        self.tell_all(&endpoints, &event).await
    }

    async fn tell_all(&self, endpoints: &[Endpoint], event: &Event) -> StoreResult<()> {
        // What happened before an endpoint was made is not news to it.
        let wanted = |endpoint: &&Endpoint| endpoint.wants(event.kind) && endpoint.created_at < event.at;
        for endpoint in endpoints.iter().filter(wanted) {
            self.store.add_delivery(&Delivery::of(event, endpoint)).await?;
        }
        Ok(())
    }

    async fn endpoints(&self, workspace: &WorkspaceId) -> StoreResult<Arc<Vec<Endpoint>>> {
        let now = self.clock.now();
        // Held while it is read, so that a batch of jobs reads once.
        let mut known = self.endpoints.0.lock().await;
        let is_fresh = |read: &Read| now.duration_since(read.at) < BELIEVED;
        if let Some(read) = known.get(workspace).filter(|read| is_fresh(read)) {
            return Ok(read.endpoints.clone());
        }
        let endpoints = Arc::new(self.store.endpoints(workspace).await?);
        known.retain(|_, read| is_fresh(read));
        known.insert(workspace.clone(), Read { at: now, endpoints: endpoints.clone() });
        Ok(endpoints)
    }

    /// Sends the message of a delivery.
    pub(crate) async fn dispatch_delivery(&self, delivery: &Delivery) -> StoreResult<()> {
        if !delivery.state.is_open() {
            return Ok(());
        }
        let Some(delay) = delay(Some(delivery.due_at), self.clock.now()) else { return Ok(()) };
        tracing::info!(
            delivery = %delivery.id,
            webhook = %delivery.endpoint,
            correlation_id = delivery.correlation_id,
            delay,
            "sending a delivery"
        );
        self.queue.send_delivery(&delivery.message(), delay).await
    }
}
