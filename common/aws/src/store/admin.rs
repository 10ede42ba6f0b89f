//! The console's port.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    access::{Access, Mark},
    activity::Activity,
    automation::Automation,
    change::{Cause, Change},
    directory::{Connection, GroupRecord, IndexedValue, UserRecord},
    guard::Ruling,
    id::{
        ApiKeyId, AutomationId, ConnectionId, IntegrationId, JobId, PersonId, ShareId, TeamId, WorkspaceId,
    },
    integration::Integration,
    job::{Job, JobState},
    ports::{Admin, AdminWrite, JobFilter, Page, StoreResult},
    share::{Principal, Share},
    workspace::{ApiKey, Workspace},
};

use super::{
    CHANGE_DAYS, Store,
    connections::{connection_row, connection_version},
    groups::{group_of, live_group},
    query::Range,
    row::{Item, Row, document, kind, number},
    transaction::{Condition, Otherwise, Transaction},
    users::{days_after, found, live_user},
};
use crate::keys::{self, Key, Resource};

/// An integration's row, and its entry in the workspace's list.
pub(crate) fn integration_rows(integration: &Integration) -> StoreResult<[Row; 2]> {
    let (workspace, id) = (&integration.workspace, &integration.id);
    let row = Row::new(keys::integration(workspace, id), kind::INTEGRATION, integration)?;
    Ok([
        row.with("version", number(integration.version)),
        Row::new(keys::integration_entry(workspace, id), kind::INTEGRATION_ENTRY, integration)?,
    ])
}

/// How many open jobs a page of a resumption has.
const OPEN_JOBS: u32 = 100;

/// What is left, with a team or person, of a share that ended. Whoever leaves the team at the same moment is
/// not among the members that the end of the share looks at, and the share is not among those that the leaving
/// looks at; this row makes the leaving look, for as long as that may be planned.
pub(crate) fn ended_share(
    workspace: &WorkspaceId,
    principal: &Principal,
    integration: &IntegrationId,
    at: Timestamp,
) -> Row {
    Row::bare(keys::shared_with(workspace, principal, integration), kind::SHARE)
        .expiring(days_after(at, CHANGE_DAYS))
}

/// The condition of a write of a row without versions.
fn condition(write: AdminWrite) -> Condition {
    match write {
        AdminWrite::Create => Condition::Absent,
        AdminWrite::Replace => Condition::Present,
    }
}

fn documents<T: serde::de::DeserializeOwned>(page: &Page<Item>) -> StoreResult<Page<T>> {
    let items = page.items.iter().map(document).collect::<StoreResult<_>>()?;
    Ok(Page { items, next: page.next.clone() })
}

impl Store {
    /// Writes an integration over the version before, and the change of its catalogue.
    pub(crate) async fn write_catalogue(
        &self,
        integration: &Integration,
        change: &Change,
    ) -> StoreResult<()> {
        let [row, entry] = integration_rows(integration)?;
        let unmoved = Condition::Equals("version", number(integration.version.saturating_sub(1)));
        let mut transaction = Transaction::new();
        transaction.put_if(self, row, unmoved, Otherwise::Conflict("the integration"));
        transaction.put(self, entry);
        self.put_change(&mut transaction, change)?;
        transaction.commit(self, "changing a catalogue").await
    }

    /// Commits a change that is nothing but work for the planner.
    pub(crate) async fn announce_change(&self, change: &Change) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        self.put_change(&mut transaction, change)?;
        transaction.commit(self, "announcing a change").await
    }

    pub(crate) async fn read<T: serde::de::DeserializeOwned>(&self, key: &Key) -> StoreResult<Option<T>> {
        self.get(key).await?.as_ref().map(document).transpose()
    }

    pub(crate) async fn put(
        &self,
        row: Row,
        condition: Option<(Condition, &'static str)>,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        match condition {
            Some((condition, what)) => transaction.put_if(self, row, condition, Otherwise::Conflict(what)),
            None => transaction.put(self, row),
        }
        transaction.commit(self, "writing a row").await
    }
}

#[async_trait]
impl Admin for Store {
    async fn workspace(&self, id: &WorkspaceId) -> StoreResult<Option<Workspace>> {
        self.read(&keys::workspace(id)).await
    }

    async fn put_workspace(&self, workspace: &Workspace, write: AdminWrite) -> StoreResult<()> {
        let row = Row::new(keys::workspace(&workspace.id), kind::WORKSPACE, workspace)?;
        let mut transaction = Transaction::new();
        transaction.put_if(self, row, condition(write), Otherwise::Conflict("the workspace"));
        transaction.put(self, Row::bare(keys::register(&workspace.id), kind::REGISTER));
        transaction.commit(self, "writing a workspace").await
    }

    async fn api_key(&self, workspace: &WorkspaceId, id: &ApiKeyId) -> StoreResult<Option<ApiKey>> {
        self.read(&keys::api_key(workspace, id)).await
    }

    async fn put_api_key(&self, key: &ApiKey) -> StoreResult<()> {
        self.put(Row::new(keys::api_key(&key.workspace, &key.id), kind::API_KEY, key)?, None).await
    }

    async fn connections(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Connection>> {
        let range = Range::of(keys::workspace_partition(workspace)).prefix(keys::CONNECTION_PREFIX);
        let connections: Vec<Connection> =
            self.all(range).await?.iter().map(document).collect::<StoreResult<_>>()?;
        Ok(connections.into_iter().filter(Connection::is_open).collect())
    }

    async fn connection(&self, id: &ConnectionId) -> StoreResult<Option<Connection>> {
        let connection: Option<Connection> = self.read(&keys::connection(id)).await?;
        Ok(connection.filter(Connection::is_open))
    }

    async fn put_connection(&self, connection: &Connection, write: AdminWrite) -> StoreResult<()> {
        match write {
            AdminWrite::Create => {
                self.put(connection_row(connection)?, Some((Condition::Absent, "the connection"))).await
            }
            AdminWrite::Replace => self.change_connection(connection, None).await,
        }
    }

    async fn change_connection(&self, connection: &Connection, told: Option<&Activity>) -> StoreResult<()> {
        let read = connection_version(connection);
        let next = Connection { version: connection.version + 1, ..connection.clone() };
        let mut transaction = Transaction::new();
        transaction.put_if(self, connection_row(&next)?, read, Otherwise::Conflict("the connection"));
        if let Some(activity) = told {
            self.put_activity(&mut transaction, activity)?;
        }
        transaction.commit(self, "changing a connection").await
    }

    async fn integrations(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Integration>> {
        let range = Range::of(keys::workspace_partition(workspace)).prefix(keys::INTEGRATION_PREFIX);
        self.all(range).await?.iter().map(document).collect()
    }

    async fn integration(
        &self,
        workspace: &WorkspaceId,
        id: &IntegrationId,
    ) -> StoreResult<Option<(Integration, Vec<Share>)>> {
        self.integration_with_shares(workspace, id).await
    }

    async fn put_integration(&self, integration: &Integration, write: AdminWrite) -> StoreResult<()> {
        let [row, entry] = integration_rows(integration)?;
        let condition = match write {
            AdminWrite::Create => Condition::Absent,
            AdminWrite::Replace => {
                Condition::Equals("version", number(integration.version.saturating_sub(1)))
            }
        };
        let mut transaction = Transaction::new();
        transaction.put_if(self, row, condition, Otherwise::Conflict("the integration"));
        transaction.put(self, entry);
        transaction.commit(self, "writing an integration").await
    }

    async fn change_catalogue(&self, integration: &Integration, change: &Change) -> StoreResult<()> {
        self.write_catalogue(integration, change).await
    }

    async fn put_share(&self, workspace: &WorkspaceId, share: &Share, change: &Change) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let integration = &share.integration;
        let row = Row::new(keys::share(workspace, integration, &share.id), kind::SHARE, share)?;
        transaction.put(self, row);
        transaction
            .put(self, Row::bare(keys::shared_with(workspace, &share.principal, integration), kind::SHARE));
        transaction.check(
            self,
            &keys::integration(workspace, integration),
            Condition::Present,
            Otherwise::Missing("the integration"),
        );
        self.put_change(&mut transaction, change)?;
        transaction.commit(self, "writing a share").await
    }

    async fn delete_share(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        share: &ShareId,
        change: &Change,
    ) -> StoreResult<()> {
        let key = keys::share(workspace, integration, share);
        let stored: Share = found(self.read(&key).await?, "the share")?;
        let mut transaction = Transaction::new();
        transaction.delete_if(self, &key, Condition::Present, Otherwise::Missing("the share"));
        transaction.put(self, ended_share(workspace, &stored.principal, integration, change.cause.at));
        self.put_change(&mut transaction, change)?;
        transaction.commit(self, "removing a share").await
    }

    async fn people(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<UserRecord>> {
        let range = Range::of_index(0, keys::listing(connection, Resource::User));
        documents(&self.page(range.limit(limit).starting_at(cursor)?).await?)
    }

    async fn teams(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<GroupRecord>> {
        let range = Range::of_index(0, keys::listing(connection, Resource::Group));
        let page = self.page(range.limit(limit).starting_at(cursor)?).await?;
        let items = page.items.iter().map(group_of).collect::<StoreResult<_>>()?;
        Ok(Page { items, next: page.next })
    }

    async fn find_people(
        &self,
        connection: &ConnectionId,
        by: &IndexedValue,
    ) -> StoreResult<Vec<UserRecord>> {
        self.users_under(connection, by).await
    }

    async fn find_teams(
        &self,
        connection: &ConnectionId,
        by: &IndexedValue,
    ) -> StoreResult<Vec<GroupRecord>> {
        self.groups_under(connection, by).await
    }

    async fn person(&self, workspace: &WorkspaceId, id: &PersonId) -> StoreResult<Option<UserRecord>> {
        let row = self.get(&keys::user(workspace, id)).await?;
        Ok(row.as_ref().map(live_user).transpose()?.flatten())
    }

    async fn team(&self, workspace: &WorkspaceId, id: &TeamId) -> StoreResult<Option<GroupRecord>> {
        let row = self.get(&keys::group(workspace, id)).await?;
        Ok(row.as_ref().map(live_group).transpose()?.flatten())
    }

    async fn access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Access>> {
        let range = Range::of_index(0, keys::access_listing(workspace, integration));
        documents(&self.page(range.limit(limit).starting_at(cursor)?).await?)
    }

    async fn automations(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Automation>> {
        self.automation_page(workspace, cursor, limit).await
    }

    async fn automation(
        &self,
        workspace: &WorkspaceId,
        id: &AutomationId,
    ) -> StoreResult<Option<Automation>> {
        self.automation_by_id(workspace, id).await
    }

    async fn jobs(
        &self,
        workspace: &WorkspaceId,
        filter: &JobFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Job>> {
        let JobFilter::Automation(automation) = filter;
        let range = Range::of_index(0, keys::jobs_of(workspace, automation));
        documents(&self.page(range.limit(limit).starting_at(cursor)?).await?)
    }

    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> StoreResult<Option<Job>> {
        self.job_row_of(workspace, id).await
    }

    async fn requeue(&self, job: &Job, now: Timestamp, cause: &Cause) -> StoreResult<()> {
        self.requeue_job(job, now, cause).await
    }

    async fn cancel(&self, job: &Job, cause: &Cause) -> StoreResult<()> {
        self.cancel_job(job, cause).await
    }

    async fn tasks(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Job>> {
        self.task_page(workspace, cursor, limit).await
    }

    async fn move_task(&self, job: &Job, after: &Job, told: &Activity) -> StoreResult<()> {
        self.write_task(job, after, told).await
    }

    async fn announce(&self, change: &Change) -> StoreResult<()> {
        self.announce_change(change).await
    }

    async fn set_mark(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        person: &PersonId,
        mark: Option<&Mark>,
        change: &Change,
    ) -> StoreResult<Access> {
        self.write_mark(workspace, integration, person, mark, change).await
    }

    async fn rule(&self, job: &Job, ruling: &Ruling) -> StoreResult<()> {
        self.rule_on(job, ruling).await
    }

    async fn open_jobs(
        &self,
        workspace: &WorkspaceId,
        state: JobState,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Job>> {
        let range = Range::of_index(1, keys::open_jobs(workspace)).limit(OPEN_JOBS).starting_at(cursor)?;
        let mut page: Page<Job> = documents(&self.page(range).await?)?;
        page.items.retain(|job| job.state == state);
        Ok(page)
    }

    async fn activity(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Activity>> {
        let range = Range::of(keys::activity_partition(workspace, integration)).descending();
        documents(&self.page(range.limit(limit).starting_at(cursor)?).await?)
    }

    async fn tell(&self, activity: &Activity) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        self.put_activity(&mut transaction, activity)?;
        transaction.commit(self, "telling of an activity").await
    }
}
