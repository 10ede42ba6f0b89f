//! The audit log.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    audit::AuditEntry,
    id::WorkspaceId,
    ports::{Audit, Page, StoreResult},
};

use super::{Store, query::Range, row::Row, row::document};
use crate::keys;

pub(crate) const ENTRY: &str = "audit";

/// An entry as a row, which ends when it need not be kept any longer.
pub(crate) fn audit_row(entry: &AuditEntry) -> StoreResult<Row> {
    let key = keys::audit_entry(&entry.workspace, entry.at, &entry.id);
    Ok(Row::new(key, ENTRY, entry)?.expiring(entry.kept_until))
}

#[async_trait]
impl Audit for Store {
    async fn put_audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        self.put(audit_row(entry)?, None).await
    }

    async fn audit(
        &self,
        workspace: &WorkspaceId,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<AuditEntry>> {
        let from = keys::by_time(since.unwrap_or(Timestamp::UNIX_EPOCH), "");
        let to = keys::by_time(until.unwrap_or(Timestamp::MAX), "");
        let range = Range::of(keys::audit_partition(workspace)).between(from, to).descending();
        let page = self.page(range.limit(limit).starting_at(cursor)?).await?;
        let items = page.items.iter().map(document).collect::<StoreResult<_>>()?;
        Ok(Page { items, next: page.next })
    }
}
