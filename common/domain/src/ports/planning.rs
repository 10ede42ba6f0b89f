//! What the planner needs: inputs of a decision, read strongly consistent, and one conditional write.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{Erasure, Page, StoreResult, Telling};
use crate::{
    Timestamp,
    access::{Access, PersonFacts, TeamFacts},
    activity::Activity,
    automation::Automation,
    change::Change,
    directory::Scope,
    guard::Tally,
    id::{ConnectionId, IntegrationId, JobId, PersonId, TeamId, WorkspaceId},
    integration::Integration,
    job::Job,
    share::Share,
    workspace::Workspace,
};

/// Everything that one decision writes, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The access as it will be.
    pub access: Access,
    /// The job to make, with the automation that it belongs to (made if it is the first).
    pub job: Option<(Job, Automation)>,
    /// The open job of the version before, as it was read: closes as superseded.
    pub supersede: Option<Job>,
    /// What to tell in the Activity tab.
    pub activity: Option<Activity>,
}

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// It is written.
    Done,
    /// Somebody evaluated this access since it was read: read everything again.
    Stale,
}

/// What decisions are made from. It can only read: whoever holds nothing else can ask "what if" and change nothing.
#[async_trait]
pub trait Facts: Send + Sync {
    /// The workspace's settings.
    async fn workspace(&self, id: &WorkspaceId) -> StoreResult<Option<Workspace>>;

    /// What a connection of the workspace feeds.
    async fn scope(&self, connection: &ConnectionId) -> StoreResult<Option<Scope>>;

    /// The access rows of these people in one integration; people without a row are left out. Must be read
    /// *before* the other inputs of a decision (see [`Access::evaluation`]).
    async fn accesses(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
    ) -> StoreResult<BTreeMap<PersonId, Access>>;

    /// The integration and all its shares.
    async fn integration(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<(Integration, Vec<Share>)>>;

    /// A person and the teams that they are in. A deleted person is inactive.
    async fn person(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Option<PersonFacts>>;

    /// Those of `people` who are there, several read at the same time.
    async fn people(
        &self,
        workspace: &WorkspaceId,
        people: &[PersonId],
    ) -> StoreResult<BTreeMap<PersonId, PersonFacts>>;

    /// Those of `teams` that exist.
    async fn teams(
        &self,
        workspace: &WorkspaceId,
        teams: &BTreeSet<TeamId>,
    ) -> StoreResult<BTreeMap<TeamId, TeamFacts>>;

    /// What an integration's guards counted lately.
    async fn counted(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<Tally>;

    /// A job.
    async fn job(&self, workspace: &WorkspaceId, job: &JobId) -> StoreResult<Option<Job>>;

    /// Those of `jobs` that are there.
    async fn jobs_by_id(&self, workspace: &WorkspaceId, jobs: &[JobId]) -> StoreResult<BTreeMap<JobId, Job>>;

    /// The integrations where something is recorded or shared for this person alone, or was until a short
    /// while ago.
    async fn integrations_of_person(
        &self,
        workspace: &WorkspaceId,
        person: &PersonId,
    ) -> StoreResult<BTreeSet<IntegrationId>>;

    /// The integrations that are shared with a team, or were until a short while ago.
    async fn integrations_of_team(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<BTreeSet<IntegrationId>>;

    /// The connection of a team, deleted teams included.
    async fn connection_of_team(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<Option<ConnectionId>>;

    /// Everybody for whom something was decided in an integration, or seen there.
    async fn people_with_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>>;

    /// Members of a team, deleted teams included, in order of their ids, after `after`.
    async fn team_members(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        after: Option<&PersonId>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>>;
}

/// The planner's store.
#[async_trait]
pub trait Planning: Erasure + Facts + Telling {
    /// Applies what a large membership change staged, up to one page, and answers whom it was about and
    /// whether a page is left. Repeating it is harmless.
    async fn apply_staged(
        &self,
        change: &Change,
        team: &TeamId,
        page: u32,
    ) -> StoreResult<Option<Page<PersonId>>>;

    /// Those of `people` who are not there, or deleted.
    async fn gone_among(&self, workspace: &WorkspaceId, people: &[PersonId]) -> StoreResult<Vec<PersonId>>;

    /// Forgets memberships of a team that is deleted, or of people that are.
    async fn forget_members(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        people: &[PersonId],
    ) -> StoreResult<()>;

    /// Takes a person who is gone out of every team that still lists them.
    async fn forget_person(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<()>;

    /// Removes the shares of a deleted team.
    async fn forget_team_shares(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        now: Timestamp,
    ) -> StoreResult<()>;

    /// Makes an automation of which many jobs are committed at once: in several rows, as each job's `lane` says. What it
    /// counts are the jobs that are committed.
    async fn spread(&self, automation: &Automation) -> StoreResult<()>;

    /// Records that an access was evaluated, and the decision if there is one, if nobody evaluated it since
    /// `before` was read.
    async fn commit(&self, before: &Access, decision: Option<&Decision>) -> StoreResult<Commit>;

    /// Puts the jobs of one page back to work that waited while this integration was paused. Answers where the next page
    /// begins.
    async fn resume_page(
        &self,
        change: &Change,
        integration: &IntegrationId,
        cursor: &str,
        now: Timestamp,
    ) -> StoreResult<Option<String>>;

    /// Writes the next page of a change's fan-out, once.
    async fn continue_change(&self, next: &Change) -> StoreResult<()>;
}
