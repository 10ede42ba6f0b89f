//! Evaluates people's access in one integration: reads the inputs, resolves, plans, and commits the decision
//! if nobody evaluated in between.

use futures::{StreamExt, TryStreamExt, stream};
use usher_domain::{
    Timestamp,
    access::{Access, Planned, PlannedJob, Situation},
    activity::{Activity, Event, Stage},
    automation::{Automation, lane_of},
    change::Change,
    id::{AutomationId, IntegrationId, JobId, PersonId},
    job::{Job, JobState, Origin},
    ports::{Commit, Decision, Facts, StoreError, StoreResult},
};

use crate::{AT_ONCE, Planner};

/// How often people whose access moved in between are evaluated again before the change is given back to
/// the stream.
const ATTEMPTS: u32 = 10;

/// How many jobs of one automation are counted in its own row, where they are committed at once.
const FEW: usize = AT_ONCE;

/// What was decided for somebody.
struct Decided {
    before: Access,
    decision: Option<Decision>,
}

/// What is the same for all people of a page.
struct Shared<'a> {
    change: &'a Change,
    situation: &'a Situation,
    now: Timestamp,
}

impl Planner {
    /// Evaluates these people's access in an integration.
    pub(crate) async fn evaluate(
        &self,
        change: &Change,
        integration: &IntegrationId,
        people: &[PersonId],
    ) -> StoreResult<()> {
        let mut left = people.to_vec();
        for _ in 0..ATTEMPTS {
            if left.is_empty() {
                return Ok(());
            }
            left = self.evaluate_once(change, integration, &left).await?;
        }
        if left.is_empty() { Ok(()) } else { Err(StoreError::Conflict { what: "the access" }) }
    }

    /// Evaluates once, and answers whose access moved in between.
    async fn evaluate_once(
        &self,
        change: &Change,
        integration: &IntegrationId,
        people: &[PersonId],
    ) -> StoreResult<Vec<PersonId>> {
        let store: &dyn Facts = self.store.as_ref();
        let Some(situation) = Situation::read(store, &change.workspace, integration, people).await? else {
            let now = self.clock.now();
            self.store.forget_access(&change.workspace, integration, people, now).await?;
            return Ok(Vec::new());
        };
        let shared = Shared { change, situation: &situation, now: self.clock.now() };
        let deciding: Vec<_> = people.iter().map(|person| self.decide(&shared, person)).collect();
        let decided: Vec<Option<Decided>> = stream::iter(deciding).buffered(AT_ONCE).try_collect().await?;
        let mut decided: Vec<Decided> = decided.into_iter().flatten().collect();
        self.spread(&mut decided).await?;
        let committing: Vec<_> = decided.iter().map(|decided| self.commit(decided)).collect();
        let commits: Vec<Commit> = stream::iter(committing).buffered(AT_ONCE).try_collect().await?;
        let stale = decided.into_iter().zip(commits).filter(|(_, commit)| *commit == Commit::Stale);
        Ok(stale.map(|(decided, _)| decided.before.person).collect())
    }

    /// Spreads the counts of many jobs over several rows: they are committed side by side, begin and end so, and would be
    /// in each other's way in one.
    async fn spread(&self, decided: &mut [Decided]) -> StoreResult<()> {
        let jobs = decided.iter_mut().filter_map(|decided| decided.decision.as_mut()?.job.as_mut());
        let mut jobs: Vec<_> = jobs.collect();
        if jobs.len() <= FEW {
            return Ok(());
        }
        for (job, _) in &mut jobs {
            job.lane = lane_of(job.id.as_str());
        }
        match jobs.first() {
            Some((_, automation)) => self.store.spread(automation).await,
            None => Ok(()),
        }
    }

    /// Decides for one person; `None` for nobody, of whom nothing is recorded.
    async fn decide(&self, shared: &Shared<'_>, person: &PersonId) -> StoreResult<Option<Decided>> {
        let Shared { change, situation, now } = *shared;
        let Some(access) = situation.access(person, now) else { return Ok(None) };
        let open = match &access.job {
            Some(job) => self.store.job(&change.workspace, job).await?.filter(|job| job.state.is_open()),
            None => None,
        };
        let planned = situation.evaluate(&access, open.as_ref(), now);
        let decision = planned.map(|planned| self.decision(shared, &access, planned, open));
        Ok(Some(Decided { before: access, decision }))
    }

    async fn commit(&self, decided: &Decided) -> StoreResult<Commit> {
        let Decided { before, decision } = decided;
        if let Some(Decision { job: Some((job, _)), .. }) = decision {
            tracing::info!(
                job = %job.id,
                integration = %job.integration,
                person = %job.person,
                task = ?job.task,
                state = job.state.name(),
                correlation_id = %job.correlation_id,
                "decided"
            );
        }
        self.store.commit(before, decision.as_ref()).await
    }

    fn decision(
        &self,
        shared: &Shared<'_>,
        access: &Access,
        planned: Planned,
        open: Option<Job>,
    ) -> Decision {
        let next = access.decided(&planned, shared.now);
        let job = planned.job.map(|job| self.job(shared, &next, &job));
        let activity = job.as_ref().map(|job| Activity {
            id: format!("{}.requested", job.id),
            workspace: job.workspace.clone(),
            integration: job.integration.clone(),
            at: shared.now,
            actor: shared.change.cause.actor.clone(),
            event: Event::of(job.task, Stage::Requested),
            target: job.target.clone(),
            job: Some(job.id.clone()),
        });
        let access = Access { job: job.as_ref().map(|job| job.id.clone()), ..next };
        Decision {
            job: job.map(|job| {
                let automation = automation(shared, &job);
                (job, automation)
            }),
            // A running job ends by itself, and the new one waits for its lease.
            supersede: open.filter(|job| job.state != JobState::Running),
            access,
            activity,
        }
    }

    fn job(&self, shared: &Shared<'_>, access: &Access, planned: &PlannedJob) -> Job {
        let Shared { change, situation, now } = *shared;
        let origin = Origin {
            id: JobId::from(self.ids.uuid()),
            automation: AutomationId::of(&change.root, &situation.integration.id),
            correlation_id: change.cause.correlation_id.clone(),
        };
        Job::decided(origin, planned, access, &situation.integration.connector, now)
    }
}

fn automation(shared: &Shared<'_>, job: &Job) -> Automation {
    Automation {
        id: job.automation.clone(),
        workspace: job.workspace.clone(),
        integration: job.integration.clone(),
        target: shared.situation.integration.name.clone(),
        task: job.task,
        cause: shared.change.cause.clone(),
        counts: [(job.state, 1)].into(),
        created_at: job.created_at,
        updated_at: job.created_at,
    }
}
