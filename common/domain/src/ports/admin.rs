//! What the console and the admin API need.

use async_trait::async_trait;

use super::{
    Audit, Clients, Disconnection, Idempotency, Members, Page, Readings, Runs, SignIn, StoreResult, Teams,
    Tenancies, Webhooks,
};
use crate::{
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
    share::Share,
    workspace::{ApiKey, Workspace},
};

/// How many owners of one value a search answers.
pub const FOUND_AT_ONCE: usize = 50;

/// Which jobs to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobFilter {
    /// All jobs of an automation.
    Automation(AutomationId),
}

/// Whether a write makes a row or replaces one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminWrite {
    /// The row must not exist.
    Create,
    /// The row must exist, and not have moved since it was read, where it has versions.
    Replace,
}

/// The console's store. Every call names its workspace; lists are eventually consistent.
#[async_trait]
pub trait Admin:
    Audit
    + Clients
    + Disconnection
    + Idempotency
    + Members
    + Readings
    + Runs
    + SignIn
    + Teams
    + Tenancies
    + Webhooks
    + Send
    + Sync
{
    /// The workspace.
    async fn workspace(&self, id: &WorkspaceId) -> StoreResult<Option<Workspace>>;

    /// Stores a workspace.
    ///
    /// # Errors
    /// `Conflict` when it exists (`Create`) or does not (`Replace`).
    async fn put_workspace(&self, workspace: &Workspace, write: AdminWrite) -> StoreResult<()>;

    /// An API key.
    async fn api_key(&self, workspace: &WorkspaceId, id: &ApiKeyId) -> StoreResult<Option<ApiKey>>;

    /// Stores an API key.
    async fn put_api_key(&self, key: &ApiKey) -> StoreResult<()>;

    /// The SCIM connections.
    async fn connections(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Connection>>;

    /// A SCIM connection.
    async fn connection(&self, id: &ConnectionId) -> StoreResult<Option<Connection>>;

    /// Stores a SCIM connection, and tells nobody of it.
    ///
    /// # Errors
    /// `Conflict` when it exists (`Create`); as [`Admin::change_connection`] (`Replace`).
    async fn put_connection(&self, connection: &Connection, write: AdminWrite) -> StoreResult<()>;

    /// Replaces a SCIM connection that was changed since it was read, and tells of it in the same transaction. The store
    /// moves the version.
    ///
    /// # Errors
    /// `Conflict` when the stored version is not the one of `connection`: somebody else changed it since it was read.
    async fn change_connection(&self, connection: &Connection, told: Option<&Activity>) -> StoreResult<()>;

    /// The integrations.
    async fn integrations(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Integration>>;

    /// An integration with its shares.
    async fn integration(
        &self,
        workspace: &WorkspaceId,
        id: &IntegrationId,
    ) -> StoreResult<Option<(Integration, Vec<Share>)>>;

    /// Stores an integration.
    ///
    /// # Errors
    /// `Conflict` when it exists (`Create`), or when its stored version is not the one before (`Replace`).
    async fn put_integration(&self, integration: &Integration, write: AdminWrite) -> StoreResult<()>;

    /// Replaces an integration whose catalogue is another one, and commits the change of that.
    ///
    /// # Errors
    /// As [`Admin::put_integration`].
    async fn change_catalogue(&self, integration: &Integration, change: &Change) -> StoreResult<()>;

    /// Makes or replaces a share, and commits its change.
    async fn put_share(&self, workspace: &WorkspaceId, share: &Share, change: &Change) -> StoreResult<()>;

    /// Removes a share, and commits its change.
    ///
    /// # Errors
    /// `Missing` when there is none.
    async fn delete_share(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        share: &ShareId,
        change: &Change,
    ) -> StoreResult<()>;

    /// People of a connection, in order of creation.
    async fn people(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<UserRecord>>;

    /// Teams of a connection, in order of creation.
    async fn teams(
        &self,
        connection: &ConnectionId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<GroupRecord>>;

    /// People of a connection who are found under a value, at most [`FOUND_AT_ONCE`]; strongly consistent.
    async fn find_people(&self, connection: &ConnectionId, by: &IndexedValue)
    -> StoreResult<Vec<UserRecord>>;

    /// Teams of a connection that are found under a value, at most [`FOUND_AT_ONCE`]; strongly consistent.
    async fn find_teams(&self, connection: &ConnectionId, by: &IndexedValue)
    -> StoreResult<Vec<GroupRecord>>;

    /// A person of the workspace.
    async fn person(&self, workspace: &WorkspaceId, id: &PersonId) -> StoreResult<Option<UserRecord>>;

    /// A team of the workspace.
    async fn team(&self, workspace: &WorkspaceId, id: &TeamId) -> StoreResult<Option<GroupRecord>>;

    /// Everybody's access in an integration.
    async fn access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Access>>;

    /// Automations, newest first.
    async fn automations(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Automation>>;

    /// An automation.
    async fn automation(&self, workspace: &WorkspaceId, id: &AutomationId)
    -> StoreResult<Option<Automation>>;

    /// Jobs, oldest first.
    async fn jobs(
        &self,
        workspace: &WorkspaceId,
        filter: &JobFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Job>>;

    /// A job.
    async fn job(&self, workspace: &WorkspaceId, id: &JobId) -> StoreResult<Option<Job>>;

    /// Puts a failed or waiting job back into the queue, and makes it its access's open job again.
    ///
    /// # Errors
    /// `Conflict` when the job moved, or when another version was decided since.
    async fn requeue(&self, job: &Job, now: Timestamp, cause: &Cause) -> StoreResult<()>;

    /// Marks a person in an integration, or takes the mark away, and commits the change. Answers the access as it is.
    ///
    /// # Errors
    /// `Conflict` when the access moved at the same moment: ask again.
    async fn set_mark(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        person: &PersonId,
        mark: Option<&Mark>,
        change: &Change,
    ) -> StoreResult<Access>;

    /// Records what was decided about a held job: approved it is queued and passes the guards, rejected it is closed,
    /// and its version is not asked for again.
    ///
    /// # Errors
    /// `Conflict` when the job is not held any more, or when another version was decided since.
    async fn rule(&self, job: &Job, ruling: &Ruling) -> StoreResult<()>;

    /// Calls an open job off that no connector works on: it is closed, and its version is not asked for again.
    ///
    /// # Errors
    /// `Conflict` when the job moved, or when another version was decided since.
    async fn cancel(&self, job: &Job, cause: &Cause) -> StoreResult<()>;

    /// Manual tasks that wait for people: removals first, then the oldest first. Strongly consistent.
    async fn tasks(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Job>>;

    /// Records what somebody did about the manual task of `job`, which is `after` then, and tells it.
    ///
    /// # Errors
    /// `Conflict` when the job moved: it was looked at, or another decision took its place.
    async fn move_task(&self, job: &Job, after: &Job, told: &Activity) -> StoreResult<()>;

    /// Commits a change that is nothing but work for the planner.
    async fn announce(&self, change: &Change) -> StoreResult<()>;

    /// Open jobs of a workspace in one state, for resuming an integration.
    async fn open_jobs(
        &self,
        workspace: &WorkspaceId,
        state: JobState,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Job>>;

    /// What happened in an integration, newest first.
    async fn activity(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Activity>>;

    /// Tells something in an integration's Activity tab.
    async fn tell(&self, activity: &Activity) -> StoreResult<()>;
}
