//! Evaluates people's access in one integration: reads the inputs, resolves, plans, and commits the decision
//! if nobody evaluated in between.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use usher_domain::{
    Timestamp,
    access::{
        Access, Inputs, PersonFacts, PlanContext, Planned, PlannedJob, Presence, Resolution, TeamFacts, plan,
        resolve,
    },
    activity::{Activity, Event, Stage},
    automation::Automation,
    change::Change,
    id::{AutomationId, IntegrationId, JobId, PersonId, TeamId},
    integration::Integration,
    job::{Job, JobState},
    ports::{Commit, Decision, StoreError, StoreResult},
    share::Share,
};

use crate::{AT_ONCE, Planner};

/// How often people whose access moved in between are evaluated again before the change is given back to
/// the stream.
const ATTEMPTS: u32 = 10;

/// What is read once for all people of a page.
struct Shared<'a> {
    change: &'a Change,
    integration: &'a Integration,
    shares: &'a [Share],
    teams: &'a BTreeMap<TeamId, TeamFacts>,
    grace_seconds: u32,
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
        let workspace = &change.workspace;
        // First of all: the evaluation that the commit demands must be older than every other input.
        let accesses = self.store.accesses(workspace, integration, people).await?;
        let Some((integration, shares)) = self.store.integration(workspace, integration).await? else {
            return Ok(Vec::new());
        };
        let reads: Vec<_> = people.iter().map(|person| self.store.person(workspace, person)).collect();
        let read: Vec<Option<PersonFacts>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let facts: BTreeMap<PersonId, PersonFacts> =
            read.into_iter().flatten().map(|facts| (facts.id.clone(), facts)).collect();
        let teams: BTreeSet<TeamId> = facts.values().flat_map(|facts| facts.teams.iter().cloned()).collect();
        let teams = self.store.teams(workspace, &teams).await?;
        let grace_seconds = match integration.grace_seconds {
            Some(seconds) => seconds,
            None => self.store.workspace(workspace).await?.map_or(0, |workspace| workspace.grace_seconds),
        };
        let shared = Shared {
            change,
            integration: &integration,
            shares: &shares,
            teams: &teams,
            grace_seconds,
            now: self.clock.now(),
        };
        let decisions: Vec<_> = people
            .iter()
            .map(|person| self.decide(&shared, person, accesses.get(person), facts.get(person)))
            .collect();
        let commits: Vec<Commit> = stream::iter(decisions).buffered(AT_ONCE).try_collect().await?;
        let stale = people.iter().zip(commits).filter(|(_, commit)| *commit == Commit::Stale);
        Ok(stale.map(|(person, _)| person.clone()).collect())
    }

    async fn decide(
        &self,
        shared: &Shared<'_>,
        person: &PersonId,
        access: Option<&Access>,
        facts: Option<&PersonFacts>,
    ) -> StoreResult<Commit> {
        let change = shared.change;
        let access = match (access, facts) {
            (Some(access), _) => access.clone(),
            (None, Some(_)) => Access::none(
                change.workspace.clone(),
                shared.integration.id.clone(),
                person.clone(),
                shared.now,
            ),
            // Nobody, and nothing recorded.
            (None, None) => return Ok(Commit::Done),
        };
        let resolution = match facts {
            Some(person) => {
                let Shared { integration, shares, teams, .. } = *shared;
                resolve(Inputs { integration, shares, person, teams })
            }
            None => gone(&access),
        };
        let open = match &access.job {
            Some(job) => self.store.job(&change.workspace, job).await?.filter(|job| job.state.is_open()),
            None => None,
        };
        let context = PlanContext {
            grace_seconds: shared.grace_seconds,
            now: shared.now,
            open_job_untouched: open.as_ref().is_none_or(is_untouched),
        };
        let decision =
            plan(&access, resolution, context).map(|planned| self.decision(shared, &access, planned, open));
        if let Some(Decision { job: Some((job, _)), .. }) = &decision {
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
        self.store.commit(&access, decision.as_ref()).await
    }

    fn decision(
        &self,
        shared: &Shared<'_>,
        access: &Access,
        planned: Planned,
        open: Option<Job>,
    ) -> Decision {
        let next = Access {
            state: planned.state,
            job: None,
            updated_at: shared.now,
            desired: Some(planned.desired),
            ..access.clone()
        };
        let target =
            next.desired.as_ref().map(|desired| desired.profile.label().to_owned()).unwrap_or_default();
        let job = planned.job.map(|job| self.job(shared, &next, &target, job));
        let activity = job.as_ref().map(|job| Activity {
            id: format!("{}.requested", job.id),
            workspace: job.workspace.clone(),
            integration: job.integration.clone(),
            at: shared.now,
            actor: shared.change.cause.actor.clone(),
            event: Event::of(job.task, Stage::Requested),
            target,
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

    fn job(&self, shared: &Shared<'_>, access: &Access, target: &str, planned: PlannedJob) -> Job {
        Job {
            id: JobId::from(self.ids.uuid()),
            workspace: access.workspace.clone(),
            automation: AutomationId::of(&shared.change.root, &shared.integration.id),
            integration: access.integration.clone(),
            person: access.person.clone(),
            target: target.to_owned(),
            connector: shared.integration.connector.clone(),
            task: planned.task,
            version: access.version(),
            state: planned.state,
            attempts: 0,
            error: None,
            due_at: planned.due_at,
            steps: Vec::new(),
            correlation_id: shared.change.cause.correlation_id.clone(),
            revision: 1,
            created_at: shared.now,
            updated_at: shared.now,
        }
    }
}

/// Whether no connector began the job: then it changed nothing.
fn is_untouched(job: &Job) -> bool {
    matches!(job.state, JobState::Queued | JobState::Waiting) && job.attempts == 0
}

/// The resolution for somebody whose row is gone: may hold nothing, and is who was seated.
fn gone(access: &Access) -> Resolution {
    let profile = access.desired.as_ref().map(|desired| desired.profile.clone()).unwrap_or_default();
    Resolution { presence: Presence::Absent, profile, reasons: Vec::new(), urgent: true }
}

fn automation(shared: &Shared<'_>, job: &Job) -> Automation {
    Automation {
        id: job.automation.clone(),
        workspace: job.workspace.clone(),
        integration: job.integration.clone(),
        target: shared.integration.name.clone(),
        task: job.task,
        cause: shared.change.cause.clone(),
        counts: [(job.state, 1)].into(),
        created_at: job.created_at,
        updated_at: job.created_at,
    }
}
