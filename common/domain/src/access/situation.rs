//! A situation: everything that decides the access of some people in one integration, read at one moment. What
//! planning does with it, preview does too, so that both can only say the same.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    model::{Access, Presence},
    plan::{PlanContext, Planned, plan},
    resolve::{Inputs, PersonFacts, Resolution, TeamFacts, resolve},
};
use crate::{
    Timestamp,
    directory::Scope,
    id::{ConnectionId, IntegrationId, PersonId, TeamId, WorkspaceId},
    integration::Integration,
    job::{Job, JobState},
    ports::{Facts, StoreResult},
    share::Share,
};

/// Teams that are asked for at the same time.
const AT_ONCE: usize = 8;

/// Everything that decides the access of some people in one integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// What is recorded. Somebody for whom nothing was ever decided has no row.
    pub accesses: BTreeMap<PersonId, Access>,
    /// The integration.
    pub integration: Integration,
    /// The integration's shares.
    pub shares: Vec<Share>,
    /// Those of the people who are there.
    pub people: BTreeMap<PersonId, PersonFacts>,
    /// The teams that they are in and that exist.
    pub teams: BTreeMap<TeamId, TeamFacts>,
    /// How long a removal that comes from losing grants waits here.
    pub grace_seconds: u32,
}

impl Situation {
    /// Reads the situation; `None` when the integration is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read(
        facts: &dyn Facts,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
    ) -> StoreResult<Option<Self>> {
        // First of all: the evaluation that a commit demands must be older than every other input.
        let accesses = facts.accesses(workspace, integration, people).await?;
        let Some((integration, shares)) = facts.integration(workspace, integration).await? else {
            return Ok(None);
        };
        let people = facts.people(workspace, people).await?;
        let teams: BTreeSet<TeamId> = people.values().flat_map(|facts| facts.teams.iter().cloned()).collect();
        let teams = facts.teams(workspace, &teams).await?;
        let grace_seconds = match integration.grace_seconds {
            Some(seconds) => seconds,
            None => facts.workspace(workspace).await?.map_or(0, |workspace| workspace.grace_seconds),
        };
        Ok(Some(Self { accesses, integration, shares, people, teams, grace_seconds }))
    }

    /// The access that a decision about the person would change. `None` for nobody, of whom nothing is recorded.
    pub fn access(&self, person: &PersonId, now: Timestamp) -> Option<Access> {
        let none = || {
            let Integration { workspace, id, .. } = &self.integration;
            Access::none(workspace.clone(), id.clone(), person.clone(), now)
        };
        let known = self.people.contains_key(person);
        self.accesses.get(person).cloned().or_else(|| known.then(none))
    }

    /// Decides what the person of this access should have. `open` is the access's job, where one is open.
    pub fn evaluate(&self, access: &Access, open: Option<&Job>, now: Timestamp) -> Option<Planned> {
        let resolution = match self.people.get(&access.person) {
            Some(person) => resolve(Inputs {
                integration: &self.integration,
                shares: &self.shares,
                person,
                teams: &self.teams,
            }),
            None => gone(access),
        };
        let context = PlanContext {
            grace_seconds: self.grace_seconds,
            now,
            open_job_untouched: open.is_none_or(is_untouched),
        };
        plan(access, resolution, context)
    }
}

/// Whether no connector began the job: then it changed nothing.
fn is_untouched(job: &Job) -> bool {
    matches!(job.state, JobState::Queued | JobState::Waiting | JobState::Held) && job.attempts == 0
}

/// The resolution for somebody whose row is gone: may hold nothing, and is who was seated.
fn gone(access: &Access) -> Resolution {
    let profile = access.desired.as_ref().map(|desired| desired.profile.clone()).unwrap_or_default();
    Resolution { presence: Presence::Absent, profile, reasons: Vec::new(), urgent: true }
}

/// The integrations where a change of a person can matter: where something is recorded or shared, and those of
/// their teams, `left` included.
///
/// # Errors
/// When the store does not answer.
pub async fn integrations_of_person(
    store: &dyn Facts,
    workspace: &WorkspaceId,
    person: &PersonId,
    facts: Option<&PersonFacts>,
    left: &[TeamId],
) -> StoreResult<BTreeSet<IntegrationId>> {
    let mut integrations = store.integrations_of_person(workspace, person).await?;
    if let Some(facts) = facts {
        integrations.extend(gateway_of(store, &facts.connection).await?);
    }
    let teams: BTreeSet<&TeamId> = facts.into_iter().flat_map(|facts| &facts.teams).chain(left).collect();
    let shared = teams.into_iter().map(|team| store.integrations_of_team(workspace, team));
    let shared: Vec<_> = stream::iter(shared.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
    integrations.extend(shared.into_iter().flatten());
    Ok(integrations)
}

/// The integrations that a team's members can get access to through it.
///
/// # Errors
/// When the store does not answer.
pub async fn integrations_of_team(
    store: &dyn Facts,
    workspace: &WorkspaceId,
    team: &TeamId,
) -> StoreResult<BTreeSet<IntegrationId>> {
    let mut integrations = store.integrations_of_team(workspace, team).await?;
    if let Some(connection) = store.connection_of_team(workspace, team).await? {
        integrations.extend(gateway_of(store, &connection).await?);
    }
    Ok(integrations)
}

/// The IdLCM integration whose own connection this is.
async fn gateway_of(store: &dyn Facts, connection: &ConnectionId) -> StoreResult<Option<IntegrationId>> {
    Ok(match store.scope(connection).await? {
        Some(Scope::Integration { id }) => Some(id),
        Some(Scope::Workspace) | None => None,
    })
}
