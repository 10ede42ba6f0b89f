//! The planner's port.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use usher_domain::{
    Timestamp,
    access::{Access, PersonFacts, TeamFacts},
    automation::Automation,
    change::Change,
    directory::{Connection, GroupRecord, Scope, UserRecord},
    guard::Tally,
    id::{ConnectionId, IntegrationId, JobId, PersonId, TeamId, WorkspaceId},
    integration::Integration,
    job::{Job, JobState},
    ports::{Commit, Decision, Facts, Page, Planning, StoreError, StoreResult},
    share::{Principal, Share},
    workspace::Workspace,
};

use super::{
    Store,
    admin::ended_share,
    groups::live_group,
    jobs::moved,
    members::Membership,
    query::Range,
    row::{Item, Row, document, id_after, kind, text_of},
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction, put_alone},
    users::{days_after, found, live_user},
};
use crate::keys;

/// How many people are read at the same time.
const PEOPLE_AT_ONCE: usize = 8;

impl Store {
    /// An integration's row and its shares: one partition, one read.
    pub(crate) async fn integration_with_shares(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<(Integration, Vec<Share>)>> {
        let rows = self.all(Range::of(keys::integration_partition(workspace, integration))).await?;
        let of_kind = |kind: &'static str| rows.iter().filter(move |row| text_of(row, "type") == Some(kind));
        let Some(row) = of_kind(kind::INTEGRATION).next() else { return Ok(None) };
        let shares = of_kind(kind::SHARE).map(document).collect::<StoreResult<_>>()?;
        Ok(Some((document(row)?, shares)))
    }

    async fn shared_integrations(&self, partition: String) -> StoreResult<BTreeSet<IntegrationId>> {
        let rows = self.all(Range::of(partition).prefix(keys::SHARED_PREFIX)).await?;
        Ok(rows.iter().filter_map(|row| id_after(row, keys::SHARED_PREFIX)).collect())
    }
}

/// The facts of a person whose rows these are.
fn facts_of(rows: &[Item]) -> StoreResult<Option<PersonFacts>> {
    let Some(row) = rows.iter().find(|row| text_of(row, "type") == Some(kind::USER)) else { return Ok(None) };
    let user: UserRecord = document(row)?;
    let teams = rows.iter().filter_map(|row| id_after(row, keys::MEMBERSHIP_PREFIX));
    Ok(Some(PersonFacts {
        profile: user.profile(),
        active: user.is_active(),
        deleted: user.deleted_at.is_some(),
        roles: user.roles(),
        entitlements: user.entitlements(),
        teams: teams.collect(),
        connection: user.connection,
        id: user.id,
    }))
}

#[async_trait]
impl Facts for Store {
    async fn workspace(&self, id: &WorkspaceId) -> StoreResult<Option<Workspace>> {
        self.get(&keys::workspace(id)).await?.as_ref().map(document).transpose()
    }

    async fn scope(&self, connection: &ConnectionId) -> StoreResult<Option<Scope>> {
        let row = self.get(&keys::connection(connection)).await?;
        let connection: Option<Connection> = row.as_ref().map(document).transpose()?;
        Ok(connection.map(|connection| connection.scope))
    }

    async fn accesses(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
    ) -> StoreResult<BTreeMap<PersonId, Access>> {
        let keys: Vec<_> = people.iter().map(|person| keys::access(workspace, person, integration)).collect();
        let rows = self.get_many(&keys).await?;
        rows.iter()
            .map(|row| {
                let access: Access = document(row)?;
                Ok((access.person.clone(), access))
            })
            .collect()
    }

    async fn integration(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<(Integration, Vec<Share>)>> {
        self.integration_with_shares(workspace, integration).await
    }

    async fn person(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Option<PersonFacts>> {
        let range = Range::of(keys::person_partition(workspace, person)).after(keys::MEMBERSHIP_PREFIX);
        facts_of(&self.all(range).await?)
    }

    async fn people(
        &self,
        workspace: &WorkspaceId,
        people: &[PersonId],
    ) -> StoreResult<BTreeMap<PersonId, PersonFacts>> {
        let reads: Vec<_> = people.iter().map(|person| Facts::person(self, workspace, person)).collect();
        let read: Vec<Option<PersonFacts>> =
            stream::iter(reads).buffered(PEOPLE_AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().map(|facts| (facts.id.clone(), facts)).collect())
    }

    async fn teams(
        &self,
        workspace: &WorkspaceId,
        teams: &BTreeSet<TeamId>,
    ) -> StoreResult<BTreeMap<TeamId, TeamFacts>> {
        let keys: Vec<_> = teams.iter().map(|team| keys::group(workspace, team)).collect();
        let mut found = BTreeMap::new();
        for group in self.get_many(&keys).await?.iter().map(live_group) {
            if let Some(group) = group? {
                let name = group.display_name().to_owned();
                found.insert(group.id, TeamFacts { name, connection: group.connection });
            }
        }
        Ok(found)
    }

    async fn job(&self, workspace: &WorkspaceId, job: &JobId) -> StoreResult<Option<Job>> {
        self.job_row_of(workspace, job).await
    }

    async fn jobs_by_id(&self, workspace: &WorkspaceId, jobs: &[JobId]) -> StoreResult<BTreeMap<JobId, Job>> {
        let keys: Vec<_> = jobs.iter().map(|job| keys::job(workspace, job)).collect();
        let rows = self.get_many(&keys).await?;
        rows.iter()
            .map(|row| {
                let job: Job = document(row)?;
                Ok((job.id.clone(), job))
            })
            .collect()
    }

    async fn integrations_of_person(
        &self,
        workspace: &WorkspaceId,
        person: &PersonId,
    ) -> StoreResult<BTreeSet<IntegrationId>> {
        let partition = keys::person_partition(workspace, person);
        // One range from the access rows to the shares. The memberships between them are small: reading them
        // costs less than a second round trip.
        let end = format!("{}~", keys::SHARED_PREFIX);
        let rows = self.all(Range::of(partition).between(keys::ACCESS_PREFIX, end)).await?;
        let of = |prefix| rows.iter().filter_map(move |row| id_after(row, prefix));
        Ok(of(keys::ACCESS_PREFIX).chain(of(keys::SHARED_PREFIX)).collect())
    }

    async fn integrations_of_team(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<BTreeSet<IntegrationId>> {
        self.shared_integrations(keys::team_partition(workspace, team)).await
    }

    async fn connection_of_team(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
    ) -> StoreResult<Option<ConnectionId>> {
        let row = self.get(&keys::group(workspace, team)).await?;
        let group: Option<GroupRecord> = row.as_ref().map(document).transpose()?;
        Ok(group.map(|group| group.connection))
    }

    async fn counted(&self, workspace: &WorkspaceId, integration: &IntegrationId) -> StoreResult<Tally> {
        self.read_tally(workspace, integration).await
    }

    async fn people_with_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>> {
        let range = Range::of_index(0, keys::access_listing(workspace, integration));
        let page = self.page(range.limit(limit).starting_at(cursor)?).await?;
        let people = page.items.iter().map(|row| document::<Access>(row).map(|access| access.person));
        Ok(Page { items: people.collect::<StoreResult<_>>()?, next: page.next })
    }

    async fn team_members(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        after: Option<&PersonId>,
        limit: u32,
    ) -> StoreResult<Page<PersonId>> {
        self.member_page(workspace, team, after, limit).await
    }
}

#[async_trait]
impl Planning for Store {
    async fn apply_staged(
        &self,
        change: &Change,
        team: &TeamId,
        page: u32,
    ) -> StoreResult<Option<Page<PersonId>>> {
        self.apply_staged_page(&change.workspace, team, &change.root, page).await
    }

    async fn gone_among(&self, workspace: &WorkspaceId, people: &[PersonId]) -> StoreResult<Vec<PersonId>> {
        let keys: Vec<_> = people.iter().map(|person| keys::user(workspace, person)).collect();
        let mut there = BTreeSet::new();
        for user in self.get_many(&keys).await?.iter().map(live_user) {
            there.extend(user?.map(|user| user.id));
        }
        Ok(people.iter().filter(|person| !there.contains(person)).cloned().collect())
    }

    async fn forget_members(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        people: &[PersonId],
    ) -> StoreResult<()> {
        for chunk in people.chunks(MAX_ACTIONS / 2) {
            let mut transaction = Transaction::new();
            for person in chunk {
                Membership::leaving(workspace, team, person).write(self, &mut transaction);
            }
            transaction.commit(self, "forgetting memberships").await?;
        }
        Ok(())
    }

    async fn forget_person(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<()> {
        // Mostly none: they went with the person. A person is in few hundreds of teams at most.
        for teams in self.teams_of(workspace, person).await?.chunks(MAX_ACTIONS / 2) {
            let mut transaction = Transaction::new();
            for team in teams {
                Membership::leaving(workspace, team, person).write(self, &mut transaction);
            }
            transaction.commit(self, "forgetting a person").await?;
        }
        Ok(())
    }

    async fn forget_team_shares(
        &self,
        workspace: &WorkspaceId,
        team: &TeamId,
        now: Timestamp,
    ) -> StoreResult<()> {
        let principal = Principal::Team(team.clone());
        for integration in self.integrations_of_team(workspace, team).await? {
            let mut transaction = Transaction::new();
            transaction.delete(self, &keys::share(workspace, &integration, &principal.share_id()));
            transaction.put(self, ended_share(workspace, &principal, &integration, now));
            transaction.commit(self, "forgetting a team's share").await?;
        }
        Ok(())
    }

    async fn spread(&self, automation: &Automation) -> StoreResult<()> {
        self.spread_counts(automation).await
    }

    async fn commit(&self, before: &Access, decision: Option<&Decision>) -> StoreResult<Commit> {
        let committed = match decision {
            // Evaluated, and nothing to change: still moves the evaluation on.
            None => self.touch_access(before).await,
            Some(decision) => {
                let mut transaction = Transaction::new();
                self.put_access(&mut transaction, before.evaluation, &decision.access)?;
                let supersede = decision.supersede.as_ref();
                match (&decision.job, supersede) {
                    (Some((job, automation)), _) => {
                        self.add_job(&mut transaction, job, automation, supersede)?
                    }
                    (None, Some(open)) => {
                        let closed = moved(open, JobState::Superseded, decision.access.updated_at);
                        self.move_job(&mut transaction, open, &closed)?;
                    }
                    (None, None) => {}
                }
                if let Some(activity) = &decision.activity {
                    self.put_activity(&mut transaction, activity)?;
                }
                transaction.commit(self, "committing a decision").await
            }
        };
        match committed {
            Ok(()) => Ok(Commit::Done),
            Err(StoreError::Conflict { .. }) => Ok(Commit::Stale),
            Err(error) => Err(error),
        }
    }

    async fn resume_page(
        &self,
        change: &Change,
        integration: &IntegrationId,
        cursor: &str,
        now: Timestamp,
    ) -> StoreResult<Option<String>> {
        self.resume_jobs(change, integration, cursor, now).await
    }

    async fn continue_change(&self, next: &Change) -> StoreResult<()> {
        let row = Row::new(keys::change(&next.workspace, &next.id), kind::CHANGE, next)?
            .expiring(days_after(next.cause.at, super::CHANGE_DAYS));
        let conflict = Otherwise::Conflict("the change");
        match put_alone(self, row, Condition::Absent, conflict, "continuing a change").await {
            // It was continued before.
            Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Store {
    /// The integration's row alone, strongly consistent.
    pub(crate) async fn integration_row(
        &self,
        workspace: &WorkspaceId,
        id: &IntegrationId,
    ) -> StoreResult<Integration> {
        let row = self.get(&keys::integration(workspace, id)).await?;
        document(&found(row, "the integration")?)
    }
}
