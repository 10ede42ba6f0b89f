//! Disconnecting an integration. One transaction takes the integration's own rows away, and with them its credentials: from
//! then on whoever looks for it finds nothing, and whatever was under way ends without an effect. What is left goes page by
//! page: a page takes what it finds first and needs no place to go on from, but for the members of a large team.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    access::Access,
    change::Change,
    directory::Connection,
    id::{ChangeId, ConnectionId, IntegrationId, PersonId, WorkspaceId},
    integration::{Integration, Kind},
    job::{Job, JobError, JobMessage, JobState},
    ports::{Admin, Directory, Disconnection, Erased, Erasure, Page, StoreError, StoreResult},
    share::{Principal, Share},
    usage::{Meter, Retired},
};

use super::{
    ACTIVITY_DAYS, Store,
    connections::{connection_row, connection_version},
    error::defect,
    jobs::moved,
    query::Range,
    row::{Item, Row, document, key_of, kind, number},
    transaction::{Condition, MAX_ACTIONS, Otherwise, Transaction},
    users::days_after,
};
use crate::keys;

/// How many people, shares or resources one page looks at.
const PAGE: u32 = 25;
/// How often an access is read again that somebody moved.
const ATTEMPTS: u32 = 10;
const INTEGRATION_MOVED: Otherwise = Otherwise::Conflict("the integration");

#[async_trait]
impl Disconnection for Store {
    async fn disconnect(&self, integration: &Integration, change: &Change) -> StoreResult<()> {
        let (workspace, id) = (&integration.workspace, &integration.id);
        let mut transaction = Transaction::new();
        let unmoved = Condition::Equals("version", number(integration.version));
        transaction.delete_if(self, &keys::integration(workspace, id), unmoved, INTEGRATION_MOVED);
        transaction.delete(self, &keys::integration_entry(workspace, id));
        if let Kind::IdLcm { connection } = &integration.kind
            && let Some(open) = Admin::connection(self, connection).await?
        {
            let unmoved = connection_version(&open);
            let closed = Connection {
                tokens: Vec::new(),
                closed_at: Some(change.cause.at),
                version: open.version + 1,
                ..open
            };
            let moved = Otherwise::Conflict("the connection");
            transaction.put_if(self, connection_row(&closed)?, unmoved, moved);
        }
        let retired = Retired { integration: id.clone(), name: integration.name.clone(), meter: None };
        transaction.put(self, retired_row(workspace, &retired, change.cause.at)?);
        self.put_change(&mut transaction, change)?;
        transaction.commit(self, "disconnecting an integration").await
    }
}

#[async_trait]
impl Erasure for Store {
    async fn all_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Access>> {
        Admin::access(self, workspace, integration, cursor, limit).await
    }

    async fn forget_access(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        people: &[PersonId],
        now: Timestamp,
    ) -> StoreResult<()> {
        let keys: Vec<_> = people.iter().map(|person| keys::access(workspace, person, integration)).collect();
        for row in self.get_many(&keys).await? {
            self.forget(document(&row)?, now).await?;
        }
        Ok(())
    }

    async fn erase_page(
        &self,
        change: &Change,
        integration: &IntegrationId,
        connection: Option<&ConnectionId>,
        after: Option<&PersonId>,
        now: Timestamp,
    ) -> StoreResult<Erased> {
        let workspace = &change.workspace;
        if let Some(more) = self.erase_share(workspace, integration, after, now).await? {
            return Ok(more);
        }
        let more = Ok(Erased::Some { after: None });
        let page = self.all_access(workspace, integration, None, PAGE).await?;
        let people: Vec<PersonId> = page.items.into_iter().map(|access| access.person).collect();
        if !people.is_empty() {
            self.forget_access(workspace, integration, &people, now).await?;
            return more;
        }
        if self.erase_strangers(workspace, integration).await? {
            return more;
        }
        if let Some(connection) = connection
            && self.erase_directory(connection, change).await?
        {
            return more;
        }
        self.erase_tally(workspace, integration, now).await?;
        Ok(Erased::All)
    }
}

impl Store {
    /// Closes the job of a message whose integration is gone.
    pub(crate) async fn abandon_job(&self, message: &JobMessage, now: Timestamp) -> StoreResult<()> {
        let JobMessage { workspace, integration, person, job } = message;
        if self.get(&keys::integration(workspace, integration)).await?.is_some() {
            return Ok(());
        }
        self.forget_access(workspace, integration, std::slice::from_ref(person), now).await?;
        let Some(job) = self.job_row_of(workspace, job).await?.filter(|job| job.state.is_open()) else {
            return Ok(());
        };
        let mut transaction = Transaction::new();
        self.move_job(&mut transaction, &job, &called_off(&job, now))?;
        transaction.commit(self, "closing a job").await
    }

    /// Forgets an access, whose account is whose, and calls its job off.
    async fn forget(&self, mut access: Access, now: Timestamp) -> StoreResult<()> {
        let Access { workspace, integration, person, .. } = access.clone();
        let key = keys::access(&workspace, &person, &integration);
        for _ in 0..ATTEMPTS {
            let mut transaction = Transaction::new();
            let unmoved = Condition::Equals("evaluation", number(access.evaluation));
            transaction.delete_if(self, &key, unmoved, Otherwise::Conflict("the access"));
            if let Some(account) = access.observed.as_ref().and_then(|observed| observed.account.as_ref()) {
                transaction.delete(self, &keys::account_owner(&workspace, &integration, &account.id));
            }
            if let Some(id) = &access.job
                && let Some(job) = self.job_row_of(&workspace, id).await?.filter(|job| job.state.is_open())
            {
                self.move_job(&mut transaction, &job, &called_off(&job, now))?;
            }
            match transaction.commit(self, "forgetting an access").await {
                Err(StoreError::Conflict { .. }) => {}
                done => return done,
            }
            let Some(row) = self.get(&key).await? else { return Ok(()) };
            access = document(&row)?;
        }
        Err(StoreError::Conflict { what: "the access" })
    }

    /// Takes one share away, once the access of everybody was forgotten whom it was with. `None` where there is none.
    async fn erase_share(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        after: Option<&PersonId>,
        now: Timestamp,
    ) -> StoreResult<Option<Erased>> {
        let shares =
            Range::of(keys::integration_partition(workspace, integration)).prefix(keys::SHARE_PREFIX);
        let page = self.page(shares.limit(1)).await?;
        let Some(share) = page.items.first().map(document::<Share>).transpose()? else { return Ok(None) };
        // Also those of whom nothing is listed, because nothing was ever decided for them.
        let (people, more) = match &share.principal {
            Principal::Person(person) => (vec![person.clone()], false),
            Principal::Team(team) => {
                let page = self.member_page(workspace, team, after, PAGE).await?;
                (page.items, page.next.is_some())
            }
        };
        self.forget_access(workspace, integration, &people, now).await?;
        if more {
            return Ok(Some(Erased::Some { after: people.last().cloned() }));
        }
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::share(workspace, integration, &share.id));
        transaction.delete(self, &keys::shared_with(workspace, &share.principal, integration));
        transaction.commit(self, "forgetting a share").await?;
        Ok(Some(Erased::Some { after: None }))
    }

    /// Answers whether there were any.
    async fn erase_strangers(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<bool> {
        let range = Range::of_index(1, keys::sync::drift(workspace, integration)).limit(PAGE);
        let page = self.page(range).await?;
        self.delete_rows(&page.items, "forgetting strangers").await?;
        Ok(!page.items.is_empty())
    }

    /// Takes a page of a closed connection's directory away, as if its identity provider had deleted it, and in the end the
    /// connection. Answers whether there was any.
    async fn erase_directory(&self, connection: &ConnectionId, change: &Change) -> StoreResult<bool> {
        let Some(row) = self.get(&keys::connection(connection)).await? else { return Ok(false) };
        let closed: Connection = document(&row)?;
        let cause = &change.cause;
        let users = self.page_users(connection, None, PAGE).await?.items;
        for user in &users {
            let id = deletion(user.id.as_str())?;
            unless_moved(self.delete_user(user, id, cause).await)?;
        }
        let groups = self.page_groups(connection, None, PAGE).await?.items;
        for group in &groups {
            let id = deletion(group.id.as_str())?;
            unless_moved(self.delete_group(group, id, cause).await)?;
        }
        let mut found = users.len() + groups.len();
        let types = closed.protocol.custom.resource_types.iter();
        for name in types.filter_map(|resource_type| resource_type.get("name")?.as_str()) {
            for resource in self.page_custom(connection, name, None, PAGE).await?.items {
                unless_moved(self.delete_custom(&resource).await)?;
                found += 1;
            }
        }
        if found > 0 {
            return Ok(true);
        }
        let mut rest = self.all(Range::of(keys::counters_partition(connection))).await?;
        rest.extend(self.all(Range::of(keys::oauth::grants_partition(connection))).await?);
        self.delete_rows(&rest, "forgetting a connection's clients").await?;
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::connection(connection));
        transaction.commit(self, "forgetting a connection").await?;
        Ok(true)
    }

    async fn delete_rows(&self, rows: &[Item], during: &'static str) -> StoreResult<()> {
        for rows in rows.chunks(MAX_ACTIONS) {
            let mut transaction = Transaction::new();
            for row in rows {
                transaction.delete(self, &key_of(row)?);
            }
            transaction.commit(self, during).await?;
        }
        Ok(())
    }

    /// Takes the tally and the last sync away. What the tally told of what was used is kept for the month's bill.
    async fn erase_tally(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        now: Timestamp,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::sync::sync_run(workspace, integration));
        let tally = self.tally_rows(workspace, integration).await?;
        if !tally.is_empty() {
            let (_, meter) = self.meter(workspace, integration.clone()).await?;
            let row = self.get(&keys::retired(workspace, integration)).await?;
            let retired: Option<Retired> = row.as_ref().map(document).transpose()?;
            let name = retired.map_or_else(|| integration.to_string(), |retired| retired.name);
            let meter = Some(Meter { seats: 0, ..meter });
            let retired = Retired { integration: integration.clone(), name, meter };
            transaction.put(self, retired_row(workspace, &retired, now)?);
        }
        for row in &tally {
            transaction.delete(self, &key_of(row)?);
        }
        transaction.commit(self, "forgetting an integration's totals").await
    }
}

fn retired_row(workspace: &WorkspaceId, retired: &Retired, at: Timestamp) -> StoreResult<Row> {
    let row = Row::new(keys::retired(workspace, &retired.integration), kind::RETIRED, retired)?;
    Ok(row.expiring(days_after(at, ACTIVITY_DAYS)))
}

fn called_off(job: &Job, now: Timestamp) -> Job {
    let error = JobError {
        class: "disconnected".into(),
        message: "the integration was disconnected before this was done; the app was left as it is".into(),
    };
    Job { due_at: None, error: Some(error), ..moved(job, JobState::Cancelled, now) }
}

/// The id of the change by which something of the directory goes: the same whenever this is tried again.
fn deletion(what: &str) -> StoreResult<ChangeId> {
    format!("gone.{what}").parse().map_err(|error| defect("forgetting a directory", error))
}

/// Somebody else was faster, or the next page sees what it is now.
fn unless_moved(done: StoreResult<()>) -> StoreResult<()> {
    match done {
        Err(StoreError::Conflict { .. } | StoreError::Missing { .. }) => Ok(()),
        done => done,
    }
}
