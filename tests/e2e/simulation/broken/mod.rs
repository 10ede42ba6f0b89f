//! The store with a break in it.

mod erasure;
mod syncs;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use jiff::Timestamp;
use usher_aws::store::Store;
use usher_domain::{
    access::{Access, AccessState, PersonFacts, TeamFacts},
    activity::Activity,
    automation::{Automation, lane_of},
    change::Change,
    directory::Scope,
    guard::Tally,
    id::{ConnectionId, IntegrationId, JobId, PersonId, TeamId, WorkspaceId},
    integration::Integration,
    job::{Job, JobError, JobMessage, JobState},
    ports::{
        Claim, Commit, Counted, Decision, Execution, Facts, Finish, Holding, Loaded, Page, Planning,
        StoreResult,
    },
    share::Share,
    workspace::Workspace,
};

use super::{guards::Journal, mutation::Mutation};

/// The store with a break.
#[derive(Clone)]
pub(super) struct Broken {
    pub(super) store: Arc<Store>,
    pub(super) mutation: Mutation,
    pub(super) journal: Journal,
}

#[async_trait]
impl Facts for Broken {
    async fn workspace(&self, id: &WorkspaceId) -> StoreResult<Option<Workspace>> {
        Facts::workspace(&*self.store, id).await
    }

    async fn scope(&self, connection: &ConnectionId) -> StoreResult<Option<Scope>> {
        self.store.scope(connection).await
    }

    async fn accesses(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
    ) -> StoreResult<BTreeMap<PersonId, Access>> {
        let mut accesses = self.store.accesses(workspace, integration, people).await?;
        for access in accesses.values_mut() {
            match self.mutation {
                Mutation::ForgottenRejections if access.is_rejected() => access.desired = None,
                Mutation::NoExemptions if access.is_exempt() => access.mark = None,
                _ => {}
            }
        }
        Ok(accesses)
    }

    async fn integration(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<(Integration, Vec<Share>)>> {
        Facts::integration(&*self.store, workspace, integration).await
    }

    async fn person(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Option<PersonFacts>> {
        Facts::person(&*self.store, workspace, person).await
    }

    async fn people(
        &self,
        workspace: &WorkspaceId,
        people: &[PersonId],
    ) -> StoreResult<BTreeMap<PersonId, PersonFacts>> {
        if self.mutation == Mutation::SharedDirectory {
            return Facts::people(&*self.store, &super::setup::workspaces()[0], people).await;
        }
        let people = Facts::people(&*self.store, workspace, people).await?;
        if self.mutation == Mutation::TalkativeLog {
            tracing::info!(?people, "read people");
        }
        Ok(people)
    }

    async fn teams(
        &self,
        workspace: &WorkspaceId,
        teams: &BTreeSet<TeamId>,
    ) -> StoreResult<BTreeMap<TeamId, TeamFacts>> {
        Facts::teams(&*self.store, workspace, teams).await
    }

    async fn counted(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<Tally> {
        self.store.counted(workspace, integration).await
    }

    async fn job(&self, workspace: &WorkspaceId, job: &JobId) -> StoreResult<Option<Job>> {
        Facts::job(&*self.store, workspace, job).await
    }

    async fn jobs_by_id(&self, workspace: &WorkspaceId, jobs: &[JobId]) -> StoreResult<BTreeMap<JobId, Job>> {
        Facts::jobs_by_id(&*self.store, workspace, jobs).await
    }

    async fn integrations_of_person(
        &self,
        workspace: &WorkspaceId,
        person: &PersonId,
    ) -> StoreResult<BTreeSet<IntegrationId>> {
        self.store.integrations_of_person(workspace, person).await
    }

    async fn integrations_of_team(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<BTreeSet<IntegrationId>> {
        self.store.integrations_of_team(workspace, team).await
    }

    async fn connection_of_team(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<Option<ConnectionId>> {
        self.store.connection_of_team(workspace, team).await
    }

    async fn people_with_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>> {
        self.store.people_with_access(workspace, integration, cursor, limit).await
    }

    async fn team_members(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        after: Option<&PersonId>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>> {
        // Small pages, so that a handful of people is a fan-out.
        self.store.team_members(workspace, team, after, limit.min(2)).await
    }
}

#[async_trait]
impl Planning for Broken {
    async fn apply_staged(
        &self,
        change: &Change,
        team: &TeamId,
        page: u32,
    ) -> StoreResult<Option<Page<PersonId>>> {
        self.store.apply_staged(change, team, page).await
    }

    async fn gone_among(&self, workspace: &WorkspaceId, people: &[PersonId]) -> StoreResult<Vec<PersonId>> {
        self.store.gone_among(workspace, people).await
    }

    async fn forget_members(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        people: &[PersonId],
    ) -> StoreResult<()> {
        self.store.forget_members(workspace, team, people).await
    }

    async fn forget_person(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<()> {
        self.store.forget_person(workspace, person).await
    }

    async fn forget_team_shares(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.store.forget_team_shares(workspace, team, now).await
    }

    async fn spread(&self, automation: &Automation) -> StoreResult<()> {
        match self.mutation {
            Mutation::UnreadCounts => Ok(()),
            _ => self.store.spread(automation).await,
        }
    }

    async fn commit(&self, before: &Access, decision: Option<&Decision>) -> StoreResult<Commit> {
        if self.mutation == Mutation::QuietEvaluations && decision.is_none() {
            return Ok(Commit::Done);
        }
        // Pages are small here, so that none would be spread by itself.
        let Some(Decision { job: Some((job, automation)), .. }) = decision else {
            return self.store.commit(before, decision).await;
        };
        let lane = lane_of(job.id.as_str()) % 3;
        if lane > 0 {
            self.spread(automation).await?;
        }
        let job = Some((Job { lane, ..job.clone() }, automation.clone()));
        let spread = decision.map(|decision| Decision { job, ..decision.clone() });
        self.store.commit(before, spread.as_ref()).await
    }

    async fn resume_page(
        &self,
        change: &Change,
        integration: &IntegrationId,
        cursor: &str,
        now: Timestamp,
    ) -> StoreResult<Option<String>> {
        self.store.resume_page(change, integration, cursor, now).await
    }

    async fn continue_change(&self, next: &Change) -> StoreResult<()> {
        if self.mutation == Mutation::LostPages {
            return Ok(());
        }
        self.store.continue_change(next).await
    }
}

#[async_trait]
impl Execution for Broken {
    async fn load(&self, message: &JobMessage) -> StoreResult<Option<Loaded>> {
        let mut loaded = self.store.load(message).await?;
        if let Some(Loaded { access, .. }) = &mut loaded {
            match self.mutation {
                Mutation::NoLease => access.lease = None,
                Mutation::NoProtection if access.is_protected() => access.mark = None,
                _ => {}
            }
        }
        Ok(loaded)
    }

    async fn abandon(&self, message: &JobMessage, now: Timestamp) -> StoreResult<()> {
        self.store.abandon(message, now).await
    }

    async fn seats(&self, workspace: &WorkspaceId) -> StoreResult<u64> {
        self.store.seats(workspace).await
    }

    async fn tally(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<Tally> {
        let tally = self.store.tally(workspace, integration).await?;
        // A limit is a share of the seats that are recorded: who left without Usher has one until it looks.
        self.journal.seats(workspace, tally.seats);
        Ok(match self.mutation {
            Mutation::NothingCounted => Tally { lately: Vec::new(), ..tally },
            _ => tally,
        })
    }

    async fn start(
        &self,
        loaded: &Loaded,
        now: Timestamp,
        until: Timestamp,
        state: AccessState,
        activity: Option<&Activity>,
        counted: Option<&Counted>,
    ) -> StoreResult<Loaded> {
        if counted.is_some_and(|counted| counted.impact.loss) {
            self.journal.counted(&loaded.job.id, now);
        }
        self.store.start(loaded, now, until, state, activity, counted).await
    }

    async fn lease_admins(&self, job: &Job, now: Timestamp, until: Timestamp) -> StoreResult<bool> {
        self.store.lease_admins(job, now, until).await
    }

    async fn release_admins(&self, job: &Job) -> StoreResult<()> {
        self.store.release_admins(job).await
    }

    async fn hold(
        &self,
        loaded: &Loaded,
        why: JobError,
        until: Timestamp,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.store.hold(loaded, why, until, now).await
    }

    async fn finish(&self, started: &Loaded, finish: &Finish) -> StoreResult<()> {
        if self.mutation == Mutation::NoOwners {
            return self.store.finish(started, &Finish { released: None, ..finish.clone() }).await;
        }
        self.store.finish(started, finish).await
    }

    async fn claim(&self, access: &Access, holding: Holding<'_>, now: Timestamp) -> StoreResult<Claim> {
        match self.mutation {
            Mutation::NoOwners => Ok(Claim::Granted),
            _ => self.store.claim(access, holding, now).await,
        }
    }

    async fn set_aside(
        &self,
        job: &Job,
        state: JobState,
        error: Option<JobError>,
        due_at: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.store.set_aside(job, state, error, due_at, now).await
    }

    async fn lease_credentials(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        self.store.lease_credentials(workspace, integration, now, until).await
    }

    async fn release_credentials(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        until: Timestamp,
    ) -> StoreResult<()> {
        self.store.release_credentials(workspace, integration, until).await
    }

    async fn put_credentials(&self, integration: &Integration) -> StoreResult<()> {
        self.store.put_credentials(integration).await
    }

    async fn pause(&self, loaded: &Integration, reason: &str, now: Timestamp) -> StoreResult<()> {
        self.store.pause(loaded, reason, now).await
    }
}
