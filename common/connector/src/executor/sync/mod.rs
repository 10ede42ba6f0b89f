//! A sync: reads the app page by page and records where it differs. Its run is saved after every page, so that a crash
//! loses one page, and an invocation that runs out of time goes on with another message.
//!
//! It writes nothing to the app: differences go through the planner and jobs.

mod apply;
mod catalogue;
mod read;
mod recognise;

use std::{collections::BTreeSet, time::Duration};

use usher_domain::{
    Timestamp,
    activity::{Activity, Event},
    change::{Actor, Change},
    id::PersonId,
    integration::{Integration, Status},
    ports::{Facts, StoreError},
    sync::{Phase, RunKind, RunState, SyncMessage, SyncPage, SyncRun},
};

use super::{Executor, Verdict, busy};
use crate::{
    contract::Connector,
    error::{Class, Error},
    http::metering::{counted, taken},
};

/// How often in a row the app may fail before the run halts.
const MAX_FAILURES: u32 = 5;
/// The longest that a message is put off; SQS allows 12 hours.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// What is told of a sync of an app that people look after.
const NOBODY_COMPARED: &str =
    "nobody can list who is in this app, so that nobody was compared: what people confirmed is what is known";

/// Why a page was not done.
enum Trouble {
    Store(StoreError),
    App(Error),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

/// What a page leaves.
struct Step {
    run: SyncRun,
    page: Option<SyncPage>,
    changes: Vec<Change>,
    tell: Option<Activity>,
}

impl From<SyncRun> for Step {
    fn from(run: SyncRun) -> Self {
        Self { run, page: None, changes: Vec::new(), tell: None }
    }
}

/// A run that this worker goes on with.
struct Session<'a> {
    executor: &'a Executor,
    connector: Box<dyn Connector>,
    integration: Integration,
    run: SyncRun,
    /// Accounts and people that this pass has seen, once they are needed.
    seen: Option<(BTreeSet<String>, BTreeSet<PersonId>)>,
    /// Nothing is begun after this.
    until: Timestamp,
}

impl Executor {
    /// Goes on with the run that a message names.
    pub(super) async fn run_sync(&self, message: &SyncMessage) -> Result<Verdict, StoreError> {
        match counted(self.try_sync(message)).await.0 {
            // Somebody else goes on with it.
            Err(StoreError::Conflict { .. }) => Ok(Verdict::Again { after: Duration::from_secs(2) }),
            other => other,
        }
    }

    async fn try_sync(&self, message: &SyncMessage) -> Result<Verdict, StoreError> {
        let now = self.clock.now();
        let run = self.store.last_run(&message.workspace, &message.integration).await?;
        let Some(run) = run.filter(|run| run.id == message.sync && run.state.is_open()) else {
            return Ok(Verdict::Done);
        };
        if let Some(due) = run.due_at.filter(|due| now < *due) {
            let left = Duration::try_from(due.duration_since(now)).unwrap_or_default();
            return Ok(Verdict::Again { after: left.min(LONGEST_WAIT) });
        }
        if let Some(until) = run.lease_until.filter(|until| run.state == RunState::Running && now < *until) {
            return Ok(Verdict::Again { after: busy(until, now, self.settings.lease) });
        }
        let found = Facts::integration(&*self.store, &run.workspace, &run.integration).await?;
        let Some((integration, _)) = found else { return Ok(Verdict::Done) };
        if let (Status::Paused { reason, .. }, RunKind::Sync) = (&integration.status, run.kind) {
            let reason = format!("the integration is paused: {reason}");
            return self.end_run(&run, RunState::Halted, Some(reason), now).await;
        }
        let begun = SyncRun {
            state: RunState::Running,
            lease_until: Some(now + self.settings.lease),
            due_at: None,
            ..run.moved(now)
        };
        let first = run.phase == Phase::Health && run.kind == RunKind::Sync;
        let started = first.then(|| told(&run, Event::SyncStarted, "started", String::new(), run.created_at));
        self.store.put_run(Some(&run), &begun, None, &[], started.as_ref()).await?;
        let connector = match self.connect(&integration, &run.cause.correlation_id).await {
            Ok(connector) => connector,
            Err(error) => return self.stumble(&begun, &integration, error).await,
        };
        let until = now + self.settings.budget;
        Session { executor: self, connector, integration, run: begun, seen: None, until }.work().await
    }

    /// Puts the run off after a failure of the app, or halts it. A failed page is never taken for an empty one.
    async fn stumble(
        &self,
        run: &SyncRun,
        integration: &Integration,
        error: Error,
    ) -> Result<Verdict, StoreError> {
        let now = self.clock.now();
        let failures = run.failures + 1;
        let message = error.message().to_owned();
        match error.class() {
            Class::Transient { .. } | Class::RateLimited { .. } | Class::Conflict | Class::Ambiguous
                if failures < MAX_FAILURES => {}
            Class::AuthExpired | Class::AuthRevoked | Class::ScopeMissing => {
                match self.store.pause(integration, &message, now).await {
                    // Somebody changes the integration right now, perhaps to mend it.
                    Ok(()) | Err(StoreError::Conflict { .. } | StoreError::Missing { .. }) => {}
                    Err(error) => return Err(error),
                }
                return self.end_run(run, RunState::Halted, Some(message), now).await;
            }
            _ => return self.end_run(run, RunState::Halted, Some(message), now).await,
        }
        let random = u64::from_be_bytes(self.ids.secret()[..8].try_into().unwrap_or_default());
        let delay = self.settings.backoff.delay(failures, error.class().after(), random);
        let waiting = SyncRun {
            state: RunState::Queued,
            failures,
            reason: Some(message),
            due_at: Some(now + delay),
            lease_until: None,
            ..run.moved(now)
        };
        // The list moved while it was read: what was read of it counts no more.
        let waiting = if error.class() == Class::Conflict { read::anew(waiting) } else { waiting };
        self.keep(run, Step::from(waiting)).await?;
        Ok(Verdict::Done)
    }

    async fn end_run(
        &self,
        run: &SyncRun,
        state: RunState,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let event = match (run.kind, run.phase, state) {
            (RunKind::HealthCheck, _, RunState::Halted) | (_, Phase::Health, RunState::Halted) => {
                Some(Event::HealthCheckFailed)
            }
            (_, _, RunState::Halted) => Some(Event::SyncHalted),
            (RunKind::Sync, ..) => Some(Event::SyncFinished),
            // That it passed is told already.
            (RunKind::HealthCheck, ..) => None,
        };
        let counts = &run.counts;
        let words = reason.clone().unwrap_or_else(|| {
            format!(
                "{} in the app, {} differences, {} being repaired",
                counts.members,
                counts.differences(),
                counts.repaired
            )
        });
        tracing::info!(
            workspace = %run.workspace,
            integration = %run.integration,
            sync = %run.id,
            state = state.name(),
            reason = reason.as_deref(),
            "sync ended"
        );
        let ended = SyncRun { state, reason, lease_until: None, due_at: None, ..run.moved(now) };
        let tell = event.map(|event| told(run, event, "ended", words, now));
        self.keep(run, Step { tell, ..Step::from(ended) }).await?;
        Ok(Verdict::Done)
    }

    /// Writes a run over the one that it was, with the requests that were sent meanwhile.
    async fn keep(&self, before: &SyncRun, step: Step) -> Result<SyncRun, StoreError> {
        let Step { run, page, changes, tell } = step;
        let after = SyncRun { app_calls: before.app_calls + taken(), ..run };
        self.store.put_run(Some(before), &after, page.as_ref(), &changes, tell.as_ref()).await?;
        Ok(after)
    }
}

impl Session<'_> {
    async fn work(mut self) -> Result<Verdict, StoreError> {
        loop {
            let now = self.executor.clock.now();
            if now >= self.until {
                let on = SyncRun { state: RunState::Queued, lease_until: None, ..self.run.moved(now) };
                self.executor.keep(&self.run, Step::from(on)).await?;
                return Ok(Verdict::Done);
            }
            match self.turn().await {
                Ok(Some(step)) => self.save(step).await?,
                Ok(None) => {
                    let compares = self.run.kind == RunKind::HealthCheck || !self.connector.by_hand();
                    let reason = (!compares).then(|| NOBODY_COMPARED.to_owned());
                    let reason = reason.or_else(|| self.run.spares_assets.clone());
                    return self.executor.end_run(&self.run, RunState::Finished, reason, now).await;
                }
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::App(error)) => {
                    return self.executor.stumble(&self.run, &self.integration, error).await;
                }
            }
        }
    }

    /// One page, or one decision; `None` when nothing is left.
    async fn turn(&mut self) -> Result<Option<Step>, Trouble> {
        match self.run.phase {
            Phase::Health => self.health().await.map(Some),
            Phase::Roles => self.roles().await.map(Some),
            Phase::Entitlements => self.entitlements().await.map(Some),
            Phase::Assets => self.assets().await.map(Some),
            Phase::Members => self.members().await.map(Some),
            Phase::Invitations => self.invitations().await.map(Some),
            Phase::Missing => self.missing().await.map(Some),
            Phase::Judge => self.judge().await.map(Some),
            Phase::Catalogue => self.follow().await.map(Some),
            Phase::Apply => self.apply().await.map(Some),
            Phase::Sweep => self.sweep().await,
        }
    }

    async fn save(&mut self, step: Step) -> Result<(), StoreError> {
        let now = self.executor.clock.now();
        let run = SyncRun {
            pages: step.run.pages + u32::from(step.page.is_some()),
            failures: 0,
            reason: None,
            lease_until: Some(now + self.executor.settings.lease),
            revision: self.run.revision + 1,
            updated_at: now,
            ..step.run
        };
        self.run = self.executor.keep(&self.run, Step { run, ..step }).await?;
        Ok(())
    }
}

/// A line of the Activity tab; its id is derived, so that telling it twice is telling it once.
fn told(run: &SyncRun, event: Event, what: &str, target: String, at: Timestamp) -> Activity {
    let actor = if what == "started" { run.cause.actor.clone() } else { Actor::Usher };
    Activity {
        id: format!("{}.{what}", run.id),
        workspace: run.workspace.clone(),
        integration: run.integration.clone(),
        at,
        actor,
        event,
        target,
        job: None,
    }
}
