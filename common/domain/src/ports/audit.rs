//! What the audit log needs.

use async_trait::async_trait;

use super::{Page, StoreResult};
use crate::{Timestamp, audit::AuditEntry, id::WorkspaceId};

/// The audit log of a workspace.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Writes an entry, or what became of it.
    async fn put_audit(&self, entry: &AuditEntry) -> StoreResult<()>;

    /// Entries from `since` (inclusive) to `until` (exclusive), newest first; strongly consistent.
    async fn audit(
        &self,
        workspace: &WorkspaceId,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<AuditEntry>>;
}
