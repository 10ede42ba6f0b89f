//! The port of syncs.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use usher_domain::{
    access::Access,
    activity::Activity,
    change::Change,
    directory::{Connection, IndexedAttribute, IndexedValue, Scope},
    id::{ConnectionId, IntegrationId, PersonId, WorkspaceId},
    integration::{Integration, Kind},
    ports::{Directory, ListedDrift, Page, Runs, StoreResult, Syncing},
    sync::{Drift, Finding, RunState, Seen, SyncPage, SyncRun},
};

use super::{
    Store,
    accounts::owner_of,
    query::Range,
    row::{Item, Row, document, kind, number, text, text_of},
    tally::Counting,
    transaction::{Condition, Otherwise, Transaction},
    users::days_after,
};
use crate::keys;

/// How long the pages of a run are kept: longer than any run takes.
const PAGE_DAYS: i64 = 7;
/// How many access rows are looked at in one page.
const ACCESS_PAGE: u32 = 500;

fn run_row(run: &SyncRun) -> StoreResult<Row> {
    let key = keys::sync::sync_run(&run.workspace, &run.integration);
    let row = Row::new(key, kind::SYNC, run)?;
    Ok(row.with("state", text(run.state.name())).with("revision", number(run.revision)))
}

/// A stranger, as its row has it.
#[derive(Serialize, Deserialize)]
struct Stranger {
    finding: Finding,
    drift: Drift,
}

fn listed(row: &Item) -> StoreResult<Option<ListedDrift>> {
    if text_of(row, "type") == Some(kind::STRANGER) {
        let Stranger { finding, drift } = document(row)?;
        return Ok(Some(ListedDrift::Stranger(Box::new(finding), Box::new(drift))));
    }
    let access: Access = document(row)?;
    Ok(access.drift.clone().map(|drift| ListedDrift::Access(Box::new(access), Box::new(drift))))
}

#[async_trait]
impl Runs for Store {
    async fn last_run(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Option<SyncRun>> {
        self.get(&keys::sync::sync_run(workspace, integration)).await?.as_ref().map(document).transpose()
    }

    async fn put_run(
        &self,
        before: Option<&SyncRun>,
        after: &SyncRun,
        page: Option<&SyncPage>,
        changes: &[Change],
        activity: Option<&Activity>,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let unmoved = match before {
            None => Condition::Absent,
            Some(before) => Condition::Equals("revision", number(before.revision)),
        };
        transaction.put_if(self, run_row(after)?, unmoved, Otherwise::Conflict("the sync"));
        if let Some(page) = page {
            let SyncRun { workspace, integration, id, pass, pages, .. } = after;
            let key = keys::sync::sync_page(workspace, integration, id, *pass, pages.saturating_sub(1));
            let row = Row::new(key, kind::SYNC_PAGE, page)?;
            transaction.put(self, row.expiring(days_after(after.updated_at, PAGE_DAYS)));
        }
        for change in changes {
            self.put_change(&mut transaction, change)?;
        }
        if let Some(activity) = activity {
            self.put_activity(&mut transaction, activity)?;
        }
        if before.is_none_or(|before| before.id != after.id) && after.state == RunState::Queued {
            // Nothing of an integration that is gone is synced.
            let key = keys::integration(&after.workspace, &after.integration);
            transaction.check(self, &key, Condition::Present, Otherwise::Missing("the integration"));
        }
        let calls_before = before.filter(|before| before.id == after.id).map_or(0, |before| before.app_calls);
        let used = Counting::default().and(false, after.app_calls.saturating_sub(calls_before));
        let whose = (&after.workspace, &after.integration);
        self.add_to_tally(&mut transaction, whose, after.id.as_str(), used);
        transaction.commit(self, "writing a sync").await
    }

    async fn drift_page(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<ListedDrift>> {
        let range = Range::of_index(1, keys::sync::drift(workspace, integration));
        let page = self.page(range.limit(limit).starting_at(cursor)?).await?;
        let items: Vec<Option<ListedDrift>> = page.items.iter().map(listed).collect::<StoreResult<_>>()?;
        Ok(Page { items: items.into_iter().flatten().collect(), next: page.next })
    }
}

#[async_trait]
impl Syncing for Store {
    async fn sync_page(&self, run: &SyncRun, page: u32) -> StoreResult<Option<SyncPage>> {
        let key = keys::sync::sync_page(&run.workspace, &run.integration, &run.id, run.pass, page);
        self.get(&key).await?.as_ref().map(document).transpose()
    }

    async fn sync_pages(&self, run: &SyncRun) -> StoreResult<Vec<SyncPage>> {
        let partition = keys::sync::sync_pages(&run.workspace, &run.integration, &run.id, run.pass);
        self.all(Range::of(partition)).await?.iter().map(document).collect()
    }

    async fn account_owners(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        accounts: &[String],
    ) -> StoreResult<BTreeMap<String, PersonId>> {
        let accounts: BTreeSet<&String> = accounts.iter().collect();
        let of_partition: BTreeMap<String, &String> = accounts
            .iter()
            .map(|account| (keys::account_owner(workspace, integration, account).pk, *account))
            .collect();
        let keys: Vec<_> =
            accounts.iter().map(|account| keys::account_owner(workspace, integration, account)).collect();
        let rows = self.get_many(&keys).await?;
        let owner = |row: &Item| {
            let account = of_partition.get(text_of(row, crate::table::PRIMARY.0)?)?;
            Some(((*account).clone(), owner_of(row)?))
        };
        Ok(rows.iter().filter_map(owner).collect())
    }

    async fn feeds(&self, integration: &Integration) -> StoreResult<Vec<ConnectionId>> {
        if let Kind::IdLcm { connection } = &integration.kind {
            return Ok(vec![connection.clone()]);
        }
        let range = Range::of(keys::workspace_partition(&integration.workspace));
        let rows = self.all(range.prefix(keys::CONNECTION_PREFIX)).await?;
        let connections: Vec<Connection> = rows.iter().map(document).collect::<StoreResult<_>>()?;
        let feeds = connections.into_iter().filter(|connection| connection.scope == Scope::Workspace);
        Ok(feeds.map(|connection| connection.id).collect())
    }

    async fn people_like(
        &self,
        connection: &ConnectionId,
        email: Option<&str>,
        user_name: &str,
    ) -> StoreResult<BTreeSet<PersonId>> {
        // An app that knows people by their address tells it as the user name.
        let values = [
            email.map(|email| IndexedValue::new(IndexedAttribute::Email, email)),
            Some(IndexedValue::new(IndexedAttribute::UserName, user_name)),
            Some(IndexedValue::new(IndexedAttribute::Email, user_name)),
        ];
        for value in values.into_iter().flatten().filter(|value| !value.value.is_empty()) {
            let found = self.find_users(connection, &value).await?;
            if !found.is_empty() {
                return Ok(found.into_iter().collect());
            }
        }
        Ok(BTreeSet::new())
    }

    async fn access_page(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        cursor: Option<&str>,
    ) -> StoreResult<Page<Access>> {
        let range = Range::of_index(0, keys::access_listing(workspace, integration));
        let page = self.page(range.limit(ACCESS_PAGE).starting_at(cursor)?).await?;
        Ok(Page { items: page.items.iter().map(document).collect::<StoreResult<_>>()?, next: page.next })
    }

    async fn put_synced(&self, before: &Access, after: &Access) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        self.put_access(&mut transaction, before.evaluation, after)?;
        // Whoever is taken in as they are has a seat: guards go by how many there are.
        let whose = (&after.workspace, &after.integration);
        let seat = Counting::seat(before, after);
        self.add_to_tally(&mut transaction, whose, after.person.as_str(), seat);
        transaction.commit(self, "recording what a sync found").await
    }

    async fn follow_catalogue(&self, integration: &Integration, change: &Change) -> StoreResult<()> {
        self.write_catalogue(integration, change).await
    }

    async fn put_stranger(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        finding: &Finding,
        drift: &Drift,
    ) -> StoreResult<()> {
        let Some(seen) = &finding.seen else { return Ok(()) };
        let stranger = Stranger { finding: finding.clone(), drift: drift.clone() };
        let row =
            Row::new(keys::sync::stranger(workspace, integration, &seen.account), kind::STRANGER, &stranger)?
                .in_gsi2(
                    keys::sync::drift(workspace, integration),
                    keys::sync::drift_of_stranger(&seen.account),
                );
        let mut transaction = Transaction::new();
        transaction.put(self, row);
        transaction.commit(self, "recording a stranger").await
    }

    async fn forget_stranger(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
        seen: &Seen,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::sync::stranger(workspace, integration, &seen.account));
        transaction.commit(self, "forgetting a stranger").await
    }
}
